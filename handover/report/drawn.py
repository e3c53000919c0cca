"""The points of a chart as they read: the same figures in the drawing, in the table beside it and in the file, each with its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from handover.report import words
from handover.report.asking import FEW
from handover.report.building import Built, Point
from handover.report.measures import Measure


@dataclass(frozen=True)
class Drawn:
    """One point. `top` and `bottom` open exactly their rows; `few`: a share of so few that it may be chance; `out`: outside its limits."""

    label: str
    point: Point
    value: str
    counted: str
    of: str
    limits: str
    few: bool
    out: bool
    top: str
    bottom: str


def drawn(built: Built, points: Iterable[Point]) -> list[Drawn]:
    """Points of the figure that the report draws, in words. No query."""
    measure, asked = built.charted, built.asked
    share = measure.bottom is not None
    base = reverse("report:rows", args=[built.report.name]) + asked.address(**{"from": "", "to": "", "window": "", "all": ""})
    base += ("&" if "?" in base and not base.endswith("?") else "") + f"measure={measure.code}"

    def one(p: Point) -> Drawn:
        href = f"{base}&from={p.first}&to={p.last}"
        return Drawn(
            _label(p), p, words.shown(measure, p.value, asked.currency), words.counted(Decimal(p.top)) if share else "",
            words.counted(Decimal(p.bottom)) if share else "", _limits(measure, p, asked.currency), few(measure, p), _out(p),
            href, f"{href}&part=bottom" if share else "",
        )  # fmt: skip

    return [one(p) for p in points]


def few(measure: Measure, point: Point) -> bool:
    """Whether the point's share is one of so few that it may be chance."""
    return measure.chance and 0 < point.bottom < FEW


def _label(point: Point) -> str:
    return f"{point.last:%m-%d}" if point.first == point.last else f"{point.first:%m-%d} – {point.last:%m-%d}"


def _limits(measure: Measure, point: Point, currency: str) -> str:
    if point.low is None or point.high is None:
        return ""
    return f"{words.shown(measure, point.low, currency)} – {words.shown(measure, point.high, currency)}"


def _out(point: Point) -> bool:
    return point.value is not None and (
        (point.low is not None and point.value < point.low) or (point.high is not None and point.value > point.high)
    )


def line(found: list[Drawn]) -> list[tuple[str, float | None, str, bool]]:
    """For the drawing: label (the day that a point ends with), value, rows, whether few."""
    return [(f"{d.point.last:%m-%d}", d.point.value, d.top, d.few) for d in found]


def as_table(built: Built, points: Iterable[Point]) -> tuple[list[str], list[list[Any]]]:
    """The points as a file: heads and rows, the same figures as on the screen; shares as fractions."""
    measure = built.charted
    share = [_("counted"), _("of"), _("least"), _("most"), _("few")] if measure.bottom is not None else []
    head = [_("From"), _("To"), str(measure.label), *share]

    def row(p: Point) -> list[Any]:
        more = [p.top, p.bottom, p.low, p.high, _("yes") if few(measure, p) else ""] if share else []
        return [p.first, p.last, *("" if v is None else round(Decimal(v), 6) if isinstance(v, float) else v for v in (p.value, *more))]

    return head, [row(p) for p in points]
