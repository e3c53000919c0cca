"""What the page of one customer shows, in four statements: who they are, what is open, what they bought, what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tickets.lookup import statements as sql
from tickets.lookup.queries import Row, rows_of, with_presence
from tickets.people.models import Member

DETAILED = 8
"""Of how many orders the page tells the lines."""


@dataclass(frozen=True)
class Bought:
    """An order of the customer; `lines` (title and quantity) only of the newest `DETAILED`."""

    pk: int
    number: str
    title: str
    status: str
    total: Decimal
    currency: str
    placed_at: datetime | None
    shop: str
    sold_by: str | None
    lines: list[tuple[str, int]] | None


def person(member: Member, customer: int) -> Row | None:
    """`id`, `name`, `note`, `merged_into`, `handles` (id, kind, value), `selves` (ids, the merged ones too); None: not theirs."""
    found = rows_of(sql.PERSON, {"team": member.team_id, "customer": customer})
    return found[0] if found else None


def matters(member: Member, customer: int) -> list[Row]:
    """The unresolved tickets, the newest first, with holder and presence."""
    return with_presence(rows_of(sql.MATTERS_IN_FULL, {"team": member.team_id, "customer": customer}))


def bought(member: Member, customer: int, *, limit: int = 60) -> list[Bought]:
    """The newest orders."""
    what = {"team": member.team_id, "customer": customer, "limit": limit, "detailed": DETAILED}
    return [Bought(**row) for row in rows_of(sql.BOUGHT, what)]
