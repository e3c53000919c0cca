"""The pages of the reports: all of them, one of them, the rows behind a figure; and one tap at the end of a shift."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote_plus

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from handover.report import actions, names, queries, table, words
from handover.report.asking import Asked, read
from handover.report.building import Built, build, of_one_currency, series_of
from handover.report.extras import EXTRAS
from handover.report.facts import Fact
from handover.report.kinds import kind_word
from handover.report.measures import BY_WORDS, REPORTS, Count, Measure, Report
from handover.report.subjects import named
from handover.report.targets import with_targets
from handover.shell import filters
from tickets.people.access import may
from tickets.people.models import Member, Platform
from tickets.ticket.models import Ticket
from tickets.web.doors import door
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import csv_answer, xlsx_answer

SIZE = 50
ROWS_ONLY = ("measure", "part", "key", "after")


def report_for(name: str, member: Member) -> Report:
    """The report of this name. Unknown: 404; money, for who may not see any: `forbidden`."""
    report = REPORTS.get(name)
    if report is None:
        raise Http404
    if report.money and not may(member, "see.money"):
        raise Refused("forbidden")
    return report


def ask(report: Report, data: Any, member: Member) -> Asked:
    """The address read for this member, with today's date in the team's time zone."""
    values = {name: data[name] for name in data if name not in ROWS_ONLY}
    if values.get("chart") and values["chart"] not in {m.code for m in report.seen_by(values.get("by", "")).measures}:
        raise Refused("invalid", errors={"chart": [_("This report has no such figure.")]})
    return read(values, member, bys=report.bys, today=timezone.localdate(), own=not may(member, "see.all_figures"))


@door(GET="report.read")
def index(request: HttpRequest) -> HttpResponse:
    """Every report with its headline and its last 30 days as a line."""
    member: Member = request.member  # type: ignore[attr-defined]
    found = []
    for report in REPORTS.values():
        if report.money and not may(member, "see.money"):
            continue
        asked = ask(report, {}, member)
        series = series_of(report.measures[0], asked, asked.before[0], 1)
        found.append(_card(report, asked, series))
    return page(
        request,
        "handover/report/index.html",
        {
            "cards": found,
            "pressure": may(member, "see.all_figures"),
            "own": not may(member, "see.all_figures"),
            "edits": may(member, "report.edit"),
        },
    )


def _card(report: Report, asked: Asked, series: list[Any]) -> dict[str, Any]:
    measure = report.measures[0]

    def worth(part: list[Any]) -> float | None:
        top, bottom = sum(p.top for p in part), sum(p.bottom for p in part)
        return (top / bottom if bottom else None) if measure.bottom is not None else top

    before, now = worth(series[: asked.days]), worth(series[asked.days :])
    return {
        "report": report,
        "url": reverse("report:show", args=[report.name]),
        "value": words.shown(measure, None if now is None else Decimal(now), asked.currency),
        "before": words.shown(measure, None if before is None else Decimal(before), asked.currency),
        "series": [p.value for p in series],
    }


@door(GET="report.read")
def show(request: HttpRequest, name: str) -> HttpResponseBase:
    """One report: page, or (`?format=csv`, `?format=xlsx`) its table as a file."""
    member: Member = request.member  # type: ignore[attr-defined]
    report = report_for(name, member)
    asked = ask(report, request.GET, member)
    built = with_targets(build(report, asked))
    answer = as_file(built, request.GET.get("format", ""))
    return answer or page(request, "handover/report/show.html", _context(built), block="report")


def as_file(built: Built, kind: str) -> HttpResponseBase | None:
    """The table as csv or xlsx; None where no file was asked for. Refuses `invalid` for another kind."""
    if kind in ("", "json"):
        return None
    makes = {"csv": csv_answer, "xlsx": xlsx_answer}.get(kind)
    if makes is None:
        raise Refused("invalid", errors={"format": [_("csv or xlsx")]})
    name = f"{built.report.name}-{built.asked.first}-{built.asked.last}"
    return makes(table.head(built), table.body(built), name=name)


def _context(built: Built) -> dict[str, Any]:
    asked, today = built.asked, timezone.localdate()
    team = asked.member.team_id
    return {
        "built": built,
        "report": built.report,
        "asked": asked,
        "here": asked.address(),
        "sentences": words.sentences(built, today),
        "shown": lambda cell, value=None: words.shown(cell.measure, cell.value if value is None else value, asked.currency),
        "change": lambda cell: words.change(cell, asked.currency),
        "count": words.counted,
        "edits": may(asked.member, "report.edit"),
        "wants": any(cell.target is not None for cell in built.total),
        "rows_want": any(row.cells[0].target is not None for row in built.rows),
        "heads": _heads(built),
        "by_options": [(by, BY_WORDS[by]) for by in built.report.bys],
        "window_bars": _window_bars(built),
        "line": _line(built),
        "by_words": BY_WORDS,
        "chips": chips(asked),
        "ignored": [BY_WORDS[word] for word in built.ignored],
        "senseless": [BY_WORDS[word] for word in built.senseless],
        "charts": [(m.label, asked.address(chart=m.code), m.code == built.charted.code) for m in built.report.measures],
        "shops": names.shops(team),
        "reasons": names.reasons(team),
        "members": {} if asked.own else names.members(team),
        "platforms": Platform.choices,
        "pending": queries.pending(asked.member.team),
        "opens": opener(built),
        "extras": {extra: EXTRAS[extra](built) for extra in built.report.extras},
        "periods": [(days, asked.address(**{"from": "", "to": "", "window": f"{days}d"})) for days in (1, 7, 15, 30, 90, 365)],
    }


def _heads(built: Built) -> list[Any]:
    first, *others = built.report.measures
    made_of = [(_("counted"), "num"), (_("of"), "num")] if first.bottom is not None else []
    wanted = [_("target")] if any(row.cells[0].target is not None for row in built.rows) else []
    rest = [(_("before"), "num"), (_("change"), "num"), *wanted, (_("part"), "num"), *((m.label, "num") for m in others)]
    return [str(BY_WORDS[built.asked.by]), (first.label, "num"), *made_of, *rest]


def _window_bars(built: Built) -> list[dict[str, Any]]:
    measure = built.charted
    return [
        {
            "label": f"{filters.day(p.first)} – {filters.day(p.last)}",
            "value": p.value or 0,
            "text": words.shown(measure, p.value, built.asked.currency),
            "href": built.asked.address(**{"from": str(p.first), "to": str(p.last), "window": ""}),
        }
        for p in built.windows
    ]


def _line(built: Built) -> list[tuple[str, float | None, str]]:
    """The chart's points: label, value, and the rows behind each."""
    base = reverse("report:rows", args=[built.report.name]) + built.asked.address(**{"from": "", "to": "", "window": ""})
    base += ("&" if built.asked.values else "") + f"measure={built.charted.code}"
    return [(f"{p.first:%m-%d}", p.value, f"{base}&from={p.first}&to={p.last}") for p in built.points]


