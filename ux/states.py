"""Each main page on each device, with everything opened that opens, and its errors shown."""

from __future__ import annotations

import time
from collections.abc import Iterator

from playwright.sync_api import Error, Page, TimeoutError

from ux import checks
from ux.browse import DESKTOP, DEVICES, Hand, settle
from ux.doors import EVERY, LEAVES
from ux.pages import PAGES, Visit

Fault = tuple[str, str]
FOLDS = "#main details:not(.menu), #side details:not(.menu)"
MENUS = "details.menu"
PATIENCE = 10
"""Seconds for the page that an answer leads to."""


def as_they_open(hand: Hand, only: str = "", devices: tuple[str, ...] = tuple(DEVICES)) -> Iterator[Fault]:
    for name in devices:
        for who in dict.fromkeys(visit.who for visit in EVERY):
            context = hand.context(who, DEVICES[name])
            page = hand.page(context)
            for visit in (one for one in EVERY if one.who == who and only in one.name):
                if not hand.go(page, visit):
                    yield f"{visit.name} ({name})", "is not there"
                    continue
                for fault in checks.all_of(page, phone="phone" in name):
                    yield f"{visit.name} ({name})", fault
            context.close()


def opened(hand: Hand, only: str = "", device: str = "desktop") -> Iterator[Fault]:
    """Menus, folds and dialogs, one after the other."""
    for visit in (one for one in EVERY if only in one.name):
        context = hand.context(visit.who, DEVICES[device])
        page = hand.page(context)
        if hand.go(page, visit):
            for what, part in open_each(page):
                for fault in checks.axe(page, within=part):
                    yield f"{visit.name} with {what} ({device})", fault
        context.close()


def open_each(page: Page) -> Iterator[tuple[str, str]]:
    """What was opened, and the part of the page to be looked at then."""
    yield from open_folds(page)
    for id in page.evaluate("[...document.querySelectorAll('dialog[id]')].map((one) => one.id)"):
        page.evaluate("(id) => document.getElementById(id).showModal()", id)
        yield f"the dialog {id}", "html"
        page.evaluate("(id) => document.getElementById(id).close()", id)


def open_folds(page: Page) -> Iterator[tuple[str, str]]:
    """All folds at once, then the menus one by one, each by itself: it lies over what is below it for as long as it is open."""
    if page.locator(FOLDS).count():
        page.evaluate("(folds) => document.querySelectorAll(folds).forEach((one) => (one.open = true))", FOLDS)
        yield "all folds open", "html"
    for at in range(page.locator(MENUS).count()):
        page.evaluate("([menus, at]) => document.querySelectorAll(menus)[at].setAttribute('open', 'looked-at')", [MENUS, at])
        yield "the menu " + str(at + 1), "details[open='looked-at']"
        page.evaluate("([menus, at]) => document.querySelectorAll(menus)[at].removeAttribute('open')", [MENUS, at])


LARGEST = """() => {
    const written = "input:not([type=hidden]), select, textarea";
    const button = (form) => [...form.querySelectorAll("button:not([type=button])")].find((one) => one.checkVisibility() && !one.disabled);
    const forms = [...document.querySelectorAll("#main form[method=post]:not([data-confirm], [data-autosave])")]
        .filter((one) => one.querySelector(written) && button(one));
    const largest = forms.sort((a, b) => b.elements.length - a.elements.length)[0];
    if (!largest) return "";
    largest.noValidate = true;
    largest.querySelectorAll("[required]").forEach((one) => (one.required = false));
    button(largest).focus();
    return largest.hasAttribute("hx-post") ? "swapped" : "loaded";
}"""
"""Makes the largest form in which something can be written, and whose button can be seen, ready to be sent as it stands; says how its
answer comes, nothing where there is no such form."""
PRESS = "document.activeElement.click()"
WATCH = """() => {
    const ours = (told) => (event) => event.detail.ctx.request.method !== "GET" && told(event.detail.ctx);
    document.answer = "awaited";
    document.addEventListener("htmx:after:request", ours((ctx) => {
        const { raw, status } = ctx.response;
        if (raw.headers.has("HX-Redirect") || (status < 400 && /^\\s*<!doctype/i.test(ctx.text ?? ""))) document.answer = "leads away";
    }));
    document.addEventListener("htmx:finally:request", ours(() => document.answer === "awaited" && (document.answer = "swapped")));
}"""
"""Lets `document.answer` say how a deed's answer came; the page that it leads to knows nothing of it."""


def faults_when_sent(page: Page) -> Iterator[str]:
    """Sends the page's largest form as it stands: what comes back must be as clean as the page, and leave the focus where one goes on."""
    try:
        how = send_as_it_stands(page)
    except TimeoutError:
        yield "the form is never answered"
        return
    if how:
        yield from checks.axe(page)
    if how == "swapped" and page.evaluate("document.activeElement === document.body"):
        yield "the focus is lost"


def send_as_it_stands(page: Page) -> str:
    """The page with its errors shown: "swapped" in place, "loaded" anew, or nothing where no form can be sent."""
    how = str(page.evaluate(LARGEST))
    if how == "loaded":
        with page.expect_navigation():
            page.evaluate(PRESS)
    elif how:
        page.evaluate(WATCH)
        with page.expect_response(lambda got: got.request.method == "POST" and "/drafts/" not in got.url):
            page.evaluate(PRESS)
        how = answered(page)
    if how:
        settle(page)
    return how


def answered(page: Page) -> str:
    """Wait until the answer has been "swapped" in, or until the page that it leads to is "loaded"; within a page, that is there already."""
    end = time.monotonic() + PATIENCE
    while (answer := said(page)) in ("awaited", "leads away") and time.monotonic() < end:
        page.wait_for_timeout(20)
    return "swapped" if answer == "swapped" else "loaded"


def said(page: Page) -> str:
    try:
        return str(page.evaluate("document.answer ?? 'loaded'"))
    except Error as error:
        if "context was destroyed" in str(error):  # the page is just being left
            return "leads away"
        raise


def wrong(hand: Hand) -> Iterator[Fault]:
    for visit in (one for one in EVERY if one.path not in LEAVES):
        context = hand.context(visit.who, DESKTOP)
        page = hand.page(context)
        if hand.go(page, visit):
            for fault in faults_when_sent(page):
                yield f"{visit.name} with errors", fault
        context.close()


def visits(names: tuple[str, ...]) -> list[Visit]:
    return [next(one for one in PAGES if one.name == name) for name in names]
