"""Lighthouse (from npm, at a fixed version) over the pages that carry the work, in the same Chromium, signed in by cookie."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
    url = page.url
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in context.cookies())
    context.close()
    with tempfile.TemporaryDirectory() as folder:
        report, headers = Path(folder) / "report.json", Path(folder) / "headers.json"
        headers.write_text(json.dumps({"Cookie": cookies}))
        subprocess.run(
            [
                str(command), url, "--quiet", "--preset=desktop", "--output=json", f"--output-path={report}", f"--extra-headers={headers}",
                f"--skip-audits={','.join(SKIPPED)}", f"--chrome-flags=--headless=new {' '.join(FLAGS)}",
            ],
            env=os.environ | {"CHROME_PATH": os.environ.get("CHROMIUM", "/usr/bin/chromium")}, capture_output=True, timeout=180, check=True,
        )  # fmt: skip
        found: dict[str, Any] = json.loads(report.read_text())["categories"]
    return {name: round((found[name]["score"] or 0) * 100) for name in CATEGORIES if name in found}
