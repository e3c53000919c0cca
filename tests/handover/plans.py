"""Patterns, shifts and rosters for the known cast."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from handover.roster import rules
from handover.roster.models import RosterEntry, Shift, ShiftPattern
from tickets.people.models import Member, Team

SATURDAY = date(2026, 11, 21)
"""The day of `cast.NOON`, which is Saturday noon in Shanghai."""


def make_pattern(team: Team, name: str, starts: str, ends: str, **changes: object) -> ShiftPattern:
    return ShiftPattern.objects.create(team=team, name=name, starts=time.fromisoformat(starts), ends=time.fromisoformat(ends), **changes)


def make_shift(pattern: ShiftPattern, day: date = SATURDAY) -> Shift:
    span = rules.shift_span(day, pattern.starts, pattern.ends, pattern.team.zone)
    assert span is not None
    return Shift.objects.create(
        team=pattern.team,
        pattern=pattern,
        name=pattern.name,
        business_date=day,
        starts_at=span[0],
        ends_at=span[1],
        min_people=pattern.min_people,
    )


def rostered(shift: Shift, member: Member, start: datetime | None = None, end: datetime | None = None) -> RosterEntry:
    during = DateTimeTZRange(start or shift.starts_at, end or shift.ends_at)
    return RosterEntry.objects.create(team=shift.team, shift=shift, member=member, during=during)


def local(team: Team, text: str) -> datetime:
    """The instant of a wall-clock time of the team, such as `2026-11-21 17:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=team.zone).astimezone(UTC)
