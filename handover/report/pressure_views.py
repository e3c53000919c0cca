"""/reports/pressure/rows/: the rows of one hour of the week, as of every other figure."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _lazy

from handover.report import queries
from handover.report.asking import number_of
from handover.report.measures import PRESSURE, Count, Measure
from handover.report.reading import report_for
from handover.report.row_views import Opened, figure_rows, listed
from handover.report.views import ask
from handover.report.week import address_of, weekdays
from tickets.web.doors import door, member_of

OF_ROWS = {"weekday": (1, 1, 7), "hour": (0, 0, 23)}
COME = Measure("calls", _lazy("Contacts"), Count("calls"))
THERE = Measure("attended", _lazy("On duty"), Count("attended"))


@door(GET="board.read")
def rows(request: HttpRequest) -> Any:
    """The contacts of one hour of a weekday (1 Monday), all those of the period, or (`of=people`) who was on duty then and for how many
    minutes; without an hour the rows of any other figure. Refuses `invalid` for an hour that there is not."""
    if not set(OF_ROWS) & set(request.GET):
        return figure_rows(request, PRESSURE.name)
    member = member_of(request)
    data = {name: request.GET[name] for name in request.GET if name not in (*OF_ROWS, "of")}
    asked = ask(report_for(PRESSURE.name, member), data, member)
    weekday, hour = (number_of(request.GET, name, limits) for name, limits in OF_ROWS.items())
    narrowed: dict[str, list[Any]] = {"weekday": [weekday], "hour": [hour]}
    measure, of = (THERE, "&of=people") if request.GET.get("of") == "people" else (COME, "")
    opened = Opened(
        PRESSURE.title, f"pressure-rows-{asked.first}-{asked.last}", asked, measure, measure.top, narrowed,
        lambda: queries.how_many(asked, measure.top, narrowed), f"{address_of(asked)}&weekday={weekday}&hour={hour}{of}",
        reverse("report:show", args=[PRESSURE.name]) + asked.address(), label=f"{weekdays()[weekday - 1]} {hour:02}:00",
    )  # fmt: skip
    return listed(request, opened)