def opener(built: Built) -> Callable[..., str]:
    """What gives the address of the rows behind a figure: of a measure's part, in all or in one row of the breakdown. The view's own
    part of the address is written once, not for each of some hundred figures."""
    base = reverse("report:rows", args=[built.report.name]) + built.asked.address() + ("&" if built.asked.values else "")

    def opens(measure: Measure, part: str = "top", key: Any = None) -> str:
        more = "" if part == "top" else f"&part={part}"
        return f"{base}measure={measure.code}{more}" + ("" if key is None else f"&key={quote_plus(str(key))}")

    return opens


def chips(asked: Asked) -> list[tuple[str, str, str]]:
    """What narrows the view, each with the address without it."""
    team = asked.member.team_id
    worded: dict[str, Any] = {
        "channel": lambda v: str(dict(Ticket.Channel.choices)[v]),
        "shop": lambda v: names.shops(team).get(int(v), v),
        "platform": lambda v: str(dict(Platform.choices)[v]),
        "reason": lambda v: names.reasons(team).get(int(v)) or _("reason %(id)s") % {"id": v},
        "member": lambda v: names.members(team, [int(v)]).get(int(v), v),
    }
    narrowing = [n for n in ("shop", "platform", "product", "reason", "member", "shift", "channel") if n in asked.values]
    return [(str(BY_WORDS[n]), worded.get(n, str)(asked.values[n]), asked.address(**{n: ""})) for n in narrowing]


