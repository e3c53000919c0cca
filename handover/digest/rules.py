"""What a digest asks of its reader, what counts as an answer, and what makes it old. Pure: facts in, decisions out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from handover.note.rules import ACT_NOW, RANK, STABLE, WATCH, content_hash

TAKE, OWNER, ASK = "take", "owner", "ask"
ACCEPT = "accept"
"""What acknowledging says of a stable matter; nobody answers it one by one."""
ANSWERS = (TAKE, OWNER, ASK)
COMING_WITHIN = timedelta(hours=16)
"""Somebody rostered to begin within this time is coming; later than that, what they hold has nobody (see `people.Presence`)."""
WARN_AT = 3
"""From this many people on a matter is marked, whatever the team's limit."""


@dataclass(frozen=True)
class Person:
    """When a member of the team is at work, as Presence knows it. Instants are UTC."""

    pk: int
    name: str
    on_since: datetime | None = None
    on_until: datetime | None = None
    admitted_until: datetime | None = None
    next_on: datetime | None = None
    next_until: datetime | None = None
    username: str = ""
    can_hold: bool = True

    def is_on(self, at: datetime) -> bool:
        return self.on_since is not None and self.on_since <= at and (self.admitted_until is None or at < self.admitted_until)

    def comes_before(self, at: datetime, until: datetime) -> bool:
        """Rostered to begin before `until`, and not over at `at`."""
        return self.next_on is not None and self.next_until is not None and self.next_on < until and self.next_until > at

    def is_here(self, at: datetime, until: datetime) -> bool:
        """At work, or coming before `until`: what is theirs is their business."""
        return self.is_on(at) or self.comes_before(at, until)

    def is_gone(self, at: datetime) -> bool:
        """Neither at work nor coming: what they hold has nobody."""
        return not self.is_on(at) and not self.comes_before(at, at + COMING_WITHIN)


def is_urgent(due_at: datetime | None, until: datetime) -> bool:
    """Overdue, or due before the reader's shift ends at `until`."""
    return due_at is not None and due_at < until


def severity(ticket: str, item: str | None, due_at: datetime | None, until: datetime) -> str:
    """The most urgent of what the ticket says, what the open handover says, and what the clock says."""
    said = [ticket, item or ticket, ACT_NOW if is_urgent(due_at, until) else STABLE]
    return min(said, key=RANK.__getitem__)


@dataclass(frozen=True)
class Custody:
    """Where a matter is. `offered`: an open offer stands; `to` is its receiver (None: the pool)."""

    holder: int | None
    offered: bool = False
    to: int | None = None


def source(
    custody: Custody, reader: int, people: Mapping[int, Person], *, due_at: datetime | None, at: datetime, until: datetime
) -> str | None:
    """Why a matter is in this reader's digest, or None where it is somebody else's business.

    `offered` to the reader · `mine` · `pool` (nobody has it, or it is offered to the pool) · `absent` (whoever has it, or is to get it,
    is gone, or comes only after something falls due).
    """
    if custody.offered and custody.to is not None:
        if custody.to == reader:
            return "offered"
        if _covered(people.get(custody.to), due_at, at, until):
            return None
        return "absent"
    if custody.holder == reader:
        return "mine"
    if custody.offered or custody.holder is None:
        return "pool"
    return None if _covered(people.get(custody.holder), due_at, at, until) else "absent"


def _covered(person: Person | None, due_at: datetime | None, at: datetime, until: datetime) -> bool:
    if person is None or person.is_gone(at):
        return False
    return person.is_here(at, until) or not is_urgent(due_at, until)


def digest_key(shift: int | None, day: date, earlier: int) -> str:
    """What a digest opens: a shift, or a day without one; `earlier` counts the duties of this person it has opened already."""
    base = f"shift:{shift}" if shift is not None else f"day:{day.isoformat()}"
    return f"{base}/{earlier + 1}" if earlier else base


def delta(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, list[str]]:
    """Item by item what is new, what changed, what is gone; hashes by item. Only the first two make a digest old."""
    return {
        "added": [item for item in now if item not in before],
        "changed": [item for item in now if item in before and before[item] != now[item]],
        "gone": [item for item in before if item not in now],
    }


def is_old(found: Mapping[str, list[str]]) -> bool:
    return bool(found["added"] or found["changed"])


def carried(answers: Mapping[str, Any], before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, Any]:
    """The answers that still hold: those about items that did not change."""
    return {item: answer for item, answer in answers.items() if item not in now or before.get(item) == now[item]}


def unanswered(levels: Mapping[str, str], answers: Mapping[str, Any]) -> list[str]:
    """The act-now and watch items without an answer (H9); stable ones are accepted together by starting."""
    return [item for item, level in levels.items() if level in (ACT_NOW, WATCH) and item not in answers]


def item_hash(facts: list[Any]) -> str:
    """SHA-256 over what one item asks for, in a fixed order; instants as RFC 3339 in UTC."""
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def version_hash(hashes: Mapping[str, str]) -> str:
    """The hash of a version: of every item that asks for an answer."""
    return content_hash(dict(sorted(hashes.items())))


def minutes_to_read(act_now: int, watch: int, know: int) -> int:
    """A guess to go by: 20 seconds for each act-now matter, 10 for each to watch, 5 for each notice; at least one minute."""
    return max(1, round((20 * act_now + 10 * watch + 5 * know) / 60))


def in_order(matters: Iterable[Any]) -> list[Any]:
    """By severity, then by due time, those without one last."""
    return sorted(matters, key=lambda m: (RANK[m.severity], m.due_at is None, m.due_at.timestamp() if m.due_at else 0, m.ticket_id))
