"""The pages of moving in: bring a file, see what it would do, bring it in, fetch what was not taken."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tickets.movein import actions, queries
from tickets.movein.forms import MoveForm
from tickets.movein.models import Move
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file, cell, csv_answer

_FIRST, _NEWEST = 50, 30
COLUMNS: tuple[Column, ...] = (
    (_("File"), cell("name")),
    (_("From"), cell("get_system_display")),
    (_("State"), cell("get_state_display")),
    (_("dry run"), lambda row: _("yes") if row.dry_run else ""),
    (_("Customers"), cell("customers")),
    (_("Matters"), cell("tickets")),
    (_("Not taken"), cell("problems")),
    (_("When"), cell("created_at")),
    (_("Who"), cell("by.display_name")),
)


@door(GET="team.move_in", POST="team.move_in")
def index(request: HttpRequest) -> HttpResponse:
    """The files brought so far, and the form for another; it is tried first, dry."""
    member = member_of(request)
    if request.method == "GET" and (file := as_file(request, "moves", COLUMNS, queries.moves_of(member))):
        return file
    form = MoveForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            move = actions.upload(by=member, system=form.cleaned_data["system"], file=form.cleaned_data["file"])
            return see_other(request, reverse("movein:show", args=[move.pk]))
        except Refused as refused:
            for name, texts in (refused.errors or {"file": [refused.detail]}).items():
                form.add_error(name if name in form.fields else None, [str(text) for text in texts])
    context = {"form": form, "moves": queries.moves_of(member)[:_NEWEST]}
    return page(request, "tickets/movein/index.html", context, block="moves", status=422 if form.is_bound else 200)


@door(GET="team.move_in")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: on its way, or done with its findings."""
    move = _move(request, pk)
    context = {"move": move, "findings": list(move.problem_rows.all()[:_FIRST]), "reason": queries.reason}
    return page(request, "tickets/movein/show.html", context, block="move")


@door(POST="team.move_in")
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """What the dry run has shown, for real."""
    actions.bring_for_real(_move(request, pk), by=member_of(request))
    return see_other(request, reverse("movein:show", args=[pk]))


@door(GET="team.move_in")
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Every document that was not taken, as csv."""
    move = _move(request, pk)
    rows = queries.report_rows(move)
    return csv_answer(next(rows), rows, name=f"move-{move.pk}-documents")  # type: ignore[return-value]


def _move(request: HttpRequest, pk: int) -> Move:
    return get_object_or_404(Move.objects.visible_to(member_of(request)).select_related("by"), pk=pk)
