"""The lead's board: one page that keeps itself fresh, and the two words it can say about a fourth handler."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from handover.board import queries
from handover.report.queries import worsening
from tickets.people.access import may
from tickets.people.models import DESK_ROLES
from tickets.return_form.queries import most_urgent_ids, overdue
from tickets.ticket.actions import approve_handler, refuse_handler
from tickets.ticket.models import HandlerRequest
from tickets.web.doors import door
from tickets.web.live import live, live_tag
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other, wants_fragment

TEMPLATE = "handover/board/show.html"
EVERYBODY = "everybody"
"""In the address: the whole list of who is on duty, and not only those to look at first."""
FIRST = 12


@door(GET="board.read")
def show(request: HttpRequest) -> HttpResponse:
    """The board, or, for a reader who has this state of it already, 304 at the price of one query.

    The state is the newest rows of the ledger; each minute it is a new one as well, since what is due soon changes by itself.
    """
    return _board(request)


@door(GET="board.read")
def coming(request: HttpRequest) -> HttpResponse:
    """Who should be reading the digest, and what tomorrow's roster lacks: the board's second part, which changes at another pace."""
    at = timezone.now()
    mark = _mark(request, at)
    return live(
        request, mark, lambda: page(request, "handover/board/coming.html", _coming(request, at, live_tag(request, mark)), block="coming")
    )


@door(POST="ticket.approve_handler")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a further person handle a matter, or not, with a reason; answers with the board as it is then."""
    member = request.member
    asked = get_object_or_404(HandlerRequest.objects.filter(team=member.team_id), pk=pk)
    deed = {"approve": approve_handler, "refuse": refuse_handler}.get(request.POST.get("decision", ""))
    if deed is None:
        raise Refused("invalid")
    deed(asked, by=member, reason=request.POST.get("reason", ""))
    return _board(request) if wants_fragment(request) else see_other(request, reverse("board:show"))


def _board(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    mark = _mark(request, at)

    def render() -> HttpResponse:
        # what moves by the day is asked for with the page, and left where it stands when the board renews itself
        first = {} if wants_fragment(request) else _first(request, at)
        return page(request, TEMPLATE, _now(request, at, live_tag(request, mark)) | first, block="board")

    # a whole page is never answered from the browser's copy: its forms belong to one visit
    return live(request, mark, render) if wants_fragment(request) else render()


def _first(request: HttpRequest, at: datetime) -> dict[str, Any]:
    """What must be done first besides the board's own: forms that wait for the reader's hand, tomorrow's gaps, rates that got worse."""
    member = request.member
    return {
        "to_sign": len(most_urgent_ids(member, queries.MOST + 1)),
        "short": len(queries.tomorrows_lacks(member.team, at)),
        "worse": worsening(member, timezone.localdate(at)),
    }


def _now(request: HttpRequest, at: datetime, etag: str) -> dict[str, Any]:
    member = request.member
    team = member.team
    pool, pooled = queries.pool(team)
    slots, late = queries.promises(team, at)
    offers, offered = queries.unaccepted(team)
    on_duty = queries.on_duty(team, at)
    everybody = EVERYBODY in request.GET
    shown = on_duty if everybody else on_duty[:FIRST]
    return {
        "at": at,
        "etag": etag,
        "most": queries.MOST,
        "address": reverse("board:show") + (f"?{EVERYBODY}=1" if everybody else ""),
        "on_duty": shown,
        "people": len(on_duty),
        "free": [row["name"] for row in on_duty[len(shown) :] if not row["held"] and not DESK_ROLES.isdisjoint(row["roles"])],
        "pool": pool,
        "pooled": pooled,
        "slots": slots,
        "late": late,
        "offers": offers,
        "offered": offered,
        "requests": queries.handler_requests(team),
        "may_decide": may(member, "ticket.approve_handler"),
        "may_end": may(member, "duty.on_behalf"),
    }


def _coming(request: HttpRequest, at: datetime, etag: str) -> dict[str, Any]:
    member = request.member
    return {
        "at": at,
        "etag": etag,
        "unread": queries.unread(member.team, at),
        "lacks": queries.tomorrows_lacks(member.team, at),
        "late_forms": overdue(member.team, at),
        "may_end": may(member, "duty.on_behalf"),
    }


def _mark(request: HttpRequest, at: datetime) -> str:
    """The newest rows of the ledger, and the minute: what is due soon changes by itself."""
    return f"{queries.stamp(request.member.team)}-{int(at.timestamp()) // 60}"
