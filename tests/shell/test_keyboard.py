"""Everything by keyboard, and no key stolen from somebody who is typing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.shell.conftest import Stage

pytestmark = pytest.mark.browser


def focused(stage: Stage) -> str:
    return stage.page.evaluate("document.activeElement.id || document.activeElement.tagName.toLowerCase()")


@pytest.fixture
def guide(stage: Stage) -> Stage:
    stage.open("/styleguide/")
    return stage


def test_slash_looks_up_and_escape_comes_back(guide: Stage) -> None:
    guide.page.keyboard.press("/")
    assert focused(guide) == "lookup"
    guide.page.keyboard.type("gj/?")
    assert guide.page.input_value("#lookup") == "gj/?"
    guide.page.keyboard.press("Escape")
    assert focused(guide) == "body"


def test_j_k_enter_and_x_in_lists(guide: Stage) -> None:
    keys = guide.page.keyboard
    keys.press("j")
    keys.press("j")
    assert focused(guide) == "first-2"
    keys.press("k")
    assert focused(guide) == "first-1"
    keys.press("Enter")
    guide.page.wait_for_url("**/#opened-1")
    for _ in range(3):
        keys.press("j")
    assert focused(guide) == "row-1"
    keys.press("x")
    assert guide.page.is_checked("#row-1 input")
    keys.press("x")
    assert not guide.page.is_checked("#row-1 input")


def test_a_key_means_the_row_one_stands_on(stage: Stage) -> None:
    stage.show(
        '<ul data-list><li data-row id="r1"><button data-key="t" type="button">one</button></li>'
        '<li data-row id="r2"><button data-key="t" type="button">two</button></li></ul>'
    )
    stage.page.evaluate("document.addEventListener('click', (e) => (window.pressed = e.target.textContent))")
    stage.page.keyboard.press("t")
    assert stage.page.evaluate("window.pressed") == "one"
    stage.page.keyboard.press("j")
    stage.page.keyboard.press("j")
    stage.page.keyboard.press("t")
    assert stage.page.evaluate("window.pressed") == "two"


def test_g_and_a_letter_goes(stage: Stage) -> None:
    stage.page.clock.install()
    stage.open("/styleguide/")
    stage.page.clock.pause_at(timezone.now() + timedelta(minutes=5))  # the letter has to follow within a second and a half
    stage.page.keyboard.press("g")
    stage.page.keyboard.press("h")
    stage.page.wait_for_url("**/#handover")


def test_help_lists_the_keys_of_this_page(guide: Stage) -> None:
    guide.page.keyboard.press("?")
    for text in ("Take", "Returns", "look up anything"):
        expect(guide.page.locator("#keys-help")).to_contain_text(text)
    guide.page.keyboard.press("Escape")
    assert not guide.page.is_visible("#keys-help")


def test_a_dialog_takes_focus_and_gives_it_back(guide: Stage) -> None:
    guide.page.focus("[data-key=p]")
    guide.page.keyboard.press("p")
    assert focused(guide) == "pass-to"
    guide.page.keyboard.press("Escape")
    assert guide.page.evaluate("document.activeElement.dataset.key") == "p"


def test_no_key_is_taken_while_typing_or_composing(guide: Stage) -> None:
    guide.page.keyboard.press("e")
    assert focused(guide) == "f-subject"
    guide.page.keyboard.type("take c / ? gt")
    assert guide.page.input_value("#f-subject") == "take c / ? gt"
    assert guide.page.url == guide.host + "/styleguide/"
    guide.page.keyboard.press("Escape")
    composing = "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '?', isComposing: true, bubbles: true}))"
    guide.page.evaluate(composing)
    assert not guide.page.is_visible("#keys-help")


def test_single_keys_can_be_switched_off(guide: Stage) -> None:
    guide.page.keyboard.press("?")
    guide.page.uncheck("#single-keys")
    guide.page.keyboard.press("Escape")
    guide.page.keyboard.press("/")
    assert focused(guide) != "lookup"
    guide.page.reload()
    guide.page.keyboard.press("j")
    assert focused(guide) == "body"


def test_ctrl_enter_sends_from_a_long_text(stage: Stage) -> None:
    stage.serve("/note/", "<p>kept</p>")
    stage.show('<form method="post" action="/note/" hx-post="/note/"><textarea name="n" id="n"></textarea></form>')
    stage.page.fill("#n", "two\nlines")
    stage.page.keyboard.press("Control+Enter")
    stage.page.wait_for_selector("text=kept")
    assert len(stage.sent("/note/")) == 1


def test_what_cannot_be_undone_asks_and_no_is_the_default(stage: Stage) -> None:
    stage.serve("/gone/", "<p>gone</p>")
    stage.show('{{ ui.post("Delete", "/gone/", "", target="#main", confirm="For good?") }}')
    stage.page.click("text=Delete")
    expect(stage.page.locator("#confirm-question")).to_have_text("For good?")
    stage.page.keyboard.press("Enter")
    stage.page.wait_for_selector("#confirm-question", state="hidden")
    assert stage.sent("/gone/") == []
    stage.page.click("text=Delete")
    stage.page.wait_for_selector("#confirm-question", state="visible")
    stage.page.click("text=Yes, do it")
    stage.page.wait_for_selector("text=gone")
    assert len(stage.sent("/gone/")) == 1


def test_the_first_tab_skips_to_the_content(guide: Stage) -> None:
    guide.page.keyboard.press("Tab")
    assert guide.page.evaluate("document.activeElement.className") == "skip"
    guide.page.keyboard.press("Enter")
    assert focused(guide) == "main"


def test_the_stepper_counts_within_its_bounds(guide: Stage) -> None:
    more = guide.page.locator(".stepper", has_text="ok").locator("[data-step='1']")
    for _ in range(5):
        more.click()
    assert guide.page.input_value("#f-ok") == "3"


def test_the_colours_are_kept_on_this_device(guide: Stage) -> None:
    guide.page.click("#me-menu summary")
    guide.page.click("[data-theme-choice=dark]")
    assert guide.page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert guide.page.evaluate("document.cookie") == "theme=dark"
    assert guide.page.get_attribute("[data-theme-choice=dark]", "aria-pressed") == "true"
