"""Each main page on each device, with everything opened that opens, and its errors shown."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page

from ux import checks
from ux.browse import DESKTOP, DEVICES, Hand
from ux.pages import PAGES, WRONG, Visit

Fault = tuple[str, str]


def as_they_open(hand: Hand, only: str = "", devices: tuple[str, ...] = tuple(DEVICES)) -> Iterator[Fault]:
    for name in devices:
        for who in dict.fromkeys(visit.who for visit in PAGES):
            context = hand.context(who, DEVICES[name])
            page = hand.page(context)
            for visit in (one for one in PAGES if one.who == who and only in one.name):
                if not hand.go(page, visit):
                    yield f"{visit.name} ({name})", "is not there"
                    continue
                for fault in checks.all_of(page, phone="phone" in name):
                    yield f"{visit.name} ({name})", fault
            context.close()


def opened(hand: Hand, only: str = "", device: str = "desktop") -> Iterator[Fault]:
    """Menus, folds and dialogs, one after the other."""
    for visit in (one for one in PAGES if only in one.name):
        context = hand.context(visit.who, DEVICES[device])
        page = hand.page(context)
        if hand.go(page, visit):
            for what in open_each(page):
                for fault in checks.axe(page):
                    yield f"{visit.name} with {what} ({device})", fault
        context.close()


def open_each(page: Page) -> Iterator[str]:
    if page.locator("#main details, #side details").count():
        page.evaluate("document.querySelectorAll('#main details, #side details').forEach((one) => (one.open = true))")
        yield "all folds open"
    menu = page.locator("#me-menu summary")
    if menu.count():
        menu.click()
        yield "the menu"
        page.keyboard.press("Escape")
    for id in page.evaluate("[...document.querySelectorAll('dialog[id]')].map((one) => one.id)"):
        page.evaluate("(id) => document.getElementById(id).showModal()", id)
        yield f"the dialog {id}"
        page.evaluate("(id) => document.getElementById(id).close()", id)


LARGEST = """() => {
    const forms = [...document.querySelectorAll("#main form[method=post]")].filter((one) => one.getClientRects().length);
    const largest = forms.sort((a, b) => b.elements.length - a.elements.length)[0];
    if (!largest) return false;
    largest.noValidate = true;
    largest.querySelectorAll("[required]").forEach((one) => (one.required = false));
    const sends = largest.querySelector("button:not([type=button])");
    if (!sends) return false;
    sends.focus();
    sends.click();
    return largest.hasAttribute("hx-post") ? "swapped" : "loaded";
}"""


def wrong(hand: Hand) -> Iterator[Fault]:
    """The largest form of a page, sent as it stands: what comes back must be as clean as the page."""
    for visit in WRONG:
        context = hand.context(visit.who, DESKTOP)
        page = hand.page(context)
        if hand.go(page, visit) and (how := page.evaluate(LARGEST)):
            page.wait_for_timeout(900)
            for fault in checks.axe(page):
                yield f"{visit.name} with errors", fault
            if how == "swapped" and page.evaluate("document.activeElement === document.body"):
                yield f"{visit.name} with errors", "the focus is lost"
        context.close()


def visits(names: tuple[str, ...]) -> list[Visit]:
    return [next(one for one in PAGES if one.name == name) for name in names]
