"""The big forms, and what happens to a tired person's machine while one is open: what was typed is still there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page

from tests.conftest import Visits
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
    """The power goes: nothing is said goodbye to."""
    page.wait_for_timeout(400)  # what the last half second brought may go, as the words on the page say


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
    send(page, form)
    page.context.set_offline(False)


def send(page: Page, form: Form) -> None:
    if form.send:
        page.locator(form.send).first.evaluate("(button) => ((button.form.noValidate = true), button.click())")
    page.wait_for_timeout(1500)


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
    assert came_back(page.context, visit, member, path, form)


def came_back(context: BrowserContext, visit: Visits, member: Member, path: str, form: Form) -> bool:
    """On the page opened anew by the same person in the same browser: in its field, offered beside it, or waiting to be sent."""
    context.add_cookies([visit.cookie(member)])
    page = context.new_page()
    page.goto(path)
    visit.ready(page)
    page.wait_for_timeout(300)
    if Activity.objects.filter(data__text=TYPED).exists() or Ticket.objects.filter(subject=TYPED).exists():
        return True  # the outbox has sent it
    offered = page.locator(f"form:has({form.field}) .draft-note button, .draft-note button").first
    if page.locator(form.field).first.input_value() != TYPED and offered.count():
        offered.click()
    return page.locator(form.field).first.input_value() == TYPED
