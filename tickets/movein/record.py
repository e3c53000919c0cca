"""The normal form into which every system's documents are turned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tickets.web.plaintext import text_of_html, tidy


class Unreadable(Exception):
    """A document, or the whole file, that cannot be read. `code` is one of `reading.REASONS`, `where` the part of it."""

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(code, where)
        self.code, self.where = code, where


@dataclass
class Person:
    """Somebody of the other system: a customer, or one of its staff (who becomes no customer)."""

    external_id: str = ""
    name: str = ""
    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    handles: list[str] = field(default_factory=list)
    note: str = ""
    staff: bool = False


@dataclass
class Entry:
    """Something that was said. `kind`: customer, answer or note; `author` as far as the document itself knows them."""

    external_id: str
    at: datetime
    text: str
    kind: str
    author: Person


@dataclass
class Matter:
    """A ticket of the other system. `status`: open, waiting, resolved, or "" for one that only adds entries to a known ticket."""

    external_id: str
    subject: str = ""
    status: str = ""
    waiting_on: str = ""
    severity: str = "watch"
    channel: str = "other"
    tags: list[str] = field(default_factory=list)
    opened_at: datetime | None = None
    resolved_at: datetime | None = None
    customer: Person = field(default_factory=Person)
    body: str = ""
    entries: list[Entry] = field(default_factory=list)


def identity(values: Mapping[str, Any], key: str = "id") -> str:
    """An id as text. Raises `Unreadable` (`id_missing`)."""
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, str)) or not str(value).strip() or len(str(value)) > 80:
        raise Unreadable("id_missing", key)
    return str(value).strip()


def words(value: object, limit: int = 300) -> str:
    """A text or a number as text without control marks; "" for anything else."""
    return tidy(str(value))[:limit] if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def body(plain: object, html: object, limit: int = 20_000) -> str:
    """What was written: the plain text where there is one, else the words of the HTML."""
    return words(plain, limit) or (text_of_html(html)[:limit] if isinstance(html, str) else "")


def moment(value: object, where: str) -> datetime:
    """An ISO 8601 instant; without an offset it is UTC, as these systems write it. Raises `Unreadable` (`time_unreadable`)."""
    found = moment_or_none(value, where)
    if found is None:
        raise Unreadable("time_unreadable", where)
    return found


def moment_or_none(value: object, where: str) -> datetime | None:
    if value in (None, ""):
        return None
    try:
        found = datetime.fromisoformat(str(value)) if isinstance(value, str) else datetime.fromtimestamp(float(value), UTC)  # type: ignore[arg-type]
        if not 1990 <= found.year <= 2200:
            raise ValueError(value)
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        raise Unreadable("time_unreadable", where) from None


def objects(value: object, where: str) -> list[Mapping[str, Any]]:
    """A list of objects; nothing for null. Raises `Unreadable` (`document_unreadable`)."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise Unreadable("document_unreadable", where)
    return value


def part(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
