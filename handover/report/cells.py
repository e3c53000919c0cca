"""Figures of one measure: what the counted facts make of it, now and before."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from handover.report import queries, rules
from handover.report.asking import FEW, Asked
from handover.report.measures import Measure

Loose = dict[tuple[str, str], tuple[int, Decimal]]
"""(mark, currency) → (n, amount)"""
Keyed = dict[Any, Loose]
Sums = tuple[dict[str, Loose], dict[str, Loose]]
"""Fact → cells, now and before."""


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


def whole(facts: dict[str, Keyed]) -> dict[str, Loose]:
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


def cell_of(measure: Measure, asked: Asked, sums: Sums) -> Cell:
    now, before = sums
    top, bottom, value = parts_of(measure, asked.currency, now)
    old_top, old_bottom, old = parts_of(measure, asked.currency, before)
    return Cell(measure, value, top, bottom, old, old_top, old_bottom)
