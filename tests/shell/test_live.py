"""What others change appears by itself, costs little while nothing changes, and never disturbs who is typing."""

from __future__ import annotations

import json
import threading

import pytest

from tests.conftest import PATIENCE
from tests.shell.conftest import HTML, Answer, Asked, Stage, draw

pytestmark = pytest.mark.browser

FORM = '<form id="note" data-draft="n"><input name="text" id="text" aria-label="x"></form>'


class Region:
    """A part of a page with a version, as a room would serve it."""

    def __init__(self, inner: str = "") -> None:
        self.version, self.inner, self.full, self.same, self.fails = 1, inner, 0, 0, False

    def html(self) -> str:
        return f'<section id="story" data-live="/story/" data-live-every="0.1"><p id="v">version {self.version}</p>{self.inner}</section>'

    def answer(self, asked: Asked):
        if self.fails:
            return 503, {}, ""
        etag = f'W/"{self.version}"'
        if asked.headers.get("if-none-match") == etag:
            self.same += 1
            return 304, {"etag": etag}, ""
        self.full += 1
        return 200, {"etag": etag, "content-type": "text/html"}, self.html()


@pytest.fixture
def region(stage: Stage) -> Region:
    made = Region()
    stage.answers["/story/"] = made.answer
    return made


def says(version: int) -> str:
    return f"document.querySelector('#v').textContent === 'version {version}'"


def test_a_change_shows_by_itself_and_asks_conditionally(stage: Stage, region: Region) -> None:
    stage.show(region.html())
    region.version = 2
    stage.until(says(2))
    asked = stage.heard("/story/", times=5)
    assert region.full <= 2, "what has not changed is not sent again"
    assert asked[0].headers["hx-request"] == "true"


def test_a_field_being_typed_in_is_left_alone_while_the_rest_changes(stage: Stage, region: Region) -> None:
    region.inner = FORM
    stage.show(region.html())
    stage.page.click("#text")
    stage.page.keyboard.type("half a sen")
    region.version = 2
    stage.until(says(2))
    stage.page.keyboard.type("tence")
    assert stage.page.input_value("#text") == "half a sentence"
    assert stage.page.evaluate("document.activeElement.id") == "text"


def test_a_form_with_text_waits_when_the_new_version_has_no_such_form(stage: Stage, region: Region) -> None:
    region.inner = FORM
    stage.show(region.html())
    stage.page.fill("#text", "not yet sent")
    region.inner, region.version = "", 2
    stage.page.wait_for_timeout(500)
    assert stage.page.input_value("#text") == "not yet sent"
    stage.page.fill("#text", "")
    stage.page.evaluate("document.activeElement.blur()")
    stage.until(says(2))


def test_ticked_rows_and_the_row_one_stands_on_stay(stage: Stage, region: Region) -> None:
    rows = "".join(f'<li data-row id="r{n}"><input type="checkbox" aria-label="{n}"></li>' for n in (1, 2, 3))
    fold = "<details id='fold'><summary>more</summary>text</details>"
    region.inner = f"<ul data-list>{rows}</ul>{fold}"
    stage.show(region.html())
    stage.page.click("summary >> text=more")
    stage.page.evaluate("document.activeElement.blur()")
    stage.page.keyboard.press("j")
    stage.page.keyboard.press("j")
    stage.page.keyboard.press("x")
    new = '<li data-row id="r0"><input type="checkbox" aria-label="0"></li>'
    region.inner, region.version = f"<ul data-list>{new}{rows}</ul>{fold}", 2
    stage.until("!!document.querySelector('#r0')")
    assert stage.page.is_checked("#r2 input") and not stage.page.is_checked("#r1 input")
    assert stage.page.evaluate("document.activeElement.closest('[data-row]').id") == "r2"
    assert stage.page.evaluate("document.querySelector('#fold').open"), "what was unfolded stays unfolded"


def test_it_rests_while_the_page_is_hidden_and_catches_up_at_once(stage: Stage, region: Region) -> None:
    stage.show(region.html())
    stage.until(says(1))
    hide = "(hidden) => {Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
    hide += "document.dispatchEvent(new Event('visibilitychange'))}"
    asked: list[str] = []
    stage.page.on("request", lambda request: asked.append(request.url))
    stage.page.evaluate(hide, True)
    stage.page.wait_for_timeout(300)
    before = len(asked)
    stage.page.wait_for_timeout(600)
    assert len(asked) == before
    region.version = 2
    stage.page.evaluate(hide, False)
    stage.until(says(2))


def test_a_server_in_trouble_is_asked_less_often(stage: Stage, region: Region) -> None:
    region.fails = True
    stage.show(region.html())
    first, *_others, fourth = stage.heard("/story/", times=4)[:4]
    assert fourth.at - first.at > 0.9 * (0.2 + 0.4 + 0.8), "twice as long after each failure, give or take a tenth"


def test_it_stops_where_one_may_not_look_any_more(stage: Stage) -> None:
    stage.serve("/story/", "<!doctype html>", status=403)
    stage.show('<section id="story" data-live="/story/" data-live-every="0.1"><p>x</p></section>')
    stage.heard("/story/")
    stage.page.wait_for_timeout(600)
    assert len(stage.heard("/story/")) == 1
    assert stage.page.locator("#story p").count() == 1


