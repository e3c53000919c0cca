"""The only writer of the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from tickets.activity.models import Activity, Alert
from tickets.people.models import Member, Team
from tickets.web.kept import Inserted
from tickets.web.prepared import prepared_cursor

Line = tuple[int, str, int | None, str, dict[str, Any], int | None, int | None, int | None, int | None]
"""A row of the ledger that is written with others: team, instant, actor, code, data, ticket, customer, order, return form."""

_waiting: ContextVar[tuple[list[Line], list[Alert]] | None] = ContextVar("what waits for the end of its deed", default=None)


def record(
    code: str,
    *,
    team: Team,
    actor: Member | None,
    at: datetime | None = None,
    ticket: Any = None,
    customer: Any = None,
    order: Any = None,
    return_form: Any = None,
    **data: Any,
) -> Activity:
    """Write down that `code` happened at the instant `at` (now by default). Call it inside the transaction that did the thing.

    `ticket`, `customer`, `order`, `return_form`: the row or its id. `data` is stored as JSON: ids, codes, and what people typed; never a
    translated sentence.
    """
    row = Activity(
        team=team,
        at=at or timezone.now(),
        actor=actor,
        code=code,
        data=data,
        ticket_id=getattr(ticket, "pk", ticket),
        customer_id=getattr(customer, "pk", customer),
        order_id=getattr(order, "pk", order),
        return_form_id=getattr(return_form, "pk", return_form),
    )
    waiting = _waiting.get()
    if waiting is None:
        LEDGER.add(row)
    else:
        subjects = (row.ticket_id, row.customer_id, row.order_id, row.return_form_id)
        waiting[0].append((row.team_id, row.at.isoformat(), row.actor_id, code, data, *subjects))
    return row


LEDGER = Inserted(Activity)


@contextmanager
def together() -> Iterator[None]:
    """What is recorded inside is written with ONE statement at its end, in the order it was recorded, and who is alerted with another;
    a ledger row has no id before, and an alert counts as new.

    For a deed of several steps, inside its transaction: an exception that leaves it takes the rows along, as the rollback does.
    """
    if _waiting.get() is not None:
        yield
        return
    lines: list[Line] = []
    alerts: list[Alert] = []
    token = _waiting.set((lines, alerts))
    try:
        yield
        _write(lines)
        Alert.objects.bulk_create(alerts, ignore_conflicts=True)
    finally:
        _waiting.reset(token)


def record_many(code: str, rows: Iterable[dict[str, Any]], *, team: Team, actor: Member | None, at: datetime) -> None:
    """`record` for many subjects in one statement. Each row: its data, with `ticket`, `customer` and `order` as rows or ids among them."""
    lines: list[Line] = []
    when, who = at.isoformat(), actor.pk if actor else None
    for row in rows:
        ticket, customer, order = (getattr(found, "pk", found) for found in (row.pop(name, None) for name in SUBJECTS))
        lines.append((team.pk, when, who, code, row, ticket, customer, order, None))
    waiting = _waiting.get()
    if waiting is not None:
        waiting[0].extend(lines)
    else:
        _write(lines)


SUBJECTS = ("ticket", "customer", "order")


def _json(data: Any) -> str:
    return json.dumps(data, cls=DjangoJSONEncoder)


def _write(lines: list[Line]) -> None:
    """Write these rows in their order, in one statement."""
    if not lines:
        return
    with prepared_cursor() as cursor:
        cursor.execute(LINES, [_json(lines)])


LINES = """
    INSERT INTO tickets_activity (team_id, at, actor_id, code, data, ticket_id, customer_id, order_id, return_form_id)
    SELECT (v->>0)::bigint, (v->>1)::timestamptz, (v->>2)::bigint, v->>3, v->4, (v->>5)::bigint, (v->>6)::bigint, (v->>7)::bigint,
        (v->>8)::bigint
    FROM jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS line(v, place) ORDER BY place
"""


def alert(members: Iterable[Member], code: str, *, key: str, at: datetime | None = None, ticket: Any = None, **data: Any) -> int:
    """Tell each member once (`key` says what “once” means). Returns how many had not been told yet."""
    at = at or timezone.now()
    rows = [
        Alert(team_id=m.team_id, member=m, code=code, data=data, ticket=ticket, key=key[:120], at=at)
        for m in {m.pk: m for m in members}.values()
    ]
    waiting = _waiting.get()
    if waiting is not None:
        waiting[1].extend(rows)
        return len(rows)
    return _tell(rows) if rows else 0


def _tell(rows: list[Alert]) -> int:
    """Write one alert for each of several members; how many were new."""
    one = rows[0]
    told = [_json(one.data), one.ticket_id, one.key, one.at]
    with prepared_cursor() as cursor:
        cursor.execute(ALERT, [one.code, *told, [row.team_id for row in rows], [row.member_id for row in rows]])
        return int(cursor.rowcount)


ALERT = """
    INSERT INTO tickets_alert (team_id, member_id, code, data, ticket_id, key, at)
    SELECT g.team, g.member, %s, %s::jsonb, %s::bigint, %s, %s FROM unnest(%s::bigint[], %s::bigint[]) AS g(team, member)
    ON CONFLICT (member_id, key) DO NOTHING
"""


def see_alerts(member: Member, ids: Iterable[int], *, at: datetime | None = None) -> int:
    """Mark the member's own alerts as seen; returns how many were new."""
    return Alert.objects.filter(member=member, pk__in=list(ids), seen_at__isnull=True).update(seen_at=at or timezone.now())
