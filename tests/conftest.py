"""What every test stands on: quick password hashing, no rate limits, files in a place of their own, one database per worker."""

import os
import string
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.middleware import csrf

if TYPE_CHECKING:
    from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, Route

    from tickets.people.models import Member


def pytest_configure(config: pytest.Config) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"user": None, "token": None, "anon": None, "login": None}
    settings.ACCOUNT_RATE_LIMITS = False
    settings.FILES = Path(tempfile.mkdtemp(prefix="handover-files-"))
    settings.STORAGES["default"]["OPTIONS"]["location"] = settings.FILES
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    # A token's letters are chance: of small ones only, it never holds the name or the number that a test looks for in a page.
    csrf.CSRF_ALLOWED_CHARS = string.ascii_lowercase
    # A pool keeps connections to the test database open, which then cannot be dropped; `up`'s own tests run with it.
    settings.DATABASES["default"]["OPTIONS"].pop("pool", None)


SLOWED = float(os.environ.get("HANDOVER_SLOWED", "1"))
"""How many times slower than this machine a page computes: `make slow` finds what a quick one hides, in the scripts and in their tests."""


# `make test` plays the same examples every time, however slow the machine is; `make soak` looks for new ones.
hypothesis.settings.register_profile(
    "house",
    deadline=None,
    derandomize="HANDOVER_EXAMPLES" not in os.environ,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture],
)
hypothesis.settings.load_profile("house")


def pytest_unconfigure(config: pytest.Config) -> None:
    import shutil

    shutil.rmtree(settings.FILES, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What plays in a real browser is tried a second time, and told as `RERUN`: docs/decisions/second-try.md. Not by `make slow`."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()) and SLOWED == 1:
            item.add_marker(pytest.mark.flaky(reruns=1))


# Playwright's loop runs in the thread that also asks the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """The one browser of this worker: Playwright's synchronous interface can be started once per thread."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


PATIENCE = 30_000
"""Milliseconds until something that should show counts as missing; the machine may be busy."""
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}


def slow_down(page: "Page") -> None:
    if SLOWED > 1:
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})


def until(page: "Page", expression: str) -> None:
    """Wait for an expression in the page to hold. Playwright's own `wait_for_function` needs eval, which our CSP refuses."""
    end = time.monotonic() + PATIENCE / 1000
    while not _holds(page, expression):
        assert time.monotonic() < end, f"never: {expression}"
        page.wait_for_timeout(20)


def _holds(page: "Page", expression: str) -> bool:
    from playwright.sync_api import Error

    try:
        return bool(page.evaluate(expression))
    except Error as error:
        if "context was destroyed" in str(error):  # the page is just being left for the next one
            return False
        raise


@dataclass
class Visits:
    """Browsers of members, each in a profile of its own: `visit(member, path)` opens a page as they see it, signed in.

    `device` is what Playwright's `new_context` takes. What a script throws is kept in `complaints`, and fails the test.
    """

    browser: "Browser"
    host: str
    contexts: "list[BrowserContext]" = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __call__(self, member: "Member | None", path: str, **device: Any) -> "Page":
        context = self.browser.new_context(**({"base_url": self.host, "locale": "en-GB", "reduced_motion": "reduce"} | device))
        self.contexts.append(context)
        if member is not None:
            context.add_cookies([self.cookie(member)])
        page = context.new_page()
        slow_down(page)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.set_default_timeout(PATIENCE)
        page.goto(path)
        self.ready(page)
        return page

    def cookie(self, member: "Member") -> Any:
        from django.test import Client

        client = Client()
        client.force_login(member.user)
        return {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": self.host}

    @staticmethod
    def ready(page: "Page") -> None:
        """Until the page's scripts listen."""
        until(page, "!!window.htmx && document.readyState === 'complete'")


class Held:
    """The server is quick, its answers wait until they are let go; what was sent is kept."""

    def __init__(self, page: "Page", path: str) -> None:
        self.page = page
        self.sent: list[str] = []
        self.answers: list[tuple[Route, APIResponse]] = []
        page.route(path, self.hold)

    def hold(self, route: "Route") -> None:
        self.sent.append(route.request.post_data or "")
        self.answers.append((route, route.fetch()))

    def until(self, count: int) -> None:
        """Until so many answers wait."""
        end = time.monotonic() + PATIENCE / 1000
        while len(self.answers) < count:
            assert time.monotonic() < end, f"{len(self.answers)} of {count} were asked for"
            self.page.wait_for_timeout(20)

    def let_go(self) -> None:
        route, response = self.answers.pop(0)
        route.fulfill(response=response)


class Traffic:
    """The requests that the live server's threads are answering now."""

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def started(self, **_signal: Any) -> None:
        if threading.current_thread() is not threading.main_thread():  # a test's own client is no traffic
            self.threads.add(threading.get_ident())

    def finished(self, **_signal: Any) -> None:
        self.threads.discard(threading.get_ident())

    def fall_silent(self, seconds: float = 0.15, most: float = PATIENCE / 1000) -> None:
        """Wait until nothing was answered for so long."""
        end = time.monotonic() + most
        silent_since = time.monotonic()
        while time.monotonic() - silent_since < seconds:
            assert time.monotonic() < end, "the pages never stopped asking"
            time.sleep(0.01)
            if self.threads:
                silent_since = time.monotonic()


@pytest.fixture
def live_server(live_server: Any) -> Iterator[Any]:
    """The real server. What a page sends as it is closed is answered before the database is emptied, or the two wait for each other."""
    traffic = Traffic()
    request_started.connect(traffic.started)
    request_finished.connect(traffic.finished)
    yield live_server
    traffic.fall_silent()
    request_started.disconnect(traffic.started)
    request_finished.disconnect(traffic.finished)


@pytest.fixture
def visit(chromium: "Browser", live_server: Any) -> Iterator[Visits]:
    """Opens pages of the real server as members of the cast. Ask for a cast made in `transactional_db`."""
    visits = Visits(chromium, live_server.url)
    yield visits
    for context in visits.contexts:
        context.close()
    assert visits.complaints == []


@pytest.fixture(autouse=True)
def _clean_caches() -> Iterator[None]:
    """The counters in this process's memory; those in the database go with the test's transaction."""
    from django.core.cache import caches
    from django.utils import translation

    translation.deactivate()  # a request leaves its reader's language behind in this thread
    yield
    caches["local"].clear()


@pytest.fixture(autouse=True)
def _as_many_calls_as_it_takes(settings: Any) -> None:
    """A test that walks every door with one token makes more calls in a minute than a program may; the limit has tests of its own."""
    settings.TOKEN_CALLS_PER_MINUTE = 0
