"""What the lead's board shows: each query is bounded and on a partial index, however many tickets there are.

A count says at most `MOST`: beyond that the lead needs to know that it is too many, not how many.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from handover.digest.models import Receipt
from handover.duty.models import Duty
from handover.roster import rules
from handover.roster.models import RosterEntry
from tickets.people.models import HOLDER_ROLES, Team
from tickets.web.prepared import prepared_cursor

MOST = 50
ROWS = 20
SOON = timedelta(hours=2)
SLOT = timedelta(minutes=15)
COMING = timedelta(hours=1)
"""How long before a shift its people are expected to have read their digest."""

STAMP = "SELECT count(*), coalesce(sum(id), 0) FROM (SELECT id FROM tickets_activity WHERE team_id = %s ORDER BY id DESC LIMIT 64) newest"

ON_DUTY = """
    SELECT d.id AS duty, m.id AS member, m.display_name AS name, m.roles AS roles, s.name AS shift, d.started_at, d.until,
           d.let_in_reason, p.seen_at, held.count AS held, due.count AS due, oldest.opened_at AS oldest
    FROM handover_duty d
    JOIN tickets_member m ON m.id = d.member_id
    LEFT JOIN tickets_presence p ON p.member_id = m.id
    LEFT JOIN handover_shift s ON s.id = d.shift_id
    CROSS JOIN LATERAL (
        SELECT count(*) FROM (
            SELECT 1 FROM tickets_ticket t WHERE t.holder_id = m.id AND t.status IN ('open', 'waiting') LIMIT %(most)s + 1) x
    ) held
    CROSS JOIN LATERAL (
        SELECT count(*) FROM (
            SELECT 1 FROM tickets_ticket t WHERE t.holder_id = m.id AND t.status IN ('open', 'waiting') AND t.due_at < %(soon)s
            LIMIT %(most)s + 1) x
    ) due
    LEFT JOIN LATERAL (
        SELECT t.opened_at FROM tickets_ticket t WHERE t.holder_id = m.id AND t.status IN ('open', 'waiting')
        ORDER BY t.opened_at LIMIT 1
    ) oldest ON true
    WHERE d.team_id = %(team)s AND d.ended_at IS NULL
    ORDER BY due.count DESC, held.count DESC, m.display_name
"""

POOL = """
    WITH pool AS MATERIALIZED (
        SELECT id, due_at FROM tickets_ticket
        WHERE team_id = %(team)s AND status IN ('open', 'waiting') AND holder_id IS NULL ORDER BY due_at, id LIMIT %(most)s + 1
    )
    SELECT t.id, t.subject, t.severity, t.due_at, t.held_since, c.name AS customer, (SELECT count(*) FROM pool) AS count
    FROM (SELECT id FROM pool ORDER BY due_at, id LIMIT %(rows)s) first
    JOIN tickets_ticket t ON t.id = first.id JOIN tickets_customer c ON c.id = t.customer_id
    ORDER BY t.due_at, t.id
"""

PROMISES = """
    WITH late AS MATERIALIZED (
        SELECT id FROM tickets_promise
        WHERE team_id = %(team)s AND status IN ('open', 'broken') AND due_at < %(now)s ORDER BY due_at LIMIT %(most)s + 1
    ), soon AS MATERIALIZED (
        SELECT id, ticket_id, owner_id, text, due_at FROM tickets_promise
        WHERE team_id = %(team)s AND status IN ('open', 'broken') AND due_at >= %(now)s AND due_at < %(soon)s
        ORDER BY due_at, id LIMIT %(most)s
    )
    SELECT p.id, p.ticket_id AS ticket, p.text, p.due_at, m.display_name AS owner, c.name AS customer, (SELECT count(*) FROM late) AS late
    FROM (SELECT 1) always LEFT JOIN soon p ON true
    LEFT JOIN tickets_ticket t ON t.id = p.ticket_id LEFT JOIN tickets_customer c ON c.id = t.customer_id
    LEFT JOIN tickets_member m ON m.id = p.owner_id
    ORDER BY p.due_at, p.id
"""

UNACCEPTED = """
    WITH open AS MATERIALIZED (
        SELECT id, offered_at FROM handover_offer WHERE team_id = %(team)s AND state = 'open' ORDER BY offered_at LIMIT %(most)s + 1
    )
    SELECT o.id, o.ticket_id AS ticket, t.subject, t.severity, c.name AS customer, o.offered_at, o.escalated_at,
           giver.display_name AS giver, receiver.display_name AS receiver, (SELECT count(*) FROM open) AS count
    FROM (SELECT id FROM open ORDER BY offered_at, id LIMIT %(rows)s) first
    JOIN handover_offer o ON o.id = first.id
    JOIN tickets_ticket t ON t.id = o.ticket_id JOIN tickets_customer c ON c.id = t.customer_id
    LEFT JOIN tickets_member giver ON giver.id = o.from_member_id LEFT JOIN tickets_member receiver ON receiver.id = o.to_member_id
    ORDER BY o.offered_at, o.id
"""

REQUESTS = """
    SELECT r.id, r.ticket_id AS ticket, r.reason, r.asked_at, t.subject, t.touches, c.name AS customer,
           asker.display_name AS asker, holder.display_name AS holder
    FROM tickets_handlerrequest r
    JOIN tickets_ticket t ON t.id = r.ticket_id JOIN tickets_customer c ON c.id = t.customer_id
    JOIN tickets_member asker ON asker.id = r.member_id LEFT JOIN tickets_member holder ON holder.id = t.holder_id
    WHERE r.team_id = %(team)s AND r.state = 'waiting'
    ORDER BY r.id LIMIT %(rows)s
