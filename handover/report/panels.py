"""What of a report is a file of its own besides the breakdown: the chart's points, the rolling line, last month's top reasons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from handover.report.building import Built
from handover.report.drawn import as_table
from handover.report.months import months
from handover.report.rolling import rolling
from tickets.web.refusals import Refused

Table = tuple[list[str], list[list[Any]]]
PANELS: dict[str, Callable[[Built], Table]] = {
    "points": lambda built: as_table(built, built.points),
    "rolling": lambda built: as_table(built, rolling(built.charted, built.asked)),
    "months": lambda built: months(built).table(),
}


def panel_table(built: Built, panel: str) -> Table:
    """Heads and rows of a panel, the same as on the screen. Refuses `invalid` for one that the report does not have."""
    if panel not in ("points", *built.report.extras) or panel not in PANELS:
        raise Refused("invalid", errors={"panel": [_("This report has no such figure.")]})
    return PANELS[panel](built)
