"""The picker and the copying in a real Chromium, by keyboard; and both pages as axe sees them."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urljoin

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.cast import Cast, make_cast, make_customer
from tests.conftest import Visits
from tests.tickets.script.conftest import campaign, script
from tickets.activity.models import Activity
from tickets.ticket.actions import open_ticket
from tickets.ticket.models import Ticket
from ux import checks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    cast = make_cast()
    script(cast.bob, "refund", title="Refunds", body="{customer}, your refund comes within three days. {agent}")
    script(cast.bob, "催发货", title="Ship it", body="订单 {order} 今天发出。")
    script(cast.bob, "reship", title="Sent again", body="We send it again.")
    return cast


@pytest.fixture
def held(cast: Cast) -> Ticket:
    return open_ticket(by=cast.bob, customer=make_customer(cast.team), subject="保温杯漏水")


def test_slash_and_shortcut_put_the_filled_reply_into_the_answer(visit: Visits, cast: Cast, held: Ticket) -> None:
    page = visit(cast.bob, f"/tickets/{held.pk}/")
    page.keyboard.press("a")
    page.keyboard.type("Hello! /refund")
    option = page.locator("#script-picks [aria-selected=true]")
    expect(option).to_contain_text("/refund")
    expect(page.locator("#say")).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "")
    page.keyboard.press("Enter")
    expect(page.locator("#say")).to_have_value("Hello! 刘女士, your refund comes within three days. Bob")
    expect(page.locator("#script-picks")).to_have_count(0)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#case")).to_contain_text("your refund comes within three days")
    assert Activity.objects.get(code="ticket.contacted").data["text"] == "Hello! 刘女士, your refund comes within three days. Bob"


def test_arrows_choose_escape_leaves_and_what_is_unknown_is_selected(visit: Visits, cast: Cast, held: Ticket) -> None:
    page = visit(cast.bob, f"/tickets/{held.pk}/")
    field, options = page.locator("#say"), page.locator("#script-picks [role=option]:visible")
    field.focus()
    page.keyboard.type("/re")
    expect(options).to_have_text(["/refund Refunds", "/reship Sent again"])
    page.keyboard.press("Escape")
    expect(page.locator("#script-picks")).to_have_count(0)
    expect(field).to_be_focused()
    page.keyboard.type("s")
    expect(options).to_have_text(["/reship Sent again"])
    page.keyboard.press("Backspace")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(field).to_have_value("We send it again.")
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("、催")
    expect(options).to_have_text(["/催发货 Ship it"])
    page.keyboard.press("Enter")
    expect(field).to_have_value("订单 {order} 今天发出。")
    page.keyboard.insert_text("4021")
    expect(field).to_have_value("订单 4021 今天发出。")


def test_a_slash_within_a_word_or_with_no_such_reply_is_only_a_slash(visit: Visits, cast: Cast, held: Ticket) -> None:
    page = visit(cast.bob, f"/tickets/{held.pk}/")
    page.locator("#say").focus()
    page.keyboard.type("24/7")
    expect(page.locator("#script-picks")).to_have_count(0)
    with page.expect_response("**/scripts/for/**"):
        page.keyboard.type(" /nothing")
    expect(page.locator("#script-picks")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#say")).to_have_value("24/7 /nothing\n")


def test_one_key_copies_the_reply_of_the_row(visit: Visits, cast: Cast) -> None:
    page = visit(cast.wen, "/scripts/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for key in ("j", "j", "y"):
        page.keyboard.press(key)
    expect(page.locator("#toasts")).to_contain_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == "We send it again."


def test_the_list_narrows_while_one_types(visit: Visits, cast: Cast) -> None:
    page = visit(cast.bob, "/scripts/")
    page.get_by_label("search").fill("again")
    expect(page.locator("#rows [data-row]")).to_have_count(1)
    page.wait_for_url("**/scripts/?q=again*")
    page.get_by_label("search").fill("")
    expect(page.locator("#rows [data-row]")).to_have_count(3)


def test_axe_finds_nothing(visit: Visits, cast: Cast, held: Ticket) -> None:
    """Lists, forms and the open picker; light and dark, wide and on a phone, where nothing scrolls sideways."""
    now = timezone.now()
    sale = campaign(cast.alice, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(days=2))
    page = visit(cast.alice, "/scripts/")
    found = []

    def look() -> None:
        for scheme, width in (("light", 1280), ("dark", 360)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 800})
            found.extend(f"{page.url} {scheme}, {width} px: {fault}" for fault in checks.axe(page) + checks.sideways(page))

    for path in ("/scripts/", "/scripts/?q=nothing", "/scripts/new/", "/campaigns/", f"/campaigns/{sale.pk}/"):
        page.goto(urljoin(page.url, path))
        look()
    page.goto(urljoin(page.url, f"/tickets/{held.pk}/"))
    page.locator("#say").focus()
    page.keyboard.type("/re")
    page.locator("#script-picks").wait_for()
    look()
    assert found == []
