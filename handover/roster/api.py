"""/api/v1/shifts/ roster/ swaps/ and shifts.ics"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from handover.roster import actions, calendar
from handover.roster.actions import swaps
from handover.roster.actions.calendars import opened
from handover.roster.models import RosterEntry, Shift, Swap
from tickets.people.models import Member
from tickets.web.api import Door, Moment
from tickets.web.filters import refuse_unknown
from tickets.web.refusals import Refused
from tickets.web.replies import refusal
from tickets.web.rest import Cursor
from tickets.web.schema import describe

NOT_AN_INSTANT = _("Give an instant such as 2026-11-21T17:00:00Z.")
BACKWARDS = _("It must not be before “from”.")
NO_TOKEN = _("This address does not work any more. Make a new one on the page of your shifts.")
RANGE = [
    OpenApiParameter("from", OpenApiTypes.DATETIME, description="Only what ends after this instant; a week ago by default."),
    OpenApiParameter("to", OpenApiTypes.DATETIME, description="Only what begins before this instant."),
]


class ByStart(Cursor):
    ordering = ("starts_at", "id")


class ById(Cursor):
    ordering = "id"


class ShiftOut(serializers.ModelSerializer[Shift]):
    class Meta:
        model = Shift
        fields = ["id", "name", "pattern", "business_date", "starts_at", "ends_at", "min_people"]


class ShiftIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=40)
    starts_at = Moment()
    ends_at = Moment()
    min_people = serializers.IntegerField(min_value=0, max_value=500, default=1)


class EntryOut(serializers.ModelSerializer[RosterEntry]):
    name = serializers.CharField(source="member.display_name", read_only=True)
    shift_name = serializers.CharField(source="shift.name", read_only=True)
    starts_at = serializers.DateTimeField(source="during.lower", read_only=True)
    ends_at = serializers.DateTimeField(source="during.upper", read_only=True)

    class Meta:
        model = RosterEntry
        fields = ["id", "shift", "shift_name", "member", "name", "starts_at", "ends_at", "instead_of", "left_at"]


class EntryIn(serializers.Serializer[Any]):
    shift = serializers.IntegerField()
    member = serializers.IntegerField()
    starts_at = Moment(required=False)
    ends_at = Moment(required=False)


class SwapOut(serializers.ModelSerializer[Swap]):
    shift = serializers.IntegerField(source="entry.shift_id", read_only=True)
    starts_at = serializers.DateTimeField(source="entry.during.lower", read_only=True)
    ends_at = serializers.DateTimeField(source="entry.during.upper", read_only=True)

    class Meta:
        model = Swap
        fields = ["id", "entry", "shift", "starts_at", "ends_at", "asked_by", "note", "taken_by", "state", "decided_by", "decision", "at"]


class SwapIn(serializers.Serializer[Any]):
    entry = serializers.IntegerField()
    note = serializers.CharField(max_length=200, default="", allow_blank=True)


class DecisionIn(serializers.Serializer[Any]):
    decision = serializers.CharField(max_length=200, default="", allow_blank=True, help_text="Why, in a word.")


def asked_range(request: Request) -> tuple[datetime, datetime]:
    """`?from=&to=` as aware instants; a week ago until in ten weeks where they are not given. Refuses `invalid`, and any other filter."""
    refuse_unknown(request.query_params, ("from", "to"))
    at = timezone.now()
    start, end = _instant(request, "from", at - timedelta(days=7)), _instant(request, "to", at + timedelta(days=70))
    if end < start:
        raise Refused("invalid", errors={"to": [BACKWARDS]})
    return start, end


def _instant(request: Request, name: str, default: datetime) -> datetime:
    text = request.query_params.get(name)
    if not text:
        return default
    try:
        found = parse_datetime(text.replace(" ", "+"))
        if found is None:
            raise ValueError(text)
        return (found if timezone.is_aware(found) else timezone.make_aware(found)).astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise Refused("invalid", errors={name: [NOT_AN_INSTANT]}) from wrong


class Shifts(ListModelMixin, RetrieveModelMixin, Door):
    """The team's shifts."""

    deeds = {"list": "roster.read", "retrieve": "roster.read", "create": "roster.edit"}
    queryset = Shift.objects.none()
    serializer_class = ShiftOut
    pagination_class = ByStart

    def get_queryset(self) -> QuerySet[Shift]:
        found = Shift.objects.visible_to(self.member)
        return found.between(*asked_range(self.request)) if self.action == "list" else found

    @describe(ShiftOut(many=True), "not_found", parameters=RANGE)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @describe(ShiftOut, "not_found")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().retrieve(request, *args, **kwargs)

    @describe(ShiftOut, "not_found", "duplicate", "wrong_state", request=ShiftIn, status=201)
    def create(self, request: Request) -> Response:
        """A shift of its own; those of a pattern are made by the clock."""
        form = ShiftIn(data=request.data)
        form.is_valid(raise_exception=True)
        shift = actions.create_shift(self.member.team, by=self.member, **form.validated_data)
        return Response(ShiftOut(shift).data, status=201)


