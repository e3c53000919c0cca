"""Lists of the platforms that are no orders and come in through the same door: kept, recognised, tried, carried out as a job with
progress, their bad rows reported. The room that understands a list introduces it here when the application starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.functional import Promise as LazyText

from tickets.order.sources.columns import header_names
from tickets.order.sources.reading import Unreadable, read_rows
from tickets.order.sources.record import Problem

HEADER_WITHIN = 20
"""Rows from the top among which a header stands."""


@dataclass
class Piece:
    """Some rows of a list, written in one transaction: the line they reach to, what became of them, which did not come in."""

    upto: int
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    unmatched: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class OtherList:
    """`fits(names)`: whether a header is its own. `platforms` whose shops it belongs to. `deed`: who may bring it in.
    `waiting`: what a row is called that came in and found nothing to meet.

    `pieces(run)` reads the run's file and writes a piece each time the next is asked for, inside the caller's transaction; it leaves out
    what reaches no further than `run.done`.
    """

    code: str
    title: str | LazyText
    fits: Callable[[set[str]], bool]
    platforms: frozenset[str]
    deed: str
    pieces: Callable[[Any], Iterator[Piece]]
    waiting: str | LazyText


LISTS: dict[str, OtherList] = {}


def introduce(one: OtherList) -> None:
    """Let files of this kind be taken."""
    LISTS[one.code] = one


def recognise_list(path: Path, platform: str) -> OtherList | None:
    """What list the file is, by its columns; None where it is none that was introduced. Where several platforms' lists have such columns,
    it is the one of the shop's `platform`."""
    try:
        for _line, cells in islice(read_rows(path), HEADER_WITHIN):
            names = set(header_names(cells))
            found = [one for one in LISTS.values() if one.fits(names)]
            if found:
                return next((one for one in found if platform in one.platforms), found[0])
    except Unreadable:
        return None
    return None