"""

LACKS = """
    SELECT s.id, s.name, s.starts_at, s.ends_at, s.min_people, lower(e.during) AS begins, upper(e.during) AS finishes, m.roles, m.is_active,
           (SELECT array_agg(ARRAY[lower(a.during), upper(a.during)])
            FROM handover_absence a WHERE a.member_id = e.member_id AND a.during && e.during) AS away
    FROM handover_shift s LEFT JOIN handover_shiftpattern p ON p.id = s.pattern_id
    LEFT JOIN handover_rosterentry e ON e.shift_id = s.id LEFT JOIN tickets_member m ON m.id = e.member_id
    WHERE s.team_id = %(team)s AND s.business_date = %(day)s AND p.is_active IS NOT false
    ORDER BY s.starts_at, s.id
"""


@dataclass
class Slot:
    """A quarter of an hour of the time line."""

    start: datetime
    promises: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Lack:
    """What a shift is missing: nobody there at times, nobody suitable at times, too few."""

    shift: dict[str, Any]
    gap: list[rules.Span]
    empty: list[rules.Span]
    fewest: int


def stamp(team: Team) -> str:
    """Changes with every row of the team's ledger, also with one that is committed after a later one. One query."""
    with prepared_cursor() as cursor:
        cursor.execute(STAMP, [team.pk])
        count, total = cursor.fetchone()
    return f"{count}-{total}"


def on_duty(team: Team, at: datetime) -> list[dict[str, Any]]:
    """Everybody on duty, who has most that is `due` (within two hours or overdue) first, then who has `held` most; `oldest` held matter,
    `seen_at`."""
    return _rows(ON_DUTY, team=team.pk, soon=at + SOON, most=MOST)


def pool(team: Team) -> tuple[list[dict[str, Any]], int]:
    """The most urgent matters of the pool, and how many there are (`MOST` + 1: more)."""
    found = _rows(POOL, team=team.pk, most=MOST, rows=8)
    return found, found[0]["count"] if found else 0


def promises(team: Team, at: datetime) -> tuple[list[Slot], int]:
    """The quarters of an hour that the next two hours touch, with what is due, and how many promises are overdue (`MOST` + 1: more)."""
    found = _rows(PROMISES, team=team.pk, now=at, soon=at + SOON, most=MOST)
    first = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    slots = [Slot(first + number * SLOT) for number in range(int(SOON / SLOT) + 1)]
    for row in found:
        if row["id"] is not None:
            slots[int((row["due_at"] - first) / SLOT)].promises.append(row)
    return slots, found[0]["late"]


def unaccepted(team: Team) -> tuple[list[dict[str, Any]], int]:
    """What was handed over and not taken over yet, the longest waiting first, and how much there is (`MOST` + 1: more)."""
    found = _rows(UNACCEPTED, team=team.pk, most=MOST, rows=10)
    return found, found[0]["count"] if found else 0


def handler_requests(team: Team) -> list[dict[str, Any]]:
    """Whoever waits for a manager to be let handle a matter beyond the limit."""
    return _rows(REQUESTS, team=team.pk, rows=ROWS)


def unread(team: Team, at: datetime) -> list[RosterEntry]:
    """Rostered now or within the hour, and neither on duty for it nor with the digest read."""
    entries = RosterEntry.objects.filter(team=team, during__overlap=(at, at + COMING)).to_work(at)
    read = Receipt.objects.filter(member=OuterRef("member"), shift=OuterRef("shift"))
    working = Duty.objects.running().filter(member=OuterRef("member"), shift=OuterRef("shift"))
    entries = entries.filter(~Exists(read), ~Exists(working)).select_related("member", "shift")
    return [entry for entry in entries.order_by("during", "member__display_name")[: 2 * MOST] if entry.member.works_in_shifts]


def tomorrows_lacks(team: Team, at: datetime) -> list[Lack]:
    """The shifts of tomorrow (the team's day) that are a gap, empty, or short of people."""
    by_shift: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(LACKS, team=team.pk, day=rules.local_day(at, team.zone) + rules.DAY):
        by_shift[row["id"]].append(row)
    found = [_lack(rows) for rows in by_shift.values()]
    return [lack for lack in found if lack.gap or lack.empty or lack.fewest < lack.shift["min_people"]]


def _lack(rows: list[dict[str, Any]]) -> Lack:
    """What one shift lacks, from its rows: one for each entry, or a single one without any."""
    span = rows[0]["starts_at"], rows[0]["ends_at"]
    rostered, suitable = [], []
    for row in rows:
        if row["begins"] is None:
            continue
        entry = row["begins"], row["finishes"]
        rostered.append(entry)
        if row["is_active"] and not HOLDER_ROLES.isdisjoint(row["roles"]):
            suitable += rules.subtract(entry, [(begins, finishes) for begins, finishes in row["away"] or ()])
    gap, empty = rules.gaps(span, rostered), rules.empty_times(span, rostered, suitable)
    return Lack(rows[0], gap, empty, rules.fewest(span, suitable))


def _rows(sql: str, **values: Any) -> list[dict[str, Any]]:
    with prepared_cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