class Roster(ListModelMixin, Door):
    """Who is on which shift, and when."""

    deeds = {"list": "roster.read", "create": "roster.edit"}
    queryset = RosterEntry.objects.none()
    serializer_class = EntryOut
    pagination_class = ById

    def get_queryset(self) -> QuerySet[RosterEntry]:
        found = RosterEntry.objects.visible_to(self.member).filter(during__overlap=asked_range(self.request))
        return found.select_related("shift", "member")

    @describe(EntryOut(many=True), "not_found", parameters=RANGE)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @describe(EntryOut, "not_found", "duplicate", "wrong_state", request=EntryIn, status=201)
    def create(self, request: Request) -> Response:
        """Roster a person on a shift, or on a part of it."""
        form = EntryIn(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        shift = get_object_or_404(Shift.objects.visible_to(self.member), pk=values["shift"])
        member = get_object_or_404(Member.objects.visible_to(self.member).select_related("team"), pk=values["member"])
        entry = actions.assign(member, shift, by=self.member, start=values.get("starts_at"), end=values.get("ends_at"))
        return Response(EntryOut(entry).data, status=201)


class Swaps(ListModelMixin, RetrieveModelMixin, Door):
    """Shifts that somebody wants to give away."""

    deeds = {
        "list": "roster.read",
        "retrieve": "roster.read",
        "create": "swap.ask",
        "take": "swap.ask",
        "step_back": "swap.ask",
        "withdraw": "swap.ask",
        "approve": "swap.approve",
        "refuse": "swap.approve",
    }
    queryset = Swap.objects.none()
    serializer_class = SwapOut

    def get_queryset(self) -> QuerySet[Swap]:
        found = Swap.objects.visible_to(self.member).select_related("entry")
        return found.filter(entry__during__overlap=asked_range(self.request)) if self.action == "list" else found

    @describe(SwapOut(many=True), "not_found", parameters=RANGE)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @describe(SwapOut, "not_found")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().retrieve(request, *args, **kwargs)

    @describe(SwapOut, "not_found", "duplicate", "wrong_state", request=SwapIn, status=201)
    def create(self, request: Request) -> Response:
        """Ask to be replaced on one of my shifts."""
        form = SwapIn(data=request.data)
        form.is_valid(raise_exception=True)
        entry = get_object_or_404(RosterEntry.objects.visible_to(self.member), pk=form.validated_data["entry"])
        return Response(SwapOut(swaps.ask(entry, by=self.member, note=form.validated_data["note"])).data, status=201)

    @describe(SwapOut, "not_found", "taken", "wrong_state", request=None)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str) -> Response:
        """Offer to work it."""
        return Response(SwapOut(swaps.take(self.get_object(), by=self.member)).data)

    @describe(SwapOut, "not_found", "wrong_state", request=None)
    @action(detail=True, methods=["post"])
    def step_back(self, request: Request, pk: str) -> Response:
        """I cannot work it after all: it looks for somebody again."""
        return Response(SwapOut(swaps.step_back(self.get_object(), by=self.member)).data)

    @describe(SwapOut, "not_found", "wrong_state", request=None)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """I need nobody any more."""
        return Response(SwapOut(swaps.withdraw(self.get_object(), by=self.member)).data)

    @describe(SwapOut, "not_found", "wrong_state", request=DecisionIn)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Let the shift change hands."""
        return Response(SwapOut(swaps.approve(self.get_object(), by=self.member, decision=self._decision(request))).data)

    @describe(SwapOut, "not_found", "wrong_state", request=DecisionIn)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Let it be as it was."""
        return Response(SwapOut(swaps.refuse(self.get_object(), by=self.member, decision=self._decision(request))).data)

    def _decision(self, request: Request) -> str:
        form = DecisionIn(data=request.data)
        form.is_valid(raise_exception=True)
        return str(form.validated_data["decision"])


def shifts_ics(request: HttpRequest) -> HttpResponse:
    """One person's shifts as iCalendar, for whoever has the secret address that the person made."""
    member = opened(request.GET.get("token", ""))
    if member is None:
        return refusal(request, Refused("not_found", NO_TOKEN))
    at = timezone.now()
    entries = RosterEntry.objects.filter(member=member, during__overlap=(at - timedelta(days=31), at + timedelta(days=93)))
    text = calendar.ics(member, list(entries.select_related("shift").order_by("during")), at)
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers={"Cache-Control": "no-store"})


router = SimpleRouter()
router.register("shifts", Shifts, basename="shift")
router.register("roster", Roster, basename="roster")
router.register("swaps", Swaps, basename="swap")

urlpatterns = [path("shifts.ics", shifts_ics, name="shifts-ics"), *router.urls]
