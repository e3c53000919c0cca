"""The pages of imports: bring a file, confirm what it is, watch it come in, fetch what did not."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from tickets.order import queries
from tickets.order.forms import UploadForm
from tickets.order.imports.uploads import sample, start, upload
from tickets.order.models import Import
from tickets.order.sources import source_by_code
from tickets.people.models import Member
from tickets.web.doors import door
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import csv_answer

_FIRST = 50


@door(GET="order.import", POST="order.import")
def index(request: HttpRequest) -> HttpResponse:
    """The team's imports, and the form for a new one."""
    member = _member(request)
    form = UploadForm(member, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            run = upload(by=member, shop=form.cleaned_data["shop"], file=form.cleaned_data["file"], start_now=False)
            return see_other(request, reverse("order:import", args=[run.pk]))
        except Refused as refused:
            if refused.code not in ("invalid", "too_large"):
                raise
            for name, texts in (refused.errors or {"file": [refused.detail]}).items():
                for text in texts:
                    form.add_error(name if name in form.fields else None, str(text))
    context = {"form": form, "imports": queries.imports_of(member)}
    return page(request, "tickets/order/imports.html", context, block="imports", status=422 if form.is_bound else 200)


@door(GET="order.import")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: to be confirmed, on its way, or done with its findings."""
    run = _run(request, pk)
    context = {
        "run": run,
        "source": source_by_code(run.kind),
        "sample": sample(run) if run.state == Import.State.UPLOADED else [],
        "findings": list(run.problem_rows.all()[:_FIRST]),
        "reason": queries.reason,
    }
    return page(request, "tickets/order/import.html", context, block="run")


@door(POST="order.import")
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Start it: `dry_run=1` only says what would happen."""
    start(_run(request, pk), by=_member(request), dry_run=request.POST.get("dry_run") == "1")
    return see_other(request, reverse("order:import", args=[pk]))


@door(GET="order.import")
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Every row that needs attention, as csv: line, column, reason, the row."""
    run = _run(request, pk)
    rows = queries.report_rows(run)
    return csv_answer(next(rows), rows, name=f"import-{run.pk}-rows")  # type: ignore[return-value]


def _run(request: HttpRequest, pk: int) -> Import:
    return get_object_or_404(Import.objects.visible_to(_member(request)).select_related("shop", "shop__team", "by"), pk=pk)


def _member(request: HttpRequest) -> Member:
    return request.member  # type: ignore[attr-defined,no-any-return]
