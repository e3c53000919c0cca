"""Reading the roll-up: one query per fact, whatever the range; and the rows behind a figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection

from handover.report.asking import DIM_OF, Asked
from handover.report.days import DAY, next_month, starts
from handover.report.facts import FACTS, Fact, mask, placed
from handover.report.measures import Count
from tickets.people.models import Member, Team

if TYPE_CHECKING:
    from handover.report.moving import Worse

Key = str | int
Cells = dict[tuple[Key | None, str, str], tuple[int, Decimal]]
"""(value of the breakdown or None, mark, currency) → how many, how much."""


def spans(first: date, last: date) -> list[tuple[str, date, date]]:
    """The days as grains: whole months from the monthly roll-up, the rest from the daily one; ends excluded."""
    after = last + DAY
    head = first if first.day == 1 else next_month(first)
    tail = after.replace(day=1)
    if head >= tail:
        return [("d", first, after)]
    found = [("d", first, head), ("m", head, tail), ("d", tail, after)]
    return [span for span in found if span[1] < span[2]]


def cells(asked: Asked, code: str, by: str | None, periods: list[tuple[date, date]]) -> list[Cells]:
    """One fact in each of the periods, told apart by `by` (a dimension; ignored where the fact does not have it)."""
    fact = FACTS[code]
    dim = by if by in fact.dims else None
    filters = filters_of(asked, fact)
    wanted = frozenset(filters) | ({dim} if dim else set())
    read = _rolled if len(wanted) <= 2 else _live
    found: list[Cells] = [defaultdict(lambda: (0, Decimal(0))) for _period in periods]
    for place, key, mark, currency, n, amount in read(asked.member.team, fact, dim, filters, wanted, periods):
        found[place][(key, mark, currency)] = (n, amount)
    return found


def knows(fact: Fact, by: str) -> bool:
    """Whether the fact can be told apart by this word of the address."""
    dim = dim_of(by)
    return dim in fact.dims and (dim != "item" or by in fact.items)


def filters_of(asked: Asked, fact: Fact) -> dict[str, list[Any]]:
    """What of the view's filters the fact knows, by dimension: a product says nothing of pairs of people."""
    known = {dim: values for dim, values in asked.filters.items() if dim in fact.dims}
    if "product" in asked.filters and knows(fact, "product"):
        known.setdefault("item", asked.filters["product"])
    return known


def narrow(filters: dict[str, list[Any]]) -> tuple[str, dict[str, Any]]:
    """Filters as conditions on `x`, and their values."""
    sql = "".join(f" AND x.{dim} = ANY(%(f_{dim})s)" for dim in filters)
    return sql, {f"f_{dim}": values for dim, values in filters.items()}


def _rolled(
    team: Team, fact: Fact, dim: str | None, filters: dict[str, list[Any]], wanted: frozenset[str], periods: list[tuple[date, date]]
) -> list[tuple[Any, ...]]:
    more, values = narrow(filters)
    values |= {"team": team.pk, "fact": fact.code, "cut": mask(wanted)}
    parts = []
    for place, (first, last) in enumerate(periods):
        for number, (grain, start, end) in enumerate(spans(first, last)):
            name = f"{place}_{number}"
            values |= {f"s_{name}": start, f"e_{name}": end}
            parts.append(
                f"SELECT {place} AS place, {'x.' + dim if dim else 'NULL'} AS key, x.mark, x.currency, x.n, x.amount"
                f" FROM handover_figure x WHERE x.team_id = %(team)s AND x.fact = %(fact)s AND x.grain = '{grain}' AND x.cut = %(cut)s"
                f" AND x.day >= %(s_{name})s AND x.day < %(e_{name})s {more}"
            )
    return _rows(
        f"SELECT place, key, mark, currency, sum(n)::bigint, sum(amount) FROM ({' UNION ALL '.join(parts)}) u GROUP BY 1, 2, 3, 4",
        values,
    )


def _live(
    team: Team, fact: Fact, dim: str | None, filters: dict[str, list[Any]], wanted: frozenset[str], periods: list[tuple[date, date]]
) -> list[tuple[Any, ...]]:
    """More dimensions at once than are rolled up: counted from the rows."""
    found = []
    for place, (first, last) in enumerate(periods):
        more, values = narrow(filters)
        sql = (
            f"SELECT {place}, {'x.' + dim if dim else 'NULL'}, x.mark, x.currency, sum(x.n)::bigint, sum(x.amount)"
            f" FROM ({placed(fact)}) x WHERE true {more} GROUP BY 2, 3, 4"
        )
        found += _rows(sql, values | _span(team, first, last))
    return found


def _span(team: Team, first: date, last: date) -> dict[str, Any]:
    return {"team": team.pk, "zone": team.time_zone, "start": starts(first, team.zone), "end": starts(last + DAY, team.zone)}


