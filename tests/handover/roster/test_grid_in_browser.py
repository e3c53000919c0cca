"""The week's grid and the board in a real Chromium: a week planned with the keyboard only, a board that changes by itself."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect, sync_playwright

from handover.duty import actions as duty
from handover.roster import actions
from handover.roster.models import RosterEntry
from tests.handover.roster.test_pages import coming

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in the thread that also asks the database

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


@pytest.fixture
def play(live_server, plan) -> Callable[[Callable[[Page], None]], None]:
    """Runs a story in Alice's browser, in a thread of its own: another browser test may hold this one's event loop."""
    actions.materialise(plan.cast.team)
    client = Client()
    client.force_login(plan.cast.alice.user)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value, "url": live_server.url}

    def told(story: Callable[[Page], None]) -> None:
        complaints: list[str] = []
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
                context = browser.new_context(base_url=live_server.url)
                context.add_cookies([cookie])
                page = context.new_page()
                page.on("pageerror", lambda error: complaints.append(str(error)))
                story(page)
                browser.close()
        finally:
            connection.close()
        assert complaints == []

    def run(story: Callable[[Page], None]) -> None:
        with ThreadPoolExecutor(1) as apart:
            apart.submit(told, story).result()

    return run


def cell(page, member, day):
    return page.locator(f"#c-{member.pk}-{day.isoformat()} input")


def test_a_week_is_planned_with_the_keyboard_only(play, plan):
    play(lambda page: type_a_week(page, plan))
    found = RosterEntry.objects.values_list("member__display_name", "shift__name").order_by("member__display_name", "during")
    assert list(found) == [("Bob", "Day"), ("Bob", "Night"), ("Carol", "Night")]


def type_a_week(page, plan):
    shift, cast = coming(plan), plan.cast
    day = shift.business_date
    page.goto(f"/roster/?week={day}")
    first = cell(page, cast.bob, day)
    first.focus()
    page.keyboard.type("d")
    page.keyboard.press("Enter")  # down: Carol
    expect(cell(page, cast.carol, day)).to_be_focused()
    page.keyboard.type("n")
    page.keyboard.press("ArrowUp")  # Bob again, saved meanwhile
    expect(cell(page, cast.bob, day)).to_be_focused()
    expect(cell(page, cast.bob, day)).to_have_value("D")
    page.keyboard.type("d n")
    page.keyboard.press("Enter")
    page.keyboard.type("x")
    page.keyboard.press("Enter")
    expect(page.locator(f"#c-{cast.carol.pk}-{day} .error")).to_contain_text("No shift is called “x” here.")
    expect(cell(page, cast.carol, day)).to_have_value("N")


def test_the_board_shows_a_change_within_five_seconds(play, plan):
    play(lambda page: watch(page, plan))


def watch(page, plan):
    page.goto("/board/")
    expect(page.locator("#on-duty")).to_contain_text("Nobody is on duty.")
    page.wait_for_timeout(300)
    begun = timezone.now()
    duty.let_in(plan.cast.bob, by=plan.cast.alice, reason="page down")
    expect(page.locator("#on-duty")).to_contain_text("Bob", timeout=5000)
    assert timezone.now() - begun < timedelta(seconds=5)
