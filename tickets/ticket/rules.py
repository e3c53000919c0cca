"""What decides about tickets: pure, without database and clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from tickets.ticket.models import Status

FLOW: dict[str, frozenset[str]] = {
    "edit": frozenset({Status.OPEN, Status.WAITING, Status.RESOLVED}),
    "claim": frozenset({Status.OPEN, Status.WAITING}),
    "release": frozenset({Status.OPEN, Status.WAITING}),
    "transfer": frozenset({Status.OPEN, Status.WAITING}),
    "take_over": frozenset({Status.OPEN, Status.WAITING}),
    "put_into_pool": frozenset({Status.OPEN, Status.WAITING}),
    "contact": frozenset({Status.OPEN, Status.WAITING, Status.RESOLVED}),
    "note": frozenset({Status.OPEN, Status.WAITING, Status.RESOLVED}),
    "attach": frozenset({Status.OPEN, Status.WAITING, Status.RESOLVED}),
    "promise": frozenset({Status.OPEN, Status.WAITING, Status.RESOLVED}),
    "wait": frozenset({Status.OPEN, Status.WAITING}),
    "resume": frozenset({Status.WAITING}),
    "resolve": frozenset({Status.OPEN, Status.WAITING}),
    "reopen": frozenset({Status.RESOLVED}),
    "merge": frozenset({Status.OPEN, Status.WAITING, Status.RESOLVED}),
    "complain": frozenset({Status.OPEN, Status.WAITING, Status.RESOLVED}),
    "ask_handler": frozenset({Status.OPEN, Status.WAITING, Status.RESOLVED}),
}
"""In which states a deed is possible. A merged ticket takes nothing itself; what arrives late goes to the one it was merged into."""

EDITABLE = ("subject", "body", "kind", "reason", "severity", "channel", "shop", "tags", "next_action", "next_at", "next_by")
"""What `edit` may change on the row itself; `orders` is changed beside it."""

TEXT_BOUND = 20_000
"""Characters of a ticket that can be searched: the index looks no further either."""

MENTION = re.compile(r"(?<![A-Za-z0-9._%+@-])@([\w.\-]{1,60})")


def possible(deed: str, status: str) -> bool:
    """Whether the deed is possible in this state."""
    return status in FLOW[deed]


def mentions(text: str) -> set[str]:
    """The names that a text addresses with @ (letters of any script, digits, `_ . -`)."""
    return {found.rstrip(".-") for found in MENTION.findall(text)} - {""}


def called(mention: str) -> list[str]:
    """The names that a mention can stand for, the likeliest first. Chinese is written without blanks: in “@小王看一下” the name is
    a beginning of what follows the @."""
    return [mention] if mention.isascii() else [mention[:length] for length in range(len(mention), 0, -1)]


def due(next_at: datetime | None, promises: Iterable[datetime]) -> datetime | None:
    """When a ticket wants attention: the earliest of its next action and its unkept promises."""
    return min((at for at in (next_at, *promises) if at is not None), default=None)


def missing_of_promise(text: str, due_at: datetime | None) -> tuple[str, Any] | None:
    """A promise has a text and a time: the field that is missing where only the other was given, and what to say beside it."""
    if text and not due_at:
        return "due_at", _("Say by when.")
    if due_at and not text:
        return "promise", _("Say what was promised.")
    return None


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Tags without blanks and repeats, in the order given, each at most 30 characters."""
    return list(dict.fromkeys(tag.strip()[:30] for tag in tags if tag.strip()))


def difference(current: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Field by field where what somebody sent differs from what is there: `{"theirs": …, "yours": …}`."""
    return {name: {"theirs": current.get(name), "yours": value} for name, value in given.items() if current.get(name) != value}


def searchable(subject: str, body: str, later: Iterable[str]) -> str:
    """The text of a ticket that search looks through: subject, body, and what was written since; at most `TEXT_BOUND` characters."""
    return "\n".join(part for part in (subject, body, *later) if part)[:TEXT_BOUND]


@dataclass(frozen=True)
class Candidate:
    """Somebody who could hold a ticket next: on duty now or only coming, and how many open tickets are already theirs."""

    member: int
    name: str
    on: bool
    load: int


def homing(candidates: Iterable[Candidate], *, touched: Iterable[int], known: Iterable[int]) -> list[tuple[int, str]]:
    """Rule C10: who is suggested as next holder, best first, as (member id, why).

    First who already touched the matter (the latest first), then who last answered or sold to this customer (`known`, best
    first), then the least loaded. Within the last group somebody at work goes before somebody who is only coming. `candidates`
    are on duty or coming: whoever is not among them is never suggested.
    """
    able = {c.member: c for c in candidates}
    order: dict[int, str] = {}
    for member in touched:
        if member in able:
            order.setdefault(member, "touched")
    for member in known:
        if member in able:
            order.setdefault(member, "known")
    for c in sorted(able.values(), key=lambda c: (not c.on, c.load, c.name, c.member)):
        order.setdefault(c.member, "least_loaded")
    return list(order.items())
