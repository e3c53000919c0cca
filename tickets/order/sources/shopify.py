"""Shopify's orders export (73 and 79 columns): one row an order with its first item, continuation rows for the others.

A continuation row fills only Name, Email, Created at, the Lineitem columns, Vendor and Phone; its blank `Financial Status` marks it.
"""

from __future__ import annotations

from decimal import Decimal

from . import statuses
from .columns import Columns
from .record import Context, Parser, Source, SourceLine, SourceOrder

_PAID_WORDS = frozenset({"paid", "partially_refunded", "refunded", "partially_paid"})


def status_of(financial: str, fulfillment: str, cancelled: bool) -> str:
    """Our code for Shopify's two words: refunded and voided end an order, otherwise fulfilment says where it is."""
    if financial == "refunded":
        return statuses.REFUNDED
    if financial == "voided" or cancelled:
        return statuses.CLOSED
    if fulfillment == "fulfilled":
        return statuses.SHIPPED
    if financial in ("paid", "partially_refunded"):
        return statuses.PAID
    if financial in ("pending", "authorized", "partially_paid", "expired"):
        return statuses.PENDING
    return statuses.UNKNOWN


def bind(columns: Columns, context: Context) -> Parser:
    get = columns
    number, financial, fulfillment = get.identifier("Name"), get.text("Financial Status"), get.text("Fulfillment Status")
    email, phone, billing_phone = (
        get.text("Email", limit=160),
        get.phone("Phone", country="Billing Country"),
        get.phone("Shipping Phone", "Billing Phone", "Phone", country="Shipping Country"),
    )
    currency, total, back, due = (
        get.text("Currency", limit=3),
        get.money("Total"),
        get.money("Refunded Amount"),
        get.money("Outstanding Balance"),
    )
    shipping, placed, paid_at, shipped = get.money("Shipping"), get.moment("Created at"), get.moment("Paid at"), get.moment("Fulfilled at")
    cancelled, note = get.moment("Cancelled at"), get.text("Notes", limit=2000)
    receiver, buyer = get.text("Shipping Name", limit=120), get.text("Billing Name", limit=120)
    parts = [
        get.text(name, limit=120) for name in ("Shipping Street", "Shipping City", "Shipping Province", "Shipping Zip", "Shipping Country")
    ]
    line = _line_getter(columns)

    def parse(row: list) -> SourceOrder:
        word = financial(row)
        name = number(row)
        if not word:
            return SourceOrder(name, head=False, lines=line(row))
        packed, ended, sum_ = fulfillment(row), cancelled(row), total(row)
        refunded = back(row) or Decimal(0)
        paid = (sum_ or Decimal(0)) - (due(row) or Decimal(0)) if word in _PAID_WORDS else Decimal(0)
        return SourceOrder(
            name,
            status=status_of(word, packed, ended is not None),
            raw_status=(f"{word} / {packed}" if packed else word)[:80],
            close_reason="cancelled" if ended else "",
            handle=email(row).lower(),
            buyer_name=buyer(row),
            buyer_email=email(row),
            buyer_phone=phone(row),
            receiver=receiver(row) or buyer(row),
            phone=billing_phone(row),
            address=", ".join(part for part in (get_part(row) for get_part in parts) if part)[:400],
            currency=currency(row) or context.currency,
            total=sum_,
            paid=max(paid, refunded),
            refunded=refunded,
            freight=shipping(row),
            placed_at=placed(row),
            paid_at=paid_at(row),
            shipped_at=shipped(row),
            buyer_note=note(row),
            lines=line(row),
        )

    return parse


def _line_getter(columns: Columns):
    title, sku = columns.text("Lineitem name", limit=300), columns.text("Lineitem sku", limit=120)
    pieces, price, off = columns.quantity("Lineitem quantity"), columns.money("Lineitem price"), columns.money("Lineitem discount")
    status = columns.text("Lineitem fulfillment status", limit=40)

    def lines(row: list) -> list[SourceLine]:
        name = title(row)
        if not name:
            return []
        count, cost = pieces(row), price(row) or Decimal(0)
        return [
            SourceLine("", name, sku(row), "", count, cost, max(cost * count - (off(row) or Decimal(0)), Decimal(0)), None, status(row))
        ]

    return lines


ORDERS = Source(
    "shopify.orders",
    "shopify",
    "Shopify orders export",
    frozenset({"Name", "Email", "Financial Status", "Total", "Created at", "Lineitem name", "Lineitem quantity"}),
    bind,
    whole_rows=True,
    whole=True,
    identity="email",
)
