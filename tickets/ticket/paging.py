"""A list cut into screenfuls, to be gone through both ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tickets.web.refusals import Refused

SIZE = 50


@dataclass(frozen=True)
class Slice:
    """One screenful and the cursors of its neighbours (empty where there is none)."""

    rows: list[dict[str, Any]]
    previous: str = ""
    next: str = ""


def cut(found: list[dict[str, Any]], size: int, place: Callable[[dict[str, Any]], str], *, after: str, before: str) -> Slice:
    """A screenful of rows that were read as one goes (back from `before`, else on from `after`), one more of them than fit."""
    more, page = len(found) > size, found[:size]
    if not page:
        return Slice([])
    if before:
        page.reverse()
    has_previous, has_next = (more, True) if before else (bool(after), more)
    return Slice(page, place(page[0]) if has_previous else "", place(page[-1]) if has_next else "")


def unknown(name: str, value: str) -> Refused:
    """The refusal of what a list's address names and the list does not know."""
    return Refused("invalid", errors={name: [_("“%(value)s” is not something this list knows.") % {"value": value[:80]}]})
