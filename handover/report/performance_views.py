"""/reports/performance/: the sheets of a month, one member's sheet, and what the figures weigh."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from handover.report import performance, performance_actions, performance_months, performance_words, queries, words
from handover.report.asking import Asked
from handover.report.narrowing import not_narrowed
from handover.report.performance import PARTS, SCORED, Sheet, sheets
from handover.report.performance_asking import TOTAL, ask, readable
from handover.report.performance_drawn import address_of, charts, line, opener, points, turned
from handover.report.performance_files import as_file, columns, made_of, months, overview, single
from handover.report.row_views import Opened, counted, listed
from handover.report.views import chips, narrowing_of
from tickets.people.access import may
from tickets.people.models import Member
from tickets.web.doors import door, member_of
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other, wants_fragment

MOST_ROWS = 10


@door(GET="report.read")
def index(request: HttpRequest) -> Any:
    """The team's month and everybody's totals; who reads only the own figures is sent to the own sheet."""
    reader = member_of(request)
    asked, today = ask(request.GET, reader), timezone.localdate()
    if not may(reader, "see.all_figures"):
        return see_other(request, address_of(asked, reader))
    if "narrow" in request.GET and wants_fragment(request):
        return page(request, "handover/report/performance.html", _narrow(asked, None), block="narrow")
    year = performance_months.year(asked, today)
    team, charted = year[-1], asked.values.get("chart", TOTAL)
    found = sheets(team.book)
    everybody = bool(request.GET.get("all") or request.GET.get("format"))
    shown = performance_months.beside_before(found if everybody else found[:MOST_ROWS], today)
    panels = {"": lambda: overview(shown, team, charted), "months": lambda: months(year, charted)}
    if file := as_file(panels, request.GET, f"performance-{asked.first:%Y-%m}"):
        return file
    first, others = columns(team, charted)
    context = _context(request, year, None) | {
        "sentences": words.paragraph([*performance_words.lede(team), *performance_words.ends_of(found)]),
        "rest": len(found) - len(shown),
        "sheets": [team, *shown] if found else [],
        "first": first,
        "made_of": made_of(first) if first else [],
        "others": [(line.part.name, str(line.part.measure.label)) for line in others],
    }
    return page(request, "handover/report/performance.html", context)


@door(GET="report.read", POST="report.answer")
def sheet(request: HttpRequest, pk: int) -> Any:
    """One member's month, with the formula and the answers; the member and the managers answer here."""
    reader = member_of(request)
    member, asked, today = readable(pk, reader), ask(request.GET, reader), timezone.localdate()
    if "narrow" in request.GET and wants_fragment(request):
        return page(request, "handover/report/performance_sheet.html", _narrow(asked, member), block="narrow")
    errors: dict[str, Any] = {}
    if request.method == "POST":
        try:
            performance_actions.answer(member, by=reader, month=asked.first, text=request.POST.get("text", ""))
            return see_other(request, address_of(asked, member))
        except Refused as refused:
            if refused.code != "invalid":
                raise
            errors = refused.problem().get("errors", {})
    year = performance_months.year(asked, today, only=member)
    found = year[-1]
    panels = {"": lambda: single(found), "months": lambda: months(year, asked.values.get("chart", TOTAL))}
    if file := as_file(panels, request.GET, f"performance-{member.pk}-{asked.first:%Y-%m}"):
        return file
    context = _context(request, year, member) | {
        "sentences": words.paragraph(performance_words.lede(found)),
        "sheet": found,
        "errors": errors,
        "formula": performance.formula(found),
        "summary": performance.SUMMARY,
        "points_rule": performance.POINTS,
        "answers": may(reader, "report.edit") or member.pk == reader.pk,
        "others": may(reader, "see.all_figures"),
    }
    return page(request, "handover/report/performance_sheet.html", context, status=422 if errors else 200)


