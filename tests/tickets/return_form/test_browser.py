"""In a real Chromium: three people carry one exchange to its settlement; and one goes back, with every void signature showing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.conftest import PHONE, Visits, until
from tests.tickets.return_form.scene import Scene, make_scene
from tickets.return_form.models import ReturnForm
from ux import checks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    return make_scene()


def file_exchange(page: Page) -> None:
    page.locator("[name=quantity-0]").fill("1")
    page.locator("[name=resolution-0]").select_option("exchange")
    page.locator("[name=reason-0]").select_option(label="Leaks")
    page.locator("[name=exchange_for-0]").fill("40 cm pot, blue")
    page.get_by_label("The customer's words").fill("It leaks at the bottom.")
    page.get_by_label("Their tracking number").fill("SF 100 200")
    page.get_by_role("button", name="Sign and hand to the warehouse").click()
    expect(page.locator(".badge").first).to_contain_text("Waiting for the warehouse")


def scan_and_open_count(page: Page) -> None:
    """A barcode scanner is a keyboard that ends with Enter; the field has the focus already."""
    page.locator("#scan").wait_for()
    page.keyboard.insert_text("SF100200")
    page.keyboard.press("Enter")
    page.locator("#counting").wait_for()


def test_three_people_carry_one_exchange_from_filing_to_settlement(visit: Visits, scene: Scene) -> None:
    dora = visit(scene.dora, f"/returns/new/?order={scene.order.pk}")
    file_exchange(dora)
    wen = visit(scene.wen, "/returns/desk/", **PHONE)
    scan_and_open_count(wen)
    wen.get_by_role("button", name="Count done, sign as Wen").click()
    expect(wen.locator("#toasts")).to_contain_text("Counted and signed")
    form = ReturnForm.objects.get()
    alice = visit(scene.alice, f"/returns/{form.pk}/")
    alice.get_by_role("button", name="Decide and sign").click()
    expect(alice.locator(".badge").first).to_contain_text("Approved")
    dora.goto(dora.url)
    dora.get_by_label("Reference or tracking number").fill("SF900")
    dora.get_by_role("button", name="Done", exact=True).click()
    expect(dora.locator(".badge").first).to_contain_text("Closed")
    expect(dora.locator("#signatures li")).to_have_count(3)
    form.refresh_from_db()
    assert (form.state, form.parcels.filter(direction="out").get().tracking) == ("closed", "SF900")


def test_the_warehouse_disagrees_it_goes_back_is_edited_and_all_void_signatures_show(visit: Visits, scene: Scene) -> None:
    dora = visit(scene.dora, f"/returns/new/?order={scene.order.pk}")
    file_exchange(dora)
    wen = visit(scene.wen, "/returns/desk/", **PHONE)
    scan_and_open_count(wen)
    wen.get_by_role("button", name="one more: damaged").click()
    expect(wen.locator('input[name="ok-1"]'), "what is damaged comes off ok").to_have_value("0")
    quarantine = wen.locator('input[value="quarantine"]')
    quarantine.press(" ")
    expect(quarantine).to_be_checked()
    wen.get_by_role("button", name="Count done, sign as Wen").click()
    expect(wen.locator("#toasts")).to_contain_text("Counted and signed")
    form = ReturnForm.objects.get()
    alice = visit(scene.alice, f"/returns/{form.pk}/")
    alice.get_by_text("Send back").first.click()
    alice.get_by_label("What must be put right").fill("It was dropped: ask the courier.")
    alice.get_by_role("button", name="Send back with this question").click()
    expect(alice.locator("#signatures li.void")).to_have_count(2)
    dora.goto(dora.url)
    expect(dora.locator("main")).to_contain_text("It was dropped: ask the courier.")
    dora.get_by_role("link", name="Edit").click()
    dora.locator("[name=resolution-0]").select_option("return_and_refund")
    dora.get_by_role("button", name="Save").click()
    dora.get_by_role("button", name="Sign and hand to the warehouse").click()
    expect(dora.locator("#signatures li")).to_have_count(3)
    expect(dora.locator("#signatures li.void")).to_have_count(2)
    expect(dora.locator("#signatures li.void").first).to_contain_text("the form was sent back")
    form.refresh_from_db()
    assert (form.state, form.revision, form.sent_backs) == ("submitted", 3, 1)


def test_the_print_out_fills_one_sheet_of_the_paper_that_was_chosen(visit: Visits, scene: Scene) -> None:
    form = scene.submitted(tracking="SF1")
    page = visit(scene.wen, f"/returns/{form.pk}/print/")
    assert papers(page) == [(595, 420)], "A5 across"
    page.get_by_role("link", name="A4").click()
    page.wait_for_url("**/print/?paper=a4*")
    assert papers(page) == [(595, 842)], "A4 upright"


def papers(page: Page) -> list[tuple[int, int]]:
    """The sheets of the page as PDF, in points."""
    found = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", page.pdf(prefer_css_page_size=True))
    return [(round(float(width)), round(float(height))) for width, height in found]


@pytest.mark.parametrize("device", [{}, PHONE | {"color_scheme": "dark"}], ids=["desktop", "dark phone"])
def test_no_page_has_an_accessibility_violation(visit: Visits, scene: Scene, device: dict) -> None:
    form, back = scene.inspected(), scene.submitted(scene.ask(scene.lid), tracking="SF1")
    paths = {
        scene.alice: [f"/returns/{form.pk}/", "/returns/", "/returns/decide/"],
        scene.wen: ["/returns/desk/", f"/returns/{back.pk}/count/"],
        scene.dora: [f"/returns/new/?order={scene.order.pk}", f"/returns/{form.pk}/print/"],
    }
    wrong = []
    for member, theirs in paths.items():
        page = visit(member, theirs[0], **device)
        for path in theirs:
            page.goto(path)
            visit.ready(page)
            wrong += [f"{path}: {fault}" for fault in checks.axe(page) + checks.sideways(page)]
    assert wrong == []


def test_what_is_counted_before_the_script_is_there_comes_off_ok_too(visit: Visits, scene: Scene) -> None:
    """A thumb is faster than a slow line."""
    form = scene.submitted()
    wen = visit(scene.wen, "/returns/desk/", **PHONE)
    waiting: list[Route] = []
    wen.route("**/js/count*.js", lambda route: waiting.append(route))
    wen.goto(f"/returns/{form.pk}/count/", wait_until="commit")
    until(wen, "!!window.htmx")
    wen.locator('input[name="damaged-1"]').fill("1")
    while not waiting:
        wen.wait_for_timeout(20)
    waiting[0].continue_()
    expect(wen.locator('input[name="ok-1"]')).to_have_value("0")


SCANNED = """(text) => {
    const field = document.activeElement;
    for (const key of [...text, "Enter"]) {
        field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        if (key !== "Enter" && field.matches("input")) field.value += key;
    }
}"""
"""As a scanner types: all keys at once, wherever the focus is."""


def test_a_scan_while_counting_signs_nothing_and_says_where_it_leads(visit: Visits, scene: Scene) -> None:
    form = scene.submitted()
    wen = visit(scene.wen, f"/returns/{form.pk}/count/", **PHONE)
    until(wen, "!!window.htmx")
    posts: list[str] = []
    wen.on("request", lambda asked: posts.append(asked.url) if asked.method == "POST" and "/count/" in asked.url else None)
    note = wen.locator('[name="note-1"]')
    note.fill("scratched")
    note.press("Enter")
    expect(note, "Enter alone signs nothing").to_be_focused()
    wen.evaluate(SCANNED, "SF999000")
    expect(wen.locator("#scanned a")).to_have_text("SF999000")
    expect(note, "what was scanned is no note").to_have_value("scratched")
    wen.get_by_role("button", name="Count done, sign as Wen").click()
    expect(wen.locator("#toasts")).to_contain_text("Counted and signed")
    assert len(posts) == 1
    assert form.lines.get().count_note == "scratched"


def test_a_scan_at_the_desk_opens_its_form_wherever_the_focus_is(visit: Visits, scene: Scene) -> None:
    form = scene.submitted(tracking="SF100200")
    wen = visit(scene.wen, "/returns/desk/", **PHONE)
    until(wen, "!!window.htmx")
    wen.evaluate("document.activeElement.blur()")
    wen.evaluate(SCANNED, "SF100200")
    expect(wen.locator("#counting")).to_be_visible()
    expect(wen.locator("h1").first).to_contain_text(form.number)
