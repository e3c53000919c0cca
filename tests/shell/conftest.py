"""A real Chromium in front of a small server of its own: each test says what a path answers, and may cut the cable."""

from __future__ import annotations

import mimetypes
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.template import engines
from django.test import Client, RequestFactory
from playwright.sync_api import Browser, Page

from handover.shell.sample import styleguide_context
from tests.conftest import PHONE

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe.min.js"
CSP = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'"
HTML = {"content-type": "text/html; charset=utf-8", "content-security-policy": CSP}

Answer = tuple[int, dict[str, str], str]


@dataclass(frozen=True)
class Asked:
    """A request as the server saw it; header names in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Stage:
    """One page and what its server answers, by path."""

    page: Page
    host: str = ""
    answers: dict[str, Callable[[Asked], Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def serve(self, path: str, body: str, status: int = 200, **headers: str) -> None:
        """Answer every request for the path with this HTML."""
        self.answers[path] = lambda _asked: (status, HTML | headers, body)

    def show(self, main: str, path: str = "/here/") -> None:
        """Open a page of the shell with this as its main part, and wait until its scripts listen."""
        self.serve(path, draw(main))
        self.open(path)

    def open(self, path: str) -> None:
        self.page.goto(self.host + path)
        self.until("!!window.htmx")

    def until(self, expression: str, seconds: float = 5) -> None:
        """Wait for an expression in the page to hold (Playwright's own waiting needs eval, which our CSP refuses)."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            assert time.monotonic() < end, f"never: {expression}"
            self.page.wait_for_timeout(20)

    def sent(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.method == "POST" and asked.path == path]

    def cut(self, out: bool = True) -> None:
        self.page.context.set_offline(out)


def draw(main: str) -> str:
    """The shell around a piece of HTML, as somebody signed in sees it."""
    request = RequestFactory().get("/here/")
    context = styleguide_context()
    request.member = context["people"][0]  # type: ignore[attr-defined]
    source = '{% extends "_base.html" %}{% block main %}' + main + "{% endblock %}"
    return engines["jinja2"].from_string(source).render(context, request)


class Handler(BaseHTTPRequestHandler):
    stage: Stage | None = None

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/static/"):
            return self.static(path.removeprefix("/static/"))
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        asked = Asked(self.command, path, {name.lower(): value for name, value in self.headers.items()}, body)
        stage = Handler.stage
        assert stage
        stage.asked.append(asked)
        made = stage.answers.get(path)
        self.reply(*(made(asked) if made else asked_of_django(self.path, asked)))

    do_POST = do_GET

    def static(self, name: str) -> None:
        found = finders.find(name)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        self.reply(200 if found else 404, {"content-type": kind}, Path(found).read_bytes() if found else b"")

    def reply(self, status: int, headers: dict[str, str], body: str | bytes) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in ({"cache-control": "no-store"} | headers | {"content-length": str(len(data))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: object) -> None:
        """Say nothing: a test's requests are in `stage.asked`."""


def asked_of_django(path: str, asked: Asked) -> Answer:
    response = Client().get(path, headers={"accept-language": asked.headers.get("accept-language", "en")})
    return response.status_code, {name.lower(): value for name, value in response.items()}, response.content.decode()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()


@pytest.fixture(scope="session")
def chromium(chromium: Browser, server: str) -> Browser:
    """The worker's browser, which knows where these pages are served."""
    chromium.host = server  # type: ignore[attr-defined]
    return chromium


@contextmanager
def opened(chromium: Browser, **device: Any) -> Iterator[Stage]:
    """A fresh browser profile; whatever throws in a script, or the CSP refuses, fails the test."""
    context = chromium.new_context(**({"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | device))
    page = context.new_page()
    page.set_default_timeout(5000)
    made = Handler.stage = Stage(page, chromium.host)  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    page.on("console", lambda message: made.complaints.append(message.text) if "Content Security Policy" in message.text else None)
    yield made
    context.close()
    assert made.complaints == []


@pytest.fixture
def stage(chromium: Browser) -> Iterator[Stage]:
    with opened(chromium) as made:
        yield made


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Stage]:
    with opened(chromium, **PHONE) as made:
        yield made
