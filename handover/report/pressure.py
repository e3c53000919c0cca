"""Contacts and tickets per hour and weekday, who was on duty, and how many it takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from handover.report.asking import Asked
from handover.report.days import DAY, starts
from handover.report.erlang import people_needed
from handover.report.hours import HOURLY, KEPT, SUMS, Hourly
from handover.report.queries import _rows, dim_of, narrow, spans
from handover.report.rules import heat

Hours = dict[tuple[str, int], list[int]]
"""(fact, weekday) → how many in each of the 24 hours."""

# OFFSET 0 keeps the planner from reading the whole table at once: a stretch of the index for each span, whatever it takes the sizes to be.
ROLLED = f"""
    SELECT w.fact, x.weekday, ARRAY[{SUMS}]
    FROM unnest(%(facts)s::text[], %(dims)s::text[], %(grains)s::text[], %(firsts)s::date[], %(afters)s::date[])
        w (fact, dim, grain, first, after)
    CROSS JOIN LATERAL (SELECT y.weekday, y.hours FROM {KEPT.table} y
        WHERE y.team_id = %(team)s AND y.fact = w.fact AND y.dim = w.dim AND y.grain = w.grain AND y.day >= w.first AND y.day < w.after
          AND (y.dim = '' OR y.key = ANY(%(keys)s)) OFFSET 0) x
    GROUP BY w.fact, x.weekday"""

COUNTED = """
    SELECT EXTRACT(isodow FROM x.day)::int, x.hour, sum(x.n)::bigint FROM ({rows}) x WHERE true {more} GROUP BY 1, 2"""


@dataclass(frozen=True)
class Service:
    """What is wanted: `share` of the contacts answered within `seconds`; a contact is `minutes` of work, `at_once` customers at a time."""

    share: float = 0.8
    seconds: int = 30
    minutes: float = 6
    at_once: int = 3


@dataclass(frozen=True)
class Hour:
    """One hour of one weekday, means over the period's days of that weekday. `short`: fewer people than it takes."""

    weekday: int
    hour: int
    contacts: float
    tickets: float
    present: float
    needed: int
    heat: int

    @property
    def short(self) -> bool:
        return self.needed > 0 and self.present + 0.5 < self.needed


def week(asked: Asked, service: Service) -> list[list[Hour]]:
    """Seven rows (Monday first) of 24 hours. One query, and one for each fact that is narrowed by more than is rolled up."""
    found, days = _hours(asked), _weekdays(asked.first, asked.last)
    nothing = [0] * 24

    def mean(fact: str, weekday: int) -> list[float]:
        return [n / days[weekday] if days[weekday] else 0.0 for n in found.get((fact, weekday), nothing)]

    contacts = {weekday: mean("contacts", weekday) for weekday in days}
    most = max(max(row) for row in contacts.values())

    def needed(contacts: float) -> int:
        handling = service.minutes * 60
        return people_needed(contacts, handling=handling, seconds=service.seconds, share=service.share, at_once=service.at_once)

    def row(weekday: int) -> list[Hour]:
        each = zip(contacts[weekday], mean("matters", weekday), mean("present", weekday), strict=True)
        return [
            Hour(weekday, hour, calls, tickets, seconds / 3600, needed(calls), heat(calls, most))
            for hour, (calls, tickets, seconds) in enumerate(each)
        ]

    return [row(weekday) for weekday in days]


def _weekdays(first: date, last: date) -> dict[int, int]:
    """How many of each weekday (1 Monday … 7 Sunday) lie between the two days."""
    whole, rest = divmod((last - first).days + 1, 7)
    return {w: whole + ((w - first.isoweekday()) % 7 < rest) for w in range(1, 8)}


def _hours(asked: Asked) -> Hours:
    """From the roll-up what at most one filter narrows, the rest from the rows."""
    narrowing: dict[str, list[Any]] = {dim_of(word): values for word, values in asked.filters.items()}
    rolled: list[tuple[Hourly, str]] = []
    found: Hours = {}
    for hourly in HOURLY.values():
        filters = {name: values for name, values in narrowing.items() if name in hourly.dims}
        if len(filters) > 1:
            found |= _counted(asked, hourly, filters)
        else:
            rolled.append((hourly, next(iter(filters), "")))
    return found | _rolled(asked, rolled, narrowing)


def _rolled(asked: Asked, wanted: list[tuple[Hourly, str]], narrowing: dict[str, list[Any]]) -> Hours:
    cut = [(hourly.code, dim, *span) for hourly, dim in wanted for span in _grains(asked.first, asked.last)]
    names = ("facts", "dims", "grains", "firsts", "afters")
    values: dict[str, Any] = dict(zip(names, map(list, zip(*cut, strict=True)), strict=True))
    keys = [str(key) for dim in {dim for _hourly, dim in wanted if dim} for key in narrowing[dim]]
    return {(fact, day): hours for fact, day, hours in _rows(ROLLED, values | {"team": asked.member.team_id, "keys": keys})}


def _grains(first: date, last: date) -> list[tuple[str, date, date]]:
    """The days as whole years, whole months, and the rest; ends excluded."""
    found = []
    for grain, start, after in spans(first, last):
        head, tail = date(start.year + (start > date(start.year, 1, 1)), 1, 1), date(after.year, 1, 1)
        if grain == "m" and head < tail:
            found += [("m", start, head), ("y", head, tail), ("m", tail, after)]
        else:
            found.append((grain, start, after))
    return [span for span in found if span[1] < span[2]]


def _counted(asked: Asked, hourly: Hourly, filters: dict[str, list[Any]]) -> Hours:
    more, values = narrow(filters)
    team = asked.member.team
    values |= {"team": team.pk, "zone": team.time_zone}
    values |= {"start": starts(asked.first, team.zone), "end": starts(asked.last + DAY, team.zone)}
    found: Hours = {}
    for weekday, hour, n in _rows(COUNTED.format(rows=hourly.sql, more=more), values):
        found.setdefault((hourly.code, weekday), [0] * 24)[hour] = n
    return found
