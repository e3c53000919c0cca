"""What moves the wrong way: the headlines whose last 15 days are really worse than the 15 before, for whoever leads the team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.cache import caches
from django.urls import reverse

from handover.report import words
from handover.report.asking import Asked, read
from handover.report.building import Cell, Point, series_of
from handover.report.measures import REPORTS, Measure, Report
from tickets.people.access import may
from tickets.people.models import Member

MOST = 3
"""More than three first things are none."""
KEPT = 60
"""Seconds for which a process remembers the rates."""


@dataclass(frozen=True)
class Worse:
    """One rate: the sentence of its report, where that is, and the rate of each of the last 30 days."""

    report: Report
    sentence: str
    url: str
    series: list[float | None]


def worsening(member: Member, today: date) -> list[Worse]:
    """The team's rates that got worse, by more than chance explains (`rules.verdict`), in the order of the reports; `MOST` at most.

    `today` is a day of the team's time zone. One query for each rate, five, at most once in `KEPT` seconds for a process and
    team: a rate of fifteen days does not turn within a minute. Nothing for who may not see all figures.
    """
    if not may(member, "see.all_figures"):
        return []
    found = []
    for report in REPORTS.values():
        measure = report.measures[0]
        if not measure.chance or (report.money and not may(member, "see.money")):
            continue
        asked = read({}, member, bys=report.bys, today=today, own=False)
        series = _series(measure, asked, report.name)
        cell = _compared(measure, asked, series)
        if cell.tone == "bad":
            sentence = words.moved(cell, asked, today)
            found.append(Worse(report, sentence, reverse("report:show", args=[report.name]), [point.value for point in series]))
    return found[:MOST]


def _series(measure: Measure, asked: Asked, name: str) -> list[Point]:
    """The rate of each day of the two periods, as of a minute ago at the most."""
    key = f"worsening:{asked.member.team_id}:{name}:{asked.last}"
    found: list[Point] | None = caches["local"].get(key)
    if found is None:
        found = series_of(measure, asked, asked.before[0], 1)
        caches["local"].set(key, found, KEPT)
    return found


def _compared(measure: Measure, asked: Asked, series: list[Point]) -> Cell:
    """The days of the period against those before it."""
    (top, bottom, value), (old_top, old_bottom, old) = (_summed(part) for part in (series[-asked.days :], series[: -asked.days]))
    return Cell(measure, value, top, bottom, old, old_top, old_bottom)


def _summed(part: list[Point]) -> tuple[Decimal, Decimal, Decimal | None]:
    top, bottom = Decimal(sum(point.top for point in part)), Decimal(sum(point.bottom for point in part))
    return top, bottom, top / bottom if bottom else None
