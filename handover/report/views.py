"""The pages of the reports: all of them, one of them, the rows behind a figure; and one tap at the end of a shift."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import quote_plus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from handover.report import actions, names, performance_drawn, queries, words
from handover.report.asking import Asked, read
from handover.report.building import Built, build, series_of
from handover.report.drawn import drawn, line
from handover.report.extras import EXTRAS
from handover.report.measures import BY_WORDS, REPORTS, Measure, Report
from handover.report.narrowing import unheard
from handover.report.panels import panel_table
from handover.report.reading import readable, report_for
from handover.report.targets import with_targets
from handover.shell import filters
from tickets.people.access import may
from tickets.people.models import Member, Platform
from tickets.ticket.models import Ticket
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other, wants_fragment
from tickets.web.sheets import csv_answer, xlsx_answer

NOT_THE_VIEW = ("measure", "part", "key", "after", "panel", "narrow")


def ask(report: Report, data: Any, member: Member) -> Asked:
    """The address read for this member, with today's date in the team's time zone."""
    values = {name: data[name] for name in data if name not in NOT_THE_VIEW}
    if values.get("chart") and values["chart"] not in {m.code for m in report.seen_by(values.get("by", "")).measures}:
        raise Refused("invalid", errors={"chart": [_("This report has no such figure.")]})
    return read(values, member, bys=report.bys, today=timezone.localdate(), own=not may(member, "see.all_figures"), also=report.also)


@door(GET="report.read")
def index(request: HttpRequest) -> HttpResponse:
    """Every report with its headline and its last 30 days as a line."""
    member = member_of(request)
    found = []
    for report in REPORTS.values():
        if not readable(report, member):
            continue
        asked = ask(report, {}, member)
        series = series_of(report.measures[0], asked, asked.before[0], 1)
        found.append(_card(report, asked, series))
    return page(
        request,
        "handover/report/index.html",
        {
            "cards": found,
            "performance": performance_drawn.card(member, timezone.localdate()),
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
    """One report: page, or (`?format=csv`, `?format=xlsx`) its table as a file. `?narrow=1`: with the form that narrows it, which htmx
    asks for alone: to list all members and shops on every page would cost more than the figures."""
    member = member_of(request)
    report = report_for(name, member)
    asked = ask(report, request.GET, member)
    narrowing = narrowing_of(asked) if "narrow" in request.GET else None
    if narrowing and wants_fragment(request):
        context = {"report": report, "asked": asked, "narrowing": narrowing}
        return page(request, "handover/report/show.html", context, block="narrow")
    built = with_targets(build(report, asked))
    answer = as_file(built, request.GET.get("format", ""), request.GET.get("panel", ""))
    return answer or page(request, "handover/report/show.html", _context(built) | {"narrowing": narrowing}, block="report")


def as_file(built: Built, kind: str, panel: str = "") -> HttpResponseBase | None:
    """The table, or one panel (see `panels`), as csv or xlsx; None where no file was asked for. Refuses `invalid` for another kind, or a
    panel that the report does not have."""
    if kind in ("", "json"):
        return None
    makes = {"csv": csv_answer, "xlsx": xlsx_answer}.get(kind)
    if makes is None:
        raise Refused("invalid", errors={"format": [_("csv or xlsx")]})
    name = f"{built.report.name}-{built.asked.first}-{built.asked.last}"
    return makes(*panel_table(built, panel or built.report.file), name=f"{name}-{panel}" if panel else name)


def _context(built: Built) -> dict[str, Any]:
    asked, today, language = built.asked, timezone.localdate(), get_language() or ""
    return {
        "built": built,
        "report": built.report,
        "asked": asked,
        "here": asked.address(),
        "sentences": words.paragraph(words.sentences(built, today)),
        "shown": lambda cell, value=None: words.shown(cell.measure, cell.value if value is None else value, asked.currency, language),
        "change": lambda cell: words.change(cell, asked.currency),
        "count": lambda value: words.counted(value, language),
        "edits": may(asked.member, "report.edit"),
        "wants": any(cell.target is not None for cell in built.total),
        "rows_want": any(row.cells[0].target is not None for row in built.rows),
        "heads": _heads(built),
        "by_options": [(by, BY_WORDS[by]) for by in built.report.bys],
        "window_bars": _window_bars(built),
        "points": drawn(built, built.points),
        "line": line,
        "by_words": BY_WORDS,
        "chips": chips(asked),
        "unheard": unheard(built),
        "senseless": [BY_WORDS[word] for word in built.senseless],
        "charts": [(m.label, asked.address(chart=m.code), m.code == built.charted.code) for m in built.report.measures],
        "labels": [str(measure.label) for measure in built.report.measures],
        "pending": queries.pending(asked.member.team),
        "opens": opener(built),
        "extras": {extra: EXTRAS[extra](built) for extra in built.report.extras},
        "periods": [(days, asked.address(**{"from": "", "to": "", "window": f"{days}d"})) for days in (1, 7, 15, 30, 90, 365)],
    }


def narrowing_of(asked: Asked) -> dict[str, Any]:
    """What the view can be narrowed to."""
    team = asked.member.team_id
    return {
        "shops": names.shops(team),
        "reasons": names.reasons(team),
        "members": {} if asked.own else names.members(team),
        "platforms": Platform.choices,
        "channels": Ticket.Channel.choices,
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


def opener(built: Built) -> Callable[..., str]:
    """What gives the address of the rows behind a figure: of a measure's part, in all or in one row of the breakdown. The view's own
    part of the address is written once, not for each of some hundred figures."""
    base = reverse("report:rows", args=[built.report.name]) + built.asked.address() + ("&" if built.asked.values else "")

    @cache
    def quoted(key: Any) -> str:
        return quote_plus(str(key))

    def opens(measure: Measure, part: str = "top", key: Any = None) -> str:
        more = "" if part == "top" else f"&part={part}"
        return f"{base}measure={measure.code}{more}" + ("" if key is None else f"&key={quoted(key)}")

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


@door(POST="duty.work", gated=False)
def surprise(request: HttpRequest) -> HttpResponse:
    """One tap: something came up that I was not told."""
    actions.surprise(by=request.member, text=request.POST.get("text", ""))
    return see_other(request, request.POST.get("next_page") if (request.POST.get("next_page") or "").startswith("/duty/") else "/duty/")
