"""The forms of a ticket or a customer as the pages of those show them: one small statement, since it is part of every such page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.functional import Promise as LazyText

from tickets.people.access import may
from tickets.people.models import Member
from tickets.return_form.models import FINAL, State

STATES = {state.value: state.label for state in State}
TONES = {"sent_back": "warn", "submitted": "accent", "inspected": "accent", "settling": "accent", "approved": "good", "cancelled": "void"}
ROWS = """
SELECT f.id, f.state, o.number, f.filed_at,
    CASE WHEN f.state = 'submitted' THEN f.count_by WHEN f.state = 'inspected' THEN f.decide_by
         WHEN f.state IN ('approved', 'partly_approved', 'rejected', 'settling') THEN f.settle_by END
FROM tickets_returnform f JOIN tickets_order o ON o.id = f.order_id WHERE f.{column} = %s AND f.team_id = %s ORDER BY f.id DESC LIMIT 12
"""
OF_TICKET, OF_CUSTOMER = ROWS.format(column="ticket_id"), ROWS.format(column="customer_id")


@dataclass(frozen=True)
class Beside:
    """One form in a line: its number, state, order, and when its present stage is due (aware; None: nobody waits)."""

    pk: int
    state: str
    order: str
    filed_at: datetime
    due: datetime | None

    @property
    def number(self) -> str:
        return f"R{self.pk}"

    @property
    def label(self) -> str | LazyText:
        return STATES[self.state]

    @property
    def tone(self) -> str:
        return TONES.get(self.state, "")

    @property
    def is_open(self) -> bool:
        return self.state not in FINAL


@dataclass(frozen=True)
class Panel:
    """What a page shows of forms: the newest dozen, and whether the reader may file one."""

    forms: list[Beside]
    may_file: bool

    def __bool__(self) -> bool:
        return bool(self.forms) or self.may_file


def _panel(statement: str, pk: int, member: Member) -> Panel | None:
    if not may(member, "return.read"):
        return None
    with connection.cursor() as cursor:
        cursor.execute(statement, [pk, member.team_id])
        return Panel([Beside(*row) for row in cursor.fetchall()], may(member, "return.file"))


def beside_ticket(ticket: int, member: Member) -> Panel | None:
    """The forms of a ticket (those of what was merged into it moved along), newest first; None for who may not read them."""
    return _panel(OF_TICKET, ticket, member)


def beside_customer(customer: int, member: Member) -> Panel | None:
    """The forms of a customer, newest first; None for who may not read them."""
    return _panel(OF_CUSTOMER, customer, member)
