"""/reports/schedules/: which reports are sent by themselves, to whom, and when."""

from __future__ import annotations

from typing import Any

from babel.dates import get_day_names
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from handover.report import letters, schedules
from handover.report.models import Schedule, Sending
from handover.shell.filters import locale
from tickets.people.models import Member
from tickets.web.doors import door, member_of
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file
from tickets.web.undo import offer, said, taken_back

TEMPLATE = "handover/report/schedules.html"
COLUMNS: tuple[Column, ...] = (
    (gettext_lazy("Report"), lambda row: row["title"]),
    (gettext_lazy("Filters"), lambda row: row["schedule"].query),
    (gettext_lazy("When"), lambda row: row["when"]),
    (gettext_lazy("To"), lambda row: ", ".join(row["to"])),
    (gettext_lazy("to the team's channels"), lambda row: _("yes") if row["schedule"].channels else ""),
    (gettext_lazy("Last sent"), lambda row: row["last"]),
)


@door(GET="report.edit", POST="report.edit")
def index(request: HttpRequest) -> HttpResponse:
    """What is sent, and the form for one more; a report's page leads here with its own address filled in."""
    by = member_of(request)
    if request.method == "GET" and (file := as_file(request, "schedules", COLUMNS, _listed(by))):
        return file
    errors: dict[str, Any] = {}
    given = request.POST if request.method == "POST" else request.GET
    if request.method == "POST":
        try:
            schedules.schedule(by=by, **_typed(request, by))
            return see_other(request, reverse("report:schedules"))
        except Refused as refused:
            if refused.code != "invalid":
                raise
            errors = refused.problem().get("errors", {})
    people = Member.objects.filter(team=by.team_id, is_active=True).order_by("display_name")
    chosen = set(given.getlist("members")) or {str(by.pk)}
    context = {
        "schedules": _listed(by),
        "typed": given,
        "errors": errors,
        "chosen": chosen,
        "members": people,
        "reports": list(letters.TITLES.items()),
        "every": Schedule.Every.choices,
        "weekdays": [(day, _weekday(day)) for day in range(1, 8)],
        "hours": [(hour, f"{hour:02}:00") for hour in range(24)],
    }
    return page(request, TEMPLATE, context, status=422 if errors else 200)


@door(POST="report.edit")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it no longer."""
    by = member_of(request)
    ended = schedules.end(get_object_or_404(Schedule.objects.visible_to(by), pk=pk), by=by)
    said(request, _("It is sent no longer."), offer("report:schedule_resume", pk, ended=ended.isoformat()))
    return see_other(request, reverse("report:schedules"))


@door(POST="report.edit")
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """It was ended by mistake."""
    by = member_of(request)
    schedules.resume(get_object_or_404(Schedule.objects.visible_to(by), pk=pk), by=by, ended=taken_back(request)["ended"])
    said(request, _("It is sent again."))
    return see_other(request, reverse("report:schedules"))


def _listed(by: Member) -> list[dict[str, Any]]:
    found = Schedule.objects.visible_to(by).running().select_related("by").prefetch_related("members")[:100]
    last = dict(Sending.objects.filter(schedule__in=list(found)).values_list("schedule").annotate(day=Max("day")).order_by())
    return [
        {
            "schedule": one,
            "title": letters.TITLES[one.report],
            "url": letters.where(one.report, one.query),
            "when": when(one),
            "to": [m.display_name for m in one.members.all()],
            "last": last.get(one.pk),
        }
        for one in found
    ]


def _weekday(day: int) -> str:
    return str(get_day_names("wide", locale=locale())[day - 1])


def when(one: Schedule) -> str:
    """“Monday 08:00”."""
    clock = f"{one.hour:02}:00"
    if one.every == "week":
        return _("%(weekday)s %(time)s") % {"weekday": _weekday(one.weekday or 1), "time": clock}
    if one.every == "month":
        return _("on day %(day)s of the month, %(time)s") % {"day": one.monthday, "time": clock}
    return _("every day, %(time)s") % {"time": clock}


def _typed(request: HttpRequest, by: Member) -> dict[str, Any]:
    data = request.POST

    def number(name: str) -> int | None:
        return whole_number(data.get(name, ""), digits=3)

    ids = [pk for text in data.getlist("members") if (pk := whole_number(text)) is not None]
    hour = number("hour")
    return {
        "report": data.get("report", ""),
        "query": data.get("query", "")[:500],
        "every": data.get("every", ""),
        "hour": -1 if hour is None else hour,
        "weekday": number("weekday"),
        "monthday": number("monthday"),
        "members": list(Member.objects.filter(team=by.team_id, pk__in=ids, is_active=True)),
        "channels": "channels" in data,
    }
