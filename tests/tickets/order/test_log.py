"""An order logged by hand is everybody's the same second, once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.cast import Cast, make_cast, make_customer
from tickets.activity.models import Activity
from tickets.customer.actions import merge
from tickets.customer.models import Customer
from tickets.order.actions import Line, log_order
from tickets.order.models import Order
from tickets.web.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_it_finds_or_makes_the_buyer_and_sums_the_lines(cast: Cast) -> None:
    lines = [Line("Pan", 2, Decimal("19.90")), Line("Lid", 1, Decimal("5"))]
    order = log_order(by=cast.bob, shop=cast.shop, number=" 3515 ", handle="tb_liu", lines=lines, request="Gift wrap")
    again = log_order(by=cast.carol, shop=cast.shop, number="3516", handle="TB_LIU")
    assert (order.number, order.total, order.paid, order.title) == ("3515", Decimal("44.80"), Decimal("44.80"), "Pan + Lid")
    assert order.customer == again.customer == Customer.objects.get()
    assert order.sold_by == cast.bob
    assert list(Order.objects.visible_to(cast.olga)) and not Order.objects.visible_to(cast.mallory)
    assert Activity.objects.filter(code="order.logged", order=order, customer=order.customer, actor=cast.bob).count() == 1


def test_a_number_that_the_shop_has_is_refused_with_the_order(cast: Cast) -> None:
    first = log_order(by=cast.bob, shop=cast.shop, number="3515")
    with pytest.raises(Refused) as refused:
        log_order(by=cast.carol, shop=cast.shop, number="3515")
    assert (refused.value.code, refused.value.extra["order"]) == ("duplicate", first.pk)
    assert Order.objects.count() == 1


@pytest.mark.parametrize(("handle", "name"), [("tb_liu", "tb_liu"), ("liu@example.cn", "liu@example.cn"), ("138 0013 8000", "")])
def test_a_new_buyer_is_called_by_the_nick_and_never_by_a_phone(cast: Cast, handle: str, name: str) -> None:
    order = log_order(by=cast.bob, shop=cast.shop, number="1", handle=handle)
    assert order.customer is not None and order.customer.name == name


def test_a_masked_buyer_is_kept_as_text_and_makes_no_customer(cast: Cast) -> None:
    order = log_order(by=cast.bob, shop=cast.shop, number="1", handle="t**8")
    assert (order.customer, order.buyer) == (None, "t**8")


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"number": " "}, "number"), ({"total": Decimal(-1)}, "total"), ({"lines": [Line("Pan", 0)]}, "lines")],
)
def test_nonsense_is_refused_by_field(cast: Cast, changes: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        log_order(**({"by": cast.bob, "shop": cast.shop, "number": "1"} | changes))  # type: ignore[arg-type]
    assert field in (refused.value.errors or {})
    assert not Order.objects.exists()


def test_another_teams_shop_is_not_found(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        log_order(by=cast.mallory, shop=cast.shop, number="1")
    assert refused.value.code == "not_found"


def test_another_teams_customer_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="invalid"):
        log_order(by=cast.bob, shop=cast.shop, number="1", customer=make_customer(cast.other_team))


def test_c8_an_order_of_whoever_was_merged_meanwhile_is_the_others(cast: Cast) -> None:
    source, target = make_customer(cast.team, "一", "tb_one"), make_customer(cast.team, "二", "tb_two")
    as_read = Customer.objects.get(pk=source.pk)
    merge(source, target, by=cast.alice)
    assert log_order(by=cast.bob, shop=cast.shop, number="1", customer=as_read).customer == target
