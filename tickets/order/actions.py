"""Logging an order by hand. Files come in through `order.imports`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import record
from tickets.customer import actions as customers
from tickets.customer import rules as customer_rules
from tickets.customer.models import Customer, HandleKind
from tickets.order.imports.uploads import upload
from tickets.order.models import Order, OrderLine, OrderStatus
from tickets.people.models import Member, Platform, Shop
from tickets.web.phones import masked
from tickets.web.refusals import Refused

NO_NUMBER = _("An order has a number.")
OTHER_TEAM = _("This belongs to another team.")
THERE_ALREADY = _("Order %(number)s of %(shop)s is there already.")
NOT_NEGATIVE = _("An amount is not negative.")
ONE_AT_LEAST = _("At least one piece.")
bring_in = upload
"""The door of files for other rooms, which may have lists of their own (`sources.lists`)."""


@dataclass(frozen=True)
class Line:
    """One product as an agent types it: price per piece in the order's currency."""

    title: str
    quantity: int = 1
    price: Decimal = Decimal(0)
    sku: str = ""
    spec: str = ""


@transaction.atomic
def log_order(
    *,
    by: Member,
    shop: Shop,
    number: str,
    handle: str = "",
    customer: Customer | None = None,
    lines: Sequence[Line] = (),
    total: Decimal | None = None,
    paid: Decimal | None = None,
    status: str = OrderStatus.PAID,
    request: str = "",
    sold_by: Member | None = None,
    placed_at: datetime | None = None,
    at: datetime | None = None,
    **delivery: str,
) -> Order:
    """Log an order during a chat; the whole team sees it at once.

    `handle` (a buyer's name on the shop's platform, a phone or an e-mail) finds or makes the customer; a masked one is kept as text.
    `total` defaults to the sum of the lines, but never to less than what is said to be paid (a file without amounts is read so, too);
    `paid` to the total of an order that is not waiting for payment. Money in the shop's currency. Refuses `duplicate` (with `order`)
    for a number that the shop has, `invalid`, `not_found` for another team's shop.
    """
    at = at or timezone.now()
    _check(by, shop, number, lines, total, paid)
    if customer is not None and customer.team_id != by.team_id:
        raise Refused("invalid", errors={"customer": [OTHER_TEAM]})
    owner = customer or _customer(by, shop, handle, delivery.get("recipient", ""), at)
    if owner is not None:
        owner = customers.hold_living(owner)
    amount = total if total is not None else max(sum((line.price * line.quantity for line in lines), Decimal(0)), paid or Decimal(0))
    if paid is None:
        paid = Decimal(0) if status == OrderStatus.PENDING else amount
    placed = placed_at or at
    order = Order(
        team=by.team, shop=shop, number=number.strip(), customer=owner, status=status, currency=shop.currency, total=amount, paid=paid,
        placed_at=placed, paid_at=placed if paid else None, buyer=handle.strip()[:160], title=_title(lines), request=request.strip(),
        sold_by=sold_by or by, source=Order.Source.HAND, logged_by=by, created_at=at, updated_at=at, **_delivery(delivery),
    )  # fmt: skip
    _insert(order)
    OrderLine.objects.bulk_create(
        OrderLine(order=order, key=f"{place}", title=x.title[:300], quantity=x.quantity, price=x.price, sku=x.sku[:120], spec=x.spec[:300])
        for place, x in enumerate(lines, start=1)
    )
    facts = {
        "number": order.number,
        "shop": shop.pk,
        "shop_name": shop.name,
        "title": order.title,
        "total": amount,
        "currency": order.currency,
    }
    record("order.logged", team=by.team, actor=by, at=at, order=order, customer=owner, **facts)
    return order


def _insert(order: Order) -> None:
    """The constraint decides whose number it is, also between two who log at once. Refuses `duplicate` with the order that has it."""
    try:
        with transaction.atomic():
            order.save(force_insert=True)
    except IntegrityError as clash:
        there = Order.objects.filter(shop=order.shop, number=order.number).first()
        if there is None:
            raise
        raise Refused("duplicate", THERE_ALREADY % {"number": order.number, "shop": order.shop.name}, order=there.pk) from clash


@transaction.atomic
def unmask_phone(order: Order, *, by: Member, at: datetime | None = None) -> str:
    """The recipient's full number, one at a time; that somebody looked is in the ledger (A2)."""
    record(
        "customer.unmasked",
        team=order.team,
        actor=by,
        at=at,
        order=order,
        customer=order.customer,
        kind="phone",
        handle=masked(order.phone),
    )
    return order.phone


def follow_customer(source: Customer, target: Customer) -> dict[str, int]:
    """The orders of a customer who was merged away belong to the one it became. Registered as a merge hook."""
    return {"orders": Order.objects.filter(customer=source).update(customer=target)}


def _check(by: Member, shop: Shop, number: str, lines: Sequence[Line], total: Decimal | None, paid: Decimal | None) -> None:
    if shop.team_id != by.team_id:
        raise Refused("not_found")
    if not number.strip():
        raise Refused("invalid", errors={"number": [NO_NUMBER]})
    if any(line.quantity < 1 for line in lines):
        raise Refused("invalid", errors={"lines": [ONE_AT_LEAST]})
    prices = {f"lines.{place}.price": line.price for place, line in enumerate(lines)}
    _check_money({"total": total, "paid": paid, **prices})


def _check_money(amounts: dict[str, Decimal | None]) -> None:
    wrong = [name for name, amount in amounts.items() if amount is not None and amount < 0]
    if wrong:
        raise Refused("invalid", errors={name: [NOT_NEGATIVE] for name in wrong})


def _customer(by: Member, shop: Shop, handle: str, name: str, at: datetime) -> Customer | None:
    if not customer_rules.identifies(handle):
        return None
    known = customer_rules.kind_of(handle, by.team.region)
    kind = known or ("other" if shop.platform == Platform.OTHER else shop.platform)
    called = name or ("" if known == HandleKind.PHONE else handle)  # in lists, a nick says more than our number
    return customers.find_or_create(by.team, kind=kind, value=handle, name=called, by=by, at=at)


def _delivery(given: dict[str, str]) -> dict[str, str]:
    """Recipient, phone, address, courier, tracking; anything else is a mistake of the caller."""
    unknown = set(given) - {"recipient", "phone", "address", "courier", "tracking"}
    if unknown:
        raise TypeError(f"not a part of an order: {unknown}")
    return {name: value.strip() for name, value in given.items()}


def _title(lines: Sequence[Line]) -> str:
    return " + ".join(line.title for line in lines)[:300]
