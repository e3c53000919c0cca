"""From cells to what is read: the headline and its sentence's facts, the rows of the breakdown, the points of the chart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from handover.report import queries, rules
from handover.report.asking import FEW, Asked
from handover.report.breakdown import MARK_WORDS, Row, rows_of
from handover.report.cells import Cell as Cell
from handover.report.cells import Keyed, cell_of, parts_of, whole
from handover.report.measures import Measure, Report
from tickets.people.models import Shop

DAY = timedelta(days=1)
DAILY = 62
"""A longer period is drawn in windows of 15 days."""
WINDOWS = 6
NOTHING = (0, Decimal(0))
FILTERS = ("shop", "platform", "product", "reason", "member", "shift")
"""What every report is narrowed and broken down by, where its rows know it."""


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
    """A whole report as it is read.

    `rest`: how many more rows there are than shown; `tops`: see `Rows`; `line`: what is wanted of one point of the chart.
    """

    report: Report
    asked: Asked
    total: list[Cell]
    rows: list[Row]
    rest: int
    tops: list[Decimal]
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
        known = queries.filters_of(self.asked, queries.fact_of(self.headline.measure.top.fact, self.asked))
        return [word for word in FILTERS if word in self.asked.values and queries.dim_of(word) not in known]

    @property
    def senseless(self) -> list[str]:
        """Breakdowns that other reports have and this one cannot: its rows do not know them."""
        return [word for word in FILTERS if word not in self.report.bys]


def build(report: Report, asked: Asked) -> Built:
    """Everything the report shows; a bounded number of queries: one for the figures, one for the chart, and those for names."""
    report = report.seen_by(asked.by)
    now, before = _cells(report, asked)
    sums = whole(now), whole(before)
    total = [cell_of(measure, asked, sums) for measure in report.measures]
    rows = rows_of(report, asked, now, before, sums)
    points, mean, windows = _points(report, asked)
    return Built(report, asked, total, rows.shown, rows.rest, rows.tops, points, mean, windows)


def _cells(report: Report, asked: Asked) -> tuple[dict[str, Keyed], dict[str, Keyed]]:
    """Fact → value of the breakdown → cells, now and before. A fact without the dimension has one value, None."""
    facts = {c.fact for m in report.measures for c in (m.top, m.bottom) if c is not None}
    by = None if asked.by in MARK_WORDS else queries.dim_of(asked.by)
    platforms = dict(Shop.objects.filter(team=asked.member.team_id).values_list("pk", "platform")) if asked.by == "platform" else {}
    wanted = {fact: by if queries.knows(queries.fact_of(fact, asked), asked.by) else None for fact in sorted(facts)}
    found: tuple[dict[str, Keyed], dict[str, Keyed]] = ({fact: {} for fact in facts}, {fact: {} for fact in facts})
    for fact, place, key, mark, currency, n, amount in queries.figures(asked, wanted, [(asked.first, asked.last), asked.before]):
        if key is not None and platforms:
            key = platforms.get(int(key), "")
        loose = found[place][fact].setdefault(key, {})
        old = loose.get((mark, currency), NOTHING)
        loose[(mark, currency)] = (old[0] + n, old[1] + amount)
    return found


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
    windows = _windows(measure, series, asked.days) if short else []
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
    found = queries.points(asked, sorted(codes), first, width)
    series = []
    for place in range(((asked.last - first).days + width) // width):
        start = first + place * width * DAY
        top, bottom, value = parts_of(measure, asked.currency, {code: found[code].get(place, {}) for code in codes})
        last = min(start + (width - 1) * DAY, asked.last)
        series.append(Point(start, last, None if value is None else float(value), float(top), float(bottom or 0)))
    return series


def _windows(measure: Measure, series: list[Point], days: int) -> list[Point]:
    """Consecutive windows as long as the period, the newest last."""
    return [together(measure, series[start : start + days]) for start in range(0, len(series) - days + 1, days)]


def together(measure: Measure, part: list[Point]) -> Point:
    """Neighbouring points as one: a share is Σ ÷ Σ, and nothing where there is nothing to divide by."""
    top, bottom = sum(p.top for p in part), sum(p.bottom for p in part)
    value = top if measure.bottom is None else top / bottom if bottom else None
    return Point(part[0].first, part[-1].last, value, top, bottom)


def _limited(point: Point, mean: float | None) -> Point:
    found = rules.limits(mean, point.bottom) if mean is not None else None
    low, high = found or (None, None)
    return Point(point.first, point.last, point.value, point.top, point.bottom, low, high)
