"""Shopify's Admin API: an order or a refund as the JSON document that a webhook brings or a program posts.

The same orders may also come as the csv export: numbers (`name`), the places of lines and the meaning of the money agree with `shopify.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from tickets.web.phones import e164

from . import cells
from .record import BadCell, Context, Parser, Source, SourceLine, SourceOrder
from .shopify import status_of
from .stream import finish, refuse_negative

_PAID_WORDS = frozenset({"paid", "partially_refunded", "refunded", "partially_paid"})
_LARGEST = Decimal("9999999999.99")
MOST_LINES = 1_000


@dataclass
class Told:
    """What one document says. `refunds`: amount by the platform's id of the refund, in the order's currency."""

    external_id: str
    updated_at: datetime
    order: SourceOrder
    refunds: dict[str, Decimal] = field(default_factory=dict)


def read_order(document: Mapping[str, Any], context: Context) -> Told:
    """An order document. Raises `BadCell` with the path of what cannot be read (`id_missing`, `money_unreadable`, `time_unreadable`, …)."""
    told = _Doc(document, context)
    word, packed = told.text("financial_status", 40) or "pending", told.text("fulfillment_status", 40)
    total, refunds = told.money("total_price"), _refunds(told)
    cancelled = told.moment("cancelled_at")
    billing, shipping = told.part("billing_address"), told.part("shipping_address")
    customer = told.part("customer")
    email = (told.text("email", 160) or customer.text("email", 160)).lower()
    home = shipping.text("country_code", 2) or context.region
    buyer = billing.name() or customer.name() or shipping.name()
    phone = e164(told.text("phone", 40) or customer.text("phone", 40), home)
    order = SourceOrder(
        _number(told),
        status=status_of(word, packed, cancelled is not None),
        raw_status=(f"{word} / {packed}" if packed else word)[:80],
        close_reason=told.text("cancel_reason", 120) or ("cancelled" if cancelled else ""),
        handle=email,
        buyer_name=buyer,
        buyer_email=email,
        buyer_phone=phone,
        receiver=shipping.name() or buyer,
        phone=e164(shipping.text("phone", 40) or billing.text("phone", 40), home) or phone,
        address=shipping.address(),
        currency=told.text("currency", 3) or context.currency,
        total=total,
        paid=_paid(told, word, total, sum(refunds.values(), Decimal(0))),
        refunded=sum(refunds.values(), Decimal(0)),
        freight=_freight(told),
        placed_at=told.moment("created_at"),
        paid_at=(told.moment("processed_at") or told.moment("created_at")) if word in _PAID_WORDS else None,
        buyer_note=told.text("note", 2000),
        lines=_lines(told),
    )
    _shipments(told, order)
    refuse_negative(order)
    return Told(told.identifier("id"), told.moment_of("updated_at"), finish(order, SOURCE), refunds)


def read_refund(document: Mapping[str, Any], context: Context) -> tuple[str, str, Decimal]:
    """A refund document: the platform's id of the order, of the refund, and its amount. Raises `BadCell`."""
    told = _Doc(document, context)
    return told.identifier("order_id"), told.identifier("id"), _refunded(told, "")


class _Doc:
    """A JSON object read with the strictness of a cell; paths are named as a reader would look for them."""

    def __init__(self, values: Mapping[str, Any], context: Context, path: str = "") -> None:
        self.values, self.context, self.path = values, context, path

    def _name(self, key: str) -> str:
        return f"{self.path}{key}"

    def text(self, key: str, limit: int) -> str:
        value = self.values.get(key)
        return cells.text(value).strip()[:limit] if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""

    def money(self, key: str) -> Decimal | None:
        return _money(self.values.get(key), self._name(key))

    def moment(self, key: str) -> datetime | None:
        value = self.values.get(key)
        if value in (None, ""):
            return None
        found = cells.moment(value if isinstance(value, str) else object(), self._name(key), self.context.zone)
        return found.astimezone(UTC) if found else None

    def moment_of(self, key: str) -> datetime:
        """An instant that must be there."""
        found = self.moment(key)
        if found is None:
            raise BadCell("time_unreadable", self._name(key), self.values.get(key))
        return found

    def identifier(self, key: str) -> str:
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            raise BadCell("id_missing", self._name(key), value)
        return cells.identifier(str(value), self._name(key))

    def part(self, key: str) -> _Doc:
        value = self.values.get(key)
        return _Doc(value if isinstance(value, Mapping) else {}, self.context, f"{self._name(key)}.")

    def parts(self, key: str) -> list[_Doc]:
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > MOST_LINES or not all(isinstance(each, Mapping) for each in value):
            raise BadCell("document_unreadable", self._name(key))
        return [_Doc(each, self.context, f"{self._name(key)}[{place}].") for place, each in enumerate(value)]

    def name(self) -> str:
        told = self.text("name", 120)
        return told or f"{self.text('first_name', 60)} {self.text('last_name', 60)}".strip()

    def address(self) -> str:
        parts = (self.text(key, 120) for key in ("address1", "address2", "city", "province", "zip", "country"))
        return ", ".join(filter(None, parts))[:400]


