"""What changes who works when: a day of the week's grid, a stand-in, last week again. Patterns are in `patterns.py`, leave in
`absences.py`, swaps in `swaps.py`.

Every change is recorded, and tells Presence when the people concerned come next. What is over is history and stays as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.roster import rules
from handover.roster.models import RosterEntry, Shift, ShiftPattern
from handover.roster.queries import next_spans
from tickets.activity.actions import record
from tickets.people.access import may
from tickets.people.actions import set_presence
from tickets.people.models import Member, Presence, Team
from tickets.web.refusals import Refused

PAST = _("That shift is over. What was worked does not change.")
OVERLAPS = _("%(name)s is already rostered at that time.")
NOT_HERE = _("%(name)s does not work in this team's shifts.")
CHANGED = _("Somebody changed it meanwhile: now it is “%(now)s”.")
NOT_THAT_DAY = _("On that day the clocks leap over the whole shift.")
BESIDE = _("That time is not a part of the shift.")
ENDS_FIRST = _("It must end after it begins.")
TOO_FAR = _("A shift lasts two days at most and begins within two years.")
LONGEST, FARTHEST = timedelta(days=2), timedelta(days=2 * 366)


def refresh_next(members: Iterable[int], at: datetime) -> int:
    """Write down when these people come next; returns for how many that changed. Idempotent."""
    wanted = set(members)
    spans = next_spans(wanted, at)
    known = {p.member_id: (p.next_on, p.next_until) for p in Presence.objects.filter(member__in=wanted)}
    changed = [pk for pk in wanted if known.get(pk) != spans.get(pk, (None, None))]
    for pk in sorted(changed):
        start, end = spans.get(pk, (None, None))
        set_presence(pk, next_on=start, next_until=end)
    return len(changed)


def shift_on(pattern: ShiftPattern, day: date) -> Shift:
    """The pattern's shift of that day, made if it is not there yet. Refuses `wrong_state` where the clocks leap over it."""
    span = rules.shift_span(day, pattern.starts, pattern.ends, pattern.team.zone)
    if span is None:
        raise Refused("wrong_state", NOT_THAT_DAY)
    shift, _made = Shift.objects.get_or_create(
        team=pattern.team,
        pattern=pattern,
        business_date=day,
        defaults={"name": pattern.name, "starts_at": span[0], "ends_at": span[1], "min_people": pattern.min_people},
    )
    return shift


@transaction.atomic
def set_day(
    member: Member, day: date, patterns: Sequence[ShiftPattern], *, by: Member, at: datetime | None = None, was: Iterable[int] | None = None
) -> None:
    """Roster a person on exactly these patterns' shifts of a day (none: free).

    `was` is what the editor saw (pattern ids): another state now is refused as `stale`. A running shift changes from `at` on only;
    one that is over is refused (`wrong_state`), an overlap with another of the person's shifts is a `duplicate` (H2).
    """
    at = at or timezone.now()
    member = _lock_person(member)
    entries = RosterEntry.objects.filter(member=member, shift__business_date=day, shift__pattern__isnull=False).select_related("shift")
    now = {entry.shift.pattern_id for entry in entries}
    names = {entry.shift.name for entry in entries}
    if was is not None and set(was) != now:
        raise Refused("stale", CHANGED % {"now": ", ".join(sorted(names))}, current=sorted(names))
    wanted = {pattern.pk: pattern for pattern in patterns}
    if set(wanted) == now:
        return
    if wanted.keys() - now:
        check_works_here(member)
    for entry in entries:
        if entry.shift.pattern_id not in wanted:
            _end_entry(entry, at)
    for key, pattern in wanted.items():
        if key not in now:
            _put(member, shift_on(pattern, day), at)
    after = sorted(pattern.name for pattern in wanted.values())
    record(
        "roster.day_changed", team=member.team, actor=by, at=at, member=member.pk, name=member.display_name,
        date=day.isoformat(), before=sorted(names), after=after,
    )  # fmt: skip
    refresh_next([member.pk], at)


