"""Events as others see them, their signature, and when to try again. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tickets.web.numbers import whole_number

GIVE_UP_AFTER = timedelta(hours=24)
DISABLE_AFTER = timedelta(days=3)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
LEASE = timedelta(minutes=2)
"""Longer than any try can take (`handover.server.outgoing`)."""

FAMILIES = (
    "ticket", "promise", "handler", "return_form", "parcel", "customer", "order", "duty", "handover", "note", "digest",
    "notice", "campaign", "script", "shift", "swap", "report", "member", "team",
)  # fmt: skip
"""The first words of the ledger's codes that are offered; any code may be named."""
KIND = re.compile(r"^[a-z_]{1,20}(\.[a-z_]{1,30})?$")

NUMBERS = frozenset({"number", "tracking", "amount", "total", "paid", "refunded", "freight", "version", "revision"})
"""Keys whose value is a number that may be written as text: never a telephone."""
TEXTS = frozenset(
    {"text", "reason", "question", "decision", "subject", "next_step", "next_action", "failure", "shift", "by_name", "to_name"}
)
"""Keys of what people typed that is part of the event; telephone numbers in it are hidden."""
IDS_ONLY = ("customer.",)
"""Families of which only ids leave: their facts are the customer's names and accounts."""
CODE = re.compile(r"^[a-z][a-z0-9_.:-]{0,59}$")
INSTANT = re.compile(r"^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?$")
PHONE = re.compile(r"(?<![\d.])\+?\d(?:[ -]?\d){6,14}(?![\d.])")


def wants(kinds: Iterable[str], code: str) -> bool:
    """Whether an endpoint with these kinds is told of the code; the trigger says the same in SQL."""
    chosen = list(kinds)
    return not chosen or code in chosen or code.split(".")[0] in chosen


def facts(code: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What of a ledger row's data leaves: ids, numbers, codes, instants and what was typed, without telephone numbers; of customers ids
    only. What is none of these stays inside."""
    only_ids = code.startswith(IDS_ONLY)
    found = {key: _fact(key, value, only_ids) for key, value in data.items()}
    return {key: value for key, value in found.items() if value is not None}


def _fact(key: str, value: Any, only_ids: bool) -> Any:
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        inner = {str(name): _fact(str(name), each, only_ids) for name, each in value.items()}
        return {name: each for name, each in inner.items() if each is not None}
    if isinstance(value, list):
        return [each for each in (_fact(key, each, only_ids) for each in value) if each is not None]
    if not isinstance(value, str) or only_ids:
        return None
    if INSTANT.match(value) or CODE.match(value) or key in NUMBERS:
        return value[:120]
    return PHONE.sub(lambda hit: "…" + re.sub(r"\D", "", hit.group())[-4:], value)[:1000] if key in TEXTS else None


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over "timestamp.body" with the secret, in hexadecimal."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def backoff(failures: int, chance: float) -> timedelta:
    """How long an endpoint rests after so many failures in a row: half a minute, doubling up to an hour, less up to a quarter by chance."""
    doubled: int = 2 ** min(max(failures, 1) - 1, 10)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT) * (1 - chance / 4)


def asked_to_wait(header: str) -> timedelta:
    """What `Retry-After` in seconds asks for, at most an hour; nothing for another form."""
    return timedelta(seconds=min(whole_number(header, digits=6) or 0, 3600))


def instant(at: datetime) -> str:
    """RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
