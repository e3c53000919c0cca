"""The lists by keyboard: walk, tick, tick all, one deed for all of them."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.cast import Cast, make_cast, make_customer
from tests.conftest import Visits
from tickets.ticket import actions
from tickets.ticket.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def three(cast: Cast) -> list[Ticket]:
    customer = make_customer(cast.team)
    return [actions.open_ticket(by=cast.bob, customer=customer, subject=f"matter {number}", unless_open=False) for number in range(3)]


def test_rows_are_ticked_and_put_back_into_the_pool_by_keys(visit: Visits, cast: Cast, three: list[Ticket]) -> None:
    page = visit(cast.bob, f"{reverse('ticket:list')}?view=mine&sort=oldest")
    ticked, keys = page.locator("[data-ticked]"), page.keyboard
    expect(page.locator("#bulk")).to_be_hidden()
    for key in "jx":
        keys.press(key)
    expect(ticked).to_have_text("1")
    assert page.locator("[data-tick-all]").evaluate("box => box.indeterminate")
    keys.press("*")
    expect(ticked).to_have_text("3")
    keys.press("j")
    keys.press("x")
    expect(ticked).to_have_text("2")
    keys.press("l")
    page.wait_for_url("**/tickets/bulk/**")
    expect(page.locator("#main h1")).to_contain_text("2 tickets")
    expect(page.locator("#bulk-form button.primary")).to_be_focused()
    keys.press("Enter")
    page.wait_for_url("**/tickets/?view=mine**")
    expect(page.locator("[data-row]")).to_have_count(1)
    assert list(Ticket.objects.in_pool().order_by("pk")) == [three[0], three[2]]


def test_what_a_deed_asks_for_is_typed_at_once(visit: Visits, cast: Cast, three: list[Ticket]) -> None:
    page = visit(cast.bob, f"{reverse('ticket:list')}?view=mine")
    for key in ("*", "p"):
        page.keyboard.press(key)
    page.wait_for_url("**/tickets/bulk/**")
    expect(page.locator("[name=to]")).to_be_focused()


def test_no_tick_moves_a_row(visit: Visits, cast: Cast, three: list[Ticket]) -> None:
    page = visit(cast.bob, f"{reverse('ticket:list')}?view=mine")
    last = page.locator("[data-row]").last
    before = last.bounding_box()
    page.locator("[data-row] input[type=checkbox]").first.check()
    expect(page.locator("#bulk")).to_be_visible()
    assert last.bounding_box() == before


def test_a_thumb_ticks_all_and_none(visit: Visits, cast: Cast, three: list[Ticket]) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = visit(cast.bob, f"{reverse('ticket:list')}?view=mine", **phone)
    every, ticked = page.locator(".tick-all"), page.locator("[data-ticked]")
    expect(every).to_be_in_viewport()
    room = every.bounding_box()
    assert room and room["height"] >= 44 and room["width"] >= 300
    every.tap()
    expect(ticked).to_have_text("3")
    expect(page.locator("#bulk")).to_be_in_viewport()
    every.tap()
    expect(page.locator("[data-row] input:checked")).to_have_count(0)
    expect(page.locator("#bulk")).to_be_hidden()
