"""/reports/<name>/rows/: exactly the rows behind one figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from handover.report import names, queries
from handover.report.asking import Asked
from handover.report.cells import of_one_currency
from handover.report.facts import Fact
from handover.report.kinds import kind_word
from handover.report.measures import BY_WORDS, Count, Measure, Report, Text
from handover.report.reading import report_for
from handover.report.subjects import named
from handover.report.views import ask
from tickets.people.models import Member
from tickets.web.doors import door, member_of
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page
from tickets.web.sheets import csv_answer, xlsx_answer

SIZE = 50


@dataclass(frozen=True)
class Opened:
    """A figure whose rows are asked for. `here`: its address, `back`: where it stands, `counted`: how many rows it counts."""

    title: Text
    file: str
    asked: Asked
    measure: Measure
    count: Count
    narrowed: dict[str, list[Any]]
    counted: Callable[[], int]
    here: str
    back: str
    currency: str = ""
    label: str = ""


@door(GET="report.read")
def rows(request: HttpRequest, name: str) -> Any:
    """Exactly the rows that one figure of a report counts, newest first; or as a file."""
    return figure_rows(request, name)


def figure_rows(request: HttpRequest, name: str) -> Any:
    """See `rows`; for a door that was opened already."""
    member = member_of(request)
    report = report_for(name, member)
    asked = ask(report, request.GET, member)
    report = report.seen_by(asked.by)
    measure, count, narrowed = _figure(report, asked, request.GET)
    currency = asked.currency if of_one_currency(measure) else ""
    kept = {n: request.GET[n] for n in ("measure", "part", "key") if n in request.GET}
    opened = Opened(
        report.title, f"{report.name}-rows-{asked.first}-{asked.last}", asked, measure, count, narrowed,
        lambda: counted(asked, count, narrowed, currency), asked.address(**kept), reverse("report:show", args=[name]) + asked.address(),
        currency, _label(asked, request.GET.get("key")),
    )  # fmt: skip
    return listed(request, opened)


def listed(request: HttpRequest, opened: Opened) -> Any:
    """The rows as a page, or as the file that is asked for."""
    kind = request.GET.get("format", "")
    if kind in ("csv", "xlsx"):
        return _rows_file(kind, opened)
    asked, count, fact, team = opened.asked, opened.count, queries.fact_of(opened.count.fact, opened.asked), opened.asked.member.team_id
    after = _place(request.GET.get("after", ""))
    found = queries.behind(asked, count, opened.narrowed, opened.currency, after=after, size=SIZE + 1)
    more, found = len(found) > SIZE, found[:SIZE]
    last = found[-1] if found else None
    context = {
        "opened": opened,
        "asked": asked,
        "measure": opened.measure,
        "part": "bottom" if count is opened.measure.bottom else "top",
        "item_word": _item_word(fact),
        "count": opened.counted(),
        "rows": [row for row, _n in found],
        "named": named(fact.subject, {row.id for row, _n in found}, asked.member),
        "members": names.members(team, {row.member for row, _n in found}),
        "items": names.items_of(fact, {row.item for row, _n in found}, team),
        "kind": lambda row: kind_word(fact.code, row.mark),
        "next": f"{opened.here}&{urlencode({'after': f'{last[0].at.isoformat()}~{last[0].id}~{last[1]}'})}" if more and last else None,
    }
    return page(request, "handover/report/rows.html", context, block="rows")


def _figure(report: Report, asked: Asked, data: Any) -> tuple[Measure, Count, dict[str, list[Any]]]:
    """Which measure, which part of it, and what its row narrows. Refuses `invalid` for what the report does not have."""
    code = data.get("measure") or report.measures[0].code
    measure = next((m for m in report.measures if m.code == code), None)
    if measure is None:
        raise Refused("invalid", errors={"measure": [_("This report has no such figure.")]})
    count = measure.bottom if data.get("part") == "bottom" else measure.top
    if count is None:
        raise Refused("invalid", errors={"part": [_("This figure is not a share of anything.")]})
    if "key" not in data:
        return measure, count, {}
    narrowed = _narrowed(asked, count, data["key"], data.get("part") == "bottom")
    known = queries.filters_of(asked, queries.fact_of(count.fact, asked))
    return measure, count, {dim: [v for v in values if v in known.get(dim, [v])] for dim, values in narrowed.items()}


def _narrowed(asked: Asked, count: Count, key: str, bottom: bool) -> dict[str, list[Any]]:
    if asked.by in ("level", "fault", "outcome"):
        return {} if bottom else {"mark": [key]}
    dim = queries.dim_of(asked.by)
    if not queries.knows(queries.fact_of(count.fact, asked), asked.by):
        return {}
    if asked.by == "platform":
        shops = set(asked.member.team.shops.filter(platform=key).values_list("pk", flat=True)) if key else {0}
        return {dim: sorted(shops & set(asked.filters.get(dim, shops)))}
    if dim in ("item", "shift"):
        return {dim: [key]}
    number = whole_number(key)
    if number is None:
        raise Refused("invalid", errors={"key": [_("This report has no such row.")]})
    return {dim: [number]}


def counted(asked: Asked, count: Count, narrowed: dict[str, list[Any]], currency: str) -> int:
    """How many rows the figure counts. One query."""
    filters = {**asked.filters, **{n: v for n, v in narrowed.items() if n != "mark"}}
    only = Asked(asked.member, asked.first, asked.last, asked.by, filters, asked.values, asked.currency, own=asked.own)
    cells = queries.cells(only, count.fact, None, [(asked.first, asked.last)])[0]
    marks = tuple(narrowed.get("mark") or ()) or count.marks
    return int(queries.value(Count(count.fact, marks), cells, currency))


def _label(asked: Asked, key: str | None) -> str:
    if key is None:
        return ""
    number = whole_number(key) if asked.by in ("shop", "reason", "member", "maker", "hour") else None
    typed: Any = key if number is None else number
    return names.names_of(asked, [typed], {})[typed]


def _rows_file(kind: str, opened: Opened) -> HttpResponseBase:
    fact, asked = queries.fact_of(opened.count.fact, opened.asked), opened.asked
    people = names.members(asked.member.team_id)

    def lines() -> Any:
        batch: list[queries.Behind] = []
        for row in queries.every_behind(asked, opened.count, opened.narrowed, opened.currency):
            batch.append(row)
            if len(batch) == 1000:
                yield from _worded(batch, fact, asked.member, people)
                batch = []
        yield from _worded(batch, fact, asked.member, people)

    head = [_("When"), _("What"), _item_word(fact), _("Who"), _("Kind"), _("Amount")]
    makes = csv_answer if kind == "csv" else xlsx_answer
    return makes(head, lines(), name=opened.file)


def _item_word(fact: Fact) -> str:
    return str(BY_WORDS[fact.items[0] if fact.items else "product"])


def _worded(batch: list[queries.Behind], fact: Fact, member: Member, people: dict[int, str]) -> Any:
    called = named(fact.subject, {row.id for row in batch}, member)
    items = names.items_of(fact, {row.item for row in batch}, member.team_id)
    for row in batch:
        what = called.get(row.id, (f"#{row.id}", ""))[0]
        yield [row.at, what, items[row.item], people.get(row.member, ""), kind_word(fact.code, row.mark), row.amount]


def _place(text: str) -> tuple[datetime, int, int] | None:
    """The cursor in an address. Refuses `invalid` for one that somebody made up."""
    if not text:
        return None
    parts = text.split("~")
    try:
        at = parse_datetime(parts[0])
        kind, pk = (whole_number(part) for part in parts[1:])
        if at is None or at.tzinfo is None or kind is None or pk is None:
            raise ValueError(text)
        return at, kind, pk
    except ValueError as error:
        raise Refused("invalid", errors={"after": [_("This is no place in this list.")]}) from error
