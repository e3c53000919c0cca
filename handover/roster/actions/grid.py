"""Taking over a roster's grid: what it would change, and changing it, all or nothing."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from handover.roster import rules
from handover.roster.actions.planning import NOT_HERE, NOT_THAT_DAY, refresh_next, shift_on
from handover.roster.models import RosterCode, RosterEntry, Shift, ShiftPattern
from handover.roster.sources.grid import Grid, Row, key
from tickets.activity.actions import record, record_many
from tickets.people.access import may
from tickets.people.models import Member, Team
from tickets.web.refusals import Refused

NOBODY = _("Nobody here is called so.")
SEVERAL = _("Several people here are called so.")
TWICE = _("This person is in the file twice.")
NO_CODE = _("“%(code)s” means no shift yet.")
OVERLAPS = _("%(shift)s overlaps %(other)s on %(day)s.")
NAMELESS = _("A row without a name.")
NOT_AS_SHOWN = _("The roster was changed meanwhile. Look at what would change once more.")
FREE = frozenset({"休", "休息", "公休", "轮休", "調休", "调休", "补休", "補休", "off", "free", "-", "—", "/", "×", "x", "○", "〇"})
LONGEST = 93
"""Days of one grid: a quarter."""


@dataclass(frozen=True)
class Wrong:
    """A cell that cannot be taken over: whose (as the file says), on which day (None: the whole row), and why."""

    name: str
    day: date | None
    why: str | LazyText


@dataclass
class Change:
    """One person's day that will be another: pattern names before and after."""

    member: Member
    day: date
    before: list[str]
    after: list[str]
    leaving: list[RosterEntry] = field(default_factory=list)
    adding: list[tuple[ShiftPattern, rules.Span]] = field(default_factory=list)


