"""What an order's live forms claim and were granted: units and money, in two queries whatever their number."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from tickets.order.models import Order, OrderLine
from tickets.return_form import rules
from tickets.return_form.models import Resolution, ReturnLine, Settlement, State

_CLAIM = (
    *("form_id", "order_line_id", "resolution", "quantity", "granted", "approved_quantity", "amount", "form__freight_amount"),
    *("shipped", "refund", "freight"),
)


def _sum(done: QuerySet[Settlement], kind: str) -> Subquery:
    return Subquery(done.filter(kind=kind).values("amount"))


@dataclass
class Book:
    """The order's lines; per order line its units and what was paid and granted; what remains paid; who refunded the freight."""

    order: Order
    lines: list[OrderLine]
    units: dict[int, rules.Units]
    paid: dict[int, Decimal]
    granted: dict[int, Decimal]
    left: Decimal
    freight_form: int | None

    def cap(self, order_line: int, approved: int, more: Decimal = Decimal(0)) -> Decimal:
        """R7: the most that may be refunded for `approved` units of a line, `more` having been given by this very form."""
        bought = self.units[order_line].bought
        return rules.line_cap(self.paid[order_line], bought, approved, self.granted.get(order_line, Decimal(0)) + more)


def book_of(order: Order, *, without: int | None = None) -> Book:
    """Read the book of an order, leaving out the form `without` (the one that is about to change)."""
    lines = list(OrderLine.objects.filter(order=order))
    done = Settlement.objects.filter(form=OuterRef("form"), state="succeeded")
    claims = list(
        ReturnLine.objects.filter(form__order=order)
        .exclude(form__state=State.CANCELLED)
        .exclude(form=without)
        .annotate(shipped=Exists(done.filter(kind="ship")), refund=_sum(done, "refund"), freight=_sum(done, "freight"))
        .values_list(*_CLAIM)
    )
    freights = {row[0]: row[7] for row in claims if row[7]}
    settled = {row[0]: (row[9] or Decimal(0)) + (row[10] or Decimal(0)) for row in claims}
    used: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    granted: dict[int, Decimal] = defaultdict(Decimal)
    for _form, line, resolution, quantity, grant, approved, amount, _freight, replaced, *_settled in claims:
        units = rules.units_used(resolution=resolution, quantity=quantity, granted=grant, approved_quantity=approved)
        used[line][0] += units
        used[line][1] += units if resolution in rules.NEED_SHIPPED else 0
        used[line][2] += (approved or 0) if grant in rules.SHIPS and replaced else 0
        granted[line] += (amount or Decimal(0)) if grant != Resolution.COMPENSATION else Decimal(0)
    shipped = rules.was_shipped(order.status, order.shipped_at)
    return Book(
        order=order,
        lines=lines,
        units={x.pk: rules.Units(x.quantity, shipped, used[x.pk][0], used[x.pk][1], used[x.pk][2]) for x in lines},
        paid=rules.paid_shares([(x.pk, x.price, x.quantity, x.paid) for x in lines], order.paid, order.freight),
        granted=granted,
        left=rules.order_left(
            paid=order.paid,
            refunded=order.refunded,
            granted=sum(granted.values(), Decimal(0)) + sum(freights.values(), Decimal(0)),
            settled=sum(settled.values(), Decimal(0)),
        ),
        freight_form=next(iter(freights), None),
    )
