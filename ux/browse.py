"""A try-out server with the demo team, and a Chromium that visits it as each of its people."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from ux.pages import FOUND_ON, Visit

PASSWORD = "handover-demo"  # noqa: S105 - the demo team's, as `manage.py up` prints it
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
DEVICES: dict[str, dict[str, Any]] = {
    "desktop": DESKTOP,
    "dark": DESKTOP | {"color_scheme": "dark"},
    "phone": PHONE,
    "zh-hans": DESKTOP | {"locale": "zh-CN"},
    "zh-hant phone": PHONE | {"locale": "zh-TW"},
    "zoomed 200 %": {"viewport": {"width": 640, "height": 450}},
}


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """`manage.py up` with a database of its own in a folder that is gone afterwards; gives the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    var = Path(tempfile.mkdtemp(prefix="handover-ux-"))
    var.chmod(0o711)
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"PORT": str(port), "HANDOVER_VAR": str(var / "var"), "HANDOVER_LOCAL": "1"}
    log = (var / "up.log").open("w")
    server = subprocess.Popen([sys.executable, "manage.py", "up"], env=environment, stdout=log, stderr=log)
    host = f"http://127.0.0.1:{port}"
    try:
        wait_for(host, server, var / "up.log")
        yield host
    finally:
        server.terminate()
        server.wait(30)
        log.close()
        shutil.rmtree(var, ignore_errors=True)


def wait_for(host: str, server: subprocess.Popen[bytes], log: Path, seconds: float = 600) -> None:
    """Until the server answers and the demo team is laid out (`up` says so last)."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{host}/healthz", timeout=2).read()
            if "Ctrl-C" in log.read_text():
                return
        time.sleep(0.3)
    raise RuntimeError(f"the server does not answer:\n{log.read_text()[-2000:]}")


@dataclass
class Hand:
    """One browser in front of one server. Sign-ins are kept, so that each person signs in once."""

    browser: Browser
    host: str
    states: dict[str, Any] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def context(self, who: str, device: dict[str, Any]) -> BrowserContext:
        if who and who not in self.states:
            self.states[who] = self.signed_in(who)
        state = {"storage_state": self.states[who]} if who else {}
        # English unless the device says otherwise
        return self.browser.new_context(
            **({"locale": "en-GB", "reduced_motion": "reduce", "timezone_id": "Asia/Shanghai"} | device | state)
        )

    def signed_in(self, who: str) -> Any:
        context = self.browser.new_context(locale="en-GB")
        page = context.new_page()
        page.goto(f"{self.host}/accounts/login/")
        page.fill("input[name=login]", who)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/accounts/login/" not in url)
        state = context.storage_state()
        context.close()
        return state

    def page(self, context: BrowserContext) -> Page:
        """A tab whose complaints (console, exceptions, another host, a failing answer) are kept."""
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.complain(page, str(error)))
        page.on("console", lambda said: self.complain(page, said.text) if said.type == "error" and "status of 4" not in said.text else None)
        page.on("request", lambda asked: self.complain(page, f"asks {asked.url}") if self.foreign(asked.url) else None)
        page.on("response", lambda got: self.complain(page, f"{got.status} {got.url}") if got.status >= 500 else None)
        return page

    def foreign(self, url: str) -> bool:
        return urlsplit(url).scheme in ("http", "https") and not url.startswith(self.host)

    def complain(self, page: Page, text: str) -> None:
        self.complaints.append(f"{urlsplit(page.url).path}: {text}")

    def go(self, page: Page, visit: Visit) -> bool:
        """Open the page and let it settle; False where the demo team has no such row, or the page is refused."""
        path = self.found(page, visit)
        answer = page.goto(self.host + path) if path else None
        if answer is None or answer.status >= 400:
            return False
        settle(page)
        return True

    def found(self, page: Page, visit: Visit) -> str:
        """The visit's path with the number of a row in it; nothing where there is no such row."""
        if not visit.word:
            return visit.path
        listed, address = FOUND_ON[visit.word]
        number = re.search(address, page.request.get(self.host + listed).text())
        return visit.path.format_map({visit.word: number[1]}) if number else ""


def settle(page: Page) -> None:
    """Scripts listen, and what loads by itself has come (live regions keep a connection open, so the network never idles)."""
    page.wait_for_load_state("load")
    page.wait_for_timeout(350)


@contextlib.contextmanager
def hand(host: str = "") -> Iterator[Hand]:
    """A browser in front of the server at `host`, or of one started for the occasion."""
    with contextlib.ExitStack() as stack:
        host = host or stack.enter_context(serving())
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=FLAGS)
        stack.callback(browser.close)
        yield Hand(browser, host)
