"""Swaps: my shifts to come, what colleagues ask for, what waits for a manager; and the address for a calendar program."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.roster.actions import calendars
from handover.roster.actions import swaps as actions
from handover.roster.models import CalendarLink, RosterEntry, Swap
from tickets.people.access import may
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file, cell

SWAPS = "handover/roster/swaps.html"
COLUMNS: tuple[Column, ...] = (
    (_("Shift"), cell("entry.shift.name")),
    (_("From"), cell("entry.during.lower")),
    (_("Until"), cell("entry.during.upper")),
    (_("Asked by"), cell("asked_by.display_name")),
    (_("Note"), cell("note")),
    (_("Taken by"), cell("taken_by.display_name")),
    (_("State"), cell("get_state_display")),
    (_("Decided by"), cell("decided_by.display_name")),
    (_("Reason"), cell("decision")),
)


@door(GET="roster.read")
def swaps(request: HttpRequest) -> HttpResponse:
    """My shifts, and the swaps that are open, taken or lately decided."""
    return _swaps(request)


def _swaps(request: HttpRequest, link: str = "") -> HttpResponse:
    me, at = member_of(request), timezone.now()
    mine = RosterEntry.objects.filter(member=me, during__endswith__gt=at).select_related("shift").order_by("during")[:40]
    asked = set(Swap.objects.undecided().filter(asked_by=me).values_list("entry_id", flat=True))
    found = Swap.objects.visible_to(me).select_related("entry__shift", "asked_by", "taken_by", "decided_by").order_by("-id")
    if request.method == "GET" and (file := as_file(request, "swaps", COLUMNS, found)):
        return file
    context = {
        "mine": [(entry, entry.pk in asked) for entry in mine],
        "waiting": list(found.undecided().order_by("entry__during")[:100]),
        "decided": list(found.exclude(state__in=["open", "taken"])[:20]),
        "at": at,
        "tab": "swaps",
        "may_ask": may(me, "swap.ask"),
        "may_approve": may(me, "swap.approve"),
        "calendar": CalendarLink.objects.filter(member=me, revoked_at__isnull=True).first(),
        "link": link,
    }
    return page(request, SWAPS, context)


@door(POST="swap.ask")
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask to be replaced on one of my shifts."""
    entry = get_object_or_404(RosterEntry.objects.visible_to(member_of(request)), pk=pk)
    actions.ask(entry, by=member_of(request), note=request.POST.get("note", "")[:200])
    return see_other(request, reverse("roster:swaps"))


@door(POST="swap.ask")
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer to work a colleague's shift."""
    actions.take(_swap(request, pk), by=member_of(request))
    return see_other(request, reverse("roster:swaps"))


@door(POST="swap.ask")
def step_back(request: HttpRequest, pk: int) -> HttpResponse:
    """I cannot work it after all."""
    actions.step_back(_swap(request, pk), by=member_of(request))
    return see_other(request, reverse("roster:swaps"))


@door(POST="swap.ask")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """I need nobody any more."""
    actions.withdraw(_swap(request, pk), by=member_of(request))
    return see_other(request, reverse("roster:swaps"))


@door(POST="swap.approve")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or refuse a swap that somebody has taken."""
    decision = {"approve": actions.approve, "refuse": actions.refuse}.get(request.POST.get("decision", ""))
    swap = _swap(request, pk)
    if decision is None:
        raise Refused("invalid")
    decision(swap, by=member_of(request), decision=request.POST.get("reason", ""))
    return see_other(request, reverse("roster:swaps"))


@door(POST="me.edit")
def calendar(request: HttpRequest) -> HttpResponse:
    """Make a new address for my calendar program (the old one stops working), or take it back. It is shown this once."""
    me = member_of(request)
    if request.POST.get("deed") == "revoke":
        calendars.revoke(me)
        return see_other(request, reverse("roster:swaps"))
    token = calendars.make(me)
    return _swaps(request, link=request.build_absolute_uri(f"{reverse('shifts-ics')}?token={token}"))


def _swap(request: HttpRequest, pk: int) -> Swap:
    return get_object_or_404(Swap.objects.visible_to(member_of(request)), pk=pk)
