"""The list of orders behind page, export and API alike: filters in, rows out, cut by a cursor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from tickets.order import queries
from tickets.order.models import Order
from tickets.people.models import Member
from tickets.web.numbers import whole_number
from tickets.web.pasted import pasted
from tickets.web.phones import e164, masked

SIZE = 50


def filtered(member: Member, asked: dict[str, Any]) -> QuerySet[Order]:
    """The member's orders narrowed by `q, shop, status, since, until, customer`; days are days of the team's time zone."""
    rows = queries.told(member)
    if asked.get("shop"):
        rows = rows.filter(shop=asked["shop"])
    if asked.get("status"):
        rows = rows.filter(status=asked["status"])
    if asked.get("customer"):
        rows = rows.filter(customer=asked["customer"])
    zone = member.team.zone
    if asked.get("since"):
        rows = rows.filter(placed_at__gte=datetime.combine(asked["since"], time(), zone))
    if asked.get("until"):
        rows = rows.filter(placed_at__lt=datetime.combine(asked["until"] + timedelta(days=1), time(), zone))
    text = (asked.get("q") or "").strip()
    return rows.filter(_about(member, text)) if text else rows


def _about(member: Member, text: str) -> Q:
    text = pasted(text)
    found = Q(number__in=queries.numbers_of(text)) | Q(tracking=text)
    number = e164(text, member.team.region)
    if number:
        found |= Q(phone=number)
    ids = queries.ids_by_words(member, text, limit=200) if len(text) >= 2 else []
    return found | Q(pk__in=ids)


def cursor_of(order: Order) -> str:
    """The place of an order in the list, for the address."""
    return f"{order.placed_at.isoformat()}~{order.pk}" if order.placed_at else ""


def place(text: str) -> tuple[datetime, int] | None:
    """What `cursor_of` wrote; None for anything else."""
    at, _tilde, pk = text.partition("~")
    try:
        found = parse_datetime(at)
    except ValueError:
        return None
    number = whole_number(pk)
    return (found, number) if found is not None and found.tzinfo is not None and number is not None else None


def heading(*, money: bool) -> list[str]:
    amounts = [_("Currency"), _("Amount"), _("Paid"), _("Refunded")] if money else []
    return [
        _("Number"),
        _("Shop"),
        _("Status"),
        _("Placed"),
        _("Customer"),
        _("Handle"),
        _("Items"),
        *amounts,
        _("Sold by"),
        _("Phone"),
        _("Request"),
    ]


def sheet(rows: QuerySet[Order], *, money: bool) -> Iterator[list[Any]]:
    """The rows of the list as cells, newest first, in constant memory; phones masked as on the page."""
    for order in rows.filter(placed_at__isnull=False).order_by("-placed_at", "-id").iterator(chunk_size=2_000):
        amounts = [order.currency, order.total, order.paid, order.refunded] if money else []
        seller = order.sold_by.display_name if order.sold_by else ""
        customer = str(order.customer) if order.customer else ""
        yield [
            order.number, order.shop.name, order.get_status_display(), order.placed_at, customer, order.buyer, order.title, *amounts,
            seller, masked(order.phone), order.request,
        ]  # fmt: skip
