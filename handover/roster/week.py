"""A week of the roster as the grid shows it: people down, days across, and below what each shift lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from handover.roster import rules
from handover.roster.models import Absence, RosterEntry, Shift, ShiftPattern
from tickets.people.access import may
from tickets.people.models import Member, Team


@dataclass
class Cell:
    """One person's day. `value` is what stands in the field, `was` the pattern ids behind it, `parts` what is not a whole shift."""

    member: Member
    day: date
    entries: list[RosterEntry] = field(default_factory=list)
    away: list[Absence] = field(default_factory=list)
    value: str = ""
    was: str = ""
    over: bool = False
    error: str = ""

    @property
    def name(self) -> str:
        """The field's name: whose, which day, and what the editor saw."""
        return f"c:{self.member.pk}:{self.day.isoformat()}:{self.was}"

    @property
    def id(self) -> str:
        return f"c-{self.member.pk}-{self.day.isoformat()}"

    @property
    def parts(self) -> list[RosterEntry]:
        return [entry for entry in self.entries if entry.span != entry.shift.span or entry.instead_of_id]


@dataclass
class Coverage:
    """One shift of the week: how many are on it, and its two flags."""

    shift: Shift
    count: int
    gap: list[rules.Span]
    empty: list[rules.Span]
    fewest: int

    @property
    def lacks(self) -> bool:
        return bool(self.gap or self.empty) or self.fewest < self.shift.min_people


@dataclass
class Week:
    monday: date
    days: list[date]
    patterns: list[ShiftPattern]
    letters: dict[int, str]
    rows: list[tuple[Member, list[Cell]]]
    coverage: list[tuple[str, list[list[Coverage]]]]

    @property
    def lacking(self) -> list[Coverage]:
        return [found for _name, days in self.coverage for day in days for found in day if found.lacks]

    def cell(self, member: int, day: date) -> Cell | None:
        return next((cell for person, cells in self.rows if person.pk == member for cell in cells if cell.day == day), None)


def week_of(team: Team, monday: date, at: datetime) -> Week:
    """The week that begins on `monday`. Five queries, whatever its size."""
    days = [monday + timedelta(days=number) for number in range(7)]
    patterns = list(ShiftPattern.objects.filter(team=team).order_by("place", "starts"))
    letters = rules.letters([(pattern.pk, pattern.letter, pattern.name) for pattern in patterns])
    shifts = list(Shift.objects.filter(team=team, business_date__range=(days[0], days[-1])).order_by("starts_at", "id"))
    by_id = {shift.pk: shift for shift in shifts}
    entries = list(RosterEntry.objects.filter(shift__in=by_id).select_related("member", "instead_of").order_by("during"))
    for entry in entries:
        entry.shift = by_id[entry.shift_id]
    bounds = rules.instant(days[0], _MIDNIGHT, team.zone), rules.instant(days[-1] + timedelta(days=2), _MIDNIGHT, team.zone)
    absences = list(Absence.objects.filter(team=team, during__overlap=bounds))
    members = _people(team, {entry.member_id for entry in entries})
    rows = _rows(team, members, days, entries, absences, letters, at)
    active = [pattern for pattern in patterns if pattern.is_active]
    order = {pattern.name: place for place, pattern in enumerate(patterns)}
    coverage = sorted(_coverage(shifts, days, entries, absences), key=lambda named: order.get(named[0], len(order)))
    return Week(monday, days, active, letters, rows, coverage)


_MIDNIGHT = datetime.min.time()


def _people(team: Team, rostered: set[int]) -> list[Member]:
    """Whoever works in shifts here, and whoever was on one of these shifts."""
    found = Member.objects.filter(team=team).select_related("presence").order_by("display_name", "pk")
    return [member for member in found if member.pk in rostered or may(member, "duty.work")]


def _rows(
    team: Team,
    members: Sequence[Member],
    days: Sequence[date],
    entries: Iterable[RosterEntry],
    absences: Iterable[Absence],
    letters: dict[int, str],
    at: datetime,
) -> list[tuple[Member, list[Cell]]]:
    cells = {(member.pk, day): Cell(member, day) for member in members for day in days}
    for entry in entries:
        cells[entry.member_id, entry.shift.business_date].entries.append(entry)
    for absence in absences:
        for day in days:
            spent = rules.instant(day, _MIDNIGHT, team.zone), rules.instant(day + rules.DAY, _MIDNIGHT, team.zone)
            if (absence.member_id, day) in cells and rules.overlap(absence.span, spent):
                cells[absence.member_id, day].away.append(absence)
    yesterday = rules.local_day(at, team.zone) - rules.DAY
    for cell in cells.values():
        ids = list(dict.fromkeys(entry.shift.pattern_id for entry in cell.entries if entry.shift.pattern_id))
        cell.value = " ".join(letters[key] for key in ids)
        cell.was = "-".join(str(key) for key in sorted(ids))
        cell.over = cell.day < yesterday
    return [(member, [cells[member.pk, day] for day in days]) for member in members]


def _coverage(
    shifts: Iterable[Shift], days: Sequence[date], entries: Iterable[RosterEntry], absences: Iterable[Absence]
) -> list[tuple[str, list[list[Coverage]]]]:
    """By name of the shift, for each day what its shifts of that name have and lack."""
    away: dict[int, list[rules.Span]] = defaultdict(list)
    for absence in absences:
        away[absence.member_id].append(absence.span)
    on: dict[int, list[RosterEntry]] = defaultdict(list)
    for entry in entries:
        on[entry.shift_id].append(entry)
    found: dict[str, dict[date, list[Coverage]]] = {}
    for shift in shifts:
        found.setdefault(shift.name, {}).setdefault(shift.business_date, []).append(cover(shift, on[shift.pk], away))
    return [(name, [by_day.get(day, []) for day in days]) for name, by_day in found.items()]


def cover(shift: Shift, entries: Sequence[RosterEntry], away: dict[int, list[rules.Span]]) -> Coverage:
    """What a shift has and lacks; `away` is each person's leave."""
    rostered = [entry.span for entry in entries]
    suitable = [piece for entry in entries if entry.member.can_hold for piece in rules.subtract(entry.span, away.get(entry.member_id, []))]
    gap, empty = rules.gaps(shift.span, rostered), rules.empty_times(shift.span, rostered, suitable)
    return Coverage(shift, len({entry.member_id for entry in entries}), gap, empty, rules.fewest(shift.span, suitable))
