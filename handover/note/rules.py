"""What a handover note proposes, asks for, and amounts to. Pure: facts in, decisions out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

ACT_NOW, WATCH, STABLE = "act_now", "watch", "stable"
RANK = {ACT_NOW: 0, WATCH: 1, STABLE: 2}
ITEM_FIELDS = ("severity", "state", "promise", "next_action", "to_member", "due_at", "if_then")
NEEDED = ("state", "next_action", "due_at", "if_then")
"""What act-now and watch must say (H3); who and which severity are always filled."""
WINDOW = timedelta(hours=12)
"""How far ahead counts as “the next shift” where the roster names none."""
LATE = 2
"""After this many times `team.escalate_after` the matters of somebody rostered who has not come go to the pool."""


@dataclass(frozen=True)
class Facts:
    """What the ledger knows of a matter. `due_at`: the earliest of its next action and its unkept promises (UTC)."""

    severity: str
    waiting: bool = False
    due_at: datetime | None = None
    complaint: bool = False


def propose(facts: Facts, *, until: datetime) -> str:
    """The severity a note proposes: whatever falls due before the next shift ends at `until` is act now; a complaint or a matter that
    is ours to move is watched; one that waits for others, with nothing due, is stable."""
    if facts.severity == ACT_NOW or (facts.due_at is not None and facts.due_at < until):
        return ACT_NOW
    if facts.complaint:
        return WATCH
    if facts.waiting or facts.severity == STABLE:
        return STABLE
    return WATCH


def worst(*severities: str | None) -> str:
    """The most urgent of these."""
    return min((s for s in severities if s), key=RANK.__getitem__)


def missing(item: Mapping[str, Any]) -> list[str]:
    """The cells that a person must still fill before this item can be handed over, in the order of the row."""
    if item["severity"] == STABLE:
        return []
    return [name for name in NEEDED if not item[name]]


@dataclass
class Receiver:
    """Somebody of the next shift. `load`: unresolved matters now, plus those already given in this note."""

    pk: int
    load: int = 0


@dataclass(frozen=True)
class History:
    """Who knows a matter: who touched it (latest first), who last answered, who sold to or answered this customer."""

    touched: Sequence[int] = ()
    answered: int | None = None
    sold: Sequence[int] = field(default_factory=tuple)


def home(history: History, receivers: Mapping[int, Receiver]) -> tuple[int | None, str]:
    """Whom a matter is handed to (C10), and why: `touched`, `answered`, `least_loaded`, or the pool (`nobody`). Raises that load by one."""
    found, why = None, "nobody"
    for reason, people in (("touched", history.touched), ("answered", (history.answered, *history.sold))):
        found = next((pk for pk in people if pk in receivers), None)
        if found is not None:
            why = reason
            break
    if found is None and receivers:
        found, why = min(receivers.values(), key=lambda r: (r.load, r.pk)).pk, "least_loaded"
    if found is not None:
        receivers[found].load += 1
    return found, why


def content_hash(content: Any) -> str:
    """SHA-256 over the canonical JSON of what was signed or acknowledged (keys sorted, instants as RFC 3339)."""
    return hashlib.sha256(canonical(content)).hexdigest()


def canonical(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain).encode()


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


@dataclass(frozen=True)
class Waiting:
    """An offer nobody has acknowledged yet. `starts_at`: when its receiver's shift begins, where known."""

    offered_at: datetime
    starts_at: datetime | None
    receiver_on: bool
    receiver_coming: bool
    escalated: bool


def escalation(offer: Waiting, *, at: datetime, after: timedelta) -> str:
    """What the clock does with an open offer: `wait`, `tell` the lead, or put it into the `pool`.

    Time counts from the offer or from the start of the receiver's shift, whichever is later. Who is at work keeps the offer; who is
    neither here nor coming loses it at once to the pool; who is rostered but late, after twice the time.
    """
    since = max(offer.offered_at, offer.starts_at or offer.offered_at)
    if at < since + after:
        return "wait"
    if not offer.receiver_on and (not offer.receiver_coming or at >= since + LATE * after):
        return "pool"
    return "wait" if offer.escalated else "tell"


def first_line(texts: Iterable[str], limit: int = 300) -> str:
    """The first of these that says something, as one line."""
    for text in texts:
        line = " ".join(text.split())
        if line:
            return line if len(line) <= limit else line[: limit - 1] + "…"
    return ""