def points(asked: Asked, code: str, first: date, width: int) -> dict[int, dict[tuple[str, str], tuple[int, Decimal]]]:
    """One fact from `first` to the period's last day in buckets of `width` days: bucket → (mark, currency) → (n, amount)."""
    fact = FACTS[code]
    filters = filters_of(asked, fact)
    more, values = narrow(filters)
    values |= {"first": first, "width": width}
    if len(filters) <= 2:
        values |= {"team": asked.member.team_id, "fact": code, "cut": mask(frozenset(filters)), "after": asked.last + DAY}
        source = (
            "handover_figure x WHERE x.team_id = %(team)s AND x.fact = %(fact)s AND x.grain = 'd' AND x.cut = %(cut)s"
            " AND x.day >= %(first)s AND x.day < %(after)s"
        )
    else:
        values |= _span(asked.member.team, first, asked.last)
        source = f"({placed(fact)}) x WHERE true"
    found: dict[int, dict[tuple[str, str], tuple[int, Decimal]]] = defaultdict(dict)
    sql = (
        f"SELECT (x.day - %(first)s::date) / %(width)s, x.mark, x.currency, sum(x.n)::bigint, sum(x.amount) FROM {source} {more}"
        " GROUP BY 1, 2, 3"
    )
    for bucket, mark, currency, n, amount in _rows(sql, values):
        found[bucket][(mark, currency)] = (n, amount)
    return found


def value(count: Count, found: dict[Any, tuple[int, Decimal]], currency: str = "") -> Decimal:
    """What a count makes of cells whose key ends in (mark, currency); `currency` leaves out what is of another one."""
    total = Decimal(0)
    for key, (n, amount) in found.items():
        mark, of = key[-2:]
        if (not count.marks or mark in count.marks) and (not currency or of in ("", currency)):
            total += amount if count.amount else n
    return total


@dataclass(frozen=True)
class Behind:
    """One counted row: the subject's id, when, and what it counted for."""

    id: int
    at: datetime
    member: int
    item: str
    mark: str
    currency: str
    amount: Decimal


def behind(
    asked: Asked,
    count: Count,
    narrowed: dict[str, list[Any]],
    currency: str,
    *,
    after: tuple[datetime, int, int] | None = None,
    size: int = 50,
) -> list[tuple[Behind, int]]:
    """The rows that a figure counts, newest first, `size` of them; each with its place among equals (several rows of one subject
    may be counted at one instant), so that (at, id, place) is a cursor."""
    fact = FACTS[count.fact]
    filters = {**filters_of(asked, fact), **narrowed}
    more, values = narrow({name: v for name, v in filters.items() if name in fact.dims})
    values |= _span(asked.member.team, asked.first, asked.last) | {"size": size}
    if "mark" in narrowed or count.marks:
        marks = set(narrowed.get("mark") or count.marks)
        values["marks"] = sorted(marks & set(count.marks) if count.marks else marks)
        more += " AND x.mark = ANY(%(marks)s)"
    if currency:
        more += " AND x.currency IN ('', %(currency)s)"
        values["currency"] = currency
    cursor = ""
    if after:
        cursor = "WHERE (y.at, y.id, y.place) < (%(c_at)s, %(c_id)s, %(c_place)s)"
        values |= {"c_at": after[0], "c_id": after[1], "c_place": after[2]}
    sql = f"""
        SELECT y.id, y.at, y.member, y.item, y.mark, y.currency, y.amount, y.place FROM (
            SELECT x.*, row_number() OVER (PARTITION BY x.at, x.id ORDER BY x.mark, x.item, x.amount) AS place
            FROM ({placed(fact)}) x WHERE true {more}) y
        {cursor} ORDER BY y.at DESC, y.id DESC, y.place DESC LIMIT %(size)s"""
    return [(Behind(*row[:7]), row[7]) for row in _rows(sql, values)]


def every_behind(asked: Asked, count: Count, narrowed: dict[str, list[Any]], currency: str, *, step: int = 2000) -> Iterator[Behind]:
    """All rows that a figure counts, a bounded number at a time; what an export writes."""
    after = None
    while True:
        found = behind(asked, count, narrowed, currency, after=after, size=step)
        yield from (row for row, _place in found)
        if len(found) < step:
            return
        last, place = found[-1]
        after = (last.at, last.id, place)


def dim_of(by: str) -> str:
    """The dimension of the figures behind a word of the address."""
    return "shop" if by == "platform" else DIM_OF.get(by, by)


def worsening(member: Member, today: date) -> list[Worse]:
    """The team's rates that move the wrong way, as other rooms ask for them; see `handover.report.moving`."""
    from handover.report import moving  # which reads through this module

    return moving.worsening(member, today)


def pending(team: Team) -> int:
    """How many days wait to be counted anew (at most a minute, while the worker runs). Changed rows whose days are not looked up yet
    are at least one."""
    sql = """
        SELECT count(*), EXISTS (SELECT 1 FROM handover_stalerow)
        FROM (SELECT DISTINCT day FROM (SELECT day FROM handover_staleday WHERE team_id = %(team)s LIMIT 5000) s) d"""
    days, rows = _rows(sql, {"team": team.pk})[0]
    return int(days) or int(rows)


def _rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()  # type: ignore[no-any-return]
