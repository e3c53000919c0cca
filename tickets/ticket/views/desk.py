"""The home: what this person must do first."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from tickets.people.access import may
from tickets.people.models import Member, Role
from tickets.ticket import desk
from tickets.ticket.forms.entry import EntryForm
from tickets.ticket.models import Ticket
from tickets.ticket.recognise import Found
from tickets.ticket.views.entry import entry_context
from tickets.web.doors import door, member_of
from tickets.web.live import live, live_tag
from tickets.web.replies import page, wants_fragment

TEMPLATE = "tickets/ticket/desk.html"
WAITS = dict(Ticket.Waiting.choices)
HOMES = {
    Role.AFTER_SALE: ("return_form:list",),
    Role.WAREHOUSE: ("return_form:desk", "return_form:list", "order:list"),
    Role.MANAGER: ("board:show",),
    Role.OPERATIONS: ("ticket:list",),
}
"""Where each role's work is, the first that exists; whoever chats works at the desk."""


@door(GET="ticket.read")
def root(request: HttpRequest) -> HttpResponse:
    """The front door: the desk for whoever talks to customers, else on to the page where this person's work is."""
    home = home_of(request.member)
    return show(request) if home == reverse("ticket:desk") else HttpResponseRedirect(home)


def home_of(member: Member) -> str:
    """The address of a member's home: the desk for whoever talks to customers, else by role."""
    if not member.has_role(Role.AGENT):
        for role, names in HOMES.items():
            if role in member.roles:
                for name in names:
                    try:
                        return reverse(name)
                    except NoReverseMatch:
                        continue
    return reverse("ticket:desk") if may(member, "ticket.log") else reverse("ticket:list")


@door(GET="ticket.read")
def show(request: HttpRequest) -> HttpResponse:
    """Do first, mine, the pool, the entry panel, what just happened; whoever logs nothing is sent to their own home."""
    member = member_of(request)
    if not may(member, "ticket.log"):
        return HttpResponseRedirect(home_of(member))
    return page(request, TEMPLATE, now_context(request, member) | entry_context(member, _empty(), Found("", "")))


@cache
def _empty() -> EntryForm:
    """The panel before anything is typed, alike for everybody and only shown: to make its twenty fields takes longer than to show them."""
    return EntryForm(member=Member())


@door(GET="ticket.log")
def show_live(request: HttpRequest) -> HttpResponse:
    """The lists of the desk again, if anything of the team changed: 304 costs one small query."""
    member = member_of(request)
    if not wants_fragment(request):
        return HttpResponseRedirect(reverse("ticket:desk"))
    return live(request, desk.mark(member), lambda: page(request, TEMPLATE, now_context(request, member), block="now"))


def now_context(request: HttpRequest, member: Member) -> dict[str, Any]:
    now = timezone.now()
    mine, (mark, counts) = desk.mine(member, now), desk.pulse(member, now)
    alerts, recent = desk.news(member)
    return {
        "first": desk.first(member, mine, alerts, now),
        "mine": mine,
        "pool": desk.pool(member, now),
        "recent": recent,
        "counts": counts,
        "etag": live_tag(request, mark),
        "waits": WAITS,
        "may_claim": may(member, "ticket.claim"),
    }