def _money(value: object, path: str) -> Decimal | None:
    """Amounts come as texts; as numbers they are still exact to the cent."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise BadCell("money_unreadable", path, value)
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise BadCell("money_unreadable", path, value) from None
    if not amount.is_finite() or abs(amount) > _LARGEST:
        raise BadCell("money_unreadable", path, value)
    return amount.quantize(Decimal("0.01"))


def _number(told: _Doc) -> str:
    name = told.text("name", 64)
    if name:
        return cells.identifier(name, "name")
    return f"#{told.identifier('order_number')}"


def _paid(told: _Doc, word: str, total: Decimal | None, refunded: Decimal) -> Decimal:
    """What was once paid: the total less what is outstanding, never less than what was given back."""
    if word not in _PAID_WORDS:
        return refunded
    outstanding = told.money("total_outstanding") or Decimal(0)
    return max((total or Decimal(0)) - outstanding, refunded, Decimal(0))


def _freight(told: _Doc) -> Decimal | None:
    whole = told.part("total_shipping_price_set").part("shop_money").money("amount")
    if whole is not None:
        return whole
    prices = [line.money("price") for line in told.parts("shipping_lines")]
    return sum((price for price in prices if price is not None), Decimal(0)) if prices else None


def _refunds(told: _Doc) -> dict[str, Decimal]:
    currency = told.text("currency", 3)
    return {refund.identifier("id"): _refunded(refund, currency) for refund in told.parts("refunds")}


def _refunded(refund: _Doc, currency: str) -> Decimal:
    """The money of a refund that went out. In another currency than the order's, what its lines say stands instead."""
    done = [each for each in refund.parts("transactions") if (each.text("kind", 20), each.text("status", 20)) == ("refund", "success")]
    if all(each.text("currency", 3) in ("", currency) or not currency for each in done):
        return sum((each.money("amount") or Decimal(0) for each in done), Decimal(0))
    lines = refund.parts("refund_line_items")
    return sum(((line.money("subtotal") or Decimal(0)) + (line.money("total_tax") or Decimal(0)) for line in lines), Decimal(0))


def _lines(told: _Doc) -> list[SourceLine]:
    """In the document's order, which is the csv export's: a line is known by its place in both."""
    found = []
    for item in told.parts("line_items"):
        count = _pieces(item)
        price, off = item.money("price") or Decimal(0), item.money("total_discount") or Decimal(0)
        name = item.text("name", 300) or item.text("title", 300)
        amount = max(price * count - off, Decimal(0))
        status = item.text("fulfillment_status", 40)
        found.append(SourceLine("", name, item.text("sku", 120), item.text("variant_title", 300), count, price, amount, None, status))
    return found


def _pieces(item: _Doc) -> int:
    value = item.values.get("quantity", 1)
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise BadCell("quantity_unreadable", f"{item.path}quantity", value)
    return cells.quantity(str(value), f"{item.path}quantity")


def _shipments(told: _Doc, order: SourceOrder) -> None:
    """The latest shipment that did not fail says when; all of them say under which numbers."""
    gone = [each for each in told.parts("fulfillments") if each.text("status", 20) not in ("cancelled", "error", "failure")]
    moments = [moment for moment in (each.moment("created_at") for each in gone) if moment]
    order.shipped_at = max(moments, default=None)
    order.tracking = " ".join(dict.fromkeys(filter(None, (each.text("tracking_number", 60) for each in gone))))[:120]
    order.carrier = next(filter(None, (each.text("tracking_company", 80) for each in gone)), "")


def _no_rows(columns: object, context: Context) -> Parser:
    raise BadCell("document_unreadable", "")


SOURCE = Source("shopify.push", "shopify", "Shopify Admin API", frozenset(), _no_rows, whole_rows=True, whole=True, identity="email")
"""How its orders are compared and written; it reads documents, so no file is ever recognised as it."""
