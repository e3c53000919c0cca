"""Zendesk: the incremental exports of users, tickets and ticket events, and the account's export with one ticket a line.

A ticket names its people by id: bring the users first. Comments come inside the tickets (`comments`) or with the ticket events
(`include=comment_events`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tickets.movein.record import Entry, Matter, Person, Unreadable, body, identity, moment, moment_or_none, objects, part, words

_STATUS = {
    "new": ("open", ""), "open": ("open", ""), "pending": ("waiting", "customer"), "hold": ("open", ""), "solved": ("resolved", ""),
    "closed": ("resolved", ""),
}  # fmt: skip
_SEVERITY = {"urgent": "act_now", "high": "watch", "normal": "watch", "low": "stable"}
_CHANNEL = {
    "email": "email", "chat": "chat", "native_messaging": "chat", "messaging": "chat", "voice": "phone", "phone": "phone",
    "web": "platform",
}  # fmt: skip


def read(listed: str, document: Mapping[str, Any]) -> Person | Matter | None:
    """A user, a ticket or a ticket event. Raises `Unreadable`."""
    if listed == "users" or (not listed and "role" in document and "status" not in document):
        return _person(document)
    if listed == "ticket_events" or "child_events" in document:
        return _event(document)
    if listed in ("", "tickets") and "status" in document:
        return _ticket(document)
    raise Unreadable("kind_unknown")


def _person(user: Mapping[str, Any]) -> Person:
    phone, email = words(user.get("phone"), 40), words(user.get("email"), 160)
    return Person(
        external_id=identity(user),
        name=words(user.get("name"), 120),
        emails=[email] if email else [],
        phones=[phone] if phone else [],
        note=words(user.get("notes"), 2000),
        staff=user.get("role") in ("agent", "admin"),
    )


def _ticket(ticket: Mapping[str, Any]) -> Matter | None:
    word = words(ticket.get("status"), 20)
    if word in ("deleted", "spam"):
        return None
    if word not in _STATUS:
        raise Unreadable("document_unreadable", "status")
    status, waiting_on = _STATUS[word]
    opened = moment(ticket.get("created_at"), "created_at")
    requester = _requester(ticket)
    tags = ticket.get("tags")
    matter = Matter(
        identity(ticket),
        subject=words(ticket.get("subject") or ticket.get("raw_subject"), 160),
        status=status,
        waiting_on=waiting_on,
        severity=_SEVERITY.get(words(ticket.get("priority"), 20), "watch"),
        channel=_CHANNEL.get(words(part(ticket.get("via")).get("channel"), 30), "other"),
        tags=[words(tag, 30) for tag in tags] if isinstance(tags, list) else [],
        opened_at=opened,
        resolved_at=moment_or_none(part(ticket.get("metric_set")).get("solved_at") or ticket.get("updated_at"), "updated_at"),
        customer=requester,
        entries=[_comment(each, requester.external_id) for each in objects(ticket.get("comments"), "comments")],
    )
    if not matter.entries:
        matter.body = words(ticket.get("description"), 20_000)
    return matter


def _requester(ticket: Mapping[str, Any]) -> Person:
    told = part(ticket.get("requester"))
    if told.get("id"):
        person = _person(told)
        person.staff = False
        return person
    source = part(part(part(ticket.get("via")).get("source")).get("from"))
    address = words(source.get("address"), 160)
    return Person(identity(ticket, "requester_id"), words(source.get("name"), 120), [address] if "@" in address else [])


def _comment(comment: Mapping[str, Any], requester: str) -> Entry:
    author = identity(comment, "author_id")
    kind = "note" if comment.get("public") is False else "customer" if author == requester else "answer"
    text = body(comment.get("plain_body") or comment.get("body"), comment.get("html_body"))
    told = part(comment.get("author"))
    return Entry(
        identity(comment),
        moment(comment.get("created_at"), "comments.created_at"),
        text,
        kind,
        Person(author, words(told.get("name"), 120)),
    )


def _event(event: Mapping[str, Any]) -> Matter | None:
    """What was said in a ticket, of which this document only names the id."""
    comments = [each for each in objects(event.get("child_events"), "child_events") if each.get("event_type") == "Comment"]
    if not comments:
        return None
    at = event.get("created_at") or event.get("timestamp")
    told = [{"created_at": at} | dict(each) for each in comments]
    return Matter(identity(event, "ticket_id"), entries=[_comment(each, "") for each in told])
