"""The week's grid and the board in a real Chromium: a week planned with the keyboard only, a board that changes by itself."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from handover.duty import actions as duty
from handover.roster import actions
from handover.roster.models import RosterEntry
from tests.conftest import PATIENCE, Held, until
from tests.handover.roster.test_pages import coming

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _shifts(transactional_db, plan):
    actions.materialise(plan.cast.team)


def cell(page, member, day):
    return page.locator(f"#c-{member.pk}-{day.isoformat()} input")


def test_a_week_is_planned_with_the_keyboard_only(visit, plan):
    type_a_week(visit, plan)
    found = RosterEntry.objects.values_list("member__display_name", "shift__name").order_by("member__display_name", "during")
    assert list(found) == [("Bob", "Day"), ("Bob", "Night"), ("Carol", "Night")]


def type_a_week(visit, plan):
    shift, cast = coming(plan), plan.cast
    day = shift.business_date
    page = visit(cast.alice, f"/roster/?week={day}")
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


def test_an_arrow_at_the_edge_saves_and_stays(visit, plan):
    day, cast = coming(plan).business_date, plan.cast
    page = visit(cast.alice, f"/roster/?week={day}")
    last = page.locator(f"tr:has(#c-{cast.bob.pk}-{day}) td input").last
    last.focus()
    page.keyboard.type("d")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    expect(last).to_be_focused()
    expect(last).to_have_value("D")


def test_leaving_the_page_saves_what_was_typed_fast(visit, plan):
    day, cast = coming(plan).business_date, plan.cast
    page = visit(cast.alice, f"/roster/?week={day}")
    cell(page, cast.bob, day).focus()
    page.keyboard.type("d")
    page.keyboard.press("Enter")
    page.keyboard.type("n")
    page.keyboard.press("Enter")
    page.goto("/roster/swaps/")
    for _ in range(PATIENCE // 50):
        if RosterEntry.objects.count() == 2:
            return
        page.wait_for_timeout(50)
    pytest.fail(f"{RosterEntry.objects.count()} of 2 cells were saved")


def test_a_mistyped_cell_is_taken_back_with_one_key(visit, plan):
    day, cast = coming(plan).business_date, plan.cast
    page = visit(cast.alice, f"/roster/?week={day}")
    cell(page, cast.bob, day).fill("d")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts [data-key=z]")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("z")
    expect(page.locator("#toasts")).to_contain_text("It is as it was before.")
    expect(cell(page, cast.bob, day)).to_have_value("")
    assert not RosterEntry.objects.exists()


def test_a_cell_typed_in_again_while_it_is_being_saved_keeps_the_second_word(visit, plan):
    day, cast = coming(plan).business_date, plan.cast
    page = visit(cast.alice, f"/roster/?week={day}")
    field, held = cell(page, cast.bob, day), Held(page, "**/roster/edit/**")
    field.fill("d")
    page.keyboard.press("Enter")
    held.until(1)
    field.fill("n")  # not left yet
    held.let_go()
    until(page, "!document.querySelector('td[aria-busy]')")
    expect(field).to_have_value("n")
    page.unroute_all()
    page.keyboard.press("Enter")
    expect(field).to_have_value("N")
    assert RosterEntry.objects.get().shift.name == "Night"


def test_the_board_shows_a_change_within_two_beats(visit, plan):
    """The first beat after the change tells of it, or the second where the first was on its way already."""
    page, asked = visit(plan.cast.alice, "/board/"), []
    expect(page.locator("#on-duty")).to_contain_text("Nobody is on duty.")
    with page.expect_response("**/pulse/**"):  # the first beat says where it stands
        pass
    page.on("response", lambda got: asked.append((got.request.timing["startTime"] / 1000, urlsplit(got.url).path)))
    duty.let_in(plan.cast.bob, by=plan.cast.alice, reason="page down")
    done = time.time()
    expect(page.locator("#on-duty")).to_contain_text("Bob")
    since = [path for begun, path in sorted(asked) if begun >= done]
    assert len(since[: since.index("/board/")]) <= 2, since
