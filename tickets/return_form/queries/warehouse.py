"""The warehouse's desk: four short lists, each found by an index of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db import connection

from tickets.people.models import Member
from tickets.return_form.models import Parcel, ReturnForm, State
from tickets.return_form.queries.rows import Row, listed

SHOWN = 10
TEAM = 9_100_000_000_000_000
"""What stands for the team while the statement is composed."""
FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Desk:
    """The warehouse's lists, each the most urgent first: arrived and uncounted, to be signed, expected, and parcels nobody claimed; and
    whether a list goes on beyond what is shown."""

    arrived: list[Row]
    to_sign: list[Row]
    expected: list[Row]
    unclaimed: list[Parcel]
    more: dict[str, bool]

    @property
    def counts(self) -> dict[str, str]:
        """How many there are of each, as the page says it: 15+ where there are more than are shown."""
        return {name: f"{len(getattr(self, name))}{'+' if more else ''}" for name, more in self.more.items()}


def warehouse_desk(member: Member, *, limit: int = SHOWN) -> Desk:
    """Of each list the `limit` most urgent; three queries. Expected: what is due soonest first."""
    sql, params = _composed(limit + 1)
    with connection.cursor() as cursor:
        cursor.execute(sql, [member.team_id if param == TEAM else param for param in params])
        ids = [pk for (pk,) in cursor.fetchall()]
    rows = sorted(listed(ids), key=lambda row: (row.count_by or FAR, row.pk))
    found = {
        "arrived": [row for row in rows if row.received_at is not None and not row.outcome],
        "to_sign": [row for row in rows if row.outcome],
        "expected": [row for row in rows if row.received_at is None and not row.outcome],
    }
    unclaimed = list(Parcel.objects.visible_to(member).unclaimed().order_by("arrived_at")[: limit + 1])
    more = {name: len(each) > limit for name, each in found.items()} | {"unclaimed": len(unclaimed) > limit}
    return Desk(**{name: each[:limit] for name, each in found.items()}, unclaimed=unclaimed[:limit], more=more)


@cache
def _composed(limit: int) -> tuple[str, tuple[Any, ...]]:
    """The ids of the three lists' most urgent in one statement, composed once: that takes longer than running it."""
    waiting = ReturnForm.objects.filter(team_id=TEAM, state=State.SUBMITTED)
    lists = (
        waiting.filter(received_at__isnull=False, outcome=""),
        waiting.exclude(outcome=""),
        waiting.filter(received_at__isnull=True, outcome=""),
    )
    first, *others = [forms.order_by("count_by", "id").values_list("pk")[:limit] for forms in lists]
    sql, params = first.union(*others, all=True).query.sql_with_params()
    return sql, tuple(params)
