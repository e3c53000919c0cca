"""What an order's live forms claim and were granted: units and money, in one query whatever their number."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet

from tickets.order.models import Order, OrderLine
from tickets.return_form import gathered, rules
from tickets.return_form.models import Resolution
from tickets.ticket.models import Reason
from tickets.web.kept import Kept


@dataclass
class Book:
    """The order's lines; per order line its units, the live forms about it, and what was paid and granted; what remains paid; who
    refunded the freight; the reasons that may be chosen."""

    order: Order
    lines: list[OrderLine]
    units: dict[int, rules.Units]
    paid: dict[int, Decimal]
    granted: dict[int, Decimal]
    left: Decimal
    freight_form: int | None
    forms: dict[int, set[int]] = field(default_factory=dict)
    reasons: set[int] = field(default_factory=set)

    def cap(self, order_line: int, approved: int, more: Decimal = Decimal(0)) -> Decimal:
        """R7: the most that may be refunded for `approved` units of a line, `more` having been given by this very form."""
        bought = self.units[order_line].bought
        return rules.line_cap(self.paid[order_line], bought, approved, self.granted.get(order_line, Decimal(0)) + more)


def _to_read(order: int, without: int, team: int) -> QuerySet[Order]:
    return (
        Order.objects.filter(pk=order)
        .annotate(
            json_goods=gathered.rows(gathered.GOODS.format(order="tickets_order.id")),
            json_claims=gathered.rows(gathered.CLAIMS.format(order="tickets_order.id", without="%s"), (without,)),
            leaves=ArraySubquery(Reason.objects.leaves().filter(team=team).values("pk")),
        )
        .only("id")
    )


READ = Kept(_to_read)


def book_of(order: Order, *, without: int | None = None) -> Book:
    """Read the book of an order, leaving out the form `without` (the one that is about to change). One query."""
    found: Any = READ.all(order=order.pk, without=without or 0, team=order.team_id)[0]
    return open_book(order, found.json_goods, found.json_claims, reasons=set(found.leaves))


def open_book(order: Order, goods: list[Any] | None, claims: list[Any] | None, *, reasons: set[int] | None = None) -> Book:
    """The book from the order's lines and the claims of its live forms, as `gathered` reads them."""
    lines = [gathered.made(OrderLine, row) for row in goods or ()]
    freights: dict[int, Decimal] = {}
    settled: dict[int, Decimal] = {}
    used: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    granted: dict[int, Decimal] = defaultdict(Decimal)
    forms: dict[int, set[int]] = defaultdict(set)
    for form, line, resolution, quantity, grant, approved, amount, freight, replaced, refunded, freight_done in claims or ():
        units = rules.units_used(resolution=resolution, quantity=quantity, granted=grant, approved_quantity=approved)
        used[line][0] += units
        used[line][1] += units if resolution in rules.NEED_SHIPPED else 0
        used[line][2] += (approved or 0) if grant in rules.SHIPS and replaced else 0
        granted[line] += Decimal(amount or 0) if grant != Resolution.COMPENSATION else Decimal(0)
        forms[line].add(form)
        settled[form] = Decimal(refunded or 0) + Decimal(freight_done or 0)
        if freight:
            freights[form] = Decimal(freight)
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
        forms=forms,
        reasons=reasons or set(),
    )
