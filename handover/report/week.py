"""What the pressure shows besides its figures: every hour of the week, the people who were there, and how many it would take."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from babel.dates import get_day_names
from django.urls import reverse
from django.utils.translation import gettext as _

from handover.report import pressure
from handover.report.asking import Asked, number_of
from handover.report.building import Built
from handover.report.measures import PRESSURE
from handover.shell.filters import locale, number


def service_of(asked: Asked) -> pressure.Service:
    """The service that the address wants. Refuses `invalid` for what makes no sense."""
    share, *rest = (number_of(asked.values, name, limits) for name, limits in PRESSURE.also.items() if limits)
    return pressure.Service(share / 100, *rest)


def weekdays() -> list[str]:
    """Monday first, in the reader's language."""
    called = get_day_names("abbreviated", locale=locale())
    return [called[number] for number in range(7)]


def hours_table(built: Built) -> tuple[list[str], list[list[Any]]]:
    """The heat map as a file: one row per weekday and hour."""
    called = weekdays()
    rows = [
        [called[h.weekday - 1], h.hour, round(h.contacts, 3), round(h.tickets, 3), round(h.present, 3), h.needed]
        for row in pressure.week(built.asked, service_of(built.asked))
        for h in row
    ]
    return [_("Weekday"), _("Hour"), _("Contacts"), _("Tickets"), _("On duty"), _("Needed")], rows


@dataclass(frozen=True)
class Said:
    """One hour as the page says it: what its box tells when pointed at, the contacts, people on duty, people needed; and the rows of
    the contacts and of the people."""

    hour: pressure.Hour
    title: str
    contacts: str
    present: str
    needed: str
    rows: str
    people: str


def worded(week: list[list[pressure.Hour]], base: str) -> list[list[Said]]:
    """The sentence is looked up once and each number worded once, not for each of the 168 hours."""
    said = _("%(contacts)s contacts, %(tickets)s tickets, %(present)s on duty, %(needed)s needed")
    text = cache(lambda value: number(value, 1))

    def one(h: pressure.Hour) -> Said:
        contacts, tickets, present = (text(round(value, 1)) for value in (h.contacts, h.tickets, h.present))
        title = said % {"contacts": contacts, "tickets": tickets, "present": present, "needed": h.needed}
        rows = f"{base}&weekday={h.weekday}&hour={h.hour}"
        needed = str(h.needed) if h.present or h.needed else ""
        return Said(h, title, contacts if h.contacts else "", present if h.present else "", needed, rows, f"{rows}&of=people")

    return [[one(h) for h in row] for row in week]


@dataclass(frozen=True)
class Week:
    """What the page shows of the hours of a week; `short`: of how many hours there were fewer people than it takes."""

    service: pressure.Service
    hours: list[tuple[str, list[Said]]]
    called: list[str]
    short: int
    peak: pressure.Hour


def week_of(built: Built) -> Week:
    """The pressure hour by hour, as the view is narrowed. One query, and one for each fact that more is asked of than is rolled up."""
    service = service_of(built.asked)
    week, called = pressure.week(built.asked, service), weekdays()
    base = reverse("report:pressure_rows") + address_of(built.asked)
    each = [h for row in week for h in row]
    hours = list(zip(called, worded(week, base), strict=True))
    return Week(service, hours, called, sum(h.short for h in each), max(each, key=lambda h: h.contacts))


def address_of(asked: Asked) -> str:
    """The view's own address, with its days said, so that something can be added."""
    return asked.address(**{"window": "", "from": asked.first, "to": asked.last})
