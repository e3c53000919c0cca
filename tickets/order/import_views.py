"""The pages of imports: bring a file, confirm what it is, watch it come in, fetch what did not."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tickets.order import queries
from tickets.order.forms import UploadForm
from tickets.order.imports import mapping
from tickets.order.imports.uploads import sample, start, upload
from tickets.order.models import Import
from tickets.order.sources.lists import LISTS
from tickets.order.sources.mapped import FIELDS
from tickets.people.access import may
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file, cell, csv_answer

_FIRST, _NEWEST = 50, 30
COLUMNS: tuple[Column, ...] = (
    (_("File"), cell("name")),
    (_("Shop"), cell("shop.name")),
    (_("Kind"), cell("kind")),
    (_("State"), cell("get_state_display")),
    (_("dry run"), lambda row: _("yes") if row.dry_run else ""),
    (_("Rows"), cell("rows")),
    (_("Orders"), cell("orders")),
    (_("New"), cell("created")),
    (_("Updated"), cell("updated")),
    (_("Not taken"), cell("problems")),
    (_("When"), cell("created_at")),
    (_("Who"), cell("by.display_name")),
)


@door(GET="order.import", POST="order.import")
def index(request: HttpRequest) -> HttpResponse:
    """The team's imports, and the form for a new one."""
    member = member_of(request)
    if request.method == "GET" and (file := as_file(request, "imports", COLUMNS, queries.imports_of(member))):
        return file
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
    context = {"form": form, "imports": queries.imports_of(member)[:_NEWEST]}
    return page(request, "tickets/order/imports.html", context, block="imports", status=422 if form.is_bound else 200)


@door(GET="order.import")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: to be confirmed, on its way, or done with its findings."""
    run = _run(request, pk)
    waits = run.state == Import.State.UPLOADED
    context = {
        "run": run,
        "source": LISTS[run.kind] if run.kind in LISTS else mapping.source_of(run) if run.kind else None,
        "is_list": run.kind in LISTS,
        "sample": sample(run) if waits else [],
        "may_map": waits and (run.layout_id is not None or not run.kind) and may(member_of(request), "order.map"),
        "findings": list(run.problem_rows.all()[:_FIRST]),
        "reason": queries.reason,
    }
    return page(request, "tickets/order/import.html", context, block="run")


@door(GET="order.map", POST="order.map")
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which column of an unknown layout is what; it is remembered for the shop's next file like it."""
    run = _run(request, pk)
    found = mapping.columns_of(run)
    posted = request.POST if request.method == "POST" else None
    errors: list[str] = []
    chosen = {column.name: posted.get(f"column-{place}", "") if posted else column.guess for place, column in enumerate(found)}
    if posted is not None:
        try:
            mapping.choose(run, mapping.read_choice(chosen), by=member_of(request))
            return see_other(request, reverse("order:import", args=[pk]))
        except Refused as refused:
            if refused.code != "invalid":
                raise
            errors = [str(text) for texts in (refused.errors or {}).values() for text in texts]
    context = {"run": run, "columns": found, "chosen": chosen, "fields": list(FIELDS.items()), "errors": errors}
    return page(request, "tickets/order/columns.html", context, block="columns", status=422 if errors else 200)


@door(POST="order.import")
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Start it: `dry_run=1` only says what would happen, and so does whatever else may mean yes: nothing is written by a slip."""
    start(_run(request, pk), by=member_of(request), dry_run=request.POST.get("dry_run", "") not in ("", "0", "false"))
    return see_other(request, reverse("order:import", args=[pk]))


@door(GET="order.import")
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Every row that needs attention, as csv: line, column, reason, the row."""
    run = _run(request, pk)
    rows = queries.report_rows(run)
    return csv_answer(next(rows), rows, name=f"import-{run.pk}-rows")  # type: ignore[return-value]


def _run(request: HttpRequest, pk: int) -> Import:
    return get_object_or_404(Import.objects.visible_to(member_of(request)).select_related("shop", "shop__team", "by", "layout"), pk=pk)