@door(GET="report.read")
def rows(request: HttpRequest, pk: int | None = None) -> Any:
    """The forms behind a figure of a member's sheet or of the team's. Refuses `invalid` for a figure that is not one of forms,
    `forbidden` where only the own figures may be read."""
    reader = member_of(request)
    if pk is None and not may(reader, "see.all_figures"):
        raise Refused("forbidden")
    member = readable(pk, reader) if pk is not None else None
    asked = ask({name: request.GET[name] for name in request.GET if name != "measure"}, reader)
    measure = performance.FORMS.get(f"return-reasons.{request.GET.get('measure', '')}")
    if measure is None:
        raise Refused("invalid", errors={"measure": [_("This report has no such figure.")]})
    count = (measure.bottom or measure.top) if request.GET.get("part") == "bottom" else measure.top
    narrowed = {"member": [pk]} if pk is not None else {}
    here = asked.address(measure=measure.code, part="bottom" if count is measure.bottom else "")
    opened = Opened(
        member.display_name if member else _("The team"), f"performance-{pk or 'team'}-{measure.code}-{asked.first:%Y-%m}", asked, measure,
        count, narrowed, lambda: counted(asked, count, narrowed, ""), here, address_of(asked, member),
    )  # fmt: skip
    return listed(request, opened)


@door(GET="report.edit", POST="report.edit")
def weights(request: HttpRequest) -> HttpResponse:
    """How much each figure counts, from a month on."""
    by = member_of(request)
    asked = ask({"month": request.GET.get("month", "")}, by)
    month = asked.first
    typed: dict[str, str] = {}
    errors: dict[str, Any] = {}
    if request.method == "POST":
        typed = {part: request.POST[part].strip() for part in SCORED if part in request.POST}
        try:
            performance_actions.set_weights(_numbers(typed), by=by, month=month)
            return see_other(request, address_of(asked, None))
        except Refused as refused:
            if refused.code != "invalid":
                raise
            errors = refused.problem().get("errors", {})
    now = performance.weights_of(by.team_id, month)
    found = [(p, typed.get(p.name, str(now[p.name]))) for p in PARTS if p.name in SCORED]
    context = {"month": month, "address": asked.address(), "rows": found, "errors": errors}
    return page(request, "handover/report/performance_weights.html", context, status=422 if errors else 200)


def _numbers(typed: dict[str, str]) -> dict[str, int]:
    numbers = {part: whole_number(text, digits=4) for part, text in typed.items()}
    if wrong := {part: [performance_actions.OUT_OF_RANGE] for part, number in numbers.items() if number is None}:
        raise Refused("invalid", errors=wrong)
    return {part: number for part, number in numbers.items() if number is not None}


def _context(request: HttpRequest, year: list[Sheet], member: Member | None) -> dict[str, Any]:
    """What the team's page and a member's have in common: the drawing with its points, the months around, the filters, what is said."""
    found, today = year[-1], timezone.localdate()
    asked, reader = found.book.asked, found.book.asked.member
    charted = asked.values.get("chart", TOTAL)
    after = found.book.asked.last + performance.DAY
    send = {"report": "performance", "query": asked.address(month="", all="", member=member.pk if member else "")[1:]}
    return _narrow(asked, member, unfolded="narrow" in request.GET) | {
        "month": asked.first,
        "address": asked.address(),
        "before": asked.address(month=f"{asked.first - performance.DAY:%Y-%m}"),
        "after": asked.address(month=f"{after:%Y-%m}") if after <= today else "",
        "compared": performance_words.compared(performance_months.compared_with(asked, today)),
        "edits": may(reader, "report.edit"),
        "send": send,
        "pending": queries.pending(reader.team),
        "chips": chips(asked),
        "unheard": not_narrowed(asked, [part.measure for part in found.book.parts]),
        "charts": charts(found),
        "charted": None if charted == TOTAL else found.line(charted),
        "points": points(year),
        "shown": lambda cell, value=None: words.shown(cell.measure, cell.value if value is None else value, asked.currency),
        "change": lambda cell: words.change(cell, asked.currency),
        "count": words.counted,
        "opens": opener(asked),
        "line": line,
        "turned": turned,
        "address_of": address_of,
    }


def _narrow(asked: Asked, member: Member | None, *, unfolded: bool = True) -> dict[str, Any]:
    return {"asked": asked, "action": address_of(asked, member).split("?")[0], "narrowing": narrowing_of(asked) if unfolded else None}
