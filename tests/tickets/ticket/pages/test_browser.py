"""The desk and the ticket in a real Chromium: by keyboard, by two people at once, and with nothing typed ever lost."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urljoin

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.cast import Cast, make_cast, make_customer
from tests.conftest import Visits
from tickets.activity.models import Activity
from tickets.order.actions import Line, log_order
from tickets.people.actions import set_presence
from tickets.ticket import actions
from tickets.ticket.models import Promise, Reason, Resolution, Ticket
from ux import checks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    cast = make_cast()
    quality = Reason.objects.create(team=cast.team, name="Quality")
    Reason.objects.create(team=cast.team, parent=quality, name="Leaks", fault="ours")
    Resolution.objects.create(team=cast.team, name="Refunded")
    set_presence(cast.bob, on_until=timezone.now() + timedelta(hours=3))
    return cast


@pytest.fixture
def held(cast: Cast) -> Ticket:
    return actions.open_ticket(by=cast.bob, customer=make_customer(cast.team), subject="保温杯漏水")


class Keys:
    """Counts presses; text is typed in one go and not counted, as pasting is not."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, key: str) -> Keys:
        self.page.keyboard.press(key)
        self.count += 1
        return self

    def type(self, text: str) -> Keys:
        self.page.keyboard.insert_text(text)
        return self


def test_an_order_an_issue_and_a_promise_in_twelve_keys(visit: Visits, cast: Cast) -> None:
    """The order is new too: number, shop, buyer, what was bought, amount; then what happened, why, what was promised."""
    page = visit(cast.bob, "/")
    keys = Keys(page)
    keys.press("c").type("2026112100099887")
    page.locator("#f-shop").wait_for()
    keys.press("Tab").press("Tab").type("新客户01").press("Tab").type("茶壶").press("Tab").type("128.5")
    keys.press("Tab").type("茶壶漏水").press("Tab").type("leak").press("Tab").type("+2h").press("Tab").type("回电").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Logged as #")
    assert keys.count <= 12
    ticket = Ticket.objects.get()
    assert (ticket.subject, ticket.reason.name, ticket.holder) == ("茶壶漏水", "Leaks", cast.bob)
    assert ticket.orders.get().buyer == "新客户01" and Promise.objects.get().text == "回电"
    expect(page.locator("#entry-who")).to_be_focused()  # ready for the next one
    expect(page.locator("#entry-who")).to_have_value("")
    expect(page.locator("#mine")).to_contain_text("茶壶漏水")  # live, without a reload


def test_c7_one_key_adds_to_what_is_open(visit: Visits, cast: Cast, held: Ticket) -> None:
    log_order(by=cast.dan, shop=cast.shop, number="4021188000123456789", customer=held.customer, lines=[Line("保温杯")])
    page = visit(cast.carol, "/")
    Keys(page).press("c").type("4021188000123456789")
    expect(page.locator("#found")).to_contain_text("Tell the customer: Bob, on until")
    Keys(page).press("Tab").press("Tab").press("Tab").type("又来催了").press("Enter")
    expect(page.locator("#toasts")).to_contain_text(f"Added to #{held.pk}")
    assert Ticket.objects.count() == 1 and Activity.objects.get(code="ticket.noted").data["text"] == "又来催了"


def test_every_deed_by_keyboard(visit: Visits, cast: Cast, held: Ticket) -> None:
    page = visit(cast.bob, reverse("ticket:show", args=[held.pk]))
    keys = Keys(page)

    keys.press("a").type("已安抚客户").press("Control+Enter")
    expect(page.locator("#case")).to_contain_text("已安抚客户")
    expect(page.locator("#say")).to_be_focused()
    keys.press("Escape").press("m")
    expect(page.locator("#deed-form input[name=due_at]")).to_be_focused()
    keys.type("+2h").press("Tab").type("回电").press("Enter")
    expect(page.locator("#next")).to_contain_text("回电")
    expect(page.locator("#deed-form")).to_have_count(0)
    keys.press("w")
    page.locator("#deed-form").wait_for()
    keys.press("Enter")
    expect(page.locator("#case")).to_contain_text("waiting: Customer")
    keys.press("o")
    expect(page.locator("#case")).not_to_contain_text("waiting: Customer")
    keys.press("p")
    page.locator("#deed-form").wait_for()
    keys.type("carol").press("Tab").type("下班了").press("Tab").type("打给顺丰").press("Enter")
    expect(page.locator("#who")).to_contain_text("Carol")
    held.refresh_from_db()
    assert held.holder == cast.carol and held.next_action == "打给顺丰"


