"""Shifts as iCalendar (RFC 5545). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from handover.roster.models import RosterEntry
from tickets.people.models import Member

WIDTH = 75  # octets of a line, without its end (RFC 5545, 3.1)


def ics(member: Member, entries: Iterable[RosterEntry], at: datetime) -> str:
    """The person's calendar; `at` is when it was made. Instants in UTC, so that no zone definitions are needed."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Handover//Roster//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    for entry in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:roster-{entry.pk}@{member.team.slug}.handover",
            f"DTSTAMP:{_instant(at)}",
            f"DTSTART:{_instant(entry.during.lower)}",
            f"DTEND:{_instant(entry.during.upper)}",
            f"SUMMARY:{_text(f'{entry.shift.name} · {member.team.name}')}",
            "END:VEVENT",
        ]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n").replace("\r", "")


def _folded(line: str) -> str:
    """Long lines go on after CRLF and a space, and no character is cut in two."""
    pieces: list[str] = []
    piece = ""
    for character in line:
        if len((piece + character).encode()) > WIDTH - (1 if pieces else 0):
            pieces.append(piece)
            piece = ""
        piece += character
    return "\r\n ".join([*pieces, piece])
