"""What changes shift patterns, and makes shifts from them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.roster import rules
from handover.roster.actions.planning import refresh_next
from handover.roster.models import RosterEntry, Shift, ShiftPattern
from tickets.activity.actions import record
from tickets.people.models import Member, Team
from tickets.web.refusals import Refused

WEEKS_AHEAD = 5
CLASH = _("With these hours somebody would be on two shifts at once, from %(day)s on. Change that person's week first.")
NAME_TAKEN = _("Another pattern has this name or letter.")
FIELDS = ("name", "letter", "starts", "ends", "min_people", "place", "is_active")


@transaction.atomic
def create_pattern(team: Team, *, by: Member, at: datetime | None = None, **values: Any) -> ShiftPattern:
    """Add a pattern (`FIELDS`, wall-clock times) and make its shifts. Refuses `duplicate` for a name or letter in use."""
    at = at or timezone.now()
    try:
        with transaction.atomic():
            pattern = ShiftPattern.objects.create(team=team, **values)
    except IntegrityError as clash:
        raise Refused("duplicate", NAME_TAKEN) from clash
    pattern.refresh_from_db()
    record("roster.pattern_made", team=team, actor=by, at=at, pattern=pattern.pk, name=pattern.name, **_hours(pattern))
    materialise(team, at=at)
    return pattern


@transaction.atomic
def change_pattern(pattern: ShiftPattern, *, by: Member, at: datetime | None = None, **changes: Any) -> None:
    """Change a pattern from the next shift on; what has begun stays. Taken out of use, its shifts to come go, with who was on them.

    Refuses `duplicate` where somebody would be on two shifts at once, or the name is in use.
    """
    at = at or timezone.now()
    locked = ShiftPattern.objects.select_for_update(of=("self",)).select_related("team").get(pk=pattern.pk)
    before = _hours(locked) | {"name": locked.name}
    for name in changes.keys() & set(FIELDS):
        setattr(locked, name, changes[name])
        setattr(pattern, name, changes[name])
    try:
        with transaction.atomic():
            locked.save()
    except IntegrityError as clash:
        raise Refused("duplicate", NAME_TAKEN) from clash
    locked.refresh_from_db()
    coming = list(Shift.objects.select_for_update().filter(pattern=locked, starts_at__gt=at))
    concerned = set(RosterEntry.objects.filter(shift__in=coming).values_list("member_id", flat=True))
    if locked.is_active:
        _move(locked, coming, at)
    else:
        _drop(coming)
    facts = {"pattern": locked.pk, "name": locked.name, "before": before} | _hours(locked)
    record("roster.pattern_changed", team=locked.team, actor=by, at=at, **facts)
    materialise(locked.team, at=at)
    refresh_next(concerned, at)


@transaction.atomic
def materialise(team: Team, *, at: datetime | None = None, weeks: int = WEEKS_AHEAD) -> int:
    """Make the shifts of the team's patterns from yesterday to `weeks` ahead; returns how many were new. Idempotent.

    Yesterday's too: a night that began before midnight is still running. One that ended before the pattern was made is not history
    and is not made up.
    """
    at = at or timezone.now()
    today, zone = rules.local_day(at, team.zone), team.zone
    first = today - timedelta(days=1)
    days = [first + timedelta(days=number) for number in range(weeks * 7 + 2)]
    known = set(Shift.objects.filter(team=team, business_date__gte=first).values_list("pattern_id", "business_date"))
    made = []
    for pattern in ShiftPattern.objects.filter(team=team, is_active=True):
        for day in days:
            span = rules.shift_span(day, pattern.starts, pattern.ends, zone) if (pattern.pk, day) not in known else None
            if span and span[1] > at:
                hours = {"starts_at": span[0], "ends_at": span[1], "min_people": pattern.min_people}
                made.append(Shift(team=team, pattern=pattern, name=pattern.name, business_date=day, **hours))
    Shift.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def _hours(pattern: ShiftPattern) -> dict[str, Any]:
    return {"starts": f"{pattern.starts:%H:%M}", "ends": f"{pattern.ends:%H:%M}", "people": pattern.min_people, "in_use": pattern.is_active}


def _move(pattern: ShiftPattern, shifts: list[Shift], at: datetime) -> None:
    """Give coming shifts the pattern's new hours, and whoever was on the whole of one the whole again.

    A shift that would then have begun already keeps its hours today, and so does one that somebody has started early.
    """
    entries: dict[int, list[RosterEntry]] = {}
    for entry in RosterEntry.objects.filter(shift__in=shifts):
        entries.setdefault(entry.shift_id, []).append(entry)
    moved: list[RosterEntry] = []
    for shift in shifts:
        old, new = shift.span, rules.shift_span(shift.business_date, pattern.starts, pattern.ends, pattern.team.zone)
        shift.name, shift.min_people = pattern.name, pattern.min_people
        if new and new[0] > at and new != old and _retime(shift, new):
            moved += _refit(entries.get(shift.pk, []), old, new)
    Shift.objects.bulk_update(shifts, ["name", "min_people"])
    try:
        with transaction.atomic():
            RosterEntry.objects.bulk_update(moved, ["during"], batch_size=5000)
    except IntegrityError as clash:
        raise Refused("duplicate", CLASH % {"day": min(entry.during.lower for entry in moved).date()}) from clash


def _retime(shift: Shift, span: rules.Span) -> bool:
    """Whether the shift took the new hours; the database keeps those of a shift that somebody works."""
    old = shift.span
    shift.starts_at, shift.ends_at = span
    try:
        with transaction.atomic():
            shift.save(update_fields=["starts_at", "ends_at"])
    except IntegrityError:
        shift.starts_at, shift.ends_at = old
        return False
    return True


def _refit(entries: list[RosterEntry], old: rules.Span, new: rules.Span) -> list[RosterEntry]:
    """Entries with their new ranges; a part of a shift that no longer exists is taken away."""
    kept = []
    for entry in entries:
        span = new if entry.span == old else rules.overlap(entry.span, new)
        if span is None:
            entry.delete()
        else:
            entry.during = DateTimeTZRange(*span)
            kept.append(entry)
    return kept


def _drop(shifts: list[Shift]) -> None:
    """Take shifts to come away; one that a note or a digest names stays, with nobody on it."""
    RosterEntry.objects.filter(shift__in=shifts).delete()
    for shift in shifts:
        try:
            with transaction.atomic():
                shift.delete()
        except (ProtectedError, IntegrityError):
            continue
