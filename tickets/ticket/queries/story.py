"""What happened to one matter, and who had it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from tickets.activity.models import Activity
from tickets.people.models import Member
from tickets.ticket.models import Assignment, HandlerRequest, Ticket, Touch
from tickets.ticket.queries.chains import merged_below
from tickets.web.kept import Kept

STORY = 500


def ticket_story(ticket: Ticket, member: Member, *, limit: int = STORY) -> list[Activity]:
    """The ledger rows of the matter, oldest first, with their actors: the ticket's own and those of every ticket merged into it.

    At most the newest `limit`. Only what the member's team may see.
    """
    merged = merged_below(ticket.pk)
    if not merged:
        return _own(limit).all(ticket=ticket.pk, team=member.team_id)[::-1]
    rows = Activity.objects.visible_to(member).filter(ticket__in=[ticket.pk, *merged]).select_related("actor").order_by("-id")
    return list(rows[:limit])[::-1]


@cache
def _own(limit: int) -> Kept[Activity]:
    """The newest so many rows of one ticket: most were never merged with another."""
    return Kept(lambda ticket, team: Activity.objects.filter(ticket=ticket, team=team).select_related("actor").order_by("-id")[:limit])


@dataclass(frozen=True)
class Dot:
    """One person in the row of handlers. `kind`: handled, waiting (for a manager) or refused; `place` counts from 1.

    `why` is what somebody said for it: the reason of the transfer, of the request, or of the manager's decision.
    """

    place: int
    member: int
    name: str
    kind: str
    how: str
    at: datetime
    why: str


def handlers(ticket: Ticket) -> list[Dot]:
    """Who handled the matter, in order, each with why; after them who wanted to and may not (yet). Four queries at most."""
    touches = list(Touch.objects.filter(ticket=ticket).select_related("member", "request").order_by("place"))
    given = Assignment.objects.filter(ticket=ticket, cause=Assignment.Cause.TRANSFER).order_by("-id")
    reasons = dict(given.values_list("to_member", "reason"))
    found = [_handled(touch, reasons) for touch in touches]
    inside = {touch.member_id for touch in touches}
    outside = [dot for dot in _outside(ticket) if dot.member not in inside]
    return found + [_placed(dot, len(found) + place) for place, dot in enumerate(outside, 1)]


def _handled(touch: Touch, reasons: dict[int, str]) -> Dot:
    why = touch.request.decision if touch.request else reasons.get(touch.member_id, "") if touch.how == Touch.How.TRANSFER else ""
    return Dot(touch.place, touch.member_id, touch.member.display_name, "handled", touch.how, touch.at, why)


def _outside(ticket: Ticket) -> list[Dot]:
    """Whoever asked or was refused, each once, their latest word."""
    found: dict[int, Dot] = {}
    for row in Activity.objects.filter(ticket=ticket, code="handler.refused").order_by("id"):
        member = int(row.data["member"])
        found[member] = Dot(0, member, row.data["name"], "refused", row.data["how"], row.at, "")
    asked = HandlerRequest.objects.filter(ticket=ticket).select_related("member").order_by("pk")
    for request in asked:
        waiting = request.state != HandlerRequest.State.REFUSED
        kind, why = ("waiting", request.reason) if waiting else ("refused", request.decision)
        found[request.member_id] = Dot(0, request.member_id, request.member.display_name, kind, request.state, request.asked_at, why)
    return list(found.values())


def _placed(dot: Dot, place: int) -> Dot:
    return Dot(place, dot.member, dot.name, dot.kind, dot.how, dot.at, dot.why)


def custody(ticket: Ticket) -> list[Assignment]:
    """Every change of holder, oldest first, with the people in it."""
    return list(Assignment.objects.filter(ticket=ticket).select_related("from_member", "to_member", "actor").order_by("id"))
