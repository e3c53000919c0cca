"""What a decided form owes, computed from its signed decision."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tickets.return_form import rules
from tickets.return_form.models import Disposition, Resolution, ReturnForm, ReturnLine, Settlement

NOTHING = Decimal(0)


def compensation_of(form: ReturnForm, lines: Sequence[ReturnLine]) -> Decimal:
    """All compensation of a form: its own and that of its lines."""
    return form.compensation + sum((x.amount or NOTHING for x in lines if x.granted == Resolution.COMPENSATION), NOTHING)


def owed(form: ReturnForm, lines: Sequence[ReturnLine]) -> list[tuple[str, Decimal, int]]:
    """What a decided form owes: (kind, amount, quantity)."""
    refund = sum((x.amount or NOTHING for x in lines if x.granted in rules.REFUNDS), NOTHING)
    ship = sum(x.approved_quantity or 0 for x in lines if x.granted in rules.SHIPS)
    back = sum(x.received for x in lines if x.disposition == Disposition.SEND_BACK)
    rows = [
        (Settlement.Kind.REFUND, refund, 0),
        (Settlement.Kind.FREIGHT, form.freight_amount, 0),
        (Settlement.Kind.COMPENSATION, compensation_of(form, lines), 0),
        (Settlement.Kind.SHIP, NOTHING, ship),
        (Settlement.Kind.SEND_BACK, NOTHING, back),
    ]
    return [(kind.value, amount, quantity) for kind, amount, quantity in rows if amount or quantity]
