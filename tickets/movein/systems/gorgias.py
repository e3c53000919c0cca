"""Gorgias: tickets with their messages, and customers, as its REST API lists them (`{"data": […], "meta": …}`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tickets.movein.record import Entry, Matter, Person, Unreadable, body, identity, moment, moment_or_none, objects, part, words

_CHANNEL = {"email": "email", "chat": "chat", "phone": "phone", "sms": "phone", "aircall": "phone"}
_SEVERITY = {"critical": "act_now", "high": "watch", "normal": "watch", "low": "stable"}


def read(listed: str, document: Mapping[str, Any]) -> Person | Matter | None:
    """A ticket or a customer. Raises `Unreadable`."""
    if "status" in document and "created_datetime" in document:
        return _ticket(document)
    if "name" in document or "email" in document or "channels" in document:
        return _person(document)
    raise Unreadable("kind_unknown")


def _person(told: Mapping[str, Any]) -> Person:
    name = words(told.get("name"), 120) or f"{words(told.get('firstname'), 60)} {words(told.get('lastname'), 60)}".strip()
    emails, phones = [words(told.get("email"), 160)], []
    for way in objects(told.get("channels"), "channels"):
        found = words(way.get("address"), 160)
        if way.get("type") == "email":
            emails.append(found)
        elif way.get("type") in ("phone", "sms"):
            phones.append(found[:40])
    return Person(
        identity(told), name, list(dict.fromkeys(filter(None, emails))), list(filter(None, phones)), note=words(told.get("note"), 2000)
    )


def _ticket(told: Mapping[str, Any]) -> Matter | None:
    if told.get("spam") or told.get("trashed_datetime"):
        return None
    word = words(told.get("status"), 20)
    if word not in ("open", "closed"):
        raise Unreadable("document_unreadable", "status")
    waits = word == "open" and bool(told.get("snooze_datetime"))
    return Matter(
        identity(told),
        subject=words(told.get("subject"), 160),
        status="resolved" if word == "closed" else "waiting" if waits else "open",
        waiting_on="customer" if waits else "",
        severity=_SEVERITY.get(words(told.get("priority"), 20), "watch"),
        channel=_CHANNEL.get(words(told.get("channel"), 20), "other"),
        tags=[words(tag.get("name"), 30) for tag in objects(told.get("tags"), "tags")],
        opened_at=moment(told.get("created_datetime"), "created_datetime"),
        resolved_at=moment_or_none(told.get("closed_datetime"), "closed_datetime"),
        customer=_person(part(told.get("customer"))),
        body=words(told.get("excerpt"), 2000) if not told.get("messages") else "",
        entries=[_message(each) for each in objects(told.get("messages"), "messages")],
    )


def _message(told: Mapping[str, Any]) -> Entry:
    kind = "note" if told.get("public") is False else "answer" if told.get("from_agent") else "customer"
    sender = part(told.get("sender"))
    author = _person(sender) if sender.get("id") else Person()
    author.staff = bool(told.get("from_agent"))
    at = moment(told.get("created_datetime") or told.get("sent_datetime"), "messages.created_datetime")
    return Entry(identity(told), at, body(told.get("body_text") or told.get("stripped_text"), told.get("body_html")), kind, author)
