"""Reading the roll-up: one query for all facts of a report, whatever the range; and the rows behind a figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection

from handover.report.asking import DIM_OF, Asked
from handover.report.days import DAY, next_month, starts
from handover.report.facts import FACTS, Fact, mask, placed
from handover.report.loose_facts import KNOWING_MORE, LOOSE_FACTS
from handover.report.measures import Count
from tickets.people.models import Member, Team
from tickets.web.prepared import prepared_cursor

if TYPE_CHECKING:
    from handover.report.moving import Worse

Key = str | int
Cells = dict[tuple[Key | None, str, str], tuple[int, Decimal]]
"""(value of the breakdown or None, mark, currency) → how many, how much."""
Found = tuple[Any, ...]
Buckets = dict[int, dict[tuple[str, str], tuple[int, Decimal]]]


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
    found: list[Cells] = [defaultdict(lambda: (0, Decimal(0))) for _period in periods]
    for _code, place, key, mark, currency, n, amount in figures(asked, {code: by}, periods):
        found[place][(key, mark, currency)] = (n, amount)
    return found


def figures(asked: Asked, wanted: Mapping[str, str | None], periods: list[tuple[date, date]]) -> list[Found]:
    """Several facts in each of the periods, each told apart by its dimension, if it has that: (fact, place of the period, key, mark,
    currency, n, amount). One query for all that are narrowed alike, and one for each that no cut of the roll-up answers."""
    found: list[Found] = []
    alike: dict[tuple[str, ...], list[tuple[Fact, str | None]]] = defaultdict(list)
    for code, by in wanted.items():
        fact = fact_of(code, asked)
        dim, filters = by if by in fact.dims else None, filters_of(asked, fact)
        if fact.code in FACTS and len({*filters, *([dim] if dim else [])}) <= 2:
            alike[tuple(sorted(filters))].append((fact, dim))
        else:
            found += [(code, *row) for row in _live(asked.member.team, fact, dim, filters, periods)]
    for facts in alike.values():
        found += _rolled(asked, facts, periods)
    return found


def fact_of(code: str, asked: Asked | None = None) -> Fact:
    """The fact of this code, rolled up or not; for a view that asks for more than the roll-up knows the one of the same rows that does."""
    return fact_for(code, {asked.by, *asked.filters} if asked else ())


def fact_for(code: str, words: Iterable[str]) -> Fact:
    """The fact of this code that knows these words of an address, if any does."""
    more, asking = KNOWING_MORE.get(code, (code, frozenset()))
    code = code if asking.isdisjoint(words) else more
    return FACTS.get(code) or LOOSE_FACTS[code]


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


# OFFSET 0 keeps the planner from reading the whole table at once: a stretch of the index for each span, whatever it takes the sizes to be.
ROLLED = """
    SELECT w.fact, w.place, x.key, x.mark, x.currency, sum(x.n)::bigint, sum(x.amount)
    FROM unnest(%(facts)s::text[], %(cuts)s::smallint[], %(keyed)s::boolean[], %(places)s::integer[], %(grains)s::text[],
                %(firsts)s::date[], %(afters)s::date[]) w (fact, cut, keyed, place, grain, first, after)
    CROSS JOIN LATERAL (SELECT {key} AS key, x.mark, x.currency, x.n, x.amount FROM handover_figure x
        WHERE x.team_id = %(team)s AND x.fact = w.fact AND x.grain = w.grain AND x.cut = w.cut AND x.day >= w.first AND x.day < w.after
        {more} OFFSET 0) x
    GROUP BY 1, 2, 3, 4, 5"""

BUCKETS = """
    SELECT w.fact, x.bucket, x.mark, x.currency, sum(x.n)::bigint, sum(x.amount)
    FROM unnest(%(facts)s::text[]) w (fact)
    CROSS JOIN LATERAL (SELECT (x.day - %(first)s::date) / %(width)s AS bucket, x.mark, x.currency, x.n, x.amount FROM handover_figure x
        WHERE x.team_id = %(team)s AND x.fact = w.fact AND x.grain = 'd' AND x.cut = {cut} AND x.day >= %(first)s AND x.day < %(after)s
        {more} OFFSET 0) x
    GROUP BY 1, 2, 3, 4"""
"""The cut is written into it: whether the index of the days alone serves is decided when the statement is planned."""


def _rolled(asked: Asked, facts: list[tuple[Fact, str | None]], periods: list[tuple[date, date]]) -> list[Found]:
    """Facts that are narrowed alike, of which those with a dimension have the same one."""
    filters = filters_of(asked, facts[0][0])
    more, values = narrow(filters)
    names = ("facts", "cuts", "keyed", "places", "grains", "firsts", "afters")
    parts = [
        (fact.code, mask({*filters, *([dim] if dim else [])}), bool(dim), place, *span)
        for fact, dim in facts
        for place, (first, last) in enumerate(periods)
        for span in spans(first, last)
    ]
    values |= dict(zip(names, map(list, zip(*parts, strict=True)), strict=True)) | {"team": asked.member.team_id}
    dim = next((dim for _fact, dim in facts if dim), None)
    return _kept_rows(ROLLED.format(key=f"CASE WHEN w.keyed THEN x.{dim} END" if dim else "NULL", more=more), values)


def _live(
    team: Team, fact: Fact, dim: str | None, filters: dict[str, list[Any]], periods: list[tuple[date, date]]
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


def points(asked: Asked, codes: Iterable[str], first: date, width: int) -> dict[str, Buckets]:
    """Facts from `first` to the period's last day in buckets of `width` days: fact → bucket → (mark, currency) → (n, amount). One query
    for all that are narrowed alike, and one for each that no cut of the roll-up answers."""
    found: dict[str, Buckets] = {code: defaultdict(dict) for code in codes}
    told = {fact_of(code, asked).code: code for code in found}
    alike: dict[tuple[str, ...], list[Fact]] = defaultdict(list)
    for fact in map(fact_of, told):
        names = tuple(sorted(filters_of(asked, fact)))
        alike[names if fact.code in FACTS and len(names) <= 2 else ("live", *names)].append(fact)
    for names, facts in alike.items():
        read = _live_buckets if names[:1] == ("live",) else _buckets
        for code, bucket, mark, currency, n, amount in read(asked, facts, first, width):
            found[told[code]][bucket][(mark, currency)] = (n, amount)
    return found


def _buckets(asked: Asked, facts: list[Fact], first: date, width: int) -> list[tuple[Any, ...]]:
    filters = filters_of(asked, facts[0])
    more, values = narrow(filters)
    values |= {"team": asked.member.team_id, "facts": [fact.code for fact in facts]}
    return _kept_rows(
        BUCKETS.format(more=more, cut=mask(set(filters))), values | {"first": first, "after": asked.last + DAY, "width": width}
    )


def _live_buckets(asked: Asked, facts: list[Fact], first: date, width: int) -> list[tuple[Any, ...]]:
    found = []
    for fact in facts:
        more, values = narrow(filters_of(asked, fact))
        sql = (
            f"SELECT '{fact.code}', (x.day - %(first)s::date) / %(width)s, x.mark, x.currency, sum(x.n)::bigint, sum(x.amount)"
            f" FROM ({placed(fact)}) x WHERE true {more} GROUP BY 2, 3, 4"
        )
        found += _rows(sql, values | _span(asked.member.team, first, asked.last) | {"first": first, "width": width})
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
    fact = fact_of(count.fact, asked)
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


def how_many(asked: Asked, count: Count, narrowed: dict[str, list[Any]]) -> int:
    """How many rows a figure that is not rolled up counts."""
    fact = fact_of(count.fact)
    more, values = narrow({**filters_of(asked, fact), **narrowed})
    values |= _span(asked.member.team, asked.first, asked.last)
    return int(_rows(f"SELECT count(*) FROM ({placed(fact)}) x WHERE true {more}", values)[0][0])


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
    days, rows = _kept_rows(sql, {"team": team.pk})[0]
    return int(days) or int(rows)


def _rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()  # type: ignore[no-any-return]


def _kept_rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Of the roll-up, whose statements are planned alike whatever they ask for: planning one takes longer than reading a month."""
    with prepared_cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()  # type: ignore[no-any-return]