@transaction.atomic
def create_shift(
    team: Team, name: str, starts_at: datetime, ends_at: datetime, *, by: Member, min_people: int = 1, at: datetime | None = None
) -> Shift:
    """A shift of its own, without a pattern, such as for a campaign's night.

    Refuses `invalid` unless it ends after it starts and after `at`, lasts two days at most and begins within two years.
    """
    at = at or timezone.now()
    if ends_at - starts_at > LONGEST or starts_at - at > FARTHEST:
        raise Refused("invalid", errors={"starts_at": [TOO_FAR]})
    if ends_at <= starts_at or ends_at <= at:
        raise Refused("invalid", errors={"ends_at": [ENDS_FIRST if ends_at <= starts_at else PAST]})
    day = rules.local_day(starts_at, team.zone)
    shift = Shift.objects.create(team=team, name=name, business_date=day, starts_at=starts_at, ends_at=ends_at, min_people=min_people)
    record("roster.shift_made", team=team, actor=by, at=at, shift=shift.pk, name=name, start=starts_at, end=ends_at)
    return shift


@transaction.atomic
def assign(
    member: Member, shift: Shift, *, by: Member, start: datetime | None = None, end: datetime | None = None, at: datetime | None = None
) -> RosterEntry:
    """Roster a person on a shift or on the part `[start, end)` of it.

    Refuses `wrong_state` for a shift that is over, a time beside it, or somebody who does not work in this team's shifts; `duplicate`
    for an overlap with another of the person's shifts (H2).
    """
    at = at or timezone.now()
    member = _lock_person(member)
    check_works_here(member, shift.team_id)
    part = rules.overlap(shift.span, (start or shift.starts_at, end or shift.ends_at))
    if part is None:
        raise Refused("wrong_state", BESIDE)
    if part[1] <= at:
        raise Refused("wrong_state", PAST)
    entry = _create(member, shift, part)
    facts = {"member": member.pk, "name": member.display_name, "shift": shift.pk, "start": part[0], "end": part[1]}
    record("roster.assigned", team=shift.team, actor=by, at=at, **facts)
    refresh_next([member.pk], at)
    return entry


@transaction.atomic
def stand_in(
    entry: RosterEntry, member: Member, start: datetime, end: datetime, *, by: Member, at: datetime | None = None, reason: str = ""
) -> RosterEntry:
    """Let `member` work a part of somebody's entry. Inside a shift it splits the entry in three; wider than it, it takes only the entry.

    Refuses `wrong_state` for a part that is over or beside the entry (also when an equal change came first), `duplicate` for a
    stand-in who works at that time already.
    """
    at = at or timezone.now()
    shift = Shift.objects.select_for_update().get(pk=entry.shift_id)
    locked = RosterEntry.objects.select_for_update().filter(pk=entry.pk).first()
    if locked is None:
        raise Refused("wrong_state", BESIDE)
    stays, taken = rules.split(locked.span, (start, end))
    if taken is None:
        raise Refused("wrong_state", BESIDE)
    if taken[1] <= at:
        raise Refused("wrong_state", PAST)
    check_works_here(member, shift.team_id)
    owner, root = locked.member, locked.instead_of or locked.member
    _reshape(locked, stays)
    piece = _create(member, shift, taken, instead_of=None if root == member else root)
    record(
        "roster.stood_in", team=shift.team, actor=by, at=at, member=member.pk, name=member.display_name,
        instead_of=owner.pk, of=owner.display_name, shift=shift.pk, start=taken[0], end=taken[1], reason=reason,
    )  # fmt: skip
    refresh_next([member.pk, owner.pk], at)
    return piece


