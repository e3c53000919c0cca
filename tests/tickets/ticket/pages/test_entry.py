"""The quick entry: whose it is, what is open already, and one press."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast, make_customer
from tests.tickets.ticket.pages.conftest import HTMX, body
from tickets.activity.models import Activity
from tickets.customer.actions import add_handle
from tickets.customer.models import Customer
from tickets.order.actions import Line, log_order
from tickets.order.models import Order
from tickets.ticket.actions import open_ticket
from tickets.ticket.models import Promise, Reason, Ticket

pytestmark = pytest.mark.django_db
NEW, LOOK = reverse("ticket:new"), reverse("ticket:look")


@pytest.fixture
def bought(cast: Cast, liu: Customer) -> Order:
    return log_order(by=cast.dan, shop=cast.shop, number="4021188000123456789", customer=liu, lines=[Line("保温杯", 2)])


@pytest.mark.parametrize(
    "copied", [" 4021188000123456789 ", "订单编号：4021188000123456789", '="4021188000123456789"', "402118-8000123456789"]
)
def test_a_pasted_order_number_pulls_up_its_customer(bob: Client, liu: Customer, bought: Order, copied: str) -> None:
    page = body(bob.get(LOOK, {"who": copied}, **HTMX))
    assert "刘女士" in page and "nothing open" in page and "sold by Dan" in page


@pytest.mark.parametrize(
    "written",
    ["13800138000", "+86 138 0013 8000", "138-0013-8000", "138·0013·8000", "手机：13800138000", "TB_LIU_8854", "旺旺: tb_liu_8854"],
)
def test_any_writing_of_a_phone_or_nick_is_recognised(bob: Client, cast: Cast, liu: Customer, written: str) -> None:
    add_handle(liu, kind="phone", value="138 0013 8000", by=cast.bob)
    assert "刘女士" in body(bob.get(LOOK, {"who": written}, **HTMX))


def test_c7_what_is_open_is_shown_first_and_one_press_adds_to_it(browser, cast: Cast, held: Ticket) -> None:
    carol = browser(cast.carol)
    page = body(carol.get(LOOK, {"who": "tb_liu_8854"}, **HTMX))
    assert "Open with Bob since" in page and "Tell the customer: Bob" in page
    assert page.index('name="add_to"') < page.index('name="anyway"')  # what Enter presses
    said = {"who": "tb_liu_8854", "what": "又来催了"}
    refused = carol.post(NEW, said, **HTMX)
    assert refused.status_code == 409 and "又来催了" in body(refused) and Ticket.objects.count() == 1
    added = carol.post(NEW, said | {"add_to": held.pk}, **HTMX)
    assert added.status_code == 200 and f"Added to #{held.pk}." in body(added)
    assert Activity.objects.get(code="ticket.noted", ticket=held).data["text"] == "又来催了"
    held.refresh_from_db()
    assert held.touches == 1  # a note is no touch


def test_c7_adding_to_ones_own_is_an_answer(bob: Client, held: Ticket) -> None:
    bob.post(NEW, {"who": "tb_liu_8854", "what": "已回复", "add_to": held.pk}, **HTMX)
    assert Activity.objects.get(code="ticket.contacted", ticket=held).data["outcome"] == "answered"


def test_c7_a_second_one_only_on_purpose(bob: Client, held: Ticket) -> None:
    answer = bob.post(NEW, {"who": "tb_liu_8854", "what": "另一件事", "anyway": "on"}, **HTMX)
    assert answer.status_code == 200 and Ticket.objects.count() == 2


def test_a_matter_with_reason_and_promise_in_one_go(bob: Client, cast: Cast, liu: Customer, bought: Order, leak: Reason) -> None:
    answer = bob.post(NEW, {"who": bought.number, "what": "保温杯漏水", "reason": "leak", "due_at": "+2h", "promise": "回电"}, **HTMX)
    assert answer.status_code == 200 and "Logged as #" in body(answer)
    ticket = Ticket.objects.get()
    assert (ticket.customer, ticket.reason, ticket.holder, ticket.subject) == (liu, leak, cast.bob, "保温杯漏水")
    assert list(ticket.orders.all()) == [bought] and ticket.shop == cast.shop
    assert Promise.objects.get(ticket=ticket).text == "回电"


def test_a_new_order_is_logged_along(bob: Client, cast: Cast) -> None:
    said = {"who": "2026112100099887", "what": "要改地址"}
    asked = bob.post(NEW, said, **HTMX)
    assert asked.status_code == 422 and "Name its shop" in body(asked)
    bob.post(NEW, said | {"shop": "lotus", "buyer": "新客户01", "item": "茶壶", "amount": "128.50"}, **HTMX)
    order, ticket = Order.objects.get(), Ticket.objects.get()
    assert (order.number, order.buyer, str(order.total)) == ("2026112100099887", "新客户01", "128.50")
    assert ticket.customer == order.customer and list(ticket.orders.all()) == [order]


def test_an_unknown_nick_becomes_a_customer_once(bob: Client, cast: Cast) -> None:
    for what in ("第一次", "第二次"):
        bob.post(NEW, {"who": "陌生人_阿强", "platform": "taobao", "what": what, "anyway": "on"}, **HTMX)
    assert Customer.objects.count() == 1 and Ticket.objects.count() == 2


def test_nothing_half_is_written(bob: Client, cast: Cast) -> None:
    """The customer is new, but the promise lies in the past: neither is written."""
    bob.post(NEW, {"who": "新人", "what": "x", "due_at": "2020-01-01 10:00", "promise": "y"}, **HTMX)
    assert not Customer.objects.exists() and not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ({"what": ""}, "This field is required."),
        ({"reason": "xyz"}, "No reason is called"),
        ({"due_at": "+2h"}, "Say what was promised."),
        ({"promise": "回电"}, "Say by when."),
        ({"due_at": "whenever", "promise": "回电"}, "Write a time such as"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(bob: Client, liu: Customer, leak: Reason, missing: dict, sentence: str) -> None:
    answer = bob.post(NEW, {"who": "tb_liu_8854", "what": "漏水", "tags": "急"} | missing, **HTMX)
    assert answer.status_code == 422 and sentence in body(answer) and "tb_liu_8854" in body(answer)


def test_several_customers_are_a_choice(bob: Client, cast: Cast) -> None:
    first, second = make_customer(cast.team, "甲", "same_nick"), make_customer(cast.team, "乙", "")
    add_handle(second, kind="jd", value="same_nick", by=cast.bob)
    page = body(bob.get(LOOK, {"who": "same_nick"}, **HTMX))
    assert "甲" in page and "乙" in page
    assert bob.post(NEW, {"who": "same_nick", "what": "x"}, **HTMX).status_code == 422
    bob.post(NEW, {"who": "same_nick", "customer": second.pk, "what": "x"}, **HTMX)
    assert Ticket.objects.get().customer == second != first


def test_another_teams_customer_is_nobody(browser, cast: Cast, liu: Customer, held: Ticket) -> None:
    mallory = browser(cast.mallory)
    page = body(mallory.get(LOOK, {"who": "tb_liu_8854"}, **HTMX))
    assert "刘女士" not in page and "保温杯" not in page
    page = body(mallory.get(LOOK, {"who": "x", "customer": liu.pk}, **HTMX))
    assert "刘女士" not in page


def test_without_javascript_it_leads_to_the_ticket(bob: Client, liu: Customer) -> None:
    answer = bob.post(NEW, {"who": "tb_liu_8854", "what": "漏水"})
    assert answer.status_code == 303 and answer["Location"] == reverse("ticket:show", args=[Ticket.objects.get().pk])


def test_looking_costs_the_same_however_much_there_is(bob: Client, cast: Cast, liu: Customer, django_assert_max_num_queries) -> None:
    def fill(start: int) -> None:
        for number in range(start, start + 3):
            order = log_order(by=cast.bob, shop=cast.shop, number=f"20261121{number:08}", customer=liu)
            open_ticket(by=cast.bob, customer=liu, subject="x", orders=[order])

    fill(0)
    with django_assert_max_num_queries(14) as few:
        bob.get(LOOK, {"who": "tb_liu_8854"}, **HTMX)
    fill(3)
    with django_assert_max_num_queries(len(few)):
        bob.get(LOOK, {"who": "tb_liu_8854"}, **HTMX)
