"""Forms as lists show them: plain rows in one query, since making fifty models with their lines is half of such a page's time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from django.db.models import QuerySet

from tickets.people.models import Member
from tickets.return_form.models import ReturnForm, State
from tickets.return_form.queries.desks import DUE
from tickets.web.kept import Kept
from tickets.web.prepared import prepared_cursor

ROWS = """
SELECT f.id, f.version, f.state, f.outcome, f.sent_backs, f.received_at, f.count_by, f.decide_by, f.settle_by, f.filed_at, o.number,
    o.paid, o.currency, c.name, f.customer_id, s.name, m.display_name,
    (SELECT jsonb_agg(jsonb_build_array(l.quantity, g.title, l.resolution, r.name, l.ok) ORDER BY l.place)
        FROM tickets_returnline l JOIN tickets_orderline g ON g.id = l.order_line_id JOIN tickets_reason r ON r.id = l.reason_id
        WHERE l.form_id = f.id)
FROM tickets_returnform f JOIN tickets_order o ON o.id = f.order_id JOIN tickets_shop s ON s.id = f.shop_id
    JOIN tickets_member m ON m.id = f.filed_by_id LEFT JOIN tickets_customer c ON c.id = f.customer_id
WHERE f.id = ANY(%s)
"""


class Position(NamedTuple):
    """One line of a listed form; `ok` is empty until it is counted."""

    quantity: int
    title: str
    resolution: str
    reason: str
    ok: int | None


class Row(NamedTuple):
    """One listed form. Instants are aware (UTC); `paid` is what was paid for its order."""

    pk: int
    version: int
    state: str
    outcome: str
    sent_backs: int
    received_at: datetime | None
    count_by: datetime | None
    decide_by: datetime | None
    settle_by: datetime | None
    filed_at: datetime
    order: str
    paid: Decimal
    currency: str
    customer: str | None
    customer_id: int | None
    shop: str
    filed_by: str
    lines: list[Position]

    @property
    def number(self) -> str:
        return f"R{self.pk}"

    @property
    def due(self) -> datetime | None:
        """When its present stage is due; None where nobody waits."""
        name = DUE.get(State(self.state))
        found: datetime | None = getattr(self, name) if name else None
        return found

    @property
    def whose(self) -> str:
        """The customer as a list names one."""
        return self.customer or (f"#{self.customer_id}" if self.customer_id else "")


def newest_ids(member: Member, limit: int) -> list[int]:
    """The team's newest forms. One query, composed once: that takes longer than running it."""
    return [row["pk"] for row in _newest(limit).all(team=member.team_id)]


@cache
def _newest(limit: int) -> Kept[dict[str, Any]]:
    def newest(team: int) -> QuerySet[ReturnForm, Any]:
        return ReturnForm.objects.filter(team_id=team).order_by("-id").values("pk")[:limit]

    return Kept(newest)


def listed(ids: Sequence[int]) -> list[Row]:
    """These forms as rows, in this order. One query. Whoever asks has seen to it that they are the reader's own team's."""
    if not ids:
        return []
    with prepared_cursor() as cursor:
        cursor.execute(ROWS, [list(ids)])
        found = {row[0]: Row._make((*row[:-1], _positions(row[-1]))) for row in cursor.fetchall()}
    return [found[pk] for pk in ids if pk in found]


def _positions(text: str | None) -> list[Position]:
    return [Position._make(line) for line in json.loads(text or "[]")]
