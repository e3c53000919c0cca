"""What was typed is never lost, never shown to somebody else, and never comes back after it was sent."""

from __future__ import annotations

import json
import threading
from urllib.parse import parse_qs

import pytest

from tests.conftest import PATIENCE, Visits
from tests.shell.conftest import Answer, Asked, Stage

pytestmark = pytest.mark.browser

FORM = (
    '<form id="f" method="post" action="/do/" hx-post="/do/" hx-target="#f" data-draft="t7">{{ form_key() }}'
    '<input name="text" id="text" aria-label="x"><input type="password" name="secret" id="secret" aria-label="s">'
    '<select name="why" aria-label="w" id="why"><option value="a">a</option><option value="b">b</option></select>'
    '<input type="checkbox" name="tell" id="tell" aria-label="t"><button>Go</button></form>'
)


def kept(stage: Stage) -> dict[str, str]:
    return stage.page.evaluate("Object.fromEntries(Object.entries(localStorage).filter(([key]) => key.startsWith('draft:')))")


def type_all(stage: Stage) -> None:
    stage.page.fill("#text", "𠮷 tb_liu 🍵 مرحبا")
    stage.page.select_option("#why", "b")
    stage.page.check("#tell")
    stage.page.fill("#secret", "hunter2")
    stage.until("Object.keys(localStorage).some((key) => key.startsWith('draft:'))")


def test_what_was_typed_comes_back_after_a_crash(stage: Stage) -> None:
    stage.show(FORM)
    type_all(stage)
    stage.page.wait_for_timeout(300)
    stage.open("/here/")
    assert stage.page.input_value("#text") == "𠮷 tb_liu 🍵 مرحبا"
    assert stage.page.input_value("#why") == "b" and stage.page.is_checked("#tell")
    assert "Kept on this device" in stage.page.inner_text(".draft-note")


def test_the_last_letter_is_kept_when_the_page_is_left_at_once(stage: Stage) -> None:
    stage.show(FORM)
    stage.page.fill("#text", "quick")
    stage.open("/here/")
    assert stage.page.input_value("#text") == "quick"


def test_a_password_is_never_kept(stage: Stage) -> None:
    stage.show(FORM)
    type_all(stage)
    stage.page.wait_for_timeout(300)
    assert "hunter2" not in json.dumps(kept(stage))


def test_success_forgets(stage: Stage) -> None:
    stage.serve("/do/", '<p id="f">done</p>')
    stage.show(FORM)
    type_all(stage)
    stage.page.click("text=Go")
    stage.page.wait_for_selector("text=done")
    stage.until("!Object.keys(localStorage).some((key) => key.startsWith('draft:'))")


def test_what_was_sent_is_not_offered_while_its_draft_is_being_dropped(stage: Stage) -> None:
    """The entry answers with itself, empty, and asks for its draft before a slow server has dropped it."""
    let_go, there, happened = threading.Event(), {}, []

    def drafts(asked: Asked) -> Answer:
        if asked.method == "GET":
            happened.append("asked")
            return 200, {"content-type": "application/json"}, json.dumps(there)
        values = parse_qs(asked.body).get("values", [""])[0]
        if values:
            there["t7"] = {"values": json.loads(values), "at": "2026-11-22T10:00:00Z"}
        else:
            assert let_go.wait(PATIENCE / 1000)
            there.clear()
        happened.append("kept" if values else "dropped")
        return 204, {}, ""

    stage.answers["/drafts/"] = drafts
    stage.serve("/do/", FORM.replace("{{ form_key() }}", '<input type="hidden" name="fresh">'))
    stage.show(FORM)
    stage.page.fill("#text", "sent")
    with stage.page.expect_request(lambda asked: asked.method == "POST" and (asked.post_data or "").endswith("values=")):
        stage.page.click("text=Go")
    stage.page.wait_for_selector("[name=fresh]", state="attached")
    with stage.page.expect_response(lambda answer: answer.request.method == "GET" and "/drafts/?" in answer.url):
        let_go.set()
    assert happened[-2:] == ["dropped", "asked"] and happened.count("asked") == 2
    assert stage.page.locator(".draft-note").count() == 0


