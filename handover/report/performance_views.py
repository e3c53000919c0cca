"""/reports/performance/: the sheets of a month, one member's sheet, and what the figures weigh."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from handover.report import performance, performance_actions, words
from handover.report.asking import Asked
from handover.report.days import next_month
from handover.report.performance import PARTS, SCORED, Line, Sheet, sheets
from handover.report.row_views import Opened, counted, listed
from tickets.people.access import may
from tickets.people.models import Member
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import csv_answer, xlsx_answer

DAY = performance.DAY
MOST_ROWS = 10


def month_of(text: str) -> date:
    """`2026-11` as its first day; without one, the current month of the team's time zone. Refuses `invalid`."""
    today = timezone.localdate()
    if not text:
        return today.replace(day=1)
    try:
        found = parse_date(f"{text}-01")
    except ValueError:
        found = None
    if found is None or not 1990 <= found.year <= 2199:
        raise Refused("invalid", errors={"month": [_("Give a month such as 2026-11.")]})
    return found


def readable(pk: int, reader: Member) -> Member:
    """The member whose sheet is asked for. Another team's: 404; somebody else's, for who reads only the own figures: `forbidden`."""
    member = Member.objects.filter(team=reader.team_id, pk=pk).select_related("team", "user").first()
    if member is None:
        raise Http404
    if member.pk != reader.pk and not may(reader, "see.all_figures"):
        raise Refused("forbidden")
    return member


@door(GET="report.read")
def index(request: HttpRequest) -> Any:
    """Everybody's totals of a month; who reads only the own figures is sent to the own sheet."""
    reader = member_of(request)
    month = month_of(request.GET.get("month", ""))
    if not may(reader, "see.all_figures"):
        return see_other(request, _url("performance_sheet", month, reader.pk))
    found = sheets(reader, month)
    if kind := request.GET.get("format", ""):
        return as_file(overview(found), kind, f"performance-{month:%Y-%m}")
    shown = found if request.GET.get("all") else found[:MOST_ROWS]
    context = _context(month, "performance") | {
        "rest": len(found) - len(shown),
        "sheets": shown,
        "labels": [str(line.part.measure.label) for line in shown[0].lines if line.target is not None] if shown else [],
        "cell": lambda line: _shown(line, reader),
        "edits": may(reader, "report.edit"),
    }
    return page(request, "handover/report/performance.html", context)


@door(GET="report.read", POST="report.answer")
def sheet(request: HttpRequest, pk: int) -> Any:
    """One member's month, with the formula and the answers; the member and the managers answer here."""
    reader = member_of(request)
    member, month = readable(pk, reader), month_of(request.GET.get("month", ""))
    errors: dict[str, Any] = {}
    if request.method == "POST":
        try:
            performance_actions.answer(member, by=reader, month=month, text=request.POST.get("text", ""))
            return see_other(request, _url("performance_sheet", month, pk))
        except Refused as refused:
            if refused.code != "invalid":
                raise
            errors = refused.problem().get("errors", {})
    (found,) = sheets(reader, month, only=member)
    if kind := request.GET.get("format", ""):
        return as_file(single(found), kind, f"performance-{member.pk}-{month:%Y-%m}")
    context = _context(month, "performance_sheet", pk) | {
        "sheet": found,
        "errors": errors,
        "shown": lambda line: _shown(line, reader),
        "wanted": lambda line: words.shown(line.part.measure, line.target, reader.team.currency),
        "opens": lambda line: _rows(line, found),
        "formula": performance.formula(found),
        "summary": performance.SUMMARY,
        "points": performance.POINTS,
        "answers": may(reader, "report.edit") or member.pk == reader.pk,
        "others": may(reader, "see.all_figures"),
    }
    return page(request, "handover/report/performance_sheet.html", context, status=422 if errors else 200)


@door(GET="report.read")
def rows(request: HttpRequest, pk: int) -> Any:
    """The forms behind a figure of a sheet. Refuses `invalid` for a figure that is not one of forms."""
    reader = member_of(request)
    member, month = readable(pk, reader), month_of(request.GET.get("month", ""))
    measure = performance.FORMS.get(f"return-reasons.{request.GET.get('measure', '')}")
    if measure is None:
        raise Refused("invalid", errors={"measure": [_("This report has no such figure.")]})
    count = (measure.bottom or measure.top) if request.GET.get("part") == "bottom" else measure.top
    asked = Asked(reader, month, next_month(month) - DAY, "member", {"member": [pk]})
    here = f"?month={month:%Y-%m}&measure={measure.code}" + ("&part=bottom" if count is measure.bottom else "")
    opened = Opened(
        member.display_name, f"performance-{pk}-{measure.code}-{month:%Y-%m}", asked, measure, count, {},
        lambda: counted(asked, count, {}, ""), here, _url("performance_sheet", month, pk),
    )  # fmt: skip
    return listed(request, opened)


