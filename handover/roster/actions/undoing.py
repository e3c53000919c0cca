"""Taking back a change of the roster: the days of its people as they were, unless somebody has touched one of them since."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core import serializers
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.roster import rules
from handover.roster.actions.planning import PAST, check_works_here, refresh_next
from handover.roster.models import RosterEntry, Shift, Swap
from tickets.activity.actions import record
from tickets.people.models import Member
from tickets.web.refusals import Refused
from tickets.web.undo import MEANWHILE

Day = tuple[int, date]
"""One member's business date: a cell of the week's grid."""
Rows = list[dict[str, Any]]
"""Entries and their swaps as Django serialises them, with their keys."""
ENTRY = "handover.rosterentry"
IN_THE_WAY = _("Somebody is rostered at that time by now. It stays as it is.")


@dataclass
class Trace:
    """What a change did: the days that are another since, the rows that were on them, and a digest of what it left there. Small enough
    to travel in a page, also for the week of hundreds of people."""

    days: list[Day] = field(default_factory=list)
    rows: Rows = field(default_factory=list)
    left: str = ""

    def pack(self) -> dict[str, Any]:
        """As plain JSON values: of each member one number, a bit for each day since the first."""
        first = min((day for _member, day in self.days), default=date.min)
        masks: dict[str, int] = defaultdict(int)
        for member, day in self.days:
            masks[str(member)] |= 1 << (day - first).days
        return {"first": first.isoformat(), "days": masks, "rows": self.rows, "left": self.left}

    @classmethod
    def unpack(cls, packed: dict[str, Any]) -> Trace:
        """What `pack` made."""
        first = date.fromisoformat(packed["first"])
        days = [(int(m), first + timedelta(n)) for m, mask in packed["days"].items() for n in range(mask.bit_length()) if mask >> n & 1]
        return cls(days, packed["rows"], packed["left"])


@contextmanager
def traced(members: Iterable[int], days: Iterable[date]) -> Iterator[Trace]:
    """Note what is done to these people's days inside the block, which is one transaction. Nobody else edits them meanwhile."""
    trace, span = Trace(), list(days)
    with transaction.atomic():
        people = _lock(members)
        before = _days(people, span)
        yield trace
        after = _days(people, span)
        trace.days = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
        trace.rows = [row for key in trace.days for row in before.get(key, [])]
        trace.left = _digest(trace.days, after)


@transaction.atomic
def take_back(trace: Trace, *, by: Member, at: datetime | None = None) -> None:
    """The days as they were before the change. Refuses `not_found` for another team's, `stale` where somebody changed one of them (or
    the shifts' hours) meanwhile, `wrong_state` where a shift is over or its person left, `duplicate` for an overlap (H2)."""
    at = at or timezone.now()
    people = _lock({member for member, _day in trace.days})
    if Member.objects.filter(pk__in=people, team=by.team_id).count() != len(people):
        raise Refused("not_found")
    now = {key: rows for key, rows in _days(people, {day for _member, day in trace.days}).items() if key in set(trace.days)}
    if _digest(trace.days, now) != trace.left:
        raise Refused("stale", MEANWHILE)
    there = [row for rows in now.values() for row in rows]
    _leave({row["pk"] for row in there if row["model"] == ENTRY} - {row["pk"] for row in trace.rows if row["model"] == ENTRY}, at)
    _put_back([row for row in trace.rows if row not in there], at)
    names = list(Member.objects.filter(pk__in=people).order_by("display_name").values_list("display_name", flat=True))
    first = min(day for _member, day in trace.days)
    facts = {"members": people, "name": ", ".join(names[:10]), "date": first.isoformat(), "days": len(trace.days)}
    record("roster.undone", team=by.team, actor=by, at=at, **facts)
    refresh_next(people, at)


def _lock(members: Iterable[int]) -> list[int]:
    """One editor of these people's roster at a time; always in the same order, so that two never wait in a circle."""
    rows = Member.objects.filter(pk__in=set(members)).order_by("pk")
    return list(rows.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))


def _days(members: Iterable[int], days: Iterable[date]) -> dict[Day, Rows]:
    """What is on each of these days that has anything."""
    entries = list(RosterEntry.objects.filter(member__in=members, shift__business_date__in=days).select_related("shift").order_by("pk"))
    where = {entry.pk: (entry.member_id, entry.shift.business_date) for entry in entries}
    swaps = Swap.objects.filter(entry__in=where).order_by("pk")
    found: dict[Day, Rows] = defaultdict(list)
    for one in [*entries, *swaps]:
        row = json.loads(json.dumps(serializers.serialize("python", [one])[0], default=str))  # instants to the microsecond
        found[where[one.entry_id if isinstance(one, Swap) else one.pk]].append(row)
    return found


def _digest(days: Iterable[Day], found: dict[Day, Rows]) -> str:
    said = json.dumps([[member, day.isoformat(), found.get((member, day), [])] for member, day in days], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _leave(made: set[int], at: datetime) -> None:
    """Take off again who was put on; what is over was worked, and stays."""
    entries = RosterEntry.objects.filter(pk__in=made)
    if entries.filter(during__endswith__lte=at).exists():
        raise Refused("wrong_state", PAST)
    entries.delete()


def _put_back(rows: Rows, at: datetime) -> None:
    """The entries with their keys, and then the swaps that hang on them."""
    again = [one.object for one in serializers.deserialize("python", rows)]
    entries = [one for one in again if isinstance(one, RosterEntry)]
    shifts = Shift.objects.in_bulk({entry.shift_id for entry in entries})
    people = Member.objects.in_bulk({entry.member_id for entry in entries})
    for entry in entries:
        check_works_here(people[entry.member_id])
        shift = shifts.get(entry.shift_id)
        if shift is None or rules.overlap(shift.span, entry.span) != entry.span:
            raise Refused("stale", MEANWHILE)
        if entry.during.upper <= at:
            raise Refused("wrong_state", PAST)
    try:
        with transaction.atomic():
            for one in sorted(again, key=lambda one: isinstance(one, Swap)):
                one.save()
    except IntegrityError as clash:
        raise Refused("duplicate", IN_THE_WAY) from clash
