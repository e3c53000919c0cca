"""The files of a report: its breakdown, the chart's points, the rolling line, last month's top reasons, the hours of the week."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from handover.report import rolling, table
from handover.report.building import Built
from handover.report.drawn import as_table
from handover.report.months import months
from handover.report.week import hours_table
from tickets.web.refusals import Refused

Table = tuple[list[str], list[list[Any]]]
PANELS: dict[str, Callable[[Built], Table]] = {
    "by": lambda built: (table.head(built), table.body(built)),
    "hours": hours_table,
    "points": lambda built: as_table(built, built.points),
    "rolling": lambda built: as_table(built, rolling.of_report(built)),
    "months": lambda built: months(built).table(),
}


def panel_table(built: Built, panel: str) -> Table:
    """Heads and rows of a panel, the same as on the screen. Refuses `invalid` for one that the report does not have."""
    if panel not in ("by", "points", built.report.file, *built.report.extras) or panel not in PANELS:
        raise Refused("invalid", errors={"panel": [_("This report has no such figure.")]})
    return PANELS[panel](built)
