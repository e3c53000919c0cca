"""The breakdown as rows of cells: the same for the screen, the file and the print."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from handover.report import rolling
from handover.report.building import Built, Cell, Point
from handover.report.drawn import few
from handover.report.measures import BY_WORDS
from handover.report.months import Months, months
from handover.report.pressure import week
from handover.report.week import service_of


def head(built: Built) -> list[str]:
    """The columns of a file: the breakdown; of the headline also what it was made of and the change; of the others the value."""
    first, *others = built.report.measures
    made_of = [_("counted"), _("of")] if first.bottom is not None else []
    wanted = [_("target"), _("reached")] if _wants(built) else []
    return [str(BY_WORDS[built.asked.by]), str(first.label), *made_of, _("before"), _("change"), *wanted, *(str(m.label) for m in others)]


def body(built: Built) -> list[list[Any]]:
    """Rows of the file; shares as fractions, money as amounts."""
    wants = _wants(built)
    return [[row.label, *_headline(row.cells[0], wants), *(_plain(c.value) for c in row.cells[1:])] for row in built.rows]


def _wants(built: Built) -> bool:
    return any(row.cells[0].target is not None for row in built.rows)


def _headline(cell: Cell, wants: bool) -> list[Any]:
    made_of = [_plain(cell.top), _plain(cell.bottom)] if cell.measure.bottom is not None else []
    reached = "" if cell.met is None else _("yes") if cell.met else _("no")
    wanted = [_plain(cell.target), reached] if wants else []
    return [_plain(cell.value), *made_of, _plain(cell.before), _plain(cell.change), *wanted]


def _plain(value: Decimal | None) -> Any:
    return "" if value is None else Decimal(format(round(value, 6).normalize(), "f"))


def as_json(built: Built) -> dict[str, Any]:
    """The report for programs."""
    asked = built.asked
    return _panels(built) | {
        "name": built.report.name,
        "from": asked.first,
        "to": asked.last,
        "compared_with": {"from": asked.before[0], "to": asked.before[1]},
        "by": asked.by,
        "currency": asked.currency,
        "total": [_cell(cell) for cell in built.total],
        "rows": [
            {"key": str(row.key), "label": row.label, "share": _number(row.share), "cells": [_cell(c) for c in row.cells]}
            for row in built.rows
        ],
        "more_rows": built.rest,
        "ignored": built.ignored,
        "charted": built.charted.code,
        "points": [{**_point(p), "low": p.low, "high": p.high} for p in built.points],
    }


def _point(p: Point) -> dict[str, Any]:
    return {"from": p.first, "to": p.last, "value": p.value, "numerator": p.top, "denominator": p.bottom}


def _panels(built: Built) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "rolling" in built.report.extras:
        found["rolling"] = [{**_point(p), "few": few(built.charted, p)} for p in rolling.of_report(built)]
    if "months" in built.report.extras:
        found["months"] = _months(months(built))
    if "week" in built.report.extras:
        found["hours"] = [{**asdict(h), "short": h.short} for row in week(built.asked, service_of(built.asked)) for h in row]
    return found


def _months(found: Months) -> dict[str, Any]:
    head = ("reason", "top_then", "orders_then", "rate_then", "top_now", "orders_now", "rate_now", "change", "verdict")
    then, now = ({"from": first, "to": last} for first, last in (found.then, found.now))
    return {"then": then, "now": now, "reasons": [dict(zip(head, row, strict=True)) for row in found.table()[1]]}


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "measure": cell.measure.code,
        "value": _number(cell.value),
        "numerator": _number(cell.top),
        "denominator": _number(cell.bottom),
        "before": _number(cell.before),
        "change": _number(cell.change),
        "verdict": cell.verdict,
        "few": cell.few,
        "target": _number(cell.target),
        "met": cell.met,
    }


def _number(value: Decimal | None) -> str | None:
    return None if value is None else format(round(value, 6).normalize(), "f")