@door(GET="report.read")
def rows(request: HttpRequest, name: str) -> HttpResponseBase:
    """Exactly the rows that one figure counts, newest first; or as a file."""
    member: Member = request.member  # type: ignore[attr-defined]
    report = report_for(name, member)
    asked = ask(report, request.GET, member)
    report = report.seen_by(asked.by)
    measure, count, narrowed = _figure(report, asked, request.GET)
    currency = asked.currency if of_one_currency(measure) else ""
    kind = request.GET.get("format", "")
    if kind in ("csv", "xlsx"):
        return _rows_file(kind, report, asked, count, narrowed, currency)
    after = _place(request.GET.get("after", ""))
    found = queries.behind(asked, count, narrowed, currency, after=after, size=SIZE + 1)
    more, found = len(found) > SIZE, found[:SIZE]
    subject = queries.FACTS[count.fact].subject
    kept = {n: request.GET[n] for n in ("measure", "part", "key") if n in request.GET}
    last = found[-1] if found else None
    context = {
        "report": report,
        "asked": asked,
        "measure": measure,
        "part": request.GET.get("part", "top"),
        "label": _label(asked, request.GET.get("key")),
        "item_word": BY_WORDS[queries.FACTS[count.fact].items[0]],
        "count": _counted(asked, count, narrowed, currency),
        "rows": [row for row, _n in found],
        "named": named(subject, {row.id for row, _n in found}, member),
        "members": names.members(member.team_id, {row.member for row, _n in found}),
        "items": names.items_of(queries.FACTS[count.fact], {row.item for row, _n in found}, member.team_id),
        "kind": lambda row: kind_word(count.fact, row.mark),
        "back": reverse("report:show", args=[name]) + asked.address(),
        "here": asked.address(**kept),
        "next": asked.address(**kept, after=f"{last[0].at.isoformat()}~{last[0].id}~{last[1]}") if more and last else None,
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
    known = queries.filters_of(asked, queries.FACTS[count.fact])
    return measure, count, {dim: [v for v in values if v in known.get(dim, [v])] for dim, values in narrowed.items()}


def _narrowed(asked: Asked, count: Count, key: str, bottom: bool) -> dict[str, list[Any]]:
    if asked.by in ("level", "fault", "outcome"):
        return {} if bottom else {"mark": [key]}
    dim = queries.dim_of(asked.by)
    if not queries.knows(queries.FACTS[count.fact], asked.by):
        return {}
    if asked.by == "platform":
        shops = set(asked.member.team.shops.filter(platform=key).values_list("pk", flat=True)) if key else {0}
        return {dim: sorted(shops & set(asked.filters.get(dim, shops)))}
    if dim in ("item", "shift"):
        return {dim: [key]}
    if not key.isascii() or not key.isdigit() or len(key) > 15:
        raise Refused("invalid", errors={"key": [_("This report has no such row.")]})
    return {dim: [int(key)]}


def _counted(asked: Asked, count: Count, narrowed: dict[str, list[Any]], currency: str) -> int:
    """How many rows the figure counts."""
    filters = {**asked.filters, **{n: v for n, v in narrowed.items() if n != "mark"}}
    only = Asked(asked.member, asked.first, asked.last, asked.by, filters, asked.values, asked.currency, own=asked.own)
    cells = queries.cells(only, count.fact, None, [(asked.first, asked.last)])[0]
    marks = tuple(narrowed.get("mark") or ()) or count.marks
    return int(queries.value(Count(count.fact, marks), cells, currency))


def _label(asked: Asked, key: str | None) -> str:
    if key is None:
        return ""
    typed: Any = int(key) if asked.by in ("shop", "reason", "member", "maker", "hour") and key.isdigit() else key
    return names.names_of(asked, [typed], {})[typed]


def _rows_file(kind: str, report: Report, asked: Asked, count: Count, narrowed: Any, currency: str) -> HttpResponseBase:
    fact, people = queries.FACTS[count.fact], names.members(asked.member.team_id)

    def lines() -> Any:
        batch: list[queries.Behind] = []
        for row in queries.every_behind(asked, count, narrowed, currency):
            batch.append(row)
            if len(batch) == 1000:
                yield from _worded(batch, fact, asked.member, people)
                batch = []
        yield from _worded(batch, fact, asked.member, people)

    head = [_("When"), _("What"), str(BY_WORDS[fact.items[0]]), _("Who"), _("Kind"), _("Amount")]
    makes = csv_answer if kind == "csv" else xlsx_answer
    return makes(head, lines(), name=f"{report.name}-rows-{asked.first}-{asked.last}")


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
        if at is None or at.tzinfo is None or len(parts) != 3:
            raise ValueError(text)
        return at, int(parts[1]), int(parts[2])
    except ValueError as error:
        raise Refused("invalid", errors={"after": [_("This is no place in this list.")]}) from error


@door(POST="duty.work", gated=False)
def surprise(request: HttpRequest) -> HttpResponse:
    """One tap: something came up that I was not told."""
    actions.surprise(by=request.member, text=request.POST.get("text", ""))  # type: ignore[attr-defined]
    return see_other(request, request.POST.get("next_page") if (request.POST.get("next_page") or "").startswith("/duty/") else "/duty/")
