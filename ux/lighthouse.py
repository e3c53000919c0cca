"""Lighthouse (from npm, at a fixed version) over the pages that carry the work, in the same Chromium, signed in by cookie."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error

from ux.browse import FLAGS, Hand
from ux.pages import TEN, Visit
from ux.states import visits

VERSION = "12.8.2"
FOLDER = Path("var/lighthouse")
LEAST = 95
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
# robots are kept out of a signed-in workspace on purpose; http instead of https is the try-out's
SKIPPED = ("is-crawlable", "is-on-https", "redirects-http", "uses-http2")


def program() -> Path | None:
    """Lighthouse's command, installed on first use; None where there is no npm."""
    found = FOLDER / "node_modules" / ".bin" / "lighthouse"
    if found.exists():
        return found.resolve()
    if not shutil.which("npm"):
        return None
    FOLDER.mkdir(parents=True, exist_ok=True)
    subprocess.run(["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(FOLDER), f"lighthouse@{VERSION}"], check=True)
    return found.resolve()


def judged(opened: Hand, only: str) -> Iterator[str]:
    command = program()
    if command is None:
        yield "npm is not installed, so Lighthouse was not asked"
        return
    print(f"   {'':<14}" + "".join(f"{name:>16}" for name in CATEGORIES))
    for visit in visits(tuple(name for name in TEN if only in name)):
        try:
            scores = scored(command, opened, visit)
        except subprocess.SubprocessError as error:
            yield f"{visit.name}: Lighthouse gave no answer ({error.__class__.__name__})"
            continue
        print(f"   {visit.name:<14}" + "".join(f"{scores.get(name, 0):>16.0f}" for name in CATEGORIES), flush=True)
        yield from (f"{visit.name}: {name} {scores[name]:.0f}, at least {LEAST}" for name in CATEGORIES if scores.get(name, 0) < LEAST)


def scored(command: Path, opened: Hand, visit: Visit) -> dict[str, float]:
    """The four scores, 0 to 100, of one page as its person sees it on a desktop."""
    context = opened.context(visit.who, {})
    page = opened.page(context)
    opened.go(page, visit)
    url, cookies = page.url, context.cookies()
    context.close()
    with tempfile.TemporaryDirectory() as folder, signed_in(opened, Path(folder) / "profile", cookies) as port:
        report = Path(folder) / "report.json"
        subprocess.run(
            [
                str(command), url, "--quiet", "--preset=desktop", "--output=json", f"--output-path={report}", f"--port={port}",
                "--disable-storage-reset", f"--skip-audits={','.join(SKIPPED)}",
            ],
            capture_output=True, timeout=180, check=True,
        )  # fmt: skip
        found: dict[str, Any] = json.loads(report.read_text())["categories"]
    return {name: round((found[name]["score"] or 0) * 100) for name in CATEGORIES if name in found}


@contextlib.contextmanager
def signed_in(opened: Hand, profile: Path, cookies: list[Any]) -> Iterator[int]:
    """A Chromium with a fresh profile that has these cookies; gives the port it is steered by. A header instead of cookies would be
    dropped from what the page itself asks for as soon as the server sets a cookie: its drafts were answered 401."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [os.environ.get("CHROMIUM", "/usr/bin/chromium"), "--headless=new", f"--remote-debugging-port={port}", *FLAGS]
    chromium = subprocess.Popen([*command, f"--user-data-dir={profile}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        steered = connected(opened, port)
        steered.contexts[0].add_cookies(cookies)
        steered.close()
        yield port
    finally:
        chromium.terminate()
        chromium.wait(30)


def connected(opened: Hand, port: int, seconds: float = 60) -> Browser:
    """The browser behind the port, as soon as it listens."""
    end = time.monotonic() + seconds
    while True:
        try:
            return opened.browser.browser_type.connect_over_cdp(f"http://127.0.0.1:{port}")
        except Error:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
