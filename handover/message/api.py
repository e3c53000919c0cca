"""/api/v1/destinations/, /channels/ and /deliveries/: where messages go, and what came of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from handover.message import actions, queries
from handover.message.models import Destination, Parcel, Topic
from tickets.web.api import Door
from tickets.web.filters import refuse_unknown
from tickets.web.refusals import Refused
from tickets.web.rest import Cursor
from tickets.web.schema import PAGED, describe

STATES = ["open", *Parcel.State.values]
STATE = OpenApiParameter("state", str, enum=STATES, description="All where not given; `open`: what is still to arrive.")
PARCEL = OpenApiParameter("id", UUID, OpenApiParameter.PATH)
CHOICES = ("topics", "quiet_from", "quiet_until", "name", "is_active")


class DestinationOut(serializers.ModelSerializer[Destination]):
    """A place that messages go to. `shown` is what may be told of its address; `broken_at`: given up since then, until it is changed or
    tested."""

    class Meta:
        model = Destination
        fields = ["id", "kind", "shown", *CHOICES, "broken_at", "broken_why", "created_at"]


class DestinationChange(serializers.Serializer[Any]):
    """Quiet hours are on the team's clock and have two ends, or none (null)."""

    name = serializers.CharField(max_length=60, required=False, allow_blank=True)
    topics = serializers.ListField(child=serializers.ChoiceField(Topic.choices), required=False)
    quiet_from = serializers.TimeField(required=False, allow_null=True)
    quiet_until = serializers.TimeField(required=False, allow_null=True)
    is_active = serializers.BooleanField(required=False)


class DestinationIn(DestinationChange):
    """`address` and `secret` are kept encrypted and never told again."""

    is_active = None
    address = serializers.CharField(max_length=500, help_text="the robot's webhook as its platform shows it, or an apprise URL")
    secret = serializers.CharField(max_length=200, required=False, help_text="of DingTalk's and Feishu's signature")


class SentOut(serializers.ModelSerializer[Parcel]):
    """What was sent in one go. `uncertain`: it may be a repeat. `lines`: how many messages it carried."""

    destination = serializers.IntegerField(source="destination_id")
    member = serializers.IntegerField(source="destination.member_id", allow_null=True, help_text="null: a channel of the team")
    lines = serializers.IntegerField(read_only=True)

    class Meta:
        model = Parcel
        fields = [
            *("id", "destination", "member", "state", "attempts", "uncertain", "error", "lines"),
            *("made_at", "tried_at", "next_at", "ended_at"),
        ]


class TestOut(serializers.Serializer[Any]):
    queued_at = serializers.DateTimeField(source="at", help_text="what came of it: `deliveries/`")


class Places(ListModelMixin, RetrieveModelMixin, Door):
    """What destinations and channels have in common."""

    for_team = False
    queryset = Destination.objects.none()
    serializer_class = DestinationOut
    filter_backends: list[Any] = []
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Destination]:
        return queries.channels(self.member) if self.for_team else queries.own(self.member)

    @describe(DestinationOut(many=True), "not_found")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All of them, newest first."""
        refuse_unknown(request.query_params, ())
        if not self.for_team:
            actions.use_email([self.member])
        return super().list(request, *args, **kwargs)

    @describe(DestinationOut, "not_found")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One of them: what goes there, and when not."""
        return super().retrieve(request, *args, **kwargs)

    @describe(DestinationOut, "wrong_state", "duplicate", request=DestinationIn, status=201)
    def create(self, request: Request) -> Response:
        """A robot of DingTalk, Feishu, WeCom, Slack and others; `test/` tells whether it listens."""
        entry = DestinationIn(data=request.data)
        entry.is_valid(raise_exception=True)
        made = actions.add(by=self.member, for_team=self.for_team, **entry.validated_data)
        return Response(DestinationOut(made).data, status=201)

    @describe(DestinationOut, "not_found", request=DestinationChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Choose anew what goes there and when; one that was given up is tried again."""
        found, entry = self.get_object(), DestinationChange(data=request.data)
        entry.is_valid(raise_exception=True)
        chosen = {name: getattr(found, name) for name in CHOICES} | entry.validated_data
        return Response(DestinationOut(actions.change(found, by=self.member, **chosen)).data)

    @describe(None, "not_found", "wrong_state", status=204)
    def destroy(self, request: Request, pk: str) -> Response:
        """Forget it; what waits for it is not sent. E-mail is switched off instead."""
        actions.remove(self.get_object(), by=self.member)
        return Response(status=204)

    @describe(TestOut, "not_found", request=None, status=202)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Send a test message there now, whatever its topics and quiet hours."""
        return Response(TestOut(actions.send_test(self.get_object(), by=self.member)).data, status=202)

    @describe(SentOut(many=True), "not_found", parameters=[STATE, *PAGED])
    @action(detail=True, methods=["get"])
    def deliveries(self, request: Request, pk: str) -> Response:
        """What was sent there, newest first, and what came of it."""
        found = queries.parcels(self.member, state=_state(request)).filter(destination=self.get_object())
        return _parcels(self, found)


READING, CHANGING = ("list", "retrieve", "deliveries"), ("create", "partial_update", "destroy", "test")


class Destinations(Places):
    """Where the messages to oneself go: the account's e-mail address, and robots."""

    gated = False
    deeds = dict.fromkeys(READING, "message.read") | dict.fromkeys(CHANGING, "me.edit")


class Channels(Places):
    """Where the messages to the whole team go: robots of groups."""

    for_team = True
    deeds = dict.fromkeys((*READING, *CHANGING), "message.oversee")


class Deliveries(ListModelMixin, Door):
    """Every message of the team that left, or should have."""

    deeds = dict.fromkeys(("list", "again"), "message.oversee")
    queryset = Parcel.objects.none()
    serializer_class = SentOut
    filter_backends: list[Any] = []
    lookup_value_regex = "[0-9a-f-]{1,36}"

    @describe(SentOut(many=True), "not_found", parameters=[STATE, *PAGED])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Newest first."""
        return _parcels(self, queries.parcels(self.member, state=_state(request)))

    @describe(SentOut, "not_found", "wrong_state", request=None, parameters=[PARCEL])
    @action(detail=True, methods=["post"])
    def again(self, request: Request, pk: str) -> Response:
        """Try a failed one again from the beginning."""
        try:
            number = UUID(pk)
        except ValueError as wrong:
            raise Refused("not_found") from wrong
        found = queries.parcels(self.member).filter(pk=number).first()
        if found is None:
            raise Refused("not_found")
        actions.send_again(found, by=self.member)
        return Response(SentOut(queries.parcels(self.member).get(pk=number)).data)


class Newest(Cursor):
    """By the instant it was made: a parcel's number says nothing of its age."""

    ordering = ("-made_at", "-id")


def _state(request: Request) -> str:
    """What `?state=` narrows to. Refuses `invalid`."""
    refuse_unknown(request.query_params, ("state",))
    state = request.query_params.get("state", "")
    if state and state not in STATES:
        raise Refused("invalid", errors={"state": [state[:20]]})
    return state


def _parcels(view: Door, found: QuerySet[Parcel]) -> Response:
    pages = Newest()
    rows = pages.paginate_queryset(found, view.request, view)
    return pages.get_paginated_response(SentOut(rows, many=True).data)


router = SimpleRouter()
router.register("destinations", Destinations, basename="api-destination")
router.register("channels", Channels, basename="api-channel")
router.register("deliveries", Deliveries, basename="api-delivery")

urlpatterns = router.urls
