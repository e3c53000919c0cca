"""/api/v1/promises/, /api/v1/reasons/, /api/v1/resolutions/"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from tickets.ticket import actions, queries
from tickets.ticket.models import Promise, Reason, Resolution
from tickets.ticket.rest import taken
from tickets.ticket.rest.filters import PromiseFilters
from tickets.ticket.rest.shown import PromiseOut
from tickets.web.api import Door
from tickets.web.filters import Ordered, refuse_unknown
from tickets.web.schema import describe


class Promises(ListModelMixin, RetrieveModelMixin, Door):
    """What customers were told would happen, the most urgent first."""

    deeds = {"list": "ticket.read", "retrieve": "ticket.read", "keep": "ticket.promise", "withdraw": "ticket.promise"}
    queryset = Promise.objects.none()
    serializer_class = PromiseOut
    filterset_class = PromiseFilters
    pagination_class = Ordered
    orderings = ("due_at", "-due_at", "-id", "id")
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Promise]:
        return Promise.objects.visible_to(self.member).select_related("ticket__customer", "owner")

    def done(self, promise: Promise) -> Response:
        return Response(PromiseOut(self.get_queryset().get(pk=promise.pk)).data)

    def said(self, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        found = kind(data=self.request.data)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    @describe(PromiseOut(many=True), "not_found")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The team's promises; `unkept=true` for those still to be kept."""
        return super().list(request, *args, **kwargs)

    @describe(PromiseOut, "not_found")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One promise."""
        return super().retrieve(request, *args, **kwargs)

    @describe(PromiseOut, "not_found", "wrong_state", request=taken.KeepIn)
    @action(detail=True, methods=["post"])
    def keep(self, request: Request, pk: str) -> Response:
        """It was kept, in time or late."""
        return self.done(actions.keep(self.get_object(), by=self.member, **self.said(taken.KeepIn)))

    @describe(PromiseOut, "not_found", "wrong_state", request=taken.ReasonIn)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """It no longer stands, for a reason."""
        return self.done(actions.withdraw(self.get_object(), by=self.member, **self.said(taken.ReasonIn)))


class ReasonOut(serializers.ModelSerializer[Reason]):
    path = serializers.SerializerMethodField(help_text="both levels, as people read it")

    class Meta:
        model = Reason
        fields = ["id", "parent", "name", "path", "fault"]

    def get_path(self, reason: Reason) -> str:
        return f"{reason.parent.name} / {reason.name}" if reason.parent else reason.name


class Reasons(ListModelMixin, Door):
    """The reasons that can be chosen."""

    deeds = {"list": "ticket.read"}
    queryset = Reason.objects.none()
    serializer_class = ReasonOut
    pagination_class = None
    filter_backends: list[Any] = []

    @describe(ReasonOut(many=True))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every reason of the team that is in use and has none below it."""
        refuse_unknown(request.query_params, ())
        return Response(ReasonOut(queries.leaves(self.member), many=True).data)


class ResolutionOut(serializers.ModelSerializer[Resolution]):
    class Meta:
        model = Resolution
        fields = ["id", "name"]


class Resolutions(ListModelMixin, Door):
    """How a matter can end."""

    deeds = {"list": "ticket.read"}
    queryset = Resolution.objects.none()
    serializer_class = ResolutionOut
    pagination_class = None
    filter_backends: list[Any] = []

    @describe(ResolutionOut(many=True))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every resolution of the team that is in use."""
        refuse_unknown(request.query_params, ())
        return Response(ResolutionOut(Resolution.objects.filter(team_id=self.member.team_id, is_active=True), many=True).data)
