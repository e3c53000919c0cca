"""`activity/`: the ledger, read-only."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from tickets.activity.models import Activity
from tickets.web.api import Door
from tickets.web.filters import Filters, Id, Instant, Ordered
from tickets.web.schema import describe


class ActivityFilters(Filters):
    """By code (`ticket.claimed`), by what it is about, by whom, by when."""

    code = df.CharFilter(max_length=40)
    ticket = Id(field_name="ticket_id")
    customer = Id(field_name="customer_id")
    order = Id(field_name="order_id")
    actor = Id(field_name="actor_id")
    since = Instant(field_name="at", lookup_expr="gte")
    until = Instant(field_name="at", lookup_expr="lt")
    after = Id(field_name="id", lookup_expr="gt", help_text="what was written after this id")

    class Meta:
        model = Activity
        fields: list[str] = []


class ActivityOut(serializers.Serializer[Activity]):
    """One thing that happened. `actor` null: the clock."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    code = serializers.CharField()
    actor = serializers.DictField(allow_null=True, help_text="id, name")
    ticket = serializers.IntegerField(allow_null=True)
    customer = serializers.IntegerField(allow_null=True)
    order = serializers.IntegerField(allow_null=True)
    data = serializers.DictField()

    def to_representation(self, row: Activity) -> dict[str, Any]:
        actor = {"id": row.actor_id, "name": row.actor.display_name} if row.actor else None
        about = {"ticket": row.ticket_id, "customer": row.customer_id, "order": row.order_id}
        return {"id": row.pk, "at": row.at, "code": row.code, "actor": actor, **about, "data": row.data}


class Ledger(ListModelMixin, RetrieveModelMixin, Door):
    """What happened, by whom, when. Rows are added and never change."""

    deeds = {"list": "activity.read", "retrieve": "activity.read"}
    queryset = Activity.objects.none()
    serializer_class = ActivityOut
    filterset_class = ActivityFilters
    pagination_class = Ordered
    orderings = ("-id", "id")
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Activity]:
        return Activity.objects.visible_to(self.member).select_related("actor")

    @describe(ActivityOut(many=True), "not_found")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The team's ledger, newest first; `ordering=id` from the beginning."""
        return super().list(request, *args, **kwargs)

    @describe(ActivityOut, "not_found")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One row of it."""
        return super().retrieve(request, *args, **kwargs)


router = SimpleRouter()
router.register("activity", Ledger, basename="api-activity")
urlpatterns = router.urls
