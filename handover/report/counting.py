"""Keeping the roll-up: stale days are counted anew from the rows; a recount proves that it is right.

No arithmetic on old figures: a day's cells always become what the rows say now, so late events, reopened and merged matters,
changed reasons and re-imported orders correct the past by themselves, and doing it twice, or being killed in the middle, does no harm.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection, transaction

from handover.report import hours, sizes, stale
from handover.report.days import DAY, next_month, runs, starts
from handover.report.facts import DIMS, FACTS, Fact, bit, cuts, mask, placed
from handover.report.swapping import Kept, clear_fresh, differing, open_fresh, swap
from tickets.people.models import Team

CHUNK = 62
"""Days counted in one transaction."""
EVER = (date(1990, 1, 1), date(2200, 1, 1))
LOCK = "SELECT pg_advisory_xact_lock(hashtext('handover_figure'), %s)"
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('handover_figure'), %s)"
KEPT = Kept(
    "handover_figure",
    ("team_id", "fact", "grain", "cut", "day", "shop", "item", "reason", "member", "shift", "hour", "mark", "currency"),
    ("n", "amount"),
)
EMPTY = {"shop": "0", "item": "''", "reason": "0", "member": "0", "shift": "''", "hour": "0"}
CUTS = sorted({mask(cut) for fact in FACTS.values() for cut in cuts(fact)})
"""Every cut that any fact has: what a fact once had and has no more is taken away with the day."""
READ = sizes.named(stale.DAYS, *(fact.sql for fact in FACTS.values()))
"""The tables that figures are counted from."""


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
MONTH = "AND fact = %(fact)s AND cut = ANY(%(cuts)s) AND day >= %(first)s AND day < %(after)s"
OF_FACT = "o.team_id = %(team)s AND o.fact = %(fact)s"
OF_DAYS = f"{OF_FACT} AND o.cut = ANY(%(cuts)s) AND o.grain = %(grain)s AND o.day = ANY(%(days)s)"


def count_stale(*, limit: int = 1000) -> int:
    """Count what has become stale, at most `limit` days per team. Returns how many days were counted. Safe with several workers."""
    sizes.tell_planner(READ)
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
            _recount(team, write=True)
            return 1
        cursor.execute(
            "WITH due AS (SELECT source, day FROM handover_staleday WHERE team_id = %s GROUP BY source, day ORDER BY day DESC LIMIT %s)"
            " DELETE FROM handover_staleday s USING due WHERE s.team_id = %s AND s.source = due.source AND s.day = due.day"
            " RETURNING s.source, s.day",
            [team.pk, CHUNK, team.pk],
        )
        due = sorted(set(cursor.fetchall()))
        for source in sorted({source for source, _day in due}):
            _replace(cursor, team, source, [day for found, day in due if found == source])
    return len(due)


def _replace(cursor: Any, team: Team, source: str, days: list[date]) -> None:
    """Count what hangs on the source on these days anew, and their months."""
    hours.count_days(cursor, team, source, days)
    open_fresh(cursor, KEPT)
    for fact in (fact for fact in FACTS.values() if fact.source == source):
        values: dict[str, Any] = {"team": team.pk, "zone": team.time_zone, "fact": fact.code, "cuts": CUTS}
        for first, last in runs(days):
            span = {"start": starts(first, team.zone), "end": starts(last + DAY, team.zone)}
            cursor.execute(_insert(days_sql(fact)), values | span)
        swap(cursor, KEPT, OF_DAYS, values | {"grain": "d", "days": days})
        clear_fresh(cursor, KEPT)
        months = sorted({day.replace(day=1) for day in days})
        for month in months:
            cursor.execute(_insert(MONTHS.format(table=KEPT.table, more=MONTH)), values | {"first": month, "after": next_month(month)})
        swap(cursor, KEPT, OF_DAYS, values | {"grain": "m", "days": months})
        clear_fresh(cursor, KEPT)


def _insert(select: str) -> str:
    return f"INSERT INTO {KEPT.fresh} ({KEPT.columns}) {select}"


def recount(team: Team, *, write: bool = True) -> dict[str, int]:
    """Count everything of a team from the rows beside the figures in use, and put it in their place where it differs.

    One transaction: readers see the old figures until all is done, and keep them if anything fails. Gives, by fact, how many cells
    differed (those of days that were still marked stale among them). `write=False` only compares.
    """
    sizes.tell_planner(READ)
    return _recount(team, write=write)


@transaction.atomic
def _recount(team: Team, *, write: bool) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [team.pk])
        cursor.execute("SET LOCAL work_mem = '128MB'")  # so many cuts at once; in 4 MB each of them would be sorted on disk
        if write:
            cursor.execute("DELETE FROM handover_staleday WHERE team_id = %s", [team.pk])
        span = {"start": starts(EVER[0], team.zone), "end": starts(EVER[1], team.zone)}
        act = swap if write else differing
        found = {}
        for fact in FACTS.values():
            values: dict[str, Any] = {"team": team.pk, "zone": team.time_zone, "fact": fact.code, **span}
            open_fresh(cursor, KEPT)
            cursor.execute(_insert(days_sql(fact)), values)
            cursor.execute(_insert(MONTHS.format(table=KEPT.fresh, more="")), values)
            found[fact.code] = act(cursor, KEPT, OF_FACT, values)
        found |= hours.recount(cursor, team, span, write=write)
    return {name: number for name, number in found.items() if number}
