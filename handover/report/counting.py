"""Keeping the roll-up: stale days are counted anew from the rows; a recount proves that it is right.

No arithmetic on old figures: a day's cells are always replaced by what the rows say now, so late events, reopened and merged matters,
changed reasons and re-imported orders correct the past by themselves, and doing it twice, or being killed in the middle, does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from handover.report import stale
from handover.report.facts import DIMS, FACTS, SOURCES, Fact, bit, cuts, placed
from tickets.people.models import Team

DAY = timedelta(days=1)
CHUNK = 62
"""Days counted in one transaction."""
EVER = (date(1990, 1, 1), date(2200, 1, 1))
LOCK = "SELECT pg_advisory_xact_lock(hashtext('handover_figure'), %s)"
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('handover_figure'), %s)"
COLUMNS = "team_id, fact, grain, cut, day, shop, item, reason, member, shift, hour, mark, currency, n, amount"
EMPTY = {"shop": "0", "item": "''", "reason": "0", "member": "0", "shift": "''", "hour": "0"}


def starts(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which a day of the zone begins; across a daylight-saving change a day has 23 or 25 hours."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def days_sql(fact: Fact) -> str:
    """Counts one fact into day cells, every cut at once."""
    sets = ", ".join(f"({', '.join(['x.day', 'x.mark', 'x.currency', *('x.' + d for d in cut)])})" for cut in cuts(fact))
    cut = " + ".join(f"CASE GROUPING(x.{dim}) WHEN 0 THEN {bit(dim)} ELSE 0 END" for dim in fact.dims)
    dims = ", ".join(f"COALESCE(x.{dim}, {EMPTY[dim]})" if dim in fact.dims else EMPTY[dim] for dim in DIMS)
    return f"""
    SELECT %(team)s::bigint, '{fact.code}'::varchar, 'd'::varchar, ({cut})::smallint, x.day, {dims}, x.mark, x.currency,
           sum(x.n)::bigint, sum(x.amount)::numeric(20, 4)
    FROM ({placed(fact)}) x GROUP BY GROUPING SETS ({sets})"""


MONTHS = """
    SELECT team_id, fact, 'm'::varchar, cut, date_trunc('month', day)::date, shop, item, reason, member, shift, hour, mark, currency,
           sum(n)::bigint, sum(amount)::numeric(20, 4)
    FROM {table} WHERE team_id = %(team)s AND grain = 'd' {more}
    GROUP BY team_id, fact, cut, date_trunc('month', day)::date, shop, item, reason, member, shift, hour, mark, currency"""


def count_stale(*, limit: int = 1000) -> int:
    """Count what has become stale, at most `limit` days per team. Returns how many days were counted. Safe with several workers."""
    stale.look_up()
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT team_id FROM handover_staleday")
        teams = Team.objects.in_bulk([row[0] for row in cursor.fetchall()])
    return sum(_count_team(team, limit) for team in teams.values())


def _count_team(team: Team, limit: int) -> int:
    done = 0
    while done < limit:
        counted = _count_chunk(team)
        if not counted:
            break
        done += counted
    return done


@transaction.atomic
def _count_chunk(team: Team) -> int:
    """Some stale days, wholly or (where anything fails) not at all: the old figures and the marks stay."""
    with connection.cursor() as cursor:
        cursor.execute(TRY_LOCK, [team.pk])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute("SELECT EXISTS (SELECT 1 FROM handover_staleday WHERE team_id = %s AND day IS NULL)", [team.pk])
        if cursor.fetchone()[0]:
            recount(team)
            return 1
        cursor.execute(
            "WITH due AS (SELECT source, day FROM handover_staleday WHERE team_id = %s GROUP BY source, day ORDER BY day DESC LIMIT %s)"
            " DELETE FROM handover_staleday s USING due WHERE s.team_id = %s AND s.source = due.source AND s.day = due.day"
            " RETURNING s.source, s.day",
            [team.pk, CHUNK, team.pk],
        )
        due = sorted(set(cursor.fetchall()))
        for source in SOURCES:
            days = [day for found, day in due if found == source]
            for fact in (f for f in FACTS.values() if f.source == source and days):
                _replace(cursor, team, fact, days)
    return len(due)


def _replace(cursor: Any, team: Team, fact: Fact, days: list[date]) -> None:
    values: dict[str, Any] = {"team": team.pk, "zone": team.time_zone, "fact": fact.code, "days": days}
    cursor.execute(
        "DELETE FROM handover_figure WHERE team_id = %(team)s AND fact = %(fact)s AND grain = 'd' AND cut = ANY(%(cuts)s)"
        " AND day = ANY(%(days)s)",
        values | {"cuts": _masks(fact)},
    )
    for first, last in runs(days):
        span = {"start": starts(first, team.zone), "end": starts(last + DAY, team.zone)}
        cursor.execute(f"INSERT INTO handover_figure ({COLUMNS}) {days_sql(fact)}", values | span)
    months = sorted({day.replace(day=1) for day in days})
    cursor.execute(
        "DELETE FROM handover_figure WHERE team_id = %(team)s AND fact = %(fact)s AND grain = 'm' AND cut = ANY(%(cuts)s)"
        " AND day = ANY(%(months)s)",
        values | {"months": months, "cuts": _masks(fact)},
    )
    more = "AND fact = %(fact)s AND cut = ANY(%(cuts)s) AND day >= %(first)s AND day < %(after)s"
    for month in months:
        part: dict[str, Any] = {"first": month, "after": next_month(month), "cuts": _masks(fact)}
        sql = MONTHS.format(table="handover_figure", more=more)
        cursor.execute(f"INSERT INTO handover_figure ({COLUMNS}) {sql}", values | part)


def _masks(fact: Fact) -> list[int]:
    return [sum(bit(dim) for dim in cut) for cut in cuts(fact)]


def next_month(day: date) -> date:
    """The first of the month after."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def runs(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """Sorted days as stretches without a gap, first and last."""
    days = list(days)
    if not days:
        return
    first = days[0]
    for before, after in pairwise(days):
        if after != before + DAY:
            yield first, before
            first = after
    yield first, days[-1]


@transaction.atomic
def recount(team: Team, *, write: bool = True) -> dict[str, int]:
    """Count everything of a team from the rows beside the figures in use, and put it in their place where it differs.

    One transaction: readers see the old figures until all is done, and keep them if anything fails. Gives, by fact, how many cells
    differed (those of days that were still marked stale among them). `write=False` only compares.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [team.pk])
        cursor.execute("SET LOCAL work_mem = '128MB'")  # so many cuts at once; in 4 MB each of them would be sorted on disk
        if write:
            cursor.execute("DELETE FROM handover_staleday WHERE team_id = %s", [team.pk])
        cursor.execute("DROP TABLE IF EXISTS pg_temp.fresh_figure")
        cursor.execute(f"CREATE TEMP TABLE fresh_figure ON COMMIT DROP AS SELECT {COLUMNS} FROM handover_figure WITH NO DATA")
        values: dict[str, Any] = {"team": team.pk, "zone": team.time_zone}
        values |= {"start": starts(EVER[0], team.zone), "end": starts(EVER[1], team.zone)}
        for fact in FACTS.values():
            cursor.execute(f"INSERT INTO fresh_figure ({COLUMNS}) {days_sql(fact)}", values)
        cursor.execute(f"INSERT INTO fresh_figure ({COLUMNS}) {MONTHS.format(table='fresh_figure', more='')}", values)
        different = _differences(cursor, team)
        if write and different:
            cursor.execute("DELETE FROM handover_figure WHERE team_id = %s", [team.pk])
            cursor.execute(f"INSERT INTO handover_figure ({COLUMNS}) SELECT {COLUMNS} FROM fresh_figure")
    return different


def _differences(cursor: Any, team: Team) -> dict[str, int]:
    mine = f"SELECT {COLUMNS} FROM handover_figure WHERE team_id = %(team)s"
    fresh = f"SELECT {COLUMNS} FROM fresh_figure"
    cursor.execute(
        f"SELECT fact, count(*) FROM (({mine} EXCEPT ALL {fresh}) UNION ALL ({fresh} EXCEPT ALL {mine})) d GROUP BY fact",
        {"team": team.pk},
    )
    return dict(cursor.fetchall())
