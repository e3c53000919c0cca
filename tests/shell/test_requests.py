"""One deed, one request; every answer reaches the reader; focus stays."""

from __future__ import annotations

import json

import pytest

from tests.shell.conftest import Asked, Stage

pytestmark = pytest.mark.browser

FORM = (
    '<form id="f" method="post" action="/do/" hx-post="/do/" hx-target="#f" data-draft="t7">{{ form_key() }}'
    '<input name="text" id="text" aria-label="x"><button>Go</button></form>'
)


def key_of(asked: Asked) -> str:
    return asked.headers["idempotency-key"]


def submit(stage: Stage, times: int = 1) -> None:
    stage.page.evaluate(f"for (let i = 0; i < {times}; i++) document.querySelector('#f').requestSubmit()")


def test_d2_a_double_press_is_one_request(stage: Stage) -> None:
    stage.serve("/do/", '<p id="f">done</p>')
    stage.show(FORM)
    submit(stage, times=3)
    stage.page.wait_for_selector("text=done")
    assert len(stage.sent("/do/")) == 1
    assert len(key_of(stage.sent("/do/")[0])) == 36


def test_d2_a_button_without_a_form_has_a_key_too(stage: Stage) -> None:
    stage.serve("/do/", "", status=204)
    stage.show('<button id="b" hx-post="/do/" type="button">Go</button>')
    for _ in range(2):
        stage.page.click("#b")
        stage.until("!document.querySelector('#b').hasAttribute('aria-busy')")
    first, second = map(key_of, stage.sent("/do/"))
    assert first != second, "a later press is a new deed"


def test_d2_after_a_failure_the_same_key_asks_again(stage: Stage) -> None:
    stage.serve("/do/", "", status=502)
    stage.show(FORM)
    submit(stage)
    stage.page.wait_for_selector(".toast.bad")
    stage.serve("/do/", '<p id="f">done</p>')
    submit(stage)
    stage.page.wait_for_selector("text=done")
    first, second = map(key_of, stage.sent("/do/"))
    assert first == second


def test_the_csrf_token_is_sent_with_every_deed(stage: Stage) -> None:
    stage.serve("/do/", '<p id="f">done</p>')
    stage.show(FORM)
    submit(stage)
    stage.page.wait_for_selector("text=done")
    assert len(stage.sent("/do/")[0].headers["x-csrftoken"]) == 64


def test_a_problem_is_a_toast_and_the_text_stays(stage: Stage) -> None:
    problem = json.dumps({"title": "Somebody else has it", "detail": "小周 has it since 15:02.", "status": 409, "code": "taken"})
    stage.answers["/do/"] = lambda _request: (409, {"content-type": "application/problem+json"}, problem)
    stage.show(FORM)
    stage.page.fill("#text", "my words")
    submit(stage)
    stage.page.wait_for_selector(".toast.bad >> text=小周 has it since 15:02.")
    assert stage.page.input_value("#text") == "my words"


def test_a_refusal_from_our_own_template_is_a_toast(stage: Stage) -> None:
    stage.serve("/do/", '<hx-partial hx-target="#toasts" hx-swap="beforeend"><div class="toast bad">taken</div></hx-partial>', status=409)
    stage.show(FORM)
    stage.page.fill("#text", "my words")
    submit(stage)
    stage.page.wait_for_selector("#toasts >> text=taken")
    assert stage.page.input_value("#text") == "my words"


def test_an_invalid_form_comes_back_as_itself(stage: Stage) -> None:
    stage.serve(
        "/do/", '<form id="f"><input name="text" id="text" value="my words" aria-invalid="true"><p>Say more.</p></form>', status=422
    )
    stage.show(FORM)
    stage.page.fill("#text", "my words")
    stage.page.focus("#text")
    submit(stage)
    stage.page.wait_for_selector("text=Say more.")
    assert stage.page.evaluate("document.activeElement.id") == "text", "focus stays in the field"


def test_what_is_wrong_gets_the_focus_of_the_button_that_is_gone(stage: Stage) -> None:
    field = '<input name="{0}" aria-label="{0}"{1}>'
    wrong = field.format("who", "") + field.format("when", ' aria-invalid="true"')
    stage.serve("/do/", f'<form id="f" hx-post="/do/"><p>Say when.</p>{wrong}<button>Go</button></form>', status=422)
    stage.show(f'<form id="f" hx-post="/do/">{field.format("who", "")}{field.format("when", "")}<button>Go</button></form>')
    stage.page.focus("#f button")
    stage.page.keyboard.press("Enter")
    stage.page.wait_for_selector("text=Say when.")
    stage.until("document.activeElement.name === 'when'")


