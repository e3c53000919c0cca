"""Custody of many tickets at once, at a shift change: the same rules as for one, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Subquery

from tickets.activity.actions import record, record_many
from tickets.people.models import Member, Team
from tickets.ticket.actions._deed import deed
from tickets.ticket.models import UNRESOLVED, Assignment, Promise, Ticket, TicketOrder
from tickets.web.refusals import Refused

CODES = {Assignment.Cause.TAKEOVER: "ticket.taken_over"}


@deed
def hand_over(tickets: Iterable[int], to: Member | None, *, team: Team, by: Member | None, cause: str, at: datetime) -> list[int]:
    """Give these unresolved tickets to `to` (None: the pool), each with its next action and its promises; returns the ids that moved.

    `cause` is a cause of `Assignment` that is no touch: `takeover`, `absence`. What is there already stays as it is.
    Refuses `invalid` for somebody who cannot hold tickets; the database would, too.
    """
    tickets = list(tickets)
    if not tickets:
        return []
    if to is not None and (to.team_id != team.pk or not to.can_hold):
        raise Refused("invalid")
    target = to.pk if to is not None else None
    first = TicketOrder.objects.filter(ticket=OuterRef("pk")).order_by("pk").values("order")[:1]
    rows = Ticket.objects.select_for_update(of=("self",), no_key=True).annotate(first_order=Subquery(first)).order_by("pk")
    found = [t for t in rows.filter(pk__in=tickets, team=team, status__in=UNRESOLVED) if t.holder_id != target]
    if not found:
        return []
    ids = [t.pk for t in found]
    Assignment.objects.bulk_create(
        [Assignment(ticket=t, from_member_id=t.holder_id, to_member=to, cause=cause, actor=by, at=at) for t in found]
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE tickets_promise p SET owner_id = %(to)s FROM tickets_ticket t
            WHERE t.id = p.ticket_id AND t.id = ANY(%(ids)s) AND p.status IN ('open', 'broken')
              AND p.owner_id IS NOT DISTINCT FROM t.holder_id
            """,
            {"to": target, "ids": ids},
        )
        cursor.execute(
            """
            UPDATE tickets_ticket SET next_by_id = CASE WHEN next_by_id = holder_id THEN %(to)s ELSE next_by_id END,
                holder_id = %(to)s, held_since = %(at)s, updated_at = %(at)s, version = version + 1
            WHERE id = ANY(%(ids)s)
            """,
            {"to": target, "ids": ids, "at": at},
        )
    code = CODES.get(cause, "ticket.released")  # type: ignore[call-overload]
    record_many(code, [_told(t, to, cause) for t in found], team=team, actor=by, at=at)
    return ids


def _told(ticket: Ticket, to: Member | None, cause: str) -> dict[str, Any]:
    return {
        "ticket": ticket.pk,
        "customer": ticket.customer_id,
        "order": ticket.first_order,  # type: ignore[attr-defined]
        "from": ticket.holder_id,
        "to": to.pk if to else None,
        "to_name": to.display_name if to else "",
        "since": ticket.held_since,
        "cause": str(cause),
        "reason": "",
    }


def adopt(promises: Iterable[Promise], to: Member, *, by: Member, at: datetime) -> int:
    """Somebody else sees to these unkept promises from now on, whoever holds the ticket: the promise of a resolved matter whose person
    has gone home. Call it inside a transaction. Returns how many changed hands."""
    count = 0
    for promise in promises:
        rows = Promise.objects.unkept().filter(pk=promise.pk).exclude(owner=to)
        if rows.update(owner=to):
            count += 1
            ticket = promise.ticket
            said = {"promise": promise.pk, "text": promise.text, "from": promise.owner_id, "to": to.pk, "to_name": to.display_name}
            record("promise.adopted", team=by.team, actor=by, at=at, ticket=ticket, customer=ticket.customer_id, **said)
    return count