@dataclass
class Plan:
    """What a grid would change now. `frozen`: days that are over and differ; they stay as they were."""

    changes: list[Change] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    frozen: list[tuple[Member, date]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    same: int = 0

    @property
    def seal(self) -> str:
        """Stands for exactly these changes: what is carried out is what was shown."""
        said = repr([(change.member.pk, change.day, change.before, change.after) for change in self.changes])
        return hashlib.sha256(said.encode()).hexdigest()[:32]


class Codes:
    """What the codes of a team mean: what was said once, else the letter or name of a pattern, else free."""

    def __init__(self, team: Team) -> None:
        self.patterns = list(ShiftPattern.objects.filter(team=team, is_active=True).select_related("team"))
        letters = rules.letters([(pattern.pk, pattern.letter, pattern.name) for pattern in self.patterns])
        by_id = {pattern.pk: pattern for pattern in self.patterns}
        self.known: dict[str, list[ShiftPattern]] = {key(word): [] for word in FREE}
        for pattern in self.patterns:
            self.known[key(pattern.name)] = self.known[key(letters[pattern.pk])] = [pattern]
        said = RosterCode.objects.filter(team=team).order_by("pk").values_list("code", "pattern", "pattern__is_active")
        for code, pattern_id, active in said:
            if pattern_id is None or active:
                self.known[code] = [by_id[pattern_id]] if pattern_id else []
        self.letters = letters | {pk: code for code, pk, active in said if pk and active}
        self.free = next((code for code, pk, _active in said if pk is None), "休")

    def meant(self, code: str) -> list[ShiftPattern] | None:
        """The patterns of a cell (none: free), or None where nobody has said what it means. `白+晚` is both."""
        whole = self._one(code)
        if whole is not None:
            return whole
        parts = [self._one(part) for part in code.replace("，", "+").replace("、", "+").replace(",", "+").replace("/", "+").split("+")]
        if len(parts) < 2 or any(part is None for part in parts):
            return None
        return list({pattern.pk: pattern for part in parts for pattern in part or []}.values())

    def _one(self, code: str) -> list[ShiftPattern] | None:
        asked = key(code)
        if asked in self.known:
            return self.known[asked]
        begins = [pattern for pattern in self.patterns if asked and key(pattern.name).startswith(asked)]
        return begins if len(begins) == 1 else None


@transaction.atomic
def remember_codes(team: Team, meanings: dict[str, ShiftPattern | None], *, by: Member) -> None:
    """Say what codes mean from now on: a pattern of the team, or free (None). Refuses `not_found` for another team's pattern."""
    if any(pattern is not None and pattern.team_id != team.pk for pattern in meanings.values()):
        raise Refused("not_found")
    for code, pattern in meanings.items():
        RosterCode.objects.update_or_create(team=team, code=key(code)[:20], defaults={"pattern": pattern})
    if meanings:
        said = {key(code): pattern.name if pattern else "" for code, pattern in meanings.items()}
        record("roster.codes_named", team=team, actor=by, codes=said)


@dataclass
class There:
    """What is in the roster now: each person's entries, the hours of the shifts made already, what the codes mean."""

    codes: Codes
    at: datetime
    mine: dict[int, list[RosterEntry]]
    hours: dict[tuple[int, date], rules.Span]

    def span(self, pattern: ShiftPattern, day: date) -> rules.Span | None:
        return self.hours.get((pattern.pk, day)) or rules.shift_span(day, pattern.starts, pattern.ends, pattern.team.zone)


def plan_grid(grid: Grid, team: Team, *, at: datetime | None = None) -> Plan:
    """What the grid would change; writes nothing. A blank cell says nothing: that day stays as it is. Six queries."""
    at = at or timezone.now()
    plan, codes = Plan(), Codes(team)
    plan.unknown = [code for code in grid.codes if codes.meant(code) is None]
    plan.wrong += [Wrong(f"#{line}", None, NAMELESS) for line in grid.nameless]
    rows = _people(grid.rows, team, plan)
    if not grid.days or not rows:
        return plan
    there = There(codes, at, _entries(team, grid.days, rows), _hours(team, grid.days))
    for member, row in rows:
        changes = [change for day, code in sorted(row.codes.items()) if (change := _cell(member, row, day, code, there, plan))]
        plan.changes += changes
        plan.wrong += _overlaps(row.name, member, changes, there.mine[member.pk])
    return plan


@transaction.atomic
def take_grid(grid: Grid, team: Team, *, by: Member, seal: str, at: datetime | None = None) -> Plan:
    """Carry out what `plan_grid` showed, all of it or nothing. Refuses `invalid` where a cell is wrong, `stale` where what would change
    is not what was shown (`seal`), `duplicate` for an overlap that came meanwhile (H2)."""
    at = at or timezone.now()
    people = Member.objects.filter(team=team).order_by("pk")
    list(people.select_for_update(no_key=True, of=("self",)))  # one editor of these people's roster at a time
    plan = plan_grid(grid, team, at=at)
    if plan.wrong:
        raise Refused("invalid", errors={f"{one.name} {one.day or ''}".strip(): [one.why] for one in plan.wrong})
    if plan.seal != seal:
        raise Refused("stale", NOT_AS_SHOWN, current=plan.seal)
    _leave(plan.changes, at)
    _add(plan.changes, at)
    rows = [
        {"member": c.member.pk, "name": c.member.display_name, "date": c.day.isoformat(), "before": c.before, "after": c.after}
        for c in plan.changes
    ]
    record_many("roster.day_changed", rows, team=team, actor=by, at=at)
    refresh_next({change.member.pk for change in plan.changes}, at)
    return plan


def _people(rows: Iterable[Row], team: Team, plan: Plan) -> list[tuple[Member, Row]]:
    """Whose row is whose; what cannot be told apart is wrong."""
    called: dict[str, list[Member]] = defaultdict(list)
    for member in Member.objects.filter(team=team).select_related("user", "team"):
        for name in {key(member.display_name), key(member.user.username)}:
            called[name].append(member)
    found: dict[int, tuple[Member, Row]] = {}
    for row in rows:
        meant = called.get(key(row.name), [])
        meant = [member for member in meant if member.is_active] or meant
        if len(meant) != 1:
            plan.wrong.append(Wrong(row.name, None, SEVERAL if meant else NOBODY))
        elif meant[0].pk in found:
            plan.wrong.append(Wrong(row.name, None, TWICE))
        else:
            found[meant[0].pk] = (meant[0], row)
    return list(found.values())


def _entries(team: Team, days: list[date], rows: list[tuple[Member, Row]]) -> dict[int, list[RosterEntry]]:
    found: dict[int, list[RosterEntry]] = defaultdict(list)
    entries = RosterEntry.objects.filter(member__in=[member.pk for member, _row in rows], during__overlap=_window(team, days))
    for entry in entries.select_related("shift__pattern", "member").order_by("during", "pk"):
        found[entry.member_id].append(entry)
    return found


def _hours(team: Team, days: list[date]) -> dict[tuple[int, date], rules.Span]:
    made = Shift.objects.filter(team=team, business_date__range=(days[0], days[-1]), pattern__isnull=False)
    return {(shift.pattern_id or 0, shift.business_date): shift.span for shift in made}


def _cell(member: Member, row: Row, day: date, code: str, there: There, plan: Plan) -> Change | None:
    """What one cell changes, or None; what is over is frozen, what means nothing is wrong."""
    wanted = there.codes.meant(code)
    if wanted is None:
        plan.wrong.append(Wrong(row.name, day, NO_CODE % {"code": code}))
        return None
    entries = [entry for entry in there.mine[member.pk] if entry.shift.business_date == day and entry.shift.pattern_id]
    now = {entry.shift.pattern_id for entry in entries}
    if now == {pattern.pk for pattern in wanted}:
        plan.same += 1
        return None
    before = sorted({entry.shift.name for entry in entries})
    change = Change(member, day, before, sorted(pattern.name for pattern in wanted))
    change.leaving = [entry for entry in entries if entry.shift.pattern_id not in {pattern.pk for pattern in wanted}]
    for pattern in wanted:
        span = there.span(pattern, day)
        if span is None:
            plan.wrong.append(Wrong(row.name, day, NOT_THAT_DAY))
            return None
        if pattern.pk not in now:
            change.adding.append((pattern, span))
    if any(entry.during.upper <= there.at for entry in change.leaving) or any(span[1] <= there.at for _pattern, span in change.adding):
        plan.frozen.append((member, day))
        return None
    if change.adding and not (member.is_active and may(member, "duty.work")):
        plan.wrong.append(Wrong(row.name, day, NOT_HERE % {"name": member.display_name}))
        return None
    return change


def _overlaps(name: str, member: Member, changes: list[Change], entries: list[RosterEntry]) -> list[Wrong]:
    """H2, among what stays and what comes."""
    going = {entry.pk for change in changes for entry in change.leaving}
    taken = [(entry.span, entry.shift.name, entry.shift.business_date) for entry in entries if entry.pk not in going]
    found = []
    for change in changes:
        for pattern, span in change.adding:
            clash = next((one for one in taken if rules.overlap(one[0], span)), None)
            if clash:
                said = {"shift": pattern.name, "other": clash[1], "day": clash[2].isoformat()}
                found.append(Wrong(name, change.day, OVERLAPS % said))
            taken.append((span, pattern.name, change.day))
    return found


def _leave(changes: list[Change], at: datetime) -> None:
    """Everybody off first, so that a shift that moves from one day to the next never meets itself. What was worked stays."""
    leaving = [entry for change in changes for entry in change.leaving]
    RosterEntry.objects.filter(pk__in=[entry.pk for entry in leaving if entry.during.lower >= at]).delete()
    for entry in leaving:
        if entry.during.lower < at:
            entry.during = DateTimeTZRange(entry.during.lower, at)
            entry.save(update_fields=["during"])


def _add(changes: list[Change], at: datetime) -> None:
    shifts: dict[tuple[int, date], Shift] = {}
    made = []
    for change in changes:
        for pattern, _span in change.adding:
            place = (pattern.pk, change.day)
            shift = shifts[place] = shifts.get(place) or shift_on(pattern, change.day)
            during = DateTimeTZRange(max(shift.starts_at, min(at, shift.ends_at)), shift.ends_at)
            made.append(RosterEntry(team_id=shift.team_id, shift=shift, member=change.member, during=during))
    RosterEntry.objects.bulk_create(made, batch_size=1000)


def _window(team: Team, days: list[date]) -> DateTimeTZRange:
    """Every shift of these days, and those of the days beside them that reach into them."""
    start = rules.instant(days[0] - 2 * rules.DAY, datetime.min.time(), team.zone)
    return DateTimeTZRange(start, rules.instant(days[-1] + timedelta(days=4), datetime.min.time(), team.zone))
