"""Orders that a platform pushes, one document at a time: the same comparison and the same statements as a file's.

Every document may come twice, late, or out of order. An order that is older than what is stored (`updated_at`) changes nothing; a refund
is known by its id and counts once, whether it comes inside its order, alone, or before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from tickets.activity.actions import record
from tickets.order.imports.staging import Stage, wave_of
from tickets.order.imports.writing import Collision, write_staged
from tickets.order.models import Import, Order, OrderStatus, Pushed
from tickets.order.sources import BadCell
from tickets.order.sources.problems import REASONS
from tickets.order.sources.record import Context
from tickets.order.sources.shopify_json import SOURCE, Told, read_order, read_refund
from tickets.people.models import Member, Shop
from tickets.web.refusals import Refused

T = TypeVar("T")


def take_order(shop: Shop, document: Mapping[str, Any], *, by: Member | None = None, at: datetime | None = None) -> str:
    """Bring an order document in: `created`, `updated`, `unchanged` or `older`. `by` is empty where the platform itself sent it.

    Refuses `invalid`, naming the part of the document that cannot be read; then nothing is written.
    """
    told = _read(lambda: read_order(document, _context(shop)))
    return _tried(lambda: _write_order(shop, told, by, at or timezone.now()))


def take_refund(shop: Shop, document: Mapping[str, Any], *, by: Member | None = None, at: datetime | None = None) -> str:
    """Count a refund: `updated`, `unchanged`, or `waiting` while its order has not been told. Refuses `invalid`."""
    order_id, refund_id, amount = _read(lambda: read_refund(document, _context(shop)))
    return _write_refund(shop, order_id, refund_id, amount, by, at or timezone.now())


def _context(shop: Shop) -> Context:
    return Context(ZoneInfo(shop.time_zone), shop.currency, shop.team.region)


def _read(reading: Callable[[], T]) -> T:
    try:
        return reading()
    except BadCell as bad:
        raise Refused("invalid", errors={bad.column or "document": [REASONS[bad.code]]}) from bad


def _tried(write: Callable[[], str]) -> str:
    """Somebody may log the same order by hand at this very moment: compare again."""
    for _attempt in range(4):
        try:
            return write()
        except Collision:
            continue
    return write()


@transaction.atomic
def _write_order(shop: Shop, told: Told, by: Member | None, at: datetime) -> str:
    known = _known(shop, told.external_id, told.refunds)
    refunded = _sum(known)
    order = told.order
    order.refunded = refunded
    order.paid = max(order.paid or Decimal(0), refunded)
    run = Import(team=shop.team, shop=shop, by=by, exported_at=told.updated_at)
    with Stage(SOURCE) as stage:
        stage.load(wave_of([order], SOURCE, shop.team.region))
        counts = write_staged(run, SOURCE, at)
    stored = Order.objects.get(shop=shop, number=order.number)
    # Also where nothing differed: an older message that comes later must not turn back what this one has confirmed.
    Order.objects.filter(pk=stored.pk, exported_at__lt=told.updated_at).update(exported_at=told.updated_at)
    if known.order_id != stored.pk:
        Pushed.objects.filter(order=stored).exclude(pk=known.pk).update(order=None)
        known.order = stored
        known.save(update_fields=["order"])
    if counts.created:
        told_of = {"number": stored.number, "shop": shop.pk, "shop_name": shop.name, "total": stored.total, "currency": stored.currency}
        record("order.pushed", team=shop.team, actor=by, at=at, order=stored, customer=stored.customer_id, **told_of)
        return "created"
    return "older" if counts.older else "updated" if counts.updated else "unchanged"


@transaction.atomic
def _write_refund(shop: Shop, order_id: str, refund_id: str, amount: Decimal, by: Member | None, at: datetime) -> str:
    known = _known(shop, order_id, {refund_id: amount})
    if known.order_id is None:
        return "waiting"
    order = Order.objects.select_for_update(of=("self",)).select_related("team").get(pk=known.order_id)
    before = {"refunded": order.refunded, "paid": order.paid, "status": order.status}
    order.refunded = max(order.refunded, _sum(known))
    order.paid = max(order.paid, order.refunded)
    if order.refunded and order.refunded >= order.paid:
        order.status = OrderStatus.REFUNDED
    changed = {name: [str(value), str(getattr(order, name))] for name, value in before.items() if getattr(order, name) != value}
    if not changed:
        return "unchanged"
    order.version, order.updated_at = order.version + 1, at
    order.save(update_fields=[*before, "version", "updated_at"])
    record("order.changed", team=order.team, actor=by, at=at, order=order, customer=order.customer_id, number=order.number, **changed)
    return "updated"


def _known(shop: Shop, external_id: str, refunds: dict[str, Decimal]) -> Pushed:
    """The platform's order, locked, with these refunds among those it has told of. A refund that once went out never becomes less."""
    Pushed.objects.bulk_create([Pushed(shop=shop, external_id=external_id)], ignore_conflicts=True)
    known = Pushed.objects.select_for_update(of=("self",)).get(shop=shop, external_id=external_id)
    merged = dict(known.refunds)
    for refund, amount in refunds.items():
        merged[refund] = str(max(amount, Decimal(merged.get(refund, "0"))))
    if merged != known.refunds:
        known.refunds = merged
        known.save(update_fields=["refunds"])
    return known


def _sum(known: Pushed) -> Decimal:
    return sum((Decimal(amount) for amount in known.refunds.values()), Decimal(0))