def test_a_whole_error_page_is_told_and_never_swapped_in(stage: Stage) -> None:
    stage.serve("/do/", "<!doctype html><html><body><p data-problem>Nothing was changed.</p></body></html>", status=500)
    stage.show(FORM)
    submit(stage)
    stage.page.wait_for_selector(".toast.bad >> text=Nothing was changed.")
    assert stage.page.locator("#main").count() == 1


def test_after_a_redirect_to_a_page_one_is_there(stage: Stage) -> None:
    stage.serve("/there/", "<!doctype html><html><body><div id=main>arrived</div></body></html>")
    stage.answers["/do/"] = lambda _request: (303, {"location": "/there/"}, "")
    stage.show(FORM)
    submit(stage)
    stage.page.wait_for_url(stage.host + "/there/")


def test_signed_out_meanwhile_says_so_and_keeps_the_text(stage: Stage) -> None:
    stage.answers["/do/"] = lambda _request: (302, {"location": "/accounts/login/?next=/here/"}, "")
    stage.serve("/accounts/login/", "<!doctype html><html><body>sign in</body></html>")
    stage.show(FORM)
    stage.page.fill("#text", "my words")
    submit(stage)
    stage.page.wait_for_selector("#connection >> text=You are signed out")
    assert stage.page.input_value("#text") == "my words"


def test_focus_goes_to_the_next_row_when_the_row_is_done(stage: Stage) -> None:
    rows = [f'<li data-row id="r{n}"><button hx-post="/take/" hx-target="#list" data-key="t">take {n}</button></li>' for n in (1, 2, 3)]
    stage.serve("/take/", f'<ul id="list" data-list>{rows[1]}{rows[2]}</ul>')
    stage.show(f'<ul id="list" data-list>{"".join(rows)}</ul>')
    stage.page.keyboard.press("j")
    stage.page.keyboard.press("t")
    stage.until("document.querySelectorAll('#list li').length === 2")
    stage.until("document.activeElement.id === 'r2'")


def test_a_plain_form_is_sent_once(stage: Stage) -> None:
    stage.serve("/plain/", "<!doctype html><p>ok</p>")
    stage.show('<form id="f" method="post" action="/plain/"><button>Go</button></form>')
    submit(stage, times=2)
    stage.page.wait_for_selector("text=ok")
    assert len(stage.sent("/plain/")) == 1


def test_good_news_goes_and_a_refusal_stays_until_read(stage: Stage) -> None:
    stage.page.clock.install()
    stage.show("<h1>Here</h1>")
    for tone in ("good", "bad"):
        partial = f'<hx-partial hx-target="#toasts" hx-swap="beforeend"><div class="toast {tone}">{tone}</div></hx-partial>'
        stage.serve(f"/{tone}/", partial)
        stage.page.evaluate(f"htmx.ajax('POST', '/{tone}/', {{swap: 'none'}})")
        stage.page.wait_for_selector(f"#toasts >> text={tone}")
    stage.page.clock.fast_forward(10_000)
    stage.page.wait_for_selector("#toasts >> text=good", state="detached")
    assert stage.page.is_visible("#toasts >> text=bad")


def test_going_back_restores_the_page_and_its_scripts_go_on(stage: Stage) -> None:
    stage.serve("/list/", '<p id="part">second</p>')
    stage.serve("/no/", "", status=500)
    part = '<p id="part">first</p>'
    link = '<a id="go" href="/list/" hx-get="/list/" hx-target="#part" hx-push-url="true">older</a>'
    stage.show(f'<h1>Here</h1>{part}{link}<button id="b" type="button" hx-post="/no/">No</button>')
    stage.page.click("#go")
    stage.page.wait_for_selector("text=second")
    assert stage.page.url.endswith("/list/")
    stage.page.go_back()
    stage.page.wait_for_selector("text=first")
    assert stage.page.url.endswith("/here/")
    stage.page.click("#b")
    stage.page.wait_for_selector("#toasts .bad")
    stage.page.keyboard.press("?")
    assert stage.page.is_visible("#keys-help")
