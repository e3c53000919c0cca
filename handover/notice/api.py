"""/api/v1/notices/"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from handover.notice import actions, queries
from handover.notice.models import Notice
from tickets.people.models import Shop
from tickets.web.api import Door, Moment
from tickets.web.filters import refuse_unknown
from tickets.web.refusals import Refused
from tickets.web.schema import describe

NOT_A_STATE = _("standing, or ended")
STATE = [OpenApiParameter("state", str, enum=["standing", "ended"], description="Both where not given.")]


class NoticeOut(serializers.ModelSerializer):
    text = serializers.CharField(source="said", read_only=True, help_text="In the reader's language where the system wrote it.")
    by = serializers.CharField(source="by.display_name", default="")
    shop = serializers.PrimaryKeyRelatedField(read_only=True, allow_null=True)

    class Meta:
        model = Notice
        fields = ["id", "kind", "text", "shop", "valid_from", "valid_until", "ended_at", "by", "created_at", "version"]


class NoticeIn(serializers.Serializer):
    kind = serializers.ChoiceField(choices=Notice.Kind.choices, required=False)
    text = serializers.CharField(max_length=500)
    shop = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    valid_from = Moment(required=False)
    valid_until = Moment(required=False, allow_null=True)


class NoticeChange(NoticeIn):
    text = serializers.CharField(max_length=500, required=False)
    version = serializers.IntegerField(min_value=1)


class Notices(ListModelMixin, RetrieveModelMixin, Door):
    """Standing facts that the next shifts must know."""

    deeds = {
        "list": "notice.read",
        "retrieve": "notice.read",
        "create": "notice.write",
        "partial_update": "notice.write",
        "end": "notice.write",
    }
    serializer_class = NoticeOut
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Notice]:
        if getattr(self, "swagger_fake_view", False):
            return Notice.objects.none()
        state = self.request.query_params.get("state") if self.action == "list" else None
        if state is None:
            return Notice.objects.visible_to(self.member).select_related("by")
        if state not in ("standing", "ended"):
            raise Refused("invalid", errors={"state": [NOT_A_STATE]})
        return queries.listed(self.member, ended=state == "ended", at=timezone.now())

    @describe(NoticeOut(many=True), "not_found", parameters=STATE)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        refuse_unknown(request.query_params, ("state",))
        return super().list(request, *args, **kwargs)

    @describe(NoticeOut, "not_found")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().retrieve(request, *args, **kwargs)

    @describe(NoticeOut, request=NoticeIn, status=201)
    def create(self, request: Request) -> Response:
        notice = actions.publish(by=self.member, **self.given(NoticeIn, request))
        return Response(NoticeOut(notice).data, status=201)

    @describe(NoticeOut, "not_found", "stale", "wrong_state", request=NoticeChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        notice = self.get_object()
        given = self.given(NoticeChange, request)
        return Response(NoticeOut(actions.change(notice, by=self.member, version=given.pop("version"), **given)).data)

    @describe(NoticeOut, "not_found", "wrong_state", request=None)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        return Response(NoticeOut(actions.end(self.get_object(), by=self.member)).data)

    def given(self, kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
        """What was sent, as the action takes it: the shop as a row of this team."""
        entry = kind(data=request.data)
        entry.is_valid(raise_exception=True)
        values = dict(entry.validated_data)
        if values.get("shop") is not None:
            values["shop"] = Shop.objects.filter(team_id=self.member.team_id, pk=values["shop"]).first()
            if values["shop"] is None:
                raise Refused("invalid", errors={"shop": [actions.OTHER_SHOP]})
        return values


router = SimpleRouter()
router.register("notices", Notices, basename="notice-api")
urlpatterns = router.urls
