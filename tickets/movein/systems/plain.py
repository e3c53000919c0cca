"""A plain csv (or sheet): one row a thing that was said, rows of one matter one after the other or anywhere.

Columns: `id` (of the matter), `subject`, `status` (open, waiting, resolved), `opened_at`, `resolved_at`, `tags` (with commas), `channel`,
`customer`, `email`, `phone`, `handle`, `entry_id`, `at`, `author`, `author_email`, `kind` (customer, answer, note), `text`. Only `id` and a
time must be there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from tickets.movein.record import Entry, Matter, Person, Unreadable, identity, moment_or_none, words

_STATUS = {
    "open": "open", "new": "open", "处理中": "open", "未解决": "open", "waiting": "waiting", "pending": "waiting", "等待": "waiting",
    "resolved": "resolved", "closed": "resolved", "solved": "resolved", "done": "resolved", "已解决": "resolved", "已关闭": "resolved",
    "": "open",
}  # fmt: skip
_KINDS = {
    "customer": "customer",
    "顾客": "customer",
    "answer": "answer",
    "agent": "answer",
    "客服": "answer",
    "note": "note",
    "备注": "note",
    "": "customer",
}
_CHANNELS = frozenset({"chat", "phone", "email", "review", "platform", "other"})


def read(listed: str, document: Mapping[str, Any]) -> Person | Matter | None:
    """A row. Raises `Unreadable`."""
    number = identity(document)
    word = words(document.get("status"), 20).casefold()
    if word not in _STATUS:
        raise Unreadable("document_unreadable", "status")
    at = moment_or_none(document.get("at"), "at")
    opened = moment_or_none(document.get("opened_at"), "opened_at") or at
    channel = words(document.get("channel"), 10).casefold()
    email, phone, handle = (words(document.get(name), 160) for name in ("email", "phone", "handle"))
    person = Person(
        email.casefold() or phone or handle, words(document.get("customer"), 120), [email] if email else [], [phone] if phone else [],
        [handle] if handle else [],
    )  # fmt: skip
    status = _STATUS[word]
    return Matter(
        number,
        subject=words(document.get("subject"), 160),
        status=status,
        waiting_on="customer" if status == "waiting" else "",
        channel=channel if channel in _CHANNELS else "other",
        tags=[tag for tag in words(document.get("tags"), 300).replace("，", ",").split(",") if tag.strip()],
        opened_at=opened,
        resolved_at=moment_or_none(document.get("resolved_at"), "resolved_at"),
        customer=person,
        entries=_entries(document, number, at or opened),
    )


def _entries(document: Mapping[str, Any], number: str, at: Any) -> list[Entry]:
    text = words(document.get("text"), 20_000)
    if not text:
        return []
    if at is None:
        raise Unreadable("time_unreadable", "at")
    kind = _KINDS.get(words(document.get("kind"), 20).casefold())
    if kind is None:
        raise Unreadable("document_unreadable", "kind")
    author, email = words(document.get("author"), 120), words(document.get("author_email"), 160)
    told = f"{number}\n{at.isoformat()}\n{author}\n{text}"
    key = words(document.get("entry_id"), 60) or hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()
    return [Entry(key, at, text, kind, Person(email.casefold(), author, [email] if email else [], staff=kind != "customer"))]
