"""axe finds nothing on the styleguide, which shows every part in every state: light, dark, phone, Chinese, dialogs and menus open."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.shell.conftest import PHONE, Stage, opened
from ux import checks

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("name", "device"),
    [
        ("light", {}),
        ("dark", {"color_scheme": "dark"}),
        ("phone", PHONE),
        ("dark phone", PHONE | {"color_scheme": "dark"}),
        ("Chinese", {"locale": "zh-CN"}),
        ("zoomed to 200 %", {"viewport": {"width": 640, "height": 450}}),
    ],
)
def test_axe_finds_nothing(chromium: Browser, name: str, device: dict[str, Any]) -> None:
    with opened(chromium, **device) as stage:
        stage.open("/styleguide/")
        assert checks.axe(stage.page) + checks.sideways(stage.page) == []


@pytest.mark.parametrize("device", [{}, PHONE, {"color_scheme": "dark"}])
def test_axe_finds_nothing_in_what_opens(chromium: Browser, device: dict[str, Any]) -> None:
    with opened(chromium, **device) as stage:
        stage.open("/styleguide/")
        page = stage.page
        page.click("#me-menu summary")
        assert checks.axe(stage.page) == []
        page.keyboard.press("Escape")
        page.click("[data-opens='#sample-dialog']")
        assert checks.axe(stage.page) == []
        page.keyboard.press("Escape")
        page.evaluate("document.querySelector('#keys-help').showModal()")
        assert checks.axe(stage.page) == []


def test_axe_finds_nothing_when_something_went_wrong(stage: Stage) -> None:
    form = (
        '<form id="f" hx-post="/x/" method="post" action="/x/" data-draft="a" data-outbox="Entry"><label>A <input name="a"></label></form>'
    )
    stage.show(f"<h1>Here</h1>{form}")
    stage.cut()
    stage.page.fill("input[name=a]", "tb_liu_8854 杯子漏水")
    stage.page.evaluate("document.querySelector('#f').requestSubmit()")
    stage.page.wait_for_selector("#connection li")
    assert checks.axe(stage.page) == []


@pytest.mark.parametrize("path", ["/styleguide/?signed=out", "/no/such/page/", "/api/v1/docs/"])
def test_axe_finds_nothing_for_strangers(stage: Stage, path: str) -> None:
    stage.open(path)
    assert checks.axe(stage.page) == []


PRESSED = "button, .button, .places a, .tabs a, .chips a, select, summary, .bar input, .choice label > span"
HEIGHTS = """(pressed) => [...document.querySelectorAll(pressed)]
    .filter((element) => element.getClientRects().length && !element.closest("dialog"))
    .map((element) => [element.className + " " + element.textContent.trim(), element.getBoundingClientRect().height])
    .filter(([, height]) => height < 43.5)"""


def test_thumbs_find_their_targets(phone: Stage) -> None:
    """44 px on a phone, for all that is pressed and is not a word within a sentence."""
    phone.open("/styleguide/")
    assert phone.page.evaluate(HEIGHTS, PRESSED) == []


def test_nothing_moves_while_the_page_loads(stage: Stage) -> None:
    stage.page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => list.getEntries().forEach((e) => (window.shift += e.value)))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    stage.open("/styleguide/")
    stage.page.wait_for_timeout(400)
    assert stage.page.evaluate("window.shift") == 0