@door(GET="report.edit", POST="report.edit")
def weights(request: HttpRequest) -> HttpResponse:
    """How much each figure counts, from a month on."""
    by = member_of(request)
    month = month_of(request.GET.get("month", ""))
    typed: dict[str, str] = {}
    errors: dict[str, Any] = {}
    if request.method == "POST":
        typed = {part: request.POST[part].strip() for part in SCORED if part in request.POST}
        try:
            performance_actions.set_weights(_numbers(typed), by=by, month=month)
            return see_other(request, _url("performance", month))
        except Refused as refused:
            if refused.code != "invalid":
                raise
            errors = refused.problem().get("errors", {})
    now = performance.weights_of(by.team_id, month)
    rows = [(p, typed.get(p.name, str(now[p.name]))) for p in PARTS if p.name in SCORED]
    return page(
        request,
        "handover/report/performance_weights.html",
        _context(month, "performance_weights") | {"rows": rows, "errors": errors},
        status=422 if errors else 200,
    )


def _numbers(typed: dict[str, str]) -> dict[str, int]:
    wrong = {part: [performance_actions.OUT_OF_RANGE] for part, text in typed.items() if not (text.isascii() and text.isdigit())}
    if wrong:
        raise Refused("invalid", errors=wrong)
    return {part: int(text[:4]) for part, text in typed.items()}


def _url(name: str, month: date, *args: int) -> str:
    return reverse(f"report:{name}", args=args) + f"?month={month:%Y-%m}"


def _context(month: date, name: str, *args: int) -> dict[str, Any]:
    after = next_month(month)
    return {
        "month": month,
        "address": f"?month={month:%Y-%m}",
        "before": _url(name, (month - DAY).replace(day=1), *args),
        "after": _url(name, after, *args) if after <= timezone.localdate() else "",
    }


def _shown(line: Line, reader: Member) -> str:
    return words.shown(line.part.measure, line.value, reader.team.currency)


def _rows(line: Line, found: Sheet) -> str:
    """The rows behind a figure: of forms the sheet's own list, of the others the report's."""
    if line.part.name in performance.FORMS:
        return _url("performance_rows", found.month, found.member.pk) + f"&measure={line.part.measure.code}"
    address = f"?from={found.month}&to={found.last}&member={found.member.pk}&measure={line.part.measure.code}"
    return reverse("report:rows", args=[line.part.report]) + address


Table = tuple[list[str], list[list[Any]]]


def overview(found: list[Sheet]) -> Table:
    """One row a member: the total and every figure."""
    parts = [line.part for line in found[0].lines] if found else []
    head = [_("Member"), _("Total"), *(f"{p.title}: {p.measure.label}" for p in parts)]
    return head, [[s.member.display_name, _plain(s.total), *(_plain(line.value) for line in s.lines)] for s in found]


def single(found: Sheet) -> Table:
    """One row a figure, the total last with its formula."""
    head = [_("Report"), _("Figure"), _("Value"), _("counted"), _("of"), _("Target"), _("Weight"), _("Points")]
    rows: list[list[Any]] = [
        [
            str(line.part.title), str(line.part.measure.label), _plain(line.value), _plain(line.top), _plain(line.bottom),
            _plain(line.target), line.weight if line.target is not None else "", _plain(line.points),
        ]
        for line in found.lines
    ]  # fmt: skip
    rows.append([_("Total"), performance.formula(found), _plain(found.total), "", "", "", "", ""])
    return head, rows


def _plain(value: Decimal | None) -> Any:
    return "" if value is None else Decimal(format(round(value, 6).normalize(), "f"))


def as_file(table: Table, kind: str, name: str) -> HttpResponseBase:
    """csv or xlsx. Refuses `invalid` for another kind."""
    makes = {"csv": csv_answer, "xlsx": xlsx_answer}.get(kind)
    if makes is None:
        raise Refused("invalid", errors={"format": [_("csv or xlsx")]})
    return makes(*table, name=name)
