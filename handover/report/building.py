"""From cells to what is read: the headline and its sentence's facts, the rows of the breakdown, the points of the chart."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from handover.report import queries, rules
from handover.report.asking import FEW, Asked
from handover.report.measures import Measure, Report
from handover.report.names import names_of
from tickets.people.models import Shop

DAY = timedelta(days=1)
MOST_ROWS = 25
"""Of a breakdown on its first page; one link shows all of them."""
DAILY = 62
"""A longer period is drawn in windows of 15 days."""
WINDOWS = 6
FILTERS = ("shop", "platform", "product", "reason", "member", "shift")
"""What every report is narrowed and broken down by, where its rows know it."""
MARK_WORDS = ("level", "fault", "outcome")

Loose = dict[tuple[str, str], tuple[int, Decimal]]
"""(mark, currency) → (n, amount)"""
Keyed = dict[Any, Loose]


@dataclass(frozen=True)
class Cell:
    """One measure of one row: now, before, what it was made of, and what is wanted of it in this period."""

    measure: Measure
    value: Decimal | None
    top: Decimal
    bottom: Decimal | None
    before: Decimal | None
    before_top: Decimal
    before_bottom: Decimal | None
    target: Decimal | None = None

    @property
    def few(self) -> bool:
        return self.measure.chance and self.bottom is not None and 0 < self.bottom < FEW

    @property
    def met(self) -> bool | None:
        """Whether the value is as wanted; None where nothing is wanted, or nothing known."""
        if self.value is None or self.target is None:
            return None
        return self.value <= self.target if self.measure.better == "less" else self.value >= self.target

    @property
    def change(self) -> Decimal | None:
        return None if self.value is None or self.before is None else self.value - self.before

    @property
    def verdict(self) -> str:
        """`real`, `noise`, `few`, or empty where no test applies."""
        if not self.measure.chance or self.bottom is None or self.before_bottom is None or not self.change:
            return ""
        return rules.verdict(float(self.top), float(self.bottom), float(self.before_top), float(self.before_bottom))

    @property
    def tone(self) -> str:
        """good or bad where the change is a real one in a direction that matters."""
        if not self.change or not self.measure.better or (self.measure.chance and self.verdict != "real"):
            return ""
        return "good" if (self.change < 0) == (self.measure.better == "less") else "bad"


@dataclass(frozen=True)
class Row:
    """One value of the breakdown; `share`: its part of the headline's numerator. `key` empty text or 0: not known."""

    key: Any
    label: str
    cells: list[Cell]
    share: Decimal | None
    narrow: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Point:
    """The headline in one bucket of days, with its control limits where they apply."""

    first: date
    last: date
    value: float | None
    top: float
    bottom: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Built:
    """A whole report as it is read. `rest`: how many more rows there are than shown; `line`: what is wanted of one point of the chart."""

    report: Report
    asked: Asked
    total: list[Cell]
    rows: list[Row]
    rest: int
    points: list[Point]
    mean: float | None
    windows: list[Point]
    line: Decimal | None = None

    @property
    def headline(self) -> Cell:
        return self.total[0]

    @property
    def charted(self) -> Measure:
        return charted(self.report, self.asked)

    @property
    def charted_cell(self) -> Cell:
        return next(cell for cell in self.total if cell.measure.code == self.charted.code)

    @property
    def ignored(self) -> list[str]:
        """Filters that say nothing of this report's headline: its rows do not know them."""
        known = queries.filters_of(self.asked, queries.FACTS[self.headline.measure.top.fact])
        return [word for word in FILTERS if word in self.asked.values and queries.dim_of(word) not in known]

    @property
    def senseless(self) -> list[str]:
        """Breakdowns that other reports have and this one cannot: its rows do not know them."""
        return [word for word in FILTERS if word not in self.report.bys]


def build(report: Report, asked: Asked) -> Built:
    """Everything the report shows; a bounded number of queries: two per fact, and those for names."""
    report = report.seen_by(asked.by)
    now, before = _cells(report, asked)
    total = [_cell(m, asked, _whole(now), _whole(before)) for m in report.measures]
    rows = _rows(report, asked, now, before, total[0])
    points, mean, windows = _points(report, asked)
    shown = rows if asked.full else rows[:MOST_ROWS]
    return Built(report, asked, total, shown, len(rows) - len(shown), points, mean, windows)


