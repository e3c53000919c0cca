"""Every deed on a ticket without a mouse, one after the other; and after each the focus is where one goes on, never nowhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests.cast import Cast, make_cast, make_customer
from tests.conftest import Held, Visits, until
from tickets.activity.models import Activity
from tickets.people.actions import set_presence
from tickets.ticket import actions
from tickets.ticket.deeds import DEEDS
from tickets.ticket.models import Resolution, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SOMEWHERE = "document.activeElement && document.activeElement !== document.body"


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    cast = make_cast()
    Resolution.objects.create(team=cast.team, name="Refunded")
    for member in (cast.bob, cast.carol):
        set_presence(member, on_until=timezone.now() + timedelta(hours=3))
    return cast


class Hands:
    """Bob's, on the keys of one ticket's page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.case = page.locator("#case")

    def deed(self, key: str, *words: str | Callable[[], None], shows: Locator, text: str) -> None:
        """The deed's key, what its form is told, Enter; then its result shows, its form is gone, and the focus is somewhere."""
        self.key(key)
        if words:
            self.page.locator("#deed-form").wait_for()
        for number, word in enumerate(words):
            if number:
                self.page.keyboard.press("Tab")
            self.page.keyboard.insert_text(word) if isinstance(word, str) else word()
        if words:
            self.page.keyboard.press("Control+Enter")
        self.ended(shows, text)

    def ended(self, shows: Locator, text: str) -> None:
        expect(shows).to_contain_text(text)
        expect(self.page.locator("#deed-form")).to_have_count(0)
        until(self.page, SOMEWHERE)

    def key(self, key: str) -> None:
        """A single key works wherever the focus is, except in a field: Escape leaves it."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.press(key)

    def tab_to(self, selector: str) -> None:
        for _press in range(60):
            if self.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never comes to {selector}")


def test_every_deed_of_a_ticket_without_a_mouse(visit: Visits, cast: Cast, tmp_path: Path) -> None:
    into = actions.open_ticket(by=cast.bob, customer=make_customer(cast.team, "王先生", "tb_wang"), subject="第一个保温杯")
    ticket = actions.open_ticket(by=cast.carol, customer=make_customer(cast.team), subject="保温杯漏水", to_pool=True)
    page = visit(cast.bob, reverse("ticket:show", args=[ticket.pk]))
    hands, toasts = Hands(page), page.locator("#toasts")
    who = page.locator("#who .person")  # not who had it before

    hands.deed("t", shows=who, text="Bob")
    hands.deed("v", shows=page.locator(".watchers"), text="Bob")
    hands.deed("v", shows=page.locator(".watchers"), text="nobody watches")
    hands.key("e")
    page.locator("#deed-form").wait_for()
    hands.tab_to("[name=tags]")
    page.keyboard.insert_text("gift")
    page.keyboard.press("Enter")
    hands.ended(hands.case, "#gift")
    hands.deed("m", "+2h", "回电", shows=page.locator("#next"), text="回电")
    hands.deed("y", shows=page.locator("#next"), text="kept")
    hands.deed("z", shows=page.locator("#next"), text="withdraw")
    hands.deed("h", lambda: None, shows=hands.case, text="Bad review")
    hands.deed("w", lambda: None, shows=hands.case, text="waiting: Customer")
    hands.deed("o", shows=toasts, text="It goes on.")
    mention(hands)
    attach(hands, tmp_path / "leak.pdf")
    hands.deed("r", lambda: None, shows=hands.case, text="resolved: Refunded")
    hands.deed("o", "又来问了", shows=toasts, text="It is open again.")
    hands.deed("l", "让给别人", shows=who, text="pool")
    hands.deed("t", shows=who, text="Bob")
    hands.deed("p", "carol", "下班了", "打给顺丰", shows=who, text="Carol")
    hands.deed("z", shows=who, text="Bob")
    merge(hands, into)
    assert {"take", "pass-on", "promise", "wait", "resume", "resolve", "reopen", "edit", "release", "complain", "merge"} == {
        name for name, deed in DEEDS.items() if deed.key
    }, "a deed with a key that this story does not press"


def mention(hands: Hands) -> None:
    hands.key("a")
    hands.page.keyboard.insert_text("@Carol 请看一下")
    hands.tab_to("button[value=note]")
    hands.page.keyboard.press("Enter")
    hands.ended(hands.case, "请看一下")
    assert Activity.objects.filter(code="ticket.noted").exists()


def attach(hands: Hands, file: Path) -> None:
    """The key, then the file field; the chooser itself is the system's."""
    file.write_bytes(b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF")
    with hands.page.expect_file_chooser() as choosing:  # first: a slow page hears a key before it hears of the catching
        hands.key("f")
        hands.page.locator("#deed-form").wait_for()
        hands.tab_to("input[type=file]")
        hands.page.keyboard.press("Space")
    choosing.value.set_files(file)
    hands.page.keyboard.press("Control+Enter")
    hands.ended(hands.page.locator("#files"), "leak.pdf")


def merge(hands: Hands, into: Ticket) -> None:
    """What nothing takes back asks first: “no” has the focus, “yes” is one Tab away."""
    hands.key("b")
    hands.page.locator("#deed-form").wait_for()
    hands.page.keyboard.insert_text(str(into.pk))
    hands.page.keyboard.press("Enter")
    hands.page.locator("#confirm[open]").wait_for()
    assert hands.page.evaluate("document.activeElement.value") == "no"
    hands.tab_to("#confirm [value=yes]")
    hands.page.keyboard.press("Enter")
    hands.page.wait_for_url(f"**{reverse('ticket:show', args=[into.pk])}")
    expect(hands.case).to_contain_text("第一个保温杯")


def test_keys_pressed_before_the_answer_are_done_in_their_order(visit: Visits, cast: Cast) -> None:
    """`t`, then `p` and a name at once: the form of the second deed waits for the first one's answer, and is not closed by it."""
    ticket = actions.open_ticket(by=cast.carol, customer=make_customer(cast.team), subject="保温杯漏水", to_pool=True)
    page = visit(cast.bob, reverse("ticket:show", args=[ticket.pk]))
    taking = Held(page, f"**{reverse('ticket:take', args=[ticket.pk])}")
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    taking.until(1)
    for key in ("p", "c", "a"):
        page.keyboard.press(key)
    taking.let_go()
    form = page.locator("#deed-form")
    form.wait_for()
    expect(page.locator("#who .person")).to_contain_text("Bob")
    expect(form.locator("[name=to]")).to_have_value("ca")
    page.keyboard.insert_text("rol")
    expect(form.locator("[name=to]")).to_have_value("carol")
