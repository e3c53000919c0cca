"""What an agent must do first: promises, next actions and what one was told, by time; what one holds; the pool; what just happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from tickets.activity.models import Activity, Alert
from tickets.activity.telling import Told, names_in, tell, tell_alert
from tickets.people.access import may
from tickets.people.models import Member
from tickets.ticket import listing
from tickets.ticket.models import Promise
from tickets.web.kept import Kept
from tickets.web.prepared import prepared_cursor

AHEAD = timedelta(hours=3)
"""How far ahead “first” looks; what is due later is in the list below."""
FIRST, ALERTS, POOL, RECENT = 12, 8, 8, 12


@dataclass(frozen=True)
class Todo:
    """One line of what to do first. `kind` is promise, next or alert; `at` is when it is due (an alert: when it came)."""

    kind: str
    at: datetime
    text: str
    customer: str
    ticket: int | None
    alert: int | None = None
    said: str = ""


def first(member: Member, rows: list[dict[str, Any]], alerts: list[Todo], at: datetime) -> list[Todo]:
    """Promises of mine that are due soon, next actions among `rows` (what I hold), and the `alerts` after them."""
    due = list(_promises(member, at))
    promised = {(todo.ticket, todo.at) for todo in due}
    due += [
        Todo("next", row["next_at"], row["next_action"] or row["subject"], row["customer__name"], row["id"])
        for row in rows
        if row["next_at"] and row["next_at"] < at + AHEAD and (row["id"], row["next_at"]) not in promised
    ]
    due.sort(key=lambda todo: (todo.at, todo.ticket or 0))
    return due[:FIRST] + alerts


def _promises(member: Member, at: datetime) -> list[Todo]:
    """Mine, and for the lead also those that lie in the pool."""
    rows = LEADS if member.team.lead_id == member.pk else OWN
    return [Todo("promise", *row.values()) for row in rows.all(team=member.team_id, me=member.pk, soon=at + AHEAD)]


def _promised(whose: Q, team: int, soon: datetime) -> QuerySet[Promise, Any]:
    rows = Promise.objects.filter(team_id=team).unkept().due_before(soon).filter(whose)
    return rows.order_by("due_at", "id").values("due_at", "text", "ticket__customer__name", "ticket_id")[:FIRST]


def _own(team: int, me: int, soon: datetime) -> QuerySet[Promise, Any]:
    return _promised(Q(owner=me), team, soon)


def _leads(team: int, me: int, soon: datetime) -> QuerySet[Promise, Any]:
    return _promised(Q(owner=me) | Q(owner__isnull=True), team, soon)


OWN, LEADS = Kept(_own), Kept(_leads)


def mine(member: Member, at: datetime) -> list[dict[str, Any]]:
    """What the member holds, the most urgent first."""
    return listing.rows(listing.Query("mine", "due"), member, at).rows


def pool(member: Member, at: datetime) -> list[dict[str, Any]]:
    """The oldest of the pool."""
    return listing.rows(listing.Query("pool", "held"), member, at, size=POOL).rows


def news(member: Member) -> tuple[list[Todo], list[Told]]:
    """What the member was told and has not seen, and what the team did last on tickets, both newest first; three queries.

    Last by when it happened, since a history brought from elsewhere is written later.
    """
    alerts, rows = UNSEEN.all(me=member.pk), LAST.all(team=member.team_id)
    names, money = names_in([*alerts, *rows], member), may(member, "see.money")
    return [_todo(tell_alert(alert, names)) for alert in alerts], [tell(row, names, money=money) for row in rows]


def _todo(told: Told) -> Todo:
    return Todo("alert", told.at, f"{told.who} {told.text}".strip(), told.subject, told.ticket, told.id, told.said)


def _unseen(me: int) -> QuerySet[Alert]:
    return Alert.objects.filter(member_id=me, seen_at__isnull=True).order_by("-id")[:ALERTS]


def _last(team: int) -> QuerySet[Activity]:
    rows = Activity.objects.filter(team_id=team, ticket__isnull=False).select_related("actor")
    return rows.order_by("-at", "-id")[:RECENT]


UNSEEN, LAST = Kept(_unseen), Kept(_last)


MARK = """(SELECT max(id) FROM tickets_activity WHERE team_id = %(team)s),
       (SELECT max(id) FROM tickets_alert WHERE member_id = %(me)s AND seen_at IS NULL),
       (SELECT count(*) FROM (SELECT 1 FROM tickets_alert WHERE member_id = %(me)s AND seen_at IS NULL LIMIT 100) x)"""
COUNTS = """
  (SELECT count(*) FROM (SELECT 1 FROM tickets_ticket WHERE holder_id = %(me)s AND status IN ('open', 'waiting') LIMIT 1000) x),
  (SELECT count(*) FROM (SELECT 1 FROM tickets_ticket WHERE team_id = %(team)s AND holder_id IS NULL AND status IN ('open', 'waiting')
                         LIMIT 1000) x),
  (SELECT count(*) FROM (SELECT 1 FROM tickets_promise WHERE team_id = %(team)s AND status IN ('open', 'broken') AND due_at < %(soon)s
                         LIMIT 1000) x)"""


def mark(member: Member) -> str:
    """Changes whenever the desk or a list of the team may show something else. One small query."""
    return _joined(_ask(f"SELECT {MARK}", member))


def pulse(member: Member, at: datetime) -> tuple[str, dict[str, int]]:
    """The mark, and how many the member holds, lie in the pool, and how many promises are due within the hour, each counted to
    1,000 at most; in one query."""
    row = _ask(f"SELECT {MARK}, {COUNTS}", member, soon=at + timedelta(hours=1))
    return _joined(row[:3]), dict(zip(("mine", "pool", "promises"), row[3:], strict=True))


def _ask(sql: str, member: Member, **more: Any) -> tuple[Any, ...]:
    with prepared_cursor() as cursor:
        cursor.execute(sql, {"team": member.team_id, "me": member.pk, **more})
        found: tuple[Any, ...] = cursor.fetchone()
        return found


def _joined(row: tuple[Any, ...]) -> str:
    return "-".join(str(part) for part in row)
