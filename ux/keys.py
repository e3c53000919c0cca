"""How many keys the deeds of every day take, beyond the text itself (pasting and typing a text counts nothing)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from playwright.sync_api import Page

from ux.browse import DESKTOP, Hand
from ux.pages import DESK, TICKET, Visit

MOST = {
    "an order, an issue and a promise": 12,
    "an issue of a customer who has one open": 6,
    "an answer on a ticket": 3,
    "look up and open": 3,
}

BUYER = "新客户01"


@dataclass
class Fingers:
    page: Page
    count: int = 0

    def press(self, *keys: str) -> Fingers:
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1
        return self

    def type(self, text: str) -> Fingers:
        self.page.keyboard.insert_text(text)
        return self


def counted(hand: Hand) -> dict[str, int]:
    """Do each deed on the demo team, and see that it was done."""
    context = hand.context(DESK.who, DESKTOP)
    page = hand.page(context)
    found = {}
    for name, (visit, deed) in DEEDS.items():
        hand.go(page, visit)
        fingers = Fingers(page)
        deed(fingers)
        found[name] = fingers.count
    context.close()
    return found


def order_issue_promise(fingers: Fingers) -> None:
    page = fingers.page
    fingers.press("c").type(f"2026{secrets.randbelow(10**12):012}")
    page.locator("#f-shop").wait_for()
    fingers.press("Tab").type("莲花厨具").press("Tab").type(BUYER).press("Tab").type("茶壶").press("Tab").type("128.5")
    fingers.press("Tab").type("茶壶漏水").press("Tab").type("漏水").press("Tab").type("+2h").press("Tab").type("回电").press("Enter")
    said(page)


def known_customer(fingers: Fingers) -> None:
    """The buyer of the first deed again: what is open already is added to, and Enter is that key (C7)."""
    page = fingers.page
    fingers.press("c").type(BUYER)
    page.locator("#found .open-ticket").first.wait_for()
    fingers.press("Tab", "Tab", "Tab").type("又来催了").press("Enter")
    said(page)


def answer(fingers: Fingers) -> None:
    fingers.press("a").type("已答复顾客").press("Control+Enter")
    fingers.page.locator("#case").get_by_text("已答复顾客").first.wait_for()


def look_up(fingers: Fingers) -> None:
    fingers.press("/").type("保温杯")
    fingers.page.locator("#lookup_results [data-row]").first.wait_for()
    before = fingers.page.url
    fingers.press("ArrowDown", "Enter")
    fingers.page.wait_for_url(lambda url: url != before)


def said(page: Page) -> None:
    page.locator("#toasts > *").first.wait_for()


DEEDS = {
    "an order, an issue and a promise": (DESK, order_issue_promise),
    "an issue of a customer who has one open": (DESK, known_customer),
    "an answer on a ticket": (Visit("held", TICKET.who, "/tickets/{held}/"), answer),
    "look up and open": (DESK, look_up),
}
