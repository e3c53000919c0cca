"""/api/v1/compensations/: what the platforms' sheets say was paid, read-only; sheets come in through `imports/`."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, ModelSerializer

from tickets.return_form.models import PlatformCompensation
from tickets.return_form.rest.filters import CompensationFilters
from tickets.web.api import Door
from tickets.web.schema import describe


class CompensationOut(ModelSerializer[PlatformCompensation]):
    currency = CharField(source="shop.currency", read_only=True)

    class Meta:
        model = PlatformCompensation
        fields = [
            *("id", "shop", "number", "order_number", "order", "form", "settlement", "amount", "currency", "state", "is_ours"),
            *("status_text", "kind_text", "reason_text", "bearer_text", "asked_at", "paid_at", "told_at"),
        ]
        read_only_fields = fields


class Compensations(ListModelMixin, RetrieveModelMixin, Door):
    """Payments to customers as the platforms' own sheets have them, with the order and the form they met."""

    deeds = {"list": "compensation.read", "retrieve": "compensation.read"}
    queryset = PlatformCompensation.objects.none()
    serializer_class = CompensationOut
    filterset_class = CompensationFilters
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[PlatformCompensation]:
        return PlatformCompensation.objects.visible_to(self.member).select_related("shop")

    @describe(CompensationOut(many=True))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Payments, those told last first; `matched=false` are those whose order nobody knows."""
        return super().list(request, *args, **kwargs)

    @describe(CompensationOut, "not_found")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One payment."""
        return super().retrieve(request, *args, **kwargs)
