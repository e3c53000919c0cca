"""What a page as it stands is judged by: axe, width, targets for thumbs, one heading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[1] / "tests" / "vendor" / "axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PRESSED = "button, .button, .places a, .tabs a, .chips a, select, summary, .bar input, .choice label > span, input:not([type=hidden])"
SMALL = """(pressed) => [...document.querySelectorAll(pressed)]
    .filter((one) => one.getClientRects().length && !one.closest("dialog, .sr") && !["checkbox", "radio", "file"].includes(one.type))
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([one, box]) => box.height < 43.5 && box.width > 1 && getComputedStyle(one).clip === "auto")
    .map(([one, box]) => [one.tagName.toLowerCase(), one.className,
        (one.textContent || one.name || "").trim().slice(0, 30), Math.round(box.height)])
    .map(([tag, classes, text, height]) => `${tag}.${classes} “${text}” ${height} px`)"""
WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? "" : [...document.querySelectorAll("#main *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1).slice(0, 3)
    .map((one) => one.tagName.toLowerCase() + "." + one.className).join(", ") || "something outside of #main\""""


def axe(page: Page, rules: list[str] | None = None, *, within: str = "html") -> list[str]:
    """What axe has against the page, or a part of it, by these rules (by all of STANDARDS without), one line for each element."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text() + ";undefined")  # through the debugger: our own policy would refuse a script tag
    found: dict[str, Any] = page.evaluate(
        "([within, standards]) => axe.run(within, {runOnly: standards, resultTypes: ['violations']})", [within, rules or STANDARDS]
    )
    return [
        f"axe {one['id']}: {node['target']} {node['failureSummary'].splitlines()[-1].strip()[:160]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def sideways(page: Page) -> list[str]:
    """Whether the page is wider than its window, and by what."""
    wide = page.evaluate(WIDE)
    return [f"scrolls sideways: {wide}"] if wide else []


def small_targets(page: Page) -> list[str]:
    """What is pressed and lower than 44 px."""
    return [f"small target: {one}" for one in page.evaluate(SMALL, PRESSED)]


def headings(page: Page) -> list[str]:
    count = page.locator("h1").count()
    return [] if count == 1 else [f"{count} first-level headings"]


def all_of(page: Page, *, phone: bool = False) -> list[str]:
    return axe(page) + sideways(page) + headings(page) + (small_targets(page) if phone else [])
