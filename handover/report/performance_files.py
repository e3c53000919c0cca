"""The tables of the performance sheets: the same for the screen, the files and the letter."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from handover.report.performance import Line, Sheet, formula
from handover.report.performance_asking import TOTAL
from tickets.web.refusals import Refused
from tickets.web.sheets import csv_answer, xlsx_answer

Table = tuple[list[str], list[list[Any]]]


def figure_of(line: Line) -> str:
    return f"{line.part.title}: {line.part.measure.label}"


def made_of(line: Line) -> list[str]:
    """Heads of what a figure was made of and how it changed."""
    share = [_("counted"), _("of")] if line.part.measure.bottom is not None else []
    return [*share, _("before"), _("change")]


def columns(sheet: Sheet, charted: str) -> tuple[Line | None, list[Line]]:
    """Of the team's table: the figure that is told in full, if it is not the total, and the others that stand beside it."""
    first = None if charted == TOTAL else sheet.line(charted)
    return first, [line for line in sheet.lines if line.target is not None and line.part.name != charted]


def overview(people: list[Sheet], team: Sheet, charted: str) -> Table:
    """The team first, then one row a member: what the screen shows, and after that the figures that are not weighed."""
    first, others = columns(team, charted)
    rest = [line for line in team.lines if line.target is None and line is not first]
    told = [figure_of(first), *made_of(first)] if first else [_("before"), _("change")]
    head = [_("Member"), _("Total"), *told, *(figure_of(line) for line in [*others, *rest])]
    names = [line.part.name for line in [*others, *rest]]
    return head, [_row(sheet, charted, names) for sheet in [team, *people]]


def _row(sheet: Sheet, charted: str, names: list[str]) -> list[Any]:
    lines = {line.part.name: line for line in sheet.lines}
    told = [_plain(sheet.before), _plain(sheet.change)] if charted == TOTAL else _full(lines[charted])
    who = sheet.member.display_name if sheet.member else _("The team")
    return [who, _plain(sheet.total), *told, *(_plain(lines[name].cell.value) for name in names)]


def _full(line: Line) -> list[Any]:
    cell = line.cell
    share = [_plain(cell.top), _plain(cell.bottom)] if cell.measure.bottom is not None else []
    return [_plain(cell.value), *share, _plain(cell.before), _plain(cell.change)]


def single(found: Sheet) -> Table:
    """One row a figure, the total last with its formula."""
    head = [_("Report"), _("Figure"), _("Value"), _("counted"), _("of"), _("before"), _("change"), _("Target"), _("Weight"), _("Points")]
    rows: list[list[Any]] = [
        [
            str(line.part.title), str(line.part.measure.label), _plain(line.cell.value), _plain(line.cell.top), _plain(line.cell.bottom),
            _plain(line.cell.before), _plain(line.cell.change), _plain(line.target), line.weight if line.target is not None else "",
            _plain(line.points),
        ]
        for line in found.lines
    ]  # fmt: skip
    rows.append([_("Total"), formula(found), _plain(found.total), "", "", _plain(found.before), _plain(found.change), "", "", ""])
    return head, rows


def months(year: list[Sheet], charted: str) -> Table:
    """The points of the drawing, one row a month."""
    if charted == TOTAL:
        return [_("Month"), _("Total")], [[f"{sheet.month:%Y-%m}", _plain(sheet.total)] for sheet in year]
    lines = [(f"{sheet.month:%Y-%m}", sheet.line(charted)) for sheet in year]
    share = [_("counted"), _("of")] if lines[0][1].part.measure.bottom is not None else []
    rows = [[name, _plain(line.cell.value), *_full(line)[1 : 1 + len(share)]] for name, line in lines]
    return [_("Month"), str(lines[0][1].part.measure.label), *share], rows


def _plain(value: Decimal | None) -> Any:
    return "" if value is None else Decimal(format(round(value, 6).normalize(), "f"))


def as_file(panels: Mapping[str, Any], data: Mapping[str, str], name: str) -> HttpResponseBase | None:
    """The table (or the `panel`) as csv or xlsx; None where the page is asked for. Refuses `invalid` for another kind or panel."""
    kind, panel = data.get("format", ""), data.get("panel", "")
    if kind in ("", "json"):
        return None
    makes = {"csv": csv_answer, "xlsx": xlsx_answer}.get(kind)
    if makes is None:
        raise Refused("invalid", errors={"format": [_("csv or xlsx")]})
    if panel not in panels:
        raise Refused("invalid", errors={"panel": [_("This report has no such figure.")]})
    return makes(*panels[panel](), name=f"{name}-{panel}" if panel else name)
