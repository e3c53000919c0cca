"""The rolling line: the value of a day is that of the 15 days that end with it.

A trailing window as “moving rates” are usually drawn: value(d) = Σ numerators ÷ Σ denominators over the days d−14 … d, never a mean of
daily shares, so that a day with few orders weighs little. Neighbouring points share 14 of their days: the line says where it goes, and
whether a change is real is told by the p-chart and the test of the headline, whose samples share nothing.
"""

from __future__ import annotations

from handover.report.asking import WINDOW, Asked
from handover.report.building import DAILY, Built, Point, series_of, together
from handover.report.days import DAY
from handover.report.measures import Measure

STEPS = (1, 3, 5, WINDOW)
"""Days between two points; each divides the window, so that windows are made of whole buckets."""


def step_of(days: int) -> int:
    """Every day up to two months, then every third, fifth, and fifteenth: some sixty points whatever the range, up to three years."""
    return next((step for step in STEPS if days <= DAILY * step), WINDOW)


def of_report(built: Built) -> list[Point]:
    """The rolling line of the figure that a report draws. Where its points are 15 days apart they are those of the chart: no query."""
    return built.points if step_of(built.asked.days) == WINDOW else rolling(built.charted, built.asked)


def rolling(measure: Measure, asked: Asked) -> list[Point]:
    """The measure in the 15 days up to each point, the last one the period's last day. One query of the roll-up for all of them."""
    step = step_of(asked.days)
    first_end = asked.last - (asked.days - 1) // step * step * DAY
    buckets = series_of(measure, asked, first_end - (WINDOW - 1) * DAY, step)
    size = WINDOW // step
    return [together(measure, buckets[start : start + size]) for start in range(len(buckets) - size + 1)]
