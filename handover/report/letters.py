"""What can be sent by itself: a view of any report, or of the performance sheets, as it is on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.report import performance_files, performance_months, performance_words, table, words
from handover.report.asking import UNKNOWN, Asked, read
from handover.report.building import build
from handover.report.measures import REPORTS, Text
from handover.report.performance import sheets
from handover.report.performance_asking import TOTAL, ask, readable
from handover.report.performance_drawn import address_of
from handover.report.reading import report_for
from handover.report.targets import with_targets
from tickets.people.access import may
from tickets.people.models import Member
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused

DAY = timedelta(days=1)
PERFORMANCE = "performance"
TITLES: dict[str, Text] = {name: report.title for name, report in REPORTS.items()} | {PERFORMANCE: _("Performance")}


@dataclass(frozen=True)
class Letter:
    """A view as it is sent: its address without the host, and its table."""

    title: str
    sentences: list[str]
    address: str
    name: str
    head: list[str]
    rows: Iterable[list[Any]]


def check(member: Member, report: str, query: str) -> None:
    """Refuses what the page of this address refuses, 404 for a report that does not exist."""
    if report == PERFORMANCE:
        _sheet_asked(member, query, None)
    else:
        _asked(member, report, query, None)


def where(report: str, query: str) -> str:
    """Where the view can be read."""
    if report != PERFORMANCE:
        return reverse("report:show", args=[report]) + (f"?{query}" if query else "")
    values = dict(parse_qsl(query))
    pk = whole_number(values.pop("member", ""))
    base = reverse("report:performance_sheet", args=[pk]) if pk is not None else reverse("report:performance")
    return base + (f"?{urlencode(values)}" if values else "")


def letter(reader: Member, report: str, query: str, day: date) -> Letter:
    """The view for this reader: a rolling period ends the day before, and so does a rolling month; a fixed one stays. Refuses what the
    reports refuse."""
    return _sheet_letter(reader, query, day) if report == PERFORMANCE else _report_letter(reader, report, query, day)


def _asked(member: Member, report: str, query: str, day: date | None) -> Asked:
    declared = report_for(report, member)
    values = dict(parse_qsl(query))
    own = not may(member, "see.all_figures")
    if own:
        values.pop("member", None)
    if day is not None and "from" not in values and "to" not in values:
        values["to"] = str(day - DAY)
    return read(values, member, bys=declared.bys, today=day or timezone.localdate(), own=own, also=declared.also)


def _report_letter(reader: Member, report: str, query: str, day: date) -> Letter:
    asked = _asked(reader, report, query, day)
    built = with_targets(build(REPORTS[report], asked))
    values = {**asked.values, "from": str(asked.first), "to": str(asked.last)}
    values.pop("window", None)
    return Letter(
        f"{built.report.title} {asked.first} – {asked.last}", words.sentences(built, day),
        reverse("report:show", args=[report]) + "?" + urlencode(values), f"{report}-{asked.first}-{asked.last}",
        table.head(built), table.body(built),
    )  # fmt: skip


def _sheet_asked(reader: Member, query: str, day: date | None) -> tuple[Asked, Member | None]:
    """The month and whose sheet: of who reads only the own figures the own one, of others the team's unless the address names somebody."""
    values = dict(parse_qsl(query))
    pk = values.pop("member", "")
    asked = ask(values, reader, today=None if day is None else day - DAY)
    if not may(reader, "see.all_figures"):
        return asked, reader
    known = whole_number(pk)
    if pk and known is None:
        raise Refused("invalid", errors={"member": [UNKNOWN % {"value": pk[:80]}]})
    return asked, readable(known, reader) if known is not None else None


def _sheet_letter(reader: Member, query: str, day: date) -> Letter:
    asked, only = _sheet_asked(reader, query, day)
    year = performance_months.year(asked, day, only=only)
    found, title = year[-1], f"{TITLES[PERFORMANCE]} {asked.first:%Y-%m}"
    sentences = performance_words.lede(found)
    if only:
        title, name, rows = f"{title} {only.display_name}", f"performance-{only.pk}", performance_files.single(found)
    else:
        people = performance_months.beside_before(sheets(found.book), day)
        sentences += performance_words.ends_of(people)
        name, rows = "performance", performance_files.overview(people, found, asked.values.get("chart", TOTAL))
    return Letter(title, sentences, address_of(asked, only), f"{name}-{asked.first:%Y-%m}", *rows)
