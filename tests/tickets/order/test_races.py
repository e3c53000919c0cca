"""Somebody logs an order by hand at the very moment in which a file or the platform brings it: one order, and both are told of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import File
from django.db import connection

from tests.cast import Cast, make_cast, make_shop
from tests.tickets.order import exports
from tickets.customer.models import Customer
from tickets.order.actions import log_order
from tickets.order.imports import pushing, writing
from tickets.order.imports.run import run_import
from tickets.order.imports.uploads import upload
from tickets.order.models import Import, Order
from tickets.people.models import Shop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def log_between(monkeypatch: pytest.MonkeyPatch, log: Callable[[], object]) -> list[object]:
    """Let `log` happen once, on a connection of its own, after a wave was compared and before it is written."""
    compare, logged = writing._compare, list[object]()

    def one() -> None:
        logged.append(log())
        connection.close()

    def compared(*given: Any) -> tuple[bool, bool]:
        found = compare(*given)
        if not logged:
            thread = threading.Thread(target=one)
            thread.start()
            thread.join(20)
        return found

    monkeypatch.setattr(writing, "_compare", compared)
    return logged


def by_hand(cast: Cast, shop: Shop, number: str) -> Callable[[], Order]:
    return lambda: log_order(by=cast.bob, shop=shop, number=number, request="gift wrap, please", sold_by=cast.bob)


def test_a_file_meets_an_order_that_is_logged_by_hand_meanwhile(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = exports.write_csv(tmp_path / "x.csv", exports.TAOBAO_46, exports.taobao(20, buyers=5))
    with path.open("rb") as content:
        run = upload(by=cast.bob, shop=cast.shop, file=File(content, path.name), start_now=False)
    Import.objects.filter(pk=run.pk).update(state=Import.State.WAITING)
    number = str(exports.taobao_number(7))
    logged = log_between(monkeypatch, by_hand(cast, cast.shop, number))
    assert run_import(run.pk) is not None
    run.refresh_from_db()
    assert len(logged) == 1
    assert (run.state, run.created, run.updated, run.unchanged) == (Import.State.DONE, 19, 1, 0)
    order = Order.objects.get(number=number)
    assert (order.request, order.sold_by, order.layout) == ("gift wrap, please", cast.bob, "taobao.orders")
    assert (Order.objects.count(), Customer.objects.count()) == (20, 5)


def test_a_push_meets_an_order_that_is_logged_by_hand_meanwhile(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = make_shop(cast.team, "Lotus Abroad", "shopify")
    log_between(monkeypatch, by_hand(cast, shop, "#1007"))
    document = {"id": 1007, "name": "#1007", "currency": "CNY", "total_price": "30.00", "updated_at": "2026-05-01T10:00:00Z"}
    assert pushing.take_order(shop, document) == "updated"
    order = Order.objects.get()
    assert (order.request, order.total) == ("gift wrap, please", Decimal("30.00"))
