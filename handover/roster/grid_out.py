"""The roster as the file that people keep: names down, dates across, the weekdays below the dates, a code in each cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from django.utils.formats import date_format

from handover.roster.actions.grid import Codes
from handover.roster.models import RosterEntry
from tickets.people.access import may
from tickets.people.models import Member, Team


def lines(team: Team, days: list[date], title: str) -> tuple[list[str], Iterator[list[str]]]:
    """The head and the rows of the grid for these days; free days are written as such, so that the file says the same when it comes
    back. Three queries."""
    codes = Codes(team)
    entries = RosterEntry.objects.filter(team=team, shift__business_date__range=(days[0], days[-1]), shift__pattern__isnull=False)
    on: dict[tuple[int, date], list[str]] = defaultdict(list)
    for member, day, pattern in entries.order_by("during").values_list("member", "shift__business_date", "shift__pattern"):
        code = codes.letters.get(pattern, "?")
        if code not in on[member, day]:
            on[member, day].append(code)
    rostered = {member for member, _day in on}
    people = Member.objects.filter(team=team).order_by("display_name", "pk")
    shown = [member for member in people if member.pk in rostered or (member.is_active and may(member, "duty.work"))]
    weekdays = [date_format(day, "D") for day in days]
    rows = ([member.display_name, *("+".join(on.get((member.pk, day), [codes.free])) for day in days)] for member in shown)
    return [title, *(day.isoformat() for day in days)], _chained(["", *weekdays], rows)


def _chained(first: list[str], rest: Iterator[list[str]]) -> Iterator[list[str]]:
    yield first
    yield from rest
