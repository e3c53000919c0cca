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
from tests.conftest import PATIENCE, PHONE, Visits, slow_down, until

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
    at: float = field(default_factory=time.monotonic)


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
        Visits.ready(self.page)

    def until(self, expression: str) -> None:
        """Wait for an expression in the page to hold."""
        until(self.page, expression)

    def heard(self, path: str, times: int = 1) -> list[Asked]:
        """Wait until the server was asked for the path so often; what it was asked."""
        end = time.monotonic() + PATIENCE / 1000
        while len(found := [asked for asked in self.asked if asked.path == path]) < times:
            assert time.monotonic() < end, f"{path} was asked for {len(found)} of {times} times"
            self.page.wait_for_timeout(20)
        return found

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
    stage: Stage

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/static/"):
            return self.static(path.removeprefix("/static/"))
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        asked = Asked(self.command, path, {name.lower(): value for name, value in self.headers.items()}, body)
        self.stage.asked.append(asked)
        made = self.stage.answers.get(path)
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


@contextmanager
def served(stage: Stage) -> Iterator[None]:
    """A server of the stage's own: what a page that has been left still asks for is answered by its own stage, not by the next test's."""
    made = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Handler,), {"stage": stage}))
    threading.Thread(target=made.serve_forever, args=[0.05], daemon=True).start()
    stage.host = f"http://127.0.0.1:{made.server_port}"
    yield
    made.shutdown()
    made.server_close()


@contextmanager
def opened(chromium: Browser, **device: Any) -> Iterator[Stage]:
    """A fresh browser profile; whatever throws in a script, or the CSP refuses, fails the test."""
    context = chromium.new_context(**({"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | device))
    page = context.new_page()
    slow_down(page)
    page.set_default_timeout(PATIENCE)
    made = Stage(page)
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    page.on("console", lambda message: made.complaints.append(message.text) if "Content Security Policy" in message.text else None)
    with served(made):
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
