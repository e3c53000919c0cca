"""The rows of a report's breakdown: all are ranked, only those that are shown are worked out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from handover.report import queries
from handover.report.asking import Asked
from handover.report.cells import Cell, Keyed, Sums, cell_of
from handover.report.measures import Measure, Report
from handover.report.names import names_of

MOST_ROWS = 10
"""On the first page; one link shows all of them. The hours of a day are always all there."""
MARK_WORDS = ("level", "fault", "outcome")
CellOf = Callable[[Any, Measure], Cell]


@dataclass(frozen=True)
class Row:
    """One value of the breakdown; `share`: its part of the headline's numerator. `key` empty text or 0: not known."""

    key: Any
    label: str
    cells: list[Cell]
    share: Decimal | None
    narrow: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rows:
    """`shown` of them; `rest`: how many more there are; `tops`: the headline's numerator of each, in the same order."""

    shown: list[Row]
    rest: int
    tops: list[Decimal]


def rows_of(report: Report, asked: Asked, now: dict[str, Keyed], before: dict[str, Keyed], whole: Sums) -> Rows:
    """What was counted of each value of the breakdown, most first (hours in their order)."""
    keys, cell = _marks(report, asked, whole) if asked.by in MARK_WORDS else _keys(asked, now, before, whole)
    first, *others = report.measures
    heads = {key: cell(key, first) for key in keys}
    told = {key: head for key, head in heads.items() if _counts(head) or any(_counts(cell(key, measure)) for measure in others)}
    labels = names_of(asked, list(told), report.marks)
    if asked.by == "hour":
        ranked = sorted(told, key=int)
    else:
        ranked = sorted(told, key=lambda key: (-told[key].top, -(told[key].bottom or 0), labels[key]))
    shown = ranked if asked.full or asked.by == "hour" else ranked[:MOST_ROWS]
    sum_of_all = cell_of(first, asked, whole).top

    def row(key: Any) -> Row:
        share = told[key].top / sum_of_all if sum_of_all else None
        return Row(key, labels[key], [told[key], *(cell(key, measure) for measure in others)], share, {"key": str(key)})

    return Rows([row(key) for key in shown], len(ranked) - len(shown), [told[key].top for key in ranked])


def _counts(cell: Cell) -> bool:
    return bool(cell.top or cell.before_top)


def _keys(asked: Asked, now: dict[str, Keyed], before: dict[str, Keyed], whole: Sums) -> tuple[Iterable[Any], CellOf]:
    keys = {key for facts in (now, before) for keyed in facts.values() for key in keyed if key is not None}
    knowing = {fact for fact in now if queries.knows(queries.fact_of(fact, asked), asked.by)}

    def cell(key: Any, measure: Measure) -> Cell:
        if measure.top.fact not in knowing:  # it says nothing about this row
            return _silent(measure)
        facts = {count.fact for count in (measure.top, measure.bottom) if count is not None}
        here = [
            {fact: found[fact].get(key, {}) if fact in knowing else sums[fact] for fact in facts}
            for found, sums in zip((now, before), whole, strict=True)
        ]
        return cell_of(measure, asked, (here[0], here[1]))

    return keys, cell


def _silent(measure: Measure) -> Cell:
    return Cell(measure, None, Decimal(0), None, None, Decimal(0), None)


def _marks(report: Report, asked: Asked, whole: Sums) -> tuple[Iterable[Any], CellOf]:
    fact = report.measures[0].top.fact

    def cell(mark: Any, measure: Measure) -> Cell:
        if measure.top.fact != fact or (measure.top.marks and mark not in measure.top.marks):
            return _silent(measure)
        now, before = ({**sums, fact: {k: v for k, v in sums[fact].items() if k[0] == mark}} for sums in whole)
        return _over(cell_of(measure, asked, (now, before)), cell_of(measure, asked, whole))

    return sorted({mark for sums in whole for (mark, _currency) in sums[fact]}), cell


def _over(part: Cell, full: Cell) -> Cell:
    """What one mark counts, over the whole denominator."""
    if part.bottom is None:
        return part
    value = part.top / full.bottom if full.bottom else None
    old = part.before_top / full.before_bottom if full.before_bottom else None
    return Cell(part.measure, value, part.top, full.bottom, old, part.before_top, full.before_bottom)