def test_resolving_can_be_undone_with_a_key(visit: Visits, cast: Cast, held: Ticket) -> None:
    page = visit(cast.bob, reverse("ticket:show", args=[held.pk]))
    page.keyboard.press("r")
    page.locator("#deed-form").wait_for()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#case")).to_contain_text("resolved: Refunded")
    page.locator("#main").focus()
    page.keyboard.press("z")
    expect(page.locator("#case")).not_to_contain_text("resolved: Refunded")
    held.refresh_from_db()
    assert held.status == "open"


def test_escape_closes_a_form_and_its_draft_comes_back(visit: Visits, cast: Cast, held: Ticket) -> None:
    page = visit(cast.bob, reverse("ticket:show", args=[held.pk]))
    page.keyboard.press("p")
    page.locator("#deed-form textarea[name=reason]").fill("想了一半的理由")
    page.wait_for_timeout(400)
    page.reload()
    page.keyboard.press("p")
    expect(page.locator("#deed-form textarea[name=reason]")).to_have_value("想了一半的理由")


def test_two_people_on_one_ticket(visit: Visits, cast: Cast, held: Ticket) -> None:
    path = reverse("ticket:show", args=[held.pk])
    bob, carol = visit(cast.bob, path), visit(cast.carol, path)
    bob.locator("#say").fill("我正在写")
    carol.locator("#say").fill("@Bob 仓库说已发出")
    carol.get_by_role("button", name="Note for the team").click()
    expect(bob.locator("#case")).to_contain_text("仓库说已发出")  # without a reload
    expect(bob.locator("#say")).to_have_value("我正在写")
    actions.transfer(held, cast.carol, by=cast.alice, reason="r", next_step="s")
    expect(bob.locator("#who")).to_contain_text("Carol")
    expect(bob.locator("#say")).to_have_value("我正在写")


def test_c6_a_stale_edit_keeps_what_was_typed(visit: Visits, cast: Cast, held: Ticket) -> None:
    page = visit(cast.bob, reverse("ticket:show", args=[held.pk]))
    page.keyboard.press("e")
    page.locator("#deed-form input[name=subject]").fill("保温杯漏水，要换货")
    actions.edit(held, by=cast.carol, version=held.version, subject="第二个保温杯")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#deed-form")).to_contain_text("第二个保温杯")
    expect(page.locator("#deed-form input[name=subject]")).to_have_value("保温杯漏水，要换货")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#case h1")).to_contain_text("保温杯漏水，要换货")


def test_axe_finds_nothing(visit: Visits, cast: Cast, held: Ticket) -> None:
    """Desk, ticket, forms, lists and settings; light and dark, wide and on a phone, where nothing scrolls sideways."""
    actions.open_ticket(by=cast.carol, customer=held.customer, subject="pool", to_pool=True)
    actions.note(held, by=cast.carol, text="@Alice 请看")
    show = reverse("ticket:show", args=[held.pk])
    paths = ["/desk/", show, f"{show}edit/", f"{show}complain/", "/tickets/?view=team", "/tickets/?view=promises", "/tickets/filters/"]
    paths += ["/tickets/new/?who=tb_liu_8854", f"/tickets/bulk/?deed=wait&ticket={held.pk}", "/alerts/", "/team/", "/team/reasons/", "/me/"]
    page = visit(cast.alice, "/desk/")
    found = []
    for path in paths:
        page.goto(urljoin(page.url, path))
        for scheme, width in (("light", 1280), ("dark", 360)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 800})
            found += [f"{path} {scheme}, {width} px: {fault}" for fault in checks.axe(page) + checks.sideways(page)]
    assert found == []


def test_the_list_by_keyboard(visit: Visits, cast: Cast, held: Ticket) -> None:
    for number in range(3):
        actions.open_ticket(by=cast.carol, customer=held.customer, subject=f"pool {number}", to_pool=True)
    page = visit(cast.bob, reverse("ticket:list") + "?view=pool")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("#rows input:checked")).to_have_count(2)
    page.keyboard.press("t")  # take them
    page.get_by_role("button", name="Take").click()
    expect(page.locator("#toasts")).to_contain_text("2 tickets: done.")
    assert Ticket.objects.held_by(cast.bob).count() == 3
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tickets/*/")
