"""/api/v1/parcels/: what came without a form, and matching it."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from tickets.return_form import actions
from tickets.return_form.models import Parcel
from tickets.return_form.rest import taken
from tickets.return_form.rest.shown import ParcelOut
from tickets.web.api import Door
from tickets.web.filters import Filters
from tickets.web.refusals import Refused
from tickets.web.schema import describe


class ParcelFilters(Filters):
    unclaimed = df.BooleanFilter(field_name="form", lookup_expr="isnull")
    tracking = df.CharFilter(method="by_tracking", max_length=120)

    class Meta:
        model = Parcel
        fields: list[str] = []

    def by_tracking(self, rows: QuerySet[Parcel], _name: str, value: str) -> QuerySet[Parcel]:
        return rows.filter(tracking=actions.as_scanned(value))


class Parcels(ListModelMixin, Door):
    """Parcels of return forms, and those that nobody claimed."""

    deeds = {"list": "return.read", "create": "parcel.record", "match": "parcel.match"}
    queryset = Parcel.objects.none()
    serializer_class = ParcelOut
    filterset_class = ParcelFilters
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Parcel]:
        return Parcel.objects.visible_to(self.member)

    def take(self, kind: Any) -> dict[str, Any]:
        """The checked body of the request."""
        found = kind(data=self.request.data, context={"member": self.member})
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    @describe(ParcelOut(many=True))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Parcels, newest first."""
        return super().list(request, *args, **kwargs)

    @describe(ParcelOut, "duplicate", request=taken.ParcelIn, status=201)
    def create(self, request: Request) -> Response:
        """A parcel came and no form expects it."""
        parcel = actions.record_unclaimed(by=self.member, **self.take(taken.ParcelIn))
        return Response(ParcelOut(parcel).data, status=201)

    @describe(ParcelOut, "not_found", "taken", "wrong_state", request=taken.MatchIn)
    @action(detail=True, methods=["post"])
    def match(self, request: Request, pk: str) -> Response:
        """Say which form it is for."""
        found = self.get_queryset().filter(pk=int(pk)).first()
        if found is None:
            raise Refused("not_found")
        return Response(ParcelOut(actions.match_parcel(found, self.take(taken.MatchIn)["form"], by=self.member)).data)
