"""Files by hand: several chosen, dropped on the page or pasted, each shown, one refused without choosing the others again."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from tests.cast import Cast, make_cast, make_customer
from tests.conftest import Visits
from tests.tickets.ticket.pages.test_files import PDF, PNG
from tickets.ticket import actions
from tickets.ticket.models import Attachment, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BRING = """([event, name, content]) => {
  const bag = new DataTransfer();
  bag.items.add(new File([Uint8Array.from(atob(content), (c) => c.charCodeAt(0))], name, { type: "image/png" }));
  const brought = event === "paste" ? { clipboardData: bag } : { dataTransfer: bag };
  const kind = event === "paste" ? ClipboardEvent : DragEvent;
  document.querySelector("#case").dispatchEvent(new kind(event, { ...brought, bubbles: true, cancelable: true }));
}"""
PICTURE = base64.b64encode(PNG).decode()


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def held(cast: Cast) -> Ticket:
    return actions.open_ticket(by=cast.bob, customer=make_customer(cast.team), subject="保温杯漏水")


def names() -> list[str]:
    return list(Attachment.objects.order_by("pk").values_list("name", flat=True))


def chosen(page: Page) -> list[str]:
    return page.locator(".chosen li > span:first-child").all_inner_texts()


def test_several_are_chosen_and_a_refused_one_is_left_out(visit: Visits, cast: Cast, held: Ticket, tmp_path: Path) -> None:
    for name, content in (("bottom.png", PNG), ("page.png", b"<html></html>"), ("bill.pdf", PDF)):
        (tmp_path / name).write_bytes(content)
    page = visit(cast.bob, reverse("ticket:show", args=[held.pk]))
    page.keyboard.press("f")
    page.locator("#deed-form input[type=file]").set_input_files([tmp_path / name for name in ("bottom.png", "page.png", "bill.pdf")])
    expect(page.locator(".chosen li")).to_have_count(3)
    page.locator("#deed-form [type=submit]").click()
    expect(page.locator("#deed-form")).to_contain_text("“page.png” is neither a picture")
    expect(page.locator(".chosen li")).to_have_count(3)  # they need not be chosen again
    assert names() == []
    page.get_by_role("button", name="Leave out page.png").click()
    expect(page.locator(".chosen li")).to_have_count(2)
    page.locator("#deed-form [type=submit]").click()
    expect(page.locator("#files .files li")).to_have_count(2)
    expect(page.locator("#deed-form")).to_have_count(0)
    assert names() == ["bottom.png", "bill.pdf"]


def test_a_file_is_dropped_or_pasted_before_the_form_is_there(visit: Visits, cast: Cast, held: Ticket) -> None:
    page = visit(cast.bob, reverse("ticket:show", args=[held.pk]))
    page.evaluate(BRING, ["drop", "dropped.png", PICTURE])
    expect(page.locator(".chosen li")).to_have_count(1)
    page.evaluate(BRING, ["paste", "pasted.png", PICTURE])
    expect(page.locator(".chosen li")).to_have_count(2)
    assert chosen(page) == ["dropped.png", "pasted.png"]
    page.keyboard.press("Control+Enter")
    expect(page.locator("#files .files li")).to_have_count(2)
    assert names() == ["dropped.png", "pasted.png"]


def test_how_far_they_are_is_shown_and_no_press_sends_them_twice(visit: Visits, cast: Cast, held: Ticket, tmp_path: Path) -> None:
    (tmp_path / "bottom.png").write_bytes(PNG)
    page = visit(cast.bob, reverse("ticket:show", args=[held.pk]))
    page.keyboard.press("f")
    page.locator("#deed-form input[type=file]").set_input_files(tmp_path / "bottom.png")
    held_back: list[Route] = []
    page.route("**/files/", lambda route: held_back.append(route))
    send = page.locator("#deed-form [type=submit]")
    send.click()
    expect(page.get_by_role("progressbar", name="Sending the files")).to_be_visible()
    send.click()
    for _look in range(600):  # until the browser has asked
        if held_back:
            break
        page.wait_for_timeout(50)
    held_back[0].continue_()
    expect(page.locator("#files .files li")).to_have_count(1)
    assert names() == ["bottom.png"]


def test_more_than_fit_are_not_sent(visit: Visits, cast: Cast, held: Ticket, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.png" for number in range(21)]
    for file in files:
        file.write_bytes(PNG)
    page = visit(cast.bob, reverse("ticket:show", args=[held.pk]))
    page.keyboard.press("f")
    field = page.locator("#deed-form input[type=file]")
    field.set_input_files(files)
    expect(page.locator(".chosen li")).to_have_count(21)
    assert field.evaluate("field => field.validationMessage") == "At most 20 files at a time."
    page.get_by_role("button", name="Leave out 20.png").click()
    assert field.evaluate("field => field.validationMessage") == ""
