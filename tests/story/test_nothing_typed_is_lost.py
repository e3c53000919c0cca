"""The big forms, and what happens to a tired person's machine while one is open: what was typed is still there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page

from tests.conftest import PATIENCE, Visits, until
from tests.hand.scene import make_everything
from tickets.activity.models import Activity
from tickets.people.models import Member, Presence
from tickets.ticket.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TYPED = "保温杯漏水 🍵 第二个，王姐说先补发"


@dataclass(frozen=True)
class Form:
    """A page of `who`, where to type on it, and the form's own button."""

    who: str
    path: str
    field: str
    send: str
    also: tuple[str, str] = ("", "")


FORMS = {
    "log": Form("bob", "/tickets/new/", "#entry [name=what], #entry textarea", "#entry button.primary", ("#entry-who", "tb_new_77")),
    "answer": Form("bob", "/tickets/{ticket}/", "#say", "#composer button.primary"),
    "transfer": Form("bob", "/tickets/{ticket}/pass-on/", "#deed-form [name=reason]", "#deed-form button.primary"),
    "handover note": Form("bob", "/handover/", "[data-autosave] [name=news]", ""),
    "return filing": Form("dora", "/returns/new/?order={order}", "[data-draft^=return-] textarea", "[data-draft^=return-] button.primary"),
    "count": Form("wen", "/returns/{to_count}/count/", "#counting textarea[name=note]", "#counting .sign-bar button"),
    "notice": Form("alice", "/notices/", "[data-draft=notice-new] [name=text]", "[data-draft=notice-new] button.primary"),
}


def crash(page: Page, member: Member, form: Form) -> None:
    """The power goes: nothing is said goodbye to. What the last half second brought may go, as the words on the page say."""
    kept = f"Object.values(localStorage).some((kept) => kept.includes('{TYPED}'))"
    until(page, kept if form.send else "!document.querySelector('form[data-unsaved]')")


def sign_out(page: Page, member: Member, form: Form) -> None:
    """In another window, or by the clock: then the form is sent."""
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    send(page, form)


def duty_over(page: Page, member: Member, form: Form) -> None:
    """The duty lapses while one types: the form is sent to a shut door, and one is let in again."""
    before = Presence.objects.filter(member=member).values("on_since", "on_until", "admitted_until").get()
    Presence.objects.filter(member=member).update(on_since=None, on_until=None, admitted_until=None)
    send(page, form)
    Presence.objects.filter(member=member).update(**before)


def cut_off(page: Page, member: Member, form: Form) -> None:
    page.context.set_offline(True)
    press(page, form)
    page.wait_for_timeout(500)
    page.context.set_offline(False)


def send(page: Page, form: Form) -> None:
    """Press the form's button, and see what the page makes of the answer."""
    if form.send:
        with page.expect_response(lambda response: response.request.method == "POST" and "/drafts/" not in response.url):
            press(page, form)
    page.wait_for_timeout(1000)


def press(page: Page, form: Form) -> None:
    if form.send:
        page.locator(form.send).first.evaluate("(button) => ((button.form.noValidate = true), button.click())")


MISHAPS: dict[str, Callable[[Page, Member, Form], None]] = {
    "a crash": crash, "a sign-out": sign_out, "a duty that ends": duty_over, "a cut cable": cut_off,
}  # fmt: skip


@pytest.mark.parametrize("mishap", MISHAPS)
@pytest.mark.parametrize("name", FORMS)
def test_nothing_typed_is_lost(visit: Visits, name: str, mishap: str) -> None:
    scene, form = make_everything(), FORMS[name]
    member = getattr(scene.cast, form.who)
    path = form.path.format_map(scene.ids)
    page = visit(member, path)
    if form.also[0]:
        page.locator(form.also[0]).fill(form.also[1])
    page.locator(form.field).first.fill(TYPED)
    MISHAPS[mishap](page, member, form)
    came_back(page.context, visit, member, path, form)


def came_back(context: BrowserContext, visit: Visits, member: Member, path: str, form: Form) -> None:
    """On the page opened anew by the same person in the same browser: in its field, offered beside it, or sent by the outbox."""
    context.add_cookies([visit.cookie(member)])
    page, end = context.new_page(), time.monotonic() + PATIENCE / 1000
    while not is_there(page, visit, path, form):  # the window that was left may be sending just now
        assert time.monotonic() < end, "it is lost"


def is_there(page: Page, visit: Visits, path: str, form: Form) -> bool:
    page.goto(path)
    visit.ready(page)
    page.wait_for_timeout(300)
    field = page.locator(form.field).first
    offered = page.locator(f"form:has({form.field}) .draft-note button, .draft-note button").first
    if field.input_value() != TYPED and offered.count():
        offered.click()
    return field.input_value() == TYPED or was_sent()


def was_sent() -> bool:
    return Activity.objects.filter(data__text=TYPED).exists() or Ticket.objects.filter(subject=TYPED).exists()
