"""The lead's board: one page that keeps itself fresh, and the two words it can say about a fourth handler."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from handover.board import queries
from tickets.people.access import may
from tickets.people.models import Team
from tickets.return_form.queries import overdue
from tickets.ticket.actions import approve_handler, refuse_handler
from tickets.ticket.models import HandlerRequest
from tickets.web.doors import door
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other, wants_fragment

TEMPLATE = "handover/board/show.html"


@door(GET="board.read")
def show(request: HttpRequest) -> HttpResponse:
    """The board, or, for a reader who has this state of it already, 304 at the price of one query.

    The state is the newest rows of the ledger; each minute it is a new one as well, since what is due soon changes by itself.
    """
    return _board(request)


@door(GET="board.read")
def coming(request: HttpRequest) -> HttpResponse:
    """Who should be reading the digest, and what tomorrow's roster lacks: the board's second part, which changes at another pace."""
    member, at = request.member, timezone.now()  # type: ignore[attr-defined]
    etag = _etag(member.team, at)
    if _known(request, etag):
        return HttpResponseNotModified(headers={"ETag": etag})
    context = {
        "at": at,
        "etag": etag,
        "unread": queries.unread(member.team, at),
        "lacks": queries.tomorrows_lacks(member.team, at),
        "late_forms": overdue(member.team, at),
        "may_end": may(member, "duty.on_behalf"),
    }
    response = page(request, "handover/board/coming.html", context, block="coming")
    response["ETag"] = etag
    return response


@door(POST="ticket.approve_handler")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a further person handle a matter, or not, with a reason; answers with the board as it is then."""
    member = request.member  # type: ignore[attr-defined]
    asked = get_object_or_404(HandlerRequest.objects.filter(team=member.team_id), pk=pk)
    deed = {"approve": approve_handler, "refuse": refuse_handler}.get(request.POST.get("decision", ""))
    if deed is None:
        raise Refused("invalid")
    deed(asked, by=member, reason=request.POST.get("reason", ""))
    return _board(request) if wants_fragment(request) else see_other(request, reverse("board:show"))


def _board(request: HttpRequest) -> HttpResponse:
    member, at = request.member, timezone.now()  # type: ignore[attr-defined]
    etag = _etag(member.team, at)
    if _known(request, etag):
        return HttpResponseNotModified(headers={"ETag": etag})
    team = member.team
    pool, pooled = queries.pool(team)
    slots, late = queries.promises(team, at)
    context = {
        "at": at,
        "etag": etag,
        "most": queries.MOST,
        "on_duty": queries.on_duty(team, at),
        "pool": pool,
        "pooled": pooled,
        "slots": slots,
        "late": late,
        "offers": queries.unaccepted(team),
        "requests": queries.handler_requests(team),
        "may_decide": may(member, "ticket.approve_handler"),
        "may_end": may(member, "duty.on_behalf"),
    }
    response = page(request, TEMPLATE, context, block="board")
    response["ETag"] = etag
    return response


def _etag(team: Team, at: datetime) -> str:
    """The newest rows of the ledger, and the minute: what is due soon changes by itself."""
    return f'"{queries.stamp(team)}-{int(at.timestamp()) // 60}"'


def _known(request: HttpRequest, etag: str) -> bool:
    return request.headers.get("If-None-Match", "").removeprefix("W/") == etag
