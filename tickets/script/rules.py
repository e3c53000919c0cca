"""What a quick reply may hold, and how its places are filled. Pure: no database, no clock."""

from __future__ import annotations

import re
from collections.abc import Mapping

SHORTCUT = r"^[^\s/{}、]{1,20}$"
"""One word. `、` is what `/` gives on a Chinese keyboard, so it opens the picker too and is part of no shortcut."""
PLACES = ("customer", "order", "agent")
_PLACE = re.compile(r"\{(\w+)\}")


def plain_shortcut(text: str) -> str:
    """A shortcut as it is stored: without the slash people like to type, in small letters."""
    return text.strip().lstrip("/、").casefold()


def is_shortcut(text: str) -> bool:
    return re.fullmatch(SHORTCUT, text) is not None


def unknown_places(body: str) -> list[str]:
    """The names in braces that nothing fills, each once, in their order."""
    return [name for name in dict.fromkeys(_PLACE.findall(body)) if name not in PLACES]


def fill(body: str, values: Mapping[str, str]) -> str:
    """The body with what is known put in. What is not known stays in its braces: the agent sees it and fills it."""
    return _PLACE.sub(lambda found: values.get(found[1]) or found[0], body)