def _cells(report: Report, asked: Asked) -> tuple[dict[str, Keyed], dict[str, Keyed]]:
    """Fact → value of the breakdown → cells, now and before. A fact without the dimension has one value, None."""
    facts = {c.fact for m in report.measures for c in (m.top, m.bottom) if c is not None}
    by = None if asked.by in MARK_WORDS else queries.dim_of(asked.by)
    platforms = dict(Shop.objects.filter(team=asked.member.team_id).values_list("pk", "platform")) if asked.by == "platform" else {}
    found: tuple[dict[str, Keyed], dict[str, Keyed]] = ({}, {})
    for fact in sorted(facts):
        known = by if queries.knows(queries.FACTS[fact], asked.by) else None
        both = queries.cells(asked, fact, known, [(asked.first, asked.last), asked.before])
        for place, cells in enumerate(both):
            found[place][fact] = _keyed(cells, platforms)
    return found


def _keyed(cells: queries.Cells, platforms: dict[int, str]) -> Keyed:
    keyed: Keyed = defaultdict(dict)
    for (key, mark, currency), (n, amount) in cells.items():
        if key is not None and platforms:
            key = platforms.get(int(key), "")
        old = keyed[key].get((mark, currency), (0, Decimal(0)))
        keyed[key][(mark, currency)] = (old[0] + n, old[1] + amount)
    return keyed


def _whole(facts: dict[str, Keyed]) -> dict[str, Loose]:
    found = {}
    for fact, keyed in facts.items():
        loose: Loose = {}
        for cells in keyed.values():
            for mark, (n, amount) in cells.items():
                old = loose.get(mark, (0, Decimal(0)))
                loose[mark] = (old[0] + n, old[1] + amount)
        found[fact] = loose
    return found


def of_one_currency(measure: Measure) -> bool:
    """Whether the measure is money (or a share of money), so that only one currency may be added up."""
    return measure.top.amount and measure.top.fact in ("compensated", "settled", "orders", "refunds")


def parts_of(measure: Measure, currency: str, facts: dict[str, Loose]) -> tuple[Decimal, Decimal | None, Decimal | None]:
    """Numerator, denominator (None where there is none) and value of a measure, from the cells of its facts."""
    only = currency if of_one_currency(measure) else ""
    top = queries.value(measure.top, facts[measure.top.fact], only)
    if measure.bottom is None:
        return top, None, top
    bottom = queries.value(measure.bottom, facts[measure.bottom.fact], only)
    return top, bottom, top / bottom if bottom else None


def _cell(measure: Measure, asked: Asked, now: dict[str, Loose], before: dict[str, Loose]) -> Cell:
    top, bottom, value = parts_of(measure, asked.currency, now)
    old_top, old_bottom, old = parts_of(measure, asked.currency, before)
    return Cell(measure, value, top, bottom, old, old_top, old_bottom)


def _rows(report: Report, asked: Asked, now: dict[str, Keyed], before: dict[str, Keyed], headline: Cell) -> list[Row]:
    if asked.by in MARK_WORDS:
        found = _by_mark(report, asked, now, before)
    else:
        found = _by_key(report, asked, now, before)
    labels = names_of(asked, [key for key, _cells in found], report.marks)
    whole = headline.top
    rows = [
        Row(key, labels[key], cells, cells[0].top / whole if whole else None, {"key": str(key)})
        for key, cells in found
        if any(c.top or c.before_top for c in cells if not (c.measure.bottom is None and c.measure.top.fact == "orders"))
    ]
    if asked.by == "hour":
        return sorted(rows, key=lambda row: int(row.key))
    return sorted(rows, key=lambda row: (-row.cells[0].top, -(row.cells[0].bottom or 0), row.label))


def _by_key(report: Report, asked: Asked, now: dict[str, Keyed], before: dict[str, Keyed]) -> list[tuple[Any, list[Cell]]]:
    keys = {key for facts in (now, before) for keyed in facts.values() for key in keyed if key is not None}
    knowing = {fact for fact in now if queries.knows(queries.FACTS[fact], asked.by)}
    whole = _whole(now), _whole(before)

    def at(facts: dict[str, Keyed], sums: dict[str, Loose], key: Any) -> dict[str, Loose]:
        return {fact: keyed.get(key, {}) if fact in knowing else sums[fact] for fact, keyed in facts.items()}

    found = []
    for key in keys:
        here = at(now, whole[0], key), at(before, whole[1], key)
        cells = [_cell(m, asked, *here) for m in report.measures]
        # a measure whose counted fact does not know the dimension says nothing about this row
        found.append((key, [c if c.measure.top.fact in knowing else _silent(c.measure) for c in cells]))
    return found


