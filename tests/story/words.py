"""What of a page's visible text is still English to a Chinese reader."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from playwright.sync_api import Page

CATALOG = Path(__file__).resolve().parents[2] / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
OWN_NAMES = {"English"}
"""A language is offered under the name its own readers know."""
PLACE = re.compile(r"%\(\w+\)s|%%|%[sd]")
SEEN = """() => {
  const found = [];
  const shown = (element) => element.getClientRects().length > 0;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode())
    if (node.parentElement && shown(node.parentElement)) found.push(node.textContent);
  for (const element of document.querySelectorAll('[aria-label], [placeholder], [title]'))
    if (shown(element)) for (const name of ['aria-label', 'placeholder', 'title']) found.push(element.getAttribute(name) ?? '');
  return [document.title, ...found].map((text) => text.replace(/\\s+/g, ' ').trim()).filter(Boolean);
}"""
"""Texts, labels, placeholders and titles of what can be seen."""


@cache
def english() -> re.Pattern[str]:
    """Every source text that a Chinese reader should see otherwise; a placeholder stands for anything, where enough words are around it."""
    with CATALOG.open("rb") as file:
        catalog = read_po(file)
    sources = [text for m in catalog if m.id for text in (m.id if isinstance(m.id, tuple) else (m.id,)) if text != str(m.string)]
    plain = [text for text in sources if re.search(r"[A-Za-z]{2}", PLACE.sub("", text))]
    enough = [text for text in plain if not PLACE.search(text) or len(re.findall(r"[A-Za-z]{2,}", PLACE.sub(" ", text))) > 1]
    return re.compile("|".join(".+".join(map(re.escape, PLACE.split(" ".join(text.split())))) for text in enough))


def english_on(page: Page) -> list[str]:
    """The visible texts of the page that are one of our English source texts."""
    return sorted({text for text in page.evaluate(SEEN) if text not in OWN_NAMES and english().fullmatch(text)})