@transaction.atomic
def copy_week(team: Team, week: date, *, by: Member, at: datetime | None = None) -> tuple[int, int]:
    """Plan the week of Monday `week` as the one before it: (copied, left out).

    Stand-ins and swaps were for once: whoever was planned is planned again, for the whole shift. What is there already stays; shifts
    that have begun, people who have left and overlaps are left out.
    """
    at = at or timezone.now()
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    last = RosterEntry.objects.filter(team=team, shift__business_date__range=(week - timedelta(7), week - timedelta(1)))
    last = last.filter(shift__pattern__is_active=True).select_related("shift__pattern__team", "member", "instead_of")
    planned = {(entry.instead_of or entry.member, entry.shift.pattern, entry.shift.business_date + timedelta(7)) for entry in last}
    busy: dict[int, list[rules.Span]] = defaultdict(list)
    window = DateTimeTZRange(*_week_window(team, week))
    for entry in RosterEntry.objects.filter(team=team, during__overlap=window):
        busy[entry.member_id].append(entry.span)
    copied = left_out = 0
    plans: list[tuple[Member, Any, date]] = list(planned)  # the filter above leaves only shifts made from a pattern
    for member, pattern, day in sorted(plans, key=lambda plan: (plan[2], plan[1].starts, plan[0].pk)):
        span = rules.shift_span(day, pattern.starts, pattern.ends, team.zone)
        taken = span is None or span[0] <= at or any(rules.overlap(span, other) for other in busy[member.pk])
        if span is None or taken or not (member.is_active and may(member, "duty.work")):
            left_out += 1
            continue
        _create(member, shift_on(pattern, day), span)
        busy[member.pk].append(span)
        copied += 1
    record("roster.week_copied", team=team, actor=by, at=at, week=week.isoformat(), copied=copied, left_out=left_out)
    refresh_next({member.pk for member, _pattern, _day in planned}, at)
    return copied, left_out


@transaction.atomic
def sign_off(member: Member, at: datetime) -> None:
    """The person has ended duty: what is rostered for them right now is over, though its hours still run."""
    RosterEntry.objects.filter(member=member, left_at__isnull=True).at(at).update(left_at=at)
    refresh_next([member.pk], at)


@transaction.atomic
def free(member: Member, by: Member | None, at: datetime) -> None:
    """A person who leaves is on no shift to come, and nobody is asked to stand in for them. Registered as a departure hook.

    Somebody who only stops being able to hold tickets (a chat agent who moves to the warehouse) keeps working, and keeps the shifts.
    """
    if member.is_active and may(member, "duty.work"):
        return
    RosterEntry.objects.filter(member=member, during__startswith__gte=at).delete()
    for entry in RosterEntry.objects.filter(member=member).at(at):
        _end_entry(entry, at)
    refresh_next([member.pk], at)


def _lock_person(member: Member) -> Member:
    """The person as they are now; one editor of their roster at a time."""
    return Member.objects.select_for_update(no_key=True, of=("self",)).select_related("team").get(pk=member.pk)


def check_works_here(member: Member, team_id: int | None = None) -> None:
    """Refuses `wrong_state` for somebody who has left, or does not work in this team's shifts."""
    if not member.is_active or not may(member, "duty.work") or (team_id is not None and member.team_id != team_id):
        raise Refused("wrong_state", NOT_HERE % {"name": member.display_name})


def _end_entry(entry: RosterEntry, at: datetime) -> None:
    """Take somebody off from `at` on; what was worked stays."""
    start, end = entry.span
    if end <= at:
        raise Refused("wrong_state", PAST)
    _reshape(entry, [(start, at)] if start < at else [])


def _reshape(entry: RosterEntry, pieces: Sequence[rules.Span]) -> None:
    """Leave of an entry just these pieces; the first keeps the row, and with it its swap."""
    if not pieces:
        entry.delete()
        return
    entry.during = DateTimeTZRange(*pieces[0])
    entry.save(update_fields=["during"])
    for piece in pieces[1:]:
        _create(entry.member, entry.shift, piece, instead_of=entry.instead_of)


def _put(member: Member, shift: Shift, at: datetime) -> None:
    if shift.ends_at <= at:
        raise Refused("wrong_state", PAST)
    _create(member, shift, (max(shift.starts_at, min(at, shift.ends_at)), shift.ends_at))


def _create(member: Member, shift: Shift, span: rules.Span, instead_of: Member | None = None) -> RosterEntry:
    try:
        with transaction.atomic():
            return RosterEntry.objects.create(
                team_id=shift.team_id, shift=shift, member=member, during=DateTimeTZRange(*span), instead_of=instead_of
            )
    except IntegrityError as clash:
        raise Refused("duplicate", OVERLAPS % {"name": member.display_name}) from clash


def _week_window(team: Team, week: date) -> rules.Span:
    """A range that holds every shift of the week, with a day to spare on both sides."""
    start = rules.instant(week - rules.DAY, time(), team.zone)
    return start, start + 10 * rules.DAY
