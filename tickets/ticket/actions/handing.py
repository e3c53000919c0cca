"""Custody of many tickets at once, at a shift change: the same rules as for one, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from tickets.activity.actions import record, record_many
from tickets.people.models import Member, Team
from tickets.ticket.actions._deed import part_of_a_deed
from tickets.ticket.models import UNRESOLVED, Assignment, Promise
from tickets.web.prepared import prepared_cursor
from tickets.web.refusals import Refused

CODES = {Assignment.Cause.TAKEOVER: "ticket.taken_over"}


@part_of_a_deed
def hand_over(tickets: Iterable[int], to: Member | None, *, team: Team, by: Member | None, cause: str, at: datetime) -> list[int]:
    """Give these unresolved tickets to `to` (None: the pool), each with its next action and its promises; returns the ids that moved.

    `cause` is a cause of `Assignment` that is no touch: `takeover`, `absence`. What is there already stays as it is. The caller has locked
    the tickets' rows in an earlier statement of the transaction, so that nobody is changing their promises.
    Refuses `invalid` for somebody who cannot hold tickets; the database would, too.
    """
    tickets = list(tickets)
    if not tickets:
        return []
    if to is not None and (to.team_id != team.pk or not to.can_hold):
        raise Refused("invalid")
    values = {"to": to.pk if to is not None else None, "cause": str(cause), "by": by.pk if by else None, "at": at}
    with prepared_cursor() as cursor:
        cursor.execute(MOVE, values | {"ids": tickets, "team": team.pk, "unresolved": list(UNRESOLVED)})
        moved = [Moved._make(row) for row in cursor.fetchall()]
    if moved:
        code = CODES.get(cause, "ticket.released")  # type: ignore[call-overload]
        record_many(code, [_told(row, to, cause) for row in moved], team=team, actor=by, at=at)
    return [row.ticket for row in moved]


class Moved(NamedTuple):
    """A locked ticket that changes hands, as it was."""

    ticket: int
    holder: int | None
    since: datetime
    customer: int
    order: int | None


MOVE = """
    WITH locked AS MATERIALIZED (
        SELECT t.id, t.holder_id, t.held_since, t.customer_id
        FROM tickets_ticket t WHERE t.id = ANY(%(ids)s) AND t.team_id = %(team)s AND t.status = ANY(%(unresolved)s)
        ORDER BY t.id FOR NO KEY UPDATE OF t
    ), moved AS (
        SELECT * FROM locked WHERE holder_id IS DISTINCT FROM %(to)s::bigint
    ), assigned AS (
        INSERT INTO tickets_assignment (ticket_id, from_member_id, to_member_id, cause, reason, next_step, actor_id, at)
        SELECT m.id, m.holder_id, %(to)s::bigint, %(cause)s, '', '', %(by)s::bigint, %(at)s FROM moved m ORDER BY m.id
    ), passed_on AS (
        UPDATE tickets_promise p SET owner_id = %(to)s::bigint FROM moved m
        WHERE p.ticket_id = m.id AND p.status IN ('open', 'broken') AND p.owner_id IS NOT DISTINCT FROM m.holder_id
    ), passed AS (
        UPDATE tickets_ticket t SET next_by_id = CASE WHEN t.next_by_id = t.holder_id THEN %(to)s::bigint ELSE t.next_by_id END,
            holder_id = %(to)s::bigint, held_since = %(at)s, updated_at = %(at)s, version = t.version + 1
        FROM moved m WHERE t.id = m.id RETURNING t.id
    )
    SELECT m.*, (SELECT o.order_id FROM tickets_ticketorder o WHERE o.ticket_id = m.id ORDER BY o.id LIMIT 1)
    FROM moved m JOIN passed USING (id) ORDER BY m.id
"""
"""All of it of the locked rows, so that it does not matter in which order the three are written. Promises are seen as they were when the
statement began: whoever calls it has locked the tickets before."""


def _told(row: Moved, to: Member | None, cause: str) -> dict[str, Any]:
    return {
        "ticket": row.ticket,
        "customer": row.customer,
        "order": row.order,
        "from": row.holder,
        "to": to.pk if to else None,
        "to_name": to.display_name if to else "",
        "since": row.since,
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
