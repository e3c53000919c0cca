"""The points of a chart as they read: the same figures in the drawing, in the table beside it and in the file, each with its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from handover.report import words
from handover.report.asking import FEW
from handover.report.building import Built, Point
from handover.report.measures import Measure


@dataclass(frozen=True)
class Drawn:
    """One point. `top` and `bottom` open exactly their rows. What stands in the table only is worded there: it shows fewer points."""

    point: Point
    measure: Measure
    currency: str
    language: str
    top: str

    @property
    def label(self) -> str:
        return _label(self.point)

    @cached_property
    def value(self) -> str:
        return self._worded(self.point.value)

    @property
    def counted(self) -> str:
        return words.counted(self.point.top, self.language) if self.measure.bottom is not None else ""

    @property
    def of(self) -> str:
        return words.counted(self.point.bottom, self.language) if self.measure.bottom is not None else ""

    @property
    def limits(self) -> str:
        low, high = self.point.low, self.point.high
        return "" if low is None or high is None else f"{self._worded(low)} – {self._worded(high)}"

    @property
    def few(self) -> bool:
        """A share of so few that it may be chance."""
        return few(self.measure, self.point)

    @property
    def out(self) -> bool:
        """Outside its limits."""
        return _out(self.point)

    @property
    def bottom(self) -> str:
        return f"{self.top}&part=bottom" if self.measure.bottom is not None else ""

    def _worded(self, value: float | None) -> str:
        return words.shown(self.measure, value, self.currency, self.language)


def drawn(built: Built, points: Iterable[Point]) -> list[Drawn]:
    """Points of the figure that the report draws, in words. No query."""
    measure, asked, language = built.charted, built.asked, get_language() or ""
    base = reverse("report:rows", args=[built.report.name]) + asked.address(**{"from": "", "to": "", "window": "", "all": ""})
    base += ("&" if "?" in base and not base.endswith("?") else "") + f"measure={measure.code}"
    return [Drawn(p, measure, asked.currency, language, f"{base}&from={p.first}&to={p.last}") for p in points]


def few(measure: Measure, point: Point) -> bool:
    """Whether the point's share is one of so few that it may be chance."""
    return measure.chance and 0 < point.bottom < FEW


def _label(point: Point) -> str:
    return f"{point.last:%m-%d}" if point.first == point.last else f"{point.first:%m-%d} – {point.last:%m-%d}"


def _out(point: Point) -> bool:
    return point.value is not None and (
        (point.low is not None and point.value < point.low) or (point.high is not None and point.value > point.high)
    )


def line(found: list[Drawn]) -> list[tuple[str, float | None, str, bool, str]]:
    """For the drawing: label (the day that a point ends with), value, rows, whether few, how the value reads."""
    return [(f"{d.point.last:%m-%d}", d.point.value, d.top, d.few, d.value) for d in found]


def as_table(built: Built, points: Iterable[Point]) -> tuple[list[str], list[list[Any]]]:
    """The points as a file: heads and rows, the same figures as on the screen; shares as fractions."""
    measure = built.charted
    share = [_("counted"), _("of"), _("least"), _("most"), _("few")] if measure.bottom is not None else []
    head = [_("From"), _("To"), str(measure.label), *share]

    def row(p: Point) -> list[Any]:
        more = [p.top, p.bottom, p.low, p.high, _("yes") if few(measure, p) else ""] if share else []
        return [p.first, p.last, *("" if v is None else round(Decimal(v), 6) if isinstance(v, float) else v for v in (p.value, *more))]

    return head, [row(p) for p in points]
