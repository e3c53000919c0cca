"""The pressure's own roll-up: what came and who was there, hour by hour, by day and by weekday of months and years.

A heat map asks for every weekday and hour of years: from days that is thousands of cells, and months do not know weekdays. One row here
is 24 hours, so that three years are some hundred rows. Hours are of the team's wall clock: in the night that is an hour longer one hour
comes twice and both are counted in it, the one that is shorter lacks one. Months and years add up days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from handover.report.days import DAY, next_month, runs, starts
from handover.report.facts import FACTS, placed
from handover.report.loose_facts import PIECES
from handover.report.swapping import Kept, clear_fresh, differing, open_fresh, swap
from tickets.people.models import Team

KEPT = Kept("handover_hourfigure", ("team_id", "fact", "dim", "grain", "day", "weekday", "key"), ("hours",))
SUMS = ", ".join(f"sum(x.hours[{hour}])" for hour in range(1, 25))


@dataclass(frozen=True)
class Hourly:
    """`dims`: along which it is kept; `sql`: rows of `day`, `hour`, the dimensions and `n`; `source`: see `facts.Fact`."""

    code: str
    source: str
    dims: tuple[str, ...]
    sql: str


def _coming(code: str) -> Hourly:
    """A fact of tickets, with the channel of each."""
    fact = FACTS[code]
    dims = tuple(dim for dim in fact.dims if dim != "hour")
    sql = f"SELECT x.*, t.channel FROM ({placed(fact)}) x JOIN tickets_ticket t ON t.id = x.id"
    return Hourly(code, fact.source, (*dims, "channel"), sql)


_PRESENT = f"""
    SELECT (p.at AT TIME ZONE %(zone)s)::date AS day, EXTRACT(hour FROM p.at AT TIME ZONE %(zone)s)::smallint AS hour, p.member,
           p.seconds AS n
    FROM ({PIECES}) p"""

HOURLY: dict[str, Hourly] = {
    hourly.code: hourly for hourly in (_coming("contacts"), _coming("matters"), Hourly("present", "present", ("member",), _PRESENT))
}


def of_source(source: str) -> list[Hourly]:
    """What a change of this source makes stale; `hours` is all of it."""
    return [hourly for hourly in HOURLY.values() if source in (hourly.source, "hours")]


def days_sql(hourly: Hourly) -> str:
    """Counts it into one row per day, in all and along each dimension."""
    sets = ", ".join(["(x.day, x.hour)", *(f"(x.day, x.hour, x.{dim})" for dim in hourly.dims)])
    cases = [f"WHEN GROUPING(x.{dim}) = 0 THEN " for dim in hourly.dims]
    dim = " ".join(f"{case}'{name}'" for case, name in zip(cases, hourly.dims, strict=True))
    key = " ".join(f"{case}x.{name}::text" for case, name in zip(cases, hourly.dims, strict=True))
    hours = ", ".join(f"COALESCE(round(sum(c.n) FILTER (WHERE c.hour = {hour})), 0)::integer" for hour in range(24))
    return f"""
    SELECT %(team)s::bigint, '{hourly.code}'::varchar, c.dim, 'd'::varchar, c.day, EXTRACT(isodow FROM c.day)::smallint, c.key,
           ARRAY[{hours}]
    FROM (SELECT x.day, x.hour, CASE {dim} ELSE '' END AS dim, CASE {key} ELSE '' END AS key, sum(x.n) AS n
          FROM ({hourly.sql}) x GROUP BY GROUPING SETS ({sets})) c
    GROUP BY c.dim, c.day, c.key"""


def _sum_sql(table: str, grain: str, of: str, more: str = "") -> str:
    """Months from days, years from months, weekday by weekday."""
    unit = {"m": "month", "y": "year"}[grain]
    return f"""
    SELECT x.team_id, x.fact, x.dim, '{grain}'::varchar, date_trunc('{unit}', x.day)::date, x.weekday, x.key,
           ARRAY[{SUMS}]::integer[]
    FROM {table} x WHERE x.team_id = %(team)s AND x.fact = %(fact)s AND x.grain = '{of}' {more}
    GROUP BY x.team_id, x.fact, x.dim, date_trunc('{unit}', x.day), x.weekday, x.key"""


def count_days(cursor: Any, team: Team, source: str, days: list[date]) -> None:
    """Count these days anew, then the months and years they lie in."""
    open_fresh(cursor, KEPT)
    for hourly in of_source(source):
        for first, last in runs(days):
            span = {"start": starts(first, team.zone), "end": starts(last + DAY, team.zone)}
            cursor.execute(_insert(days_sql(hourly)), {"team": team.pk, "zone": team.time_zone, **span})
        _swap(cursor, team, hourly, "d", days)
        months = {day.replace(day=1) for day in days}
        _add_up(cursor, team, hourly, "m", {month: next_month(month) for month in months})
        _add_up(cursor, team, hourly, "y", {date(month.year, 1, 1): date(month.year + 1, 1, 1) for month in months})
        clear_fresh(cursor, KEPT)


def _add_up(cursor: Any, team: Team, hourly: Hourly, grain: str, spans: dict[date, date]) -> None:
    clear_fresh(cursor, KEPT)
    sql = _sum_sql(KEPT.table, grain, {"m": "d", "y": "m"}[grain], "AND x.dim = ANY(%(dims)s) AND x.day >= %(first)s AND x.day < %(after)s")
    for first, after in spans.items():
        values = {"team": team.pk, "fact": hourly.code, "dims": ["", *hourly.dims], "first": first, "after": after}
        cursor.execute(_insert(sql), values)
    _swap(cursor, team, hourly, grain, spans)


def _swap(cursor: Any, team: Team, hourly: Hourly, grain: str, days: Iterable[date]) -> None:
    which = "o.team_id = %(team)s AND o.fact = %(fact)s AND o.dim = ANY(%(dims)s) AND o.grain = %(grain)s AND o.day = ANY(%(days)s)"
    values = {"team": team.pk, "fact": hourly.code, "dims": ["", *hourly.dims], "grain": grain, "days": list(days)}
    swap(cursor, KEPT, which, values)


def recount(cursor: Any, team: Team, span: dict[str, Any], *, write: bool) -> dict[str, int]:
    """Everything from the rows, put in the place of what differs (or, without `write`, only compared): by fact, how many rows differed."""
    found = {}
    for hourly in HOURLY.values():
        values = {"team": team.pk, "zone": team.time_zone, "fact": hourly.code, **span}
        open_fresh(cursor, KEPT)
        for sql in (days_sql(hourly), _sum_sql(KEPT.fresh, "m", "d"), _sum_sql(KEPT.fresh, "y", "m")):
            cursor.execute(_insert(sql), values)
        act = swap if write else differing
        found[f"{hourly.code} by the hour"] = act(cursor, KEPT, "o.team_id = %(team)s AND o.fact = %(fact)s", values)
    return found


def _insert(select: str) -> str:
    return f"INSERT INTO {KEPT.fresh} ({KEPT.columns}) {select}"
