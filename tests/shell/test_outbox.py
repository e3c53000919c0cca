"""An entry made without a connection waits, says so, and arrives exactly once."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from tests.shell.conftest import Asked, Stage

pytestmark = pytest.mark.browser

FORM = (
    '<form id="f" method="post" action="/entry/" hx-post="/entry/" hx-target="#f" data-draft="entry" data-outbox="Entry">'
    '{{ csrf_input }}{{ form_key() }}<input name="text" id="text" aria-label="x"><button>Log</button></form>'
)

TRY_AGAIN = "document.querySelector('#connection button')?.click()"
"""A press does nothing while the last try is under way."""


def log(stage: Stage, text: str) -> None:
    stage.page.fill("#text", text)
    stage.page.click("text=Log")


def waiting(stage: Stage) -> list[str]:
    return stage.page.locator("#connection li").all_inner_texts()


@pytest.fixture
def cut(stage: Stage) -> Stage:
    stage.serve("/entry/", FORM.replace("{{ csrf_input }}{{ form_key() }}", ""))
    stage.show(FORM)
    stage.cut()
    return stage


def test_entries_wait_and_are_sent_once_in_order(cut: Stage) -> None:
    log(cut, "first 保温杯")
    cut.until("document.querySelectorAll('#connection li').length === 1")
    assert cut.page.input_value("#text") == "", "the form is free for the next customer"
    log(cut, "second")
    cut.until("document.querySelectorAll('#connection li').length === 2")
    assert "Entry: first 保温杯" in waiting(cut)[0]
    assert cut.sent("/entry/") == []

    cut.cut(False)
    cut.until("document.querySelector('#connection').hidden")
    bodies = [parse_qs(asked.body)["text"][0] for asked in cut.sent("/entry/")]
    assert bodies == ["first 保温杯", "second"]
    keys = {asked.headers["idempotency-key"] for asked in cut.sent("/entry/")}
    assert len(keys) == 2
    assert all(asked.headers["x-csrftoken"] for asked in cut.sent("/entry/"))


def test_d2_an_answer_lost_on_the_way_is_asked_for_with_the_same_key(stage: Stage) -> None:
    tries: list[str] = []

    def lossy(asked: Asked):
        tries.append(asked.headers["idempotency-key"])
        return (503, {}, "") if len(tries) == 1 else (200, {"content-type": "text/html"}, "<p>ok</p>")

    stage.answers["/entry/"] = lossy
    stage.show(FORM)
    stage.cut()
    log(stage, "once")
    stage.until("document.querySelectorAll('#connection li').length === 1")
    stage.cut(False)
    stage.heard("/entry/")
    stage.until(f"({TRY_AGAIN}, document.querySelector('#connection').hidden)")
    assert len(tries) == 2 and len(set(tries)) == 1


def test_what_waits_survives_the_browser_being_closed(cut: Stage) -> None:
    log(cut, "kept")
    cut.until("document.querySelectorAll('#connection li').length === 1")
    cut.cut(False)
    cut.open("/here/")
    cut.until("document.querySelector('#connection').hidden")
    keys = {asked.headers["idempotency-key"] for asked in cut.sent("/entry/")}
    assert len(keys) == 1, "leaving the page may cut an answer off: the repeat carries the same key"


def test_a_refused_entry_is_shown_with_its_reason_and_not_sent_again(cut: Stage) -> None:
    cut.answers["/entry/"] = lambda _asked: (409, {"content-type": "application/problem+json"}, '{"detail": "小周 has it."}')
    log(cut, "late")
    cut.until("document.querySelectorAll('#connection li').length === 1")
    cut.cut(False)
    cut.until("document.querySelector('#connection li')?.textContent.includes('小周 has it.')")
    cut.open("/here/")
    cut.page.wait_for_timeout(200)
    assert len(cut.sent("/entry/")) == 1
    cut.page.click("#connection li >> text=Throw away")
    assert cut.page.is_hidden("#connection")


def test_somebody_elses_entries_are_not_sent_under_my_name(cut: Stage) -> None:
    log(cut, "mine")
    cut.until("document.querySelectorAll('#connection li').length === 1")
    status, headers, body = cut.answers["/here/"](None)  # type: ignore[arg-type]
    cut.answers["/here/"] = lambda _asked: (status, headers, body.replace('data-member="1"', 'data-member="2"'))
    cut.answers["/entry/"] = lambda _asked: (503, {}, "")
    cut.cut(False)
    before = len(cut.heard("/entry/"))
    cut.open("/here/")
    cut.page.wait_for_timeout(300)
    assert len(cut.sent("/entry/")) == before
    assert cut.page.is_hidden("#connection")


def test_signed_out_meanwhile_it_goes_on_waiting(cut: Stage) -> None:
    cut.answers["/entry/"] = lambda _asked: (302, {"location": "/accounts/login/"}, "")
    cut.serve("/accounts/login/", "<!doctype html>")
    log(cut, "patient")
    cut.until("document.querySelectorAll('#connection li').length === 1")
    cut.cut(False)
    cut.heard("/accounts/login/")
    cut.page.wait_for_timeout(400)
    assert len(waiting(cut)) == 1
