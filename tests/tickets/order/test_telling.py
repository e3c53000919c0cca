"""What the ledger says of orders and imports, in words, and to whom it tells amounts."""

from __future__ import annotations

import pytest

from tests.cast import Cast, make_cast
from tickets.activity.actions import record
from tickets.activity.telling import sentence, tell_all
from tickets.order.actions import log_order
from tickets.order.models import Order
from tickets.ticket.recognise import recognise

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def test_a_changed_order_says_from_what_to_what_and_amounts_only_to_who_may_see_them(cast: Cast) -> None:
    order = log_order(by=cast.bob, shop=cast.shop, number="A1000001")
    changes = {"import": 7, "number": order.number, "status": ["paid", "refunded"], "refunded": ["0.00", "59.90"]}
    row = record("order.changed", team=cast.team, actor=cast.bob, order=order, **changes)
    told = tell_all([row], cast.bob)[0]
    assert told.text == "brought news of the order A1000001 from a file: status: Paid, to be shipped → Refunded, refunded: 0.00 → 59.90"
    assert told.kind == "order"
    assert tell_all([row], cast.wen)[0].text.endswith("status: Paid, to be shipped → Refunded, refunded")


def test_an_import_says_what_it_did_and_why_it_could_not() -> None:
    counts = {"created": 1, "updated": 20, "problems": 2}
    assert sentence("import.done", {"name": "a.csv", **counts}, {})[1] == "imported a.csv: 1 new order, 20 changed, 2 rows were not taken"
    assert sentence("import.done", {"name": "a.csv", "created": 2}, {})[1] == "imported a.csv: 2 new orders, 0 changed"
    assert sentence("import.failed", {"name": "a.csv", "error": "broken"}, {})[1].startswith("could not import a.csv")
    assert "columns" in sentence("import.failed", {"name": "a.csv", "error": "layout_unknown"}, {})[1]


@pytest.mark.parametrize("stored", ["#1005001", "1005001"])
@pytest.mark.parametrize("pasted", ["#1005001", "1005001"])
def test_a_pasted_number_finds_its_order_with_and_without_the_mark(cast: Cast, stored: str, pasted: str) -> None:
    order = log_order(by=cast.bob, shop=cast.shop, number=stored)
    Order.objects.filter(pk=order.pk).update(number=stored)
    assert recognise(cast.bob, pasted).order == order
    assert recognise(cast.mallory, pasted).order is None
