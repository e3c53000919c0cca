"""A real Chromium in front of pages that are served from memory: no port, no database, and a network that can be cut at will."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in this thread; nothing here shares a connection with it

HOST = "http://handover.test"
AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe.min.js"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")

Answer = tuple[int, dict[str, str], str]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@dataclass
class Stage:
    """One page with its network: `answers` by path, `asked` what was requested, `cut` whether the cable is out."""

    page: Page
    answers: dict[str, Callable[[Request], Answer]] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    cut: bool = False

    def serve(self, path: str, body: str, status: int = 200, **headers: str) -> None:
        """Answer every request for the path with this HTML."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = lambda _request: (status, {"content-type": "text/html; charset=utf-8"} | names, body)

    def show(self, main: str, path: str = "/here/") -> None:
        """Open a page of the shell with this as its main part, and wait until its scripts listen."""
        self.serve(path, draw(main))
        self.open(path)

    def open(self, path: str) -> None:
        self.page.goto(HOST + path)
        self.page.wait_for_function("window.htmx && document.querySelector('#main')")
        self.page.wait_for_load_state("load")

    def sent(self, path: str) -> list[Request]:
        return [request for request in self.asked if request.method == "POST" and path in request.url]

    def answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(HOST).split("?")[0].split("#")[0]
        if path.startswith("/static/"):
            return static_file(route, path.removeprefix("/static/"))
        self.asked.append(route.request)
        if self.cut:
            return route.abort("internetdisconnected")
        made = self.answers.get(path)
        status, headers, body = made(route.request) if made else asked_of_django(path)
        route.fulfill(status=status, headers=headers, body=body)


def draw(main: str) -> str:
    """The shell around a piece of HTML, as somebody signed in sees it."""
    from django.template import engines
    from django.test import RequestFactory

    from handover.shell.sample import styleguide_context

    request = RequestFactory().get("/here/")
    request.member = styleguide_context()["people"][0]  # type: ignore[attr-defined]
    source = '{% extends "_base.html" %}{% block main %}' + main + "{% endblock %}"
    return engines["jinja2"].from_string(source).render(styleguide_context(), request)


def static_file(route: Route, name: str) -> None:
    found = finders.find(name)
    if not found:
        return route.fulfill(status=404, body="")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    route.fulfill(status=200, headers={"content-type": kind}, body=Path(found).read_bytes())


def asked_of_django(path: str) -> Answer:
    response = Client().get(path)
    return response.status_code, dict(response.items()), response.content.decode()


@pytest.fixture
def stage(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A fresh browser profile. Mark the test `@pytest.mark.device(…)` for another device than a desk."""
    marker = request.node.get_closest_marker("device")
    context = chromium.new_context(**({"viewport": {"width": 1280, "height": 900}} | (marker.kwargs if marker else {})))
    page = context.new_page()
    page.set_default_timeout(5000)
    made = Stage(page)
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    page.on("console", lambda message: made.complaints.append(message.text) if "Content Security Policy" in message.text else None)
    context.route("**/*", made.answer)
    yield made
    context.close()
    assert made.complaints == []
