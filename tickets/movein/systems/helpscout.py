"""Help Scout: conversations of its Mailbox API 2.0, with their threads embedded (`embed=threads`), and customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tickets.movein.record import Entry, Matter, Person, Unreadable, body, identity, moment, moment_or_none, objects, part, words

_STATUS = {"active": ("open", ""), "open": ("open", ""), "pending": ("waiting", "customer"), "closed": ("resolved", "")}
_CHANNEL = {"email": "email", "chat": "chat", "phone": "phone"}
_SAID = {
    "customer": "customer",
    "beaconchat": "customer",
    "chat": "customer",
    "phone": "customer",
    "message": "answer",
    "reply": "answer",
    "note": "note",
}


def read(listed: str, document: Mapping[str, Any]) -> Person | Matter | None:
    """A conversation or a customer. Raises `Unreadable`."""
    if listed == "conversations" or "primaryCustomer" in document:
        return _conversation(document)
    if listed == "customers" or "firstName" in document:
        return _person(document)
    raise Unreadable("kind_unknown")


def _person(told: Mapping[str, Any]) -> Person:
    """A customer in full (`firstName`, embedded e-mails) or as others mention them (`first`, `email`)."""
    inside = part(told.get("_embedded"))
    names = (words(told.get(long) or told.get(short), 60) for long, short in (("firstName", "first"), ("lastName", "last")))
    emails = [words(each.get("value"), 160) for each in objects(inside.get("emails"), "emails")] or [words(told.get("email"), 160)]
    phones = [words(each.get("value"), 40) for each in objects(inside.get("phones"), "phones")]
    return Person(
        identity(told), " ".join(filter(None, names)), list(filter(None, emails)), list(filter(None, phones)),
        note=words(told.get("background"), 2000), staff=told.get("type") == "user",
    )  # fmt: skip


def _conversation(told: Mapping[str, Any]) -> Matter | None:
    word = words(told.get("status"), 20)
    if word == "spam" or told.get("state") in ("deleted", "draft"):
        return None
    if word not in _STATUS:
        raise Unreadable("document_unreadable", "status")
    status, waiting_on = _STATUS[word]
    threads = objects(part(told.get("_embedded")).get("threads"), "threads")
    tags = [words(tag.get("tag") or tag.get("name"), 30) for tag in objects(told.get("tags"), "tags")]
    return Matter(
        identity(told),
        subject=words(told.get("subject"), 160),
        status=status,
        waiting_on=waiting_on,
        channel=_CHANNEL.get(words(told.get("type"), 10), "other"),
        tags=tags,
        opened_at=moment(told.get("createdAt"), "createdAt"),
        resolved_at=moment_or_none(told.get("closedAt"), "closedAt"),
        customer=_person(part(told.get("primaryCustomer") or told.get("createdBy"))),
        body="" if threads else words(told.get("preview"), 2000),
        entries=[entry for entry in map(_thread, threads) if entry is not None],
    )


def _thread(told: Mapping[str, Any]) -> Entry | None:
    """What somebody said; a line item (“assigned to …”) is nothing that was said."""
    kind = _SAID.get(words(told.get("type"), 20))
    if kind is None or told.get("state") in ("draft", "hidden"):
        return None
    by = part(told.get("createdBy"))
    author = _person(by) if by.get("id") else Person()
    if author.staff and kind == "customer":
        kind = "answer"
    return Entry(identity(told), moment(told.get("createdAt"), "threads.createdAt"), body("", told.get("body")), kind, author)
