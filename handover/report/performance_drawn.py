"""The months of a performance sheet in its drawing and in the table beside it, each with its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from markupsafe import Markup

from handover.report import performance, performance_months, rules, words
from handover.report.asking import FEW, Asked
from handover.report.performance import Line, Sheet, Who
from handover.report.performance_asking import NARROWS, TOTAL, ask
from handover.shell.filters import number
from tickets.people.access import may
from tickets.people.models import Member


@dataclass(frozen=True)
class Point:
    """A month: of the total it opens the month's sheet, of a figure the rows it counts (`top`) and those it is a share of (`bottom`)."""

    label: str
    drawn: float | None
    value: str
    counted: str
    of: str
    few: bool
    top: str
    bottom: str
    low: float | None = None
    high: float | None = None
    limits: str = ""

    @property
    def out(self) -> bool:
        return self.drawn is not None and self.low is not None and self.high is not None and not self.low <= self.drawn <= self.high


def address_of(asked: Asked, member: Member | Who | None) -> str:
    """The view's sheet of a member, or the team's month."""
    base = reverse("report:performance_sheet", args=[member.pk]) if member else reverse("report:performance")
    return base + asked.address()


def opener(asked: Asked) -> Callable[..., str]:
    """What gives the address of the rows behind a figure: of forms the sheet's own list, of the others the report's. What all addresses
    of a view share is written once, not for each of some hundred figures."""
    narrowed = urlencode({name: asked.values[name] for name in NARROWS if name in asked.values})
    of_report = cache(lambda name: reverse("report:rows", args=[name]))

    def opens(sheet: Sheet, line: Line, part: str = "top") -> str:
        first, last, who = sheet.book.asked.first, sheet.book.asked.last, sheet.member
        if line.part.name in performance.FORMS:
            at = reverse("report:performance_rows", args=[who.pk]) if who else reverse("report:performance_team_rows")
            words = [f"month={first:%Y-%m}"]
        else:
            at, words = of_report(line.part.report), [f"from={first}", f"to={last}", f"member={who.pk}" if who else ""]
        words += [narrowed, f"measure={line.part.measure.code}", "part=bottom" if part == "bottom" else ""]
        return f"{at}?{'&'.join(filter(None, words))}"

    return opens


def card(reader: Member, today: date) -> dict[str, Any]:
    """The reports' first page: this month's total of the team, or of who reads only the own figures, the one it is compared with, and
    the half year's. Queries do not grow with the months."""
    months = performance_months.year(ask({}, reader, today=today), today, only=None if may(reader, "see.all_figures") else reader)
    now = months[-1]
    return {
        "value": "–" if now.total is None else number(now.total, 1),
        "before": "" if now.before is None else number(now.before, 1),
        "series": [None if sheet.total is None else float(sheet.total) for sheet in months],
    }


def charts(found: Sheet) -> list[tuple[str, str, bool]]:
    """What can be drawn: name, address, whether it is."""
    asked = found.book.asked
    now, base = asked.values.get("chart", TOTAL), asked.address(chart="")
    parts = [(str(part.measure.label), f"{base}&chart={part.name}", part.name == now) for part in found.book.parts]
    return [(_("Total"), base, now == TOTAL), *parts]


def points(year: list[Sheet]) -> list[Point]:
    """The drawn figure month by month; of a share with the limits within which a steady process stays (see `rules.limits`)."""
    charted = year[-1].book.asked.values.get("chart", TOTAL)
    if charted == TOTAL:
        return [_of_total(sheet) for sheet in year]
    lines = [sheet.line(charted) for sheet in year]
    top, bottom = sum(float(line.cell.top) for line in lines), sum(float(line.cell.bottom or 0) for line in lines)
    steady = lines[0].part.measure.chance and bottom >= FEW and top >= rules.EXPECTED
    mean = rules.share(top, bottom) if steady else None
    opens = opener(year[-1].book.asked)
    return [_of_figure(sheet, line, mean, opens) for sheet, line in zip(year, lines, strict=True)]


def line(found: list[Point]) -> list[tuple[str, float | None, str, bool]]:
    """For the drawing: label (as short as a day's), value, what it opens, whether few."""
    return [(point.label[2:], point.drawn, point.top, point.few) for point in found]


def _of_total(sheet: Sheet) -> Point:
    asked, value = sheet.book.asked, sheet.total
    here = replace(asked, values={**asked.values, "month": f"{sheet.month:%Y-%m}"})
    told = "–" if value is None else number(value, 1)
    return Point(f"{sheet.month:%Y-%m}", None if value is None else float(value), told, "", "", False, address_of(here, sheet.member), "")


def _of_figure(sheet: Sheet, line: Line, mean: float | None, opens: Callable[..., str]) -> Point:
    cell, currency = line.cell, sheet.book.asked.currency
    share = cell.bottom is not None
    limits = rules.limits(mean, float(cell.bottom)) if mean is not None and cell.bottom is not None else None
    low, high = limits or (None, None)
    told = " – ".join(words.shown(cell.measure, value, currency) for value in limits or ())
    return Point(
        f"{sheet.month:%Y-%m}", None if cell.value is None else float(cell.value), words.shown(cell.measure, cell.value, currency),
        words.counted(cell.top) if share else "", words.counted(cell.bottom) if cell.bottom is not None else "", cell.few,
        opens(sheet, line), opens(sheet, line, "bottom") if share else "", low, high, told,
    )  # fmt: skip


def turned(sheet: Sheet) -> Markup:
    """How much the total changed, with its sign and colour."""
    if sheet.change is None:
        return Markup("")
    if not sheet.change:
        return Markup("±0")
    sign, tone = ("+", "good") if sheet.change > 0 else ("−", "bad")
    return Markup('<span class="change {}">{}{}</span>').format(tone, sign, number(abs(sheet.change), 1))
