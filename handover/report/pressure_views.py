"""/reports/pressure/: the heat map, the people, and what it would take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from babel.dates import get_day_names
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from handover.report import names, pressure, queries
from handover.report.asking import Asked, read
from handover.report.measures import Count, Measure
from handover.report.row_views import Opened, listed
from handover.report.views import NOT_THE_VIEW, chips
from handover.shell.filters import locale, number
from tickets.people.models import Member, Platform
from tickets.ticket.models import Ticket
from tickets.web.doors import door
from tickets.web.refusals import Refused
from tickets.web.replies import page
from tickets.web.sheets import csv_answer, xlsx_answer

OWN = ("share", "seconds", "minutes", "at_once")
LEAST = {"share": 1, "seconds": 1, "minutes": 1, "at_once": 1}
OF_ROWS = {"weekday": (1, 7), "hour": (0, 23)}
MOST = {"share": 99, "seconds": 3600, "minutes": 240, "at_once": 20}


def ask(data: Any, member: Member) -> tuple[Asked, pressure.Service]:
    """The address: period, filters (shop, platform, reason, product, member, shift, channel), and the service wanted. Refuses `invalid`."""
    values = {name: data[name] for name in data if name not in (*OWN, "channel")}
    values.setdefault("window", "28d")
    asked = read(values, member, bys=("hour",), today=timezone.localdate(), own=False)
    usual = {"share": 80, "seconds": 30, "minutes": 6, "at_once": 3}
    found = {name: _number(data, name, usual[name]) for name in OWN}
    channel = data.get("channel", "")
    if channel and channel not in Ticket.Channel.values:
        raise Refused("invalid", errors={"channel": [_("There is no such channel.")]})
    mine = {name: str(data[name]) for name in (*OWN, "channel") if data.get(name)}
    asked = replace(asked, values={**asked.values, **mine})
    return asked, pressure.Service(found["share"] / 100, found["seconds"], found["minutes"], found["at_once"])


def _number(data: Any, name: str, usual: int) -> int:
    text = data.get(name) or str(usual)
    if not (text.isascii() and text.isdigit() and len(text) < 6 and LEAST[name] <= int(text) <= MOST[name]):
        raise Refused("invalid", errors={name: [_("From %(least)s to %(most)s.") % {"least": LEAST[name], "most": MOST[name]}]})
    return int(text)


def weekdays() -> list[str]:
    """Monday first, in the reader's language."""
    called = get_day_names("abbreviated", locale=locale())
    return [called[number] for number in range(7)]


def as_file(asked: Asked, week: list[list[pressure.Hour]], kind: str) -> HttpResponseBase:
    """One row per weekday and hour. Refuses `invalid` for another kind of file."""
    makes = {"csv": csv_answer, "xlsx": xlsx_answer}.get(kind)
    if makes is None:
        raise Refused("invalid", errors={"format": [_("csv or xlsx")]})
    called = weekdays()
    rows = [
        [called[h.weekday - 1], h.hour, round(h.contacts, 3), round(h.tickets, 3), round(h.present, 3), h.needed]
        for row in week
        for h in row
    ]
    head = [_("Weekday"), _("Hour"), _("Contacts"), _("Tickets"), _("On duty"), _("Needed")]
    return makes(head, rows, name=f"pressure-{asked.first}-{asked.last}")


@dataclass(frozen=True)
class Said:
    """One hour as the page says it: what its box tells when pointed at, the contacts, and people on duty / needed."""

    hour: pressure.Hour
    title: str
    contacts: str
    people: str
    rows: str


def worded(week: list[list[pressure.Hour]], base: str) -> list[list[Said]]:
    """The sentence is looked up once and each number worded once, not for each of the 168 hours."""
    said = _("%(contacts)s contacts, %(tickets)s tickets, %(present)s on duty, %(needed)s needed")
    text = cache(lambda value: number(value, 1))

    def one(h: pressure.Hour) -> Said:
        contacts, tickets, present = (text(round(value, 1)) for value in (h.contacts, h.tickets, h.present))
        title = said % {"contacts": contacts, "tickets": tickets, "present": present, "needed": h.needed}
        people = f"{present}/{h.needed}" if h.present or h.needed else ""
        return Said(h, title, contacts if h.contacts else "", people, f"{base}&weekday={h.weekday}&hour={h.hour}")

    return [[one(h) for h in row] for row in week]


CALLS = Measure("calls", _lazy("Contacts"), Count("calls"))


def _address(asked: Asked) -> str:
    """The view's own address, with its days said, so that something can be added."""
    return asked.address(**{"window": "", "from": asked.first, "to": asked.last})


@door(GET="board.read")
def rows(request: HttpRequest) -> Any:
    """The contacts of one hour of a weekday (1 Monday), all those of the period. Refuses `invalid` for an hour that there is not."""
    member: Member = request.member  # type: ignore[attr-defined]
    data = {name: request.GET[name] for name in request.GET if name not in (*OF_ROWS, *NOT_THE_VIEW)}
    asked, _service = ask(data, member)
    weekday, hour = (_within(request.GET, name, *OF_ROWS[name]) for name in OF_ROWS)
    narrowed: dict[str, list[Any]] = {"weekday": [weekday], "hour": [hour]}
    if "channel" in asked.values:
        narrowed["channel"] = [asked.values["channel"]]
    count = CALLS.top
    opened = Opened(
        _("Pressure"), f"pressure-rows-{asked.first}-{asked.last}", asked, CALLS, count, narrowed,
        lambda: queries.how_many(asked, count, narrowed), f"{_address(asked)}&weekday={weekday}&hour={hour}",
        reverse("report:pressure") + asked.address(), label=f"{weekdays()[weekday - 1]} {hour:02}:00",
    )  # fmt: skip
    return listed(request, opened)


def _within(data: Any, name: str, least: int, most: int) -> int:
    text = data.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 3 and least <= int(text) <= most):
        raise Refused("invalid", errors={name: [_("From %(least)s to %(most)s.") % {"least": least, "most": most}]})
    return int(text)


@door(GET="board.read")
def show(request: HttpRequest) -> Any:
    """When customers come, who is there, and how many it would take."""
    member: Member = request.member  # type: ignore[attr-defined]
    asked, service = ask(request.GET, member)
    week = pressure.week(asked, service)
    if request.GET.get("format") in ("csv", "xlsx"):
        return as_file(asked, week, request.GET["format"])
    context = {
        "asked": asked,
        "service": service,
        "week": list(zip(weekdays(), worded(week, reverse("report:pressure_rows") + _address(asked)), strict=True)),
        "shops": names.shops(member.team_id),
        "reasons": names.reasons(member.team_id),
        "members": names.members(member.team_id),
        "platforms": Platform.choices,
        "channels": Ticket.Channel.choices,
        "chips": chips(asked),
        "short": sum(h.short for row in week for h in row),
        "peak": max((h for row in week for h in row), key=lambda h: h.contacts),
        "called": weekdays(),
    }
    return page(request, "handover/report/pressure.html", context)
