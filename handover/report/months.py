"""Did last month's top reasons shrink? Last month's most frequent reasons, then and now, over as many days of both months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handover.report import names, queries
from handover.report.building import Built, Cell
from handover.report.days import DAY, next_month
from handover.report.measures import RETURNS, Measure

TOP = 5
RATE: Measure = RETURNS.measures[0]
Period = tuple[date, date]


def compared(last: date) -> tuple[Period, Period]:
    """The month of `last` up to that day and the month before: both whole where `last` ends its month, else the first days of both, as
    many of the one as of the other. First and last day of each, the earlier month first."""
    first = last.replace(day=1)
    before = (first - DAY).replace(day=1)
    if (last + DAY).day == 1:
        return (before, first - DAY), (first, last)
    days = timedelta(days=min(last.day, (first - before).days) - 1)
    return (before, before + days), (first, first + days)


@dataclass(frozen=True)
class Line:
    """One reason: its positions and orders now and then (`cell`), and the addresses of both figures' rows."""

    label: str
    cell: Cell
    now: str
    then: str

    @property
    def word(self) -> str:
        """What can be said of its change."""
        falls = (self.cell.change or 0) < 0
        return {
            "real": _("shrunk") if falls else _("grown"),
            "noise": _("smaller, perhaps by chance") if falls else _("larger, perhaps by chance"),
            "few": _("too few to tell"),
        }.get(self.cell.verdict, _("as before"))


@dataclass(frozen=True)
class Months:
    """The reasons, most frequent in the whole month before first."""

    then: Period
    now: Period
    lines: list[Line]

    @property
    def sentence(self) -> str:
        shrunk, grown = (len([line for line in self.lines if line.cell.tone == tone]) for tone in ("good", "bad"))
        rest = len(self.lines) - shrunk - grown
        parts = [
            ngettext("%(num)s of last month's top reasons shrank", "%(num)s of last month's top reasons shrank", shrunk) % {"num": shrunk},
            ngettext("%(num)s grew", "%(num)s grew", grown) % {"num": grown},
            ngettext("of %(num)s nothing can be told from chance", "of %(num)s nothing can be told from chance", rest) % {"num": rest},
        ]
        return _("%(shrank)s, %(grew)s, %(rest)s.") % dict(zip(("shrank", "grew", "rest"), parts, strict=True))

    def table(self) -> tuple[list[str], list[list[Any]]]:
        """The panel as a file: the same rows as on the screen."""
        then, now = [_("then"), _("orders then"), _("rate then")], [_("now"), _("orders now"), _("rate now")]
        head = [_("Reason"), *then, *now, _("change"), _("verdict")]
        return head, [[line.label, *_numbers(line.cell), line.word] for line in self.lines]


def _numbers(cell: Cell) -> list[Any]:
    values = (cell.before_top, cell.before_bottom, cell.before, cell.top, cell.bottom, cell.value, cell.change)
    return ["" if v is None else Decimal(format(round(v, 6).normalize(), "f")) for v in values]


def months(built: Built) -> Months:
    """The panel, narrowed as the view is. Two queries."""
    asked = built.asked
    then, now = compared(asked.last)
    whole = then[0], next_month(then[0]) - DAY
    counted: list[dict[int, int]] = [{}, {}, {}]
    orders = [0, 0, 0]
    for fact, place, reason, _mark, _currency, n, _amount in queries.figures(
        asked, {"returns": "reason", "orders": None}, [whole, then, now]
    ):
        if fact == "orders":
            orders[place] += n
        else:
            counted[place][reason] = counted[place].get(reason, 0) + n
    top = sorted(counted[0], key=lambda reason: (-counted[0][reason], reason))[:TOP]
    called = names.reasons(asked.member.team_id, top)
    base = reverse("report:rows", args=[built.report.name])

    def opens(period: Period, reason: int) -> str:
        return base + asked.address(
            by="reason", window="", chart="", all="", measure=RATE.code, key=reason, **{"from": period[0], "to": period[1]}
        )

    def line(reason: int) -> Line:
        cell = _cell(counted[2].get(reason, 0), orders[2], counted[1].get(reason, 0), orders[1])
        return Line(called.get(reason, _("no reason given")), cell, opens(now, reason), opens(then, reason))

    return Months(then, now, [line(reason) for reason in top])


def _cell(top: int, bottom: int, before_top: int, before_bottom: int) -> Cell:
    def rate(part: int, of: int) -> Decimal | None:
        return Decimal(part) / of if of else None

    numbers = Decimal(top), Decimal(bottom), rate(before_top, before_bottom), Decimal(before_top), Decimal(before_bottom)
    return Cell(RATE, rate(top, bottom), *numbers)