@pytest.mark.parametrize("status", [409, 422, 500, 503])
def test_a_refusal_keeps(stage: Stage, status: int) -> None:
    stage.answers["/do/"] = lambda _asked: (status, {"content-type": "application/problem+json"}, '{"detail": "no"}')
    stage.show(FORM)
    type_all(stage)
    stage.page.click("text=Go")
    stage.page.wait_for_selector(".draft-note >> text=Kept on this device")
    stage.open("/here/")
    assert stage.page.input_value("#text") == "𠮷 tb_liu 🍵 مرحبا"


def test_no_network_keeps_says_so_and_sends_again_once(stage: Stage) -> None:
    stage.serve("/do/", '<p id="f">done</p>')
    stage.show(FORM)
    type_all(stage)
    stage.cut()
    stage.page.click("text=Go")
    stage.page.wait_for_selector("#connection >> text=Not sent")
    assert stage.page.input_value("#text") == "𠮷 tb_liu 🍵 مرحبا"
    stage.cut(False)
    stage.page.click("#connection button")
    stage.page.wait_for_selector("text=done")
    assert len(stage.sent("/do/")) == 1
    stage.until("document.querySelector('#connection').hidden")


def test_throwing_away_empties_the_form(stage: Stage) -> None:
    stage.show(FORM)
    type_all(stage)
    stage.page.wait_for_timeout(300)
    stage.open("/here/")
    stage.page.click("text=Throw away")
    assert stage.page.input_value("#text") == "" and kept(stage) == {}


def test_the_next_person_at_this_desk_does_not_see_it(stage: Stage) -> None:
    stage.show(FORM)
    type_all(stage)
    stage.page.wait_for_timeout(300)
    made = stage.answers["/here/"]

    def as_another(asked):
        status, headers, body = made(asked)
        return status, headers, body.replace('data-member="1"', 'data-member="2"')

    stage.answers["/here/"] = as_another
    stage.open("/here/")
    assert stage.page.input_value("#text") == ""


def test_a_newer_copy_on_the_server_wins(stage: Stage) -> None:
    stage.show(FORM)
    type_all(stage)
    stage.page.wait_for_timeout(300)
    stage.show(FORM.replace('data-draft="t7"', 'data-draft="t7" data-draft-at="2999-01-01T00:00:00Z"'))
    assert stage.page.input_value("#text") == ""


def test_a_plain_form_that_arrived_is_forgotten(stage: Stage) -> None:
    stage.answers["/do/"] = lambda _asked: (303, {"location": "/done/"}, "")
    stage.show(FORM.replace('hx-post="/do/" hx-target="#f"', ""))
    stage.serve("/done/", stage.answers["/here/"](None)[2].replace('id="f"', 'id="f" hidden').replace("data-draft", "data-other"))  # type: ignore[arg-type]
    type_all(stage)
    stage.page.click("text=Go")
    stage.page.wait_for_url("**/done/")
    stage.until("!Object.keys(localStorage).some((key) => key.startsWith('draft:'))")


def test_a_plain_form_that_was_lost_on_the_way_is_offered(stage: Stage) -> None:
    stage.show(FORM.replace('hx-post="/do/" hx-target="#f"', ""))
    type_all(stage)
    stage.cut()
    stage.page.click("text=Go")
    stage.until("location.protocol === 'chrome-error:'")
    stage.serve("/do/", "<!doctype html>")  # Chromium tries it again by itself
    stage.cut(False)
    stage.page.go_back()
    Visits.ready(stage.page)
    if stage.page.input_value("#text") == "":
        stage.page.click("text=Bring it back")
    assert stage.page.input_value("#text") == "𠮷 tb_liu 🍵 مرحبا"
