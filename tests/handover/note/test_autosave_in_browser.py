"""H4 in a real Chromium, with answers that take their time: what is typed while one is on its way is saved, whatever comes next."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from handover.note.models import Note, NoteItem
from handover.roster.actions import refresh_next
from handover.roster.models import Shift
from tests.cast import Cast, make_cast
from tests.conftest import Held, Visits
from tests.handover.matters import begin, open_ticket
from tests.handover.plans import rostered
from tickets.people.models import Presence

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """Bob works by day with one matter to hand over; Carol comes for the night."""
    found, now = make_cast(), timezone.now()
    Presence.objects.update(on_since=None)
    day = shift(found, "Day", -480, 10)
    night = shift(found, "Night", 10, 420)
    rostered(day, found.bob)
    rostered(night, found.carol)
    refresh_next([found.bob.pk, found.carol.pk], now)
    begin(found.bob, now - timedelta(hours=7))
    open_ticket(found.bob, "Thermos leaks", next_action="call SF", next_at=now + timedelta(hours=2), body="second leak", at=now)
    return found


def shift(cast: Cast, name: str, start: int, end: int) -> Shift:
    now = timezone.now()
    first, last = now + timedelta(minutes=start), now + timedelta(minutes=end)
    return Shift.objects.create(team=cast.team, name=name, business_date=timezone.localdate(first), starts_at=first, ends_at=last)


@pytest.fixture
def page(visit: Visits, cast: Cast) -> Page:
    return visit(cast.bob, "/handover/")


def saved(page: Page) -> None:
    """Until the server has answered for everything typed (and nothing is being sent)."""
    expect(page.locator("form[data-unsaved]")).to_have_count(0)


def test_h4_what_is_typed_while_an_answer_is_on_its_way_is_saved_without_another_key(page: Page) -> None:
    held = Held(page, "**/handover/items/**")
    field = page.locator("[name=if_then]")
    field.press_sequentially("courier denies")
    held.until(1)
    field.press_sequentially(": reship")
    page.wait_for_timeout(800)  # the rest after the last letter passes while the first answer is still on its way
    assert len(held.sent) == 1, "one request at a time"
    held.let_go()
    held.until(1)
    held.let_go()
    expect(page.locator("#note-head")).to_contain_text("1 of 1 ready")
    expect(field).to_be_focused()
    assert (NoteItem.objects.get().if_then, len(held.sent)) == ("courier denies: reship", 2)


def test_h4_signing_waits_for_what_is_being_saved(page: Page) -> None:
    page.locator("[name=if_then]").fill("courier denies: reship")
    expect(page.locator("#note-head")).to_contain_text("1 of 1 ready")
    held = Held(page, "**/handover/parts/")
    wish = page.locator("[name=unmet_wish]")
    wish.press_sequentially("a wok")
    held.until(1)
    wish.press_sequentially(" of 55 cm")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    held.let_go()
    held.until(1)
    assert Note.objects.get().signed_at is None, "not before all is saved"
    held.let_go()
    expect(page.get_by_role("heading", name="Signed. Your duty is over.")).to_be_visible()
    assert Note.objects.get().unmet_wish == "a wok of 55 cm"


def test_h4_a_key_right_after_the_last_letter_signs_what_was_typed(page: Page) -> None:
    """The button opens only with the answer to the last letter: the key waits for it."""
    page.locator("[name=if_then]").press_sequentially("courier denies: reship")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Signed. Your duty is over.")).to_be_visible()
    assert NoteItem.objects.get().if_then == "courier denies: reship"


def test_h4_a_row_drawn_anew_keeps_what_was_typed_meanwhile(page: Page) -> None:
    held = Held(page, "**/handover/items/**")
    row = page.locator(".note-row")
    row.locator("[name=severity]").select_option("stable")
    held.until(1)
    row.locator("[name=if_then]").press_sequentially("typed meanwhile")
    row.locator("[name=next_action]").focus()
    held.let_go()
    expect(row).to_have_class(re.compile("stable"))
    expect(row.locator("[name=if_then]")).to_have_value("typed meanwhile")
    expect(row.locator("[name=next_action]")).to_be_focused()
    held.until(1)
    held.let_go()
    page.unroute_all()
    page.reload()
    page.locator("#note-stable summary").click()
    expect(page.locator("[name=if_then]")).to_have_value("typed meanwhile")


def test_c6_a_row_changed_in_another_window_shows_it_and_keeps_mine(page: Page, visit: Visits, cast: Cast) -> None:
    other = visit(cast.bob, "/handover/")
    other.locator("[name=if_then]").fill("theirs")
    expect(other.locator("#note-head")).to_contain_text("1 of 1 ready")
    mine = page.locator("[name=if_then]")
    mine.fill("mine")
    expect(page.locator(".note-row [role=alert]")).to_contain_text("theirs")
    expect(mine).to_have_value("mine")
    mine.press_sequentially(", decided")
    mine.press("Enter")
    saved(page)
    assert NoteItem.objects.get().if_then == "mine, decided"


def test_h4_what_could_not_be_sent_is_sent_when_the_connection_is_back(page: Page) -> None:
    page.context.set_offline(True)
    page.locator("[name=if_then]").fill("written in the lift")
    expect(page.locator("#connection")).to_be_visible()
    page.keyboard.press("Tab")
    page.context.set_offline(False)
    expect(page.locator("#note-head")).to_contain_text("1 of 1 ready")
    assert NoteItem.objects.get().if_then == "written in the lift"


def test_h4_leaving_the_page_takes_what_was_typed_along(page: Page) -> None:
    page.locator("[name=if_then]").press_sequentially("left in a hurry")
    page.goto("/handover/notes/")
    page.goto("/handover/")
    expect(page.locator("[name=if_then]")).to_have_value("left in a hurry")
    saved(page)
    assert NoteItem.objects.get().if_then == "left in a hurry"


def test_h4_no_older_answer_overtakes_a_newer_one(page: Page) -> None:
    """A row and the free parts are saved one after the other: the signature goes over the version that came last."""
    rows, parts = Held(page, "**/handover/items/**"), Held(page, "**/handover/parts/")
    page.locator("[name=if_then]").fill("courier denies: reship")
    page.keyboard.press("Tab")
    rows.until(1)
    page.locator("[name=unmet_wish]").fill("a wok")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    assert parts.sent == [], "not before the row has been answered"
    rows.let_go()
    parts.until(1)
    parts.let_go()
    expect(page.get_by_role("heading", name="Signed. Your duty is over.")).to_be_visible()


def test_h3_the_key_that_signs_leads_to_what_is_missing(page: Page) -> None:
    page.keyboard.press("s")
    expect(page.locator("[name=if_then]")).to_be_focused()
    assert Note.objects.get().signed_at is None


def test_h4_nobody_signs_over_a_time_that_could_not_be_read(page: Page) -> None:
    due = page.locator("[name=due_at]")
    page.locator("[name=if_then]").fill("courier denies: reship")
    due.fill("lunch")
    expect(page.locator(".note-row [role=alert]")).to_contain_text("Write a time")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(due).to_be_focused()
    assert Note.objects.get().signed_at is None
    due.fill("+2h")
    expect(page.locator(".note-row [role=alert]")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Signed. Your duty is over.")).to_be_visible()