def _silent(measure: Measure) -> Cell:
    return Cell(measure, None, Decimal(0), None, None, Decimal(0), None)


def _by_mark(report: Report, asked: Asked, now: dict[str, Keyed], before: dict[str, Keyed]) -> list[tuple[Any, list[Cell]]]:
    fact = report.measures[0].top.fact
    whole = _whole(now), _whole(before)
    found = []
    for mark in sorted({m for sums in whole for (m, _currency) in sums[fact]}):
        cells = []
        for measure in report.measures:
            if measure.top.fact != fact or (measure.top.marks and mark not in measure.top.marks):
                cells.append(_silent(measure))
                continue
            only = tuple({**sums, fact: {k: v for k, v in sums[fact].items() if k[0] == mark}} for sums in whole)
            part, full = _cell(measure, asked, *only), _cell(measure, asked, *whole)
            cells.append(_over(part, full))
        found.append((mark, cells))
    return found


def _over(part: Cell, full: Cell) -> Cell:
    """What one mark counts, over the whole denominator."""
    if part.bottom is None:
        return part
    value = part.top / full.bottom if full.bottom else None
    old = part.before_top / full.before_bottom if full.before_bottom else None
    return Cell(part.measure, value, part.top, full.bottom, old, part.before_top, full.before_bottom)


def charted(report: Report, asked: Asked) -> Measure:
    """The measure that the chart shows: the one asked for, else the headline."""
    return next((m for m in report.measures if m.code == asked.values.get("chart")), report.measures[0])


def _points(report: Report, asked: Asked) -> tuple[list[Point], float | None, list[Point]]:
    measure = charted(report, asked)
    width = 1 if asked.days <= DAILY else 15
    short = asked.days <= 31
    first = asked.first - (WINDOWS - 1) * asked.days * DAY if short else asked.first
    if width > 1:  # whole windows, the last one ending with the period
        first = asked.last - ((asked.days + width - 1) // width) * width * DAY + DAY
    series = series_of(measure, asked, first, width)
    drawn = [p for p in series if not short or p.last >= asked.before[0]]
    windows = _windows(series, asked.days) if short else []
    if not measure.chance:
        return drawn, None, windows
    base = [p for p in drawn if p.last < asked.first] if short else drawn
    if sum(p.bottom for p in base) < FEW or sum(p.top for p in base) < rules.EXPECTED:
        base = drawn
    mean = rules.share(sum(p.top for p in base), sum(p.bottom for p in base))
    return [_limited(p, mean) for p in drawn], mean, windows


def series_of(measure: Measure, asked: Asked, first: date, width: int) -> list[Point]:
    """The measure from `first` to the period's last day, in buckets of `width` days."""
    codes = {c.fact for c in (measure.top, measure.bottom) if c is not None}
    found = {code: queries.points(asked, code, first, width) for code in sorted(codes)}
    series = []
    for place in range(((asked.last - first).days + width) // width):
        start = first + place * width * DAY
        top, bottom, value = parts_of(measure, asked.currency, {code: found[code].get(place, {}) for code in codes})
        last = min(start + (width - 1) * DAY, asked.last)
        series.append(Point(start, last, None if value is None else float(value), float(top), float(bottom or 0)))
    return series


def _windows(series: list[Point], days: int) -> list[Point]:
    """Consecutive windows as long as the period, the newest last."""
    found = []
    for start in range(0, len(series) - days + 1, days):
        part = series[start : start + days]
        top, bottom = sum(p.top for p in part), sum(p.bottom for p in part)
        has_bottom = any(p.bottom for p in part)
        value = (top / bottom if bottom else None) if has_bottom else (None if any(p.value is None for p in part) else top)
        found.append(Point(part[0].first, part[-1].last, value, top, bottom))
    return found


def _limited(point: Point, mean: float | None) -> Point:
    found = rules.limits(mean, point.bottom) if mean is not None else None
    low, high = found or (None, None)
    return Point(point.first, point.last, point.value, point.top, point.bottom, low, high)