def test_relative_times_go_on_by_themselves(stage: Stage) -> None:
    stage.show("<p id='due'>{{ ui.due(at + 50 * minute) }}</p><p id='ago'>{{ at|ago }}</p>")
    stage.page.evaluate("() => { const now = Date.now; Date.now = () => now() + 3600e3; }")
    stage.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    stage.until("document.querySelector('#due time').classList.contains('overdue')")
    assert "overdue 10 min" in stage.page.inner_text("#due")
    assert "60 min" in stage.page.inner_text("#ago") or "1 h" in stage.page.inner_text("#ago")


def test_with_a_pulse_only_the_part_that_is_concerned_loads_anew(stage: Stage) -> None:
    rows: list[list[object]] = [[1, ["note"]]]
    stage.answers["/pulse/x"] = lambda _asked: (200, {"etag": str(len(rows)), "content-type": "application/json"}, json.dumps(rows))
    for name in ("seven", "eight"):
        stage.serve(f"/{name}/", f'<p id="{name}" data-live="/{name}/">new {name}</p>')
    part = '<p id="{0}" data-live="/{0}/" data-live-on="ticket-{1}">old {0}</p>'
    stage.serve("/here/", draw(part.format("seven", 7) + part.format("eight", 8)).replace("<body ", '<body data-pulse="/pulse/x" '))
    with stage.page.expect_response("**/pulse/x"):  # the first beat says where it stands
        stage.open("/here/")
    rows.insert(0, [2, ["ticket", "ticket-7"]])
    stage.until("document.querySelector('#seven').textContent === 'new seven'")
    assert stage.page.inner_text("#eight") == "old eight"


def test_what_happened_while_the_page_was_on_its_way_is_heard_at_the_first_beat(stage: Stage) -> None:
    rows = [[3, ["ticket-7"], 0.2], [2, ["ticket-8"], 3600]]
    stage.answers["/pulse/x"] = lambda _asked: (200, {"etag": "3", "content-type": "application/json"}, json.dumps(rows))
    for name in ("seven", "eight"):
        stage.serve(f"/{name}/", f'<p id="{name}" data-live="/{name}/">new {name}</p>')
    part = '<p id="{0}" data-live="/{0}/" data-live-on="ticket-{1}">old {0}</p>'
    stage.serve("/here/", draw(part.format("seven", 7) + part.format("eight", 8)).replace("<body ", '<body data-pulse="/pulse/x" '))
    stage.open("/here/")
    stage.until("document.querySelector('#seven').textContent === 'new seven'")
    assert stage.page.inner_text("#eight") == "old eight"


def test_news_that_comes_while_the_part_is_on_its_way_is_not_missed(stage: Stage) -> None:
    rows: list[list[object]] = [[1, ["note"]]]
    heard, said = threading.Event(), []

    def pulse(asked: Asked) -> Answer:
        if asked.headers.get("if-none-match") == "3":  # it has been told of the third row
            heard.set()
        return 200, {"etag": str(len(rows)), "content-type": "application/json"}, json.dumps(rows)

    def part(_asked: Asked) -> Answer:
        said.append("older" if not said else "newest")
        if said == ["older"]:
            rows.insert(0, [3, ["ticket-7"]])
            assert heard.wait(PATIENCE / 1000)
        return 200, HTML, f'<p id="seven" data-live="/seven/" data-live-on="ticket-7">{said[-1]}</p>'

    stage.answers |= {"/pulse/x": pulse, "/seven/": part}
    main = '<p id="seven" data-live="/seven/" data-live-on="ticket-7">old</p>'
    stage.serve("/here/", draw(main).replace("<body ", '<body data-pulse="/pulse/x" '))
    with stage.page.expect_response("**/pulse/x"):
        stage.open("/here/")
    rows.insert(0, [2, ["ticket-7"]])
    stage.until("document.querySelector('#seven').textContent === 'newest'")


def test_what_a_deed_showed_is_not_drawn_back_by_an_answer_asked_for_before_it(stage: Stage) -> None:
    def story(version: int) -> str:
        return f'<section id="story" data-live="/story/" data-live-every="0.1"><p id="v">version {version}</p></section>'

    asked, done = [], threading.Event()

    def answer(_asked: Asked) -> Answer:
        asked.append("before" if not done.is_set() else "after")
        if asked == ["before"]:
            assert done.wait(PATIENCE / 1000)
            return 200, HTML, story(1)
        return 200, HTML, story(2)

    stage.answers["/story/"] = answer
    stage.serve("/deed/", story(2))
    stage.show(story(1) + '<button id="do" hx-post="/deed/" hx-target="#story" hx-swap="outerMorph">Do it</button>')
    stage.heard("/story/")
    stage.page.click("#do")
    stage.until(says(2))
    stage.page.evaluate("""() => { const seen = (window.seen = []);
        new MutationObserver(() => seen.push(document.querySelector('#v').textContent))
          .observe(document.querySelector('#main'), { subtree: true, childList: true, characterData: true }); }""")
    done.set()
    stage.heard("/story/", times=2)
    assert "version 1" not in stage.page.evaluate("window.seen")
    assert asked[1] == "after", "asked for again at once"


def test_an_old_page_whose_pulse_is_refused_goes_on_by_itself(stage: Stage) -> None:
    stage.serve("/pulse/x", "", status=403)
    stage.serve("/seven/", '<p id="seven" data-live="/seven/" data-live-every="0.1">new</p>')
    main = '<p id="seven" data-live="/seven/" data-live-every="0.1">old</p>'
    stage.serve("/here/", draw(main).replace("<body ", '<body data-pulse="/pulse/x" '))
    stage.open("/here/")
    stage.until("document.querySelector('#seven').textContent === 'new'")
    assert len([asked for asked in stage.asked if asked.path == "/pulse/x"]) == 1
