"""The side panel in Chromium, as wide as a chat tool shows it: no sideways scroll, nothing that axe minds, two keys to log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from tests.tickets.lookup.conftest import Chat
from tests.tickets.lookup.test_panel import LIU
from tickets.activity.models import Activity
from tickets.people.models import Member
from tickets.ticket.actions import open_ticket
from tickets.ticket.models import Promise
from ux import checks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]


@pytest.fixture
def opened(chromium: Browser, live_server: Any) -> Iterator[Open]:
    """A member's browser of a given width; what its scripts or the CSP complain of fails the test."""
    complaints: list[str] = []
    contexts = []

    def told(member: Member, **device: Any) -> Page:
        client = Client()
        client.force_login(member.user)
        name = settings.SESSION_COOKIE_NAME
        context = chromium.new_context(base_url=live_server.url, **({"viewport": {"width": 320, "height": 640}} | device))
        contexts.append(context)
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        return page

    yield told
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize(
    ("device", "address"),
    [
        ({}, LIU),
        ({"locale": "zh-CN"}, LIU),
        ({"color_scheme": "dark", "viewport": {"width": 420, "height": 640}}, LIU),
        ({"is_mobile": True, "has_touch": True}, LIU),
        ({"locale": "zh-TW"}, "/panel/?platform=jd&handle=a_rather_long_name_of_nobody_that_has_no_blank_in_it_anywhere"),
        ({}, "/panel/"),
    ],
)
def test_it_fits_and_axe_finds_nothing(opened: Open, chat: Chat, device: dict[str, Any], address: str) -> None:
    page = opened(chat.cast.bob, **device)
    page.goto(address)
    assert checks.sideways(page) + checks.axe(page) == []


def test_log_and_promise_in_two_keys(opened: Open, chat: Chat) -> None:
    page = opened(chat.cast.bob)
    page.goto(LIU)
    page.wait_for_function("document.activeElement === document.body || document.activeElement.id")
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    expect(page.locator("#panel-what")).to_be_focused()
    page.keyboard.type("leaks again")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Added to #{chat.ticket.pk}.")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    expect(page.locator("#panel-promise")).to_be_focused()
    page.keyboard.type("call back")
    page.keyboard.press("Tab")
    page.keyboard.type("+2h")
    page.keyboard.press("Enter")
    expect(page.locator("#panel").get_by_role("link", name="call back")).to_be_visible()
    assert Activity.objects.filter(ticket=chat.ticket, code="ticket.noted").count() == 1
    assert Promise.objects.filter(text="call back", ticket=chat.ticket).count() == 1


def test_what_a_colleague_does_is_shown_and_what_is_typed_stays(opened: Open, chat: Chat) -> None:
    page = opened(chat.cast.bob)
    page.goto(LIU)
    typed = page.locator("#panel-what")
    typed.fill("she sends a photo")
    open_ticket(by=chat.cast.carol, customer=chat.liu, subject="发票抬头错了")
    expect(page.locator("#panel").get_by_role("link", name="发票抬头错了")).to_be_visible()
    expect(typed).to_have_value("she sends a photo")
    typed.press("Enter")
    expect(page.get_by_text(f"Added to #{chat.ticket.pk}.")).to_be_visible()
    assert Activity.objects.filter(ticket=chat.ticket, code="ticket.noted", data__text="she sends a photo").count() == 1
