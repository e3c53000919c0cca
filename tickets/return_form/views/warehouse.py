"""The warehouse's desk: one field to scan into, what waits, counting on a phone, parcels that nobody claimed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.return_form import actions, queries, rules
from tickets.return_form.actions import Counted
from tickets.return_form.models import Disposition, Outcome, Parcel, ReturnForm, State
from tickets.return_form.views import common
from tickets.return_form.views.show import same_hand
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file, cell

EXCESS_ROWS = 3
PARCELS: tuple[Column, ...] = (
    (gettext_lazy("Parcel"), cell("tracking")),
    (gettext_lazy("Courier"), cell("courier")),
    (gettext_lazy("Sender"), cell("sender")),
    (gettext_lazy("What is in it"), cell("contents")),
    (gettext_lazy("Arrived"), cell("arrived_at")),
    (gettext_lazy("Who"), cell("recorded_by.display_name")),
)


@door(GET="return.count")
def desk(request: HttpRequest) -> HttpResponse:
    """Scan or search (`?q=`): one form found is there to be counted at once, without a detour; else what was found, and the lists."""
    member = member_of(request)
    text = request.GET.get("q", "")
    found = queries.scan(member, text) if text else None
    if found and len(found.ids) == 1:
        form = common.one(request, found.ids[0])
        if form.state == State.SUBMITTED:
            return _to_count(request, form, found.text)
        return see_other(request, reverse("return_form:show", args=[form.pk]))
    lists = queries.warehouse_desk(member)
    context = {"q": text, "found": found, "desk": lists, "counts": lists.counts}
    return page(request, "tickets/return_form/desk.html", context | common.shared(request))


@door(GET="return.count", POST="return.count")
def count(request: HttpRequest, pk: int) -> HttpResponse:
    """Count line by line; “count done, sign” is one deed: the count and the signature are written together or not at all."""
    form = common.one(request, pk)
    if request.method == "POST":
        try:
            _count_and_sign(request, form)
        except Refused as refused:
            if refused.code in ("forbidden", "not_found"):
                raise
            return _counting(request, form, refused)
        messages.success(request, _("Counted and signed: %(number)s") % {"number": form.number})
        return see_other(request, reverse("return_form:desk"))
    if form.state not in (State.SUBMITTED, State.INSPECTED) or (form.state == State.INSPECTED and "recount" not in request.GET):
        return see_other(request, reverse("return_form:show", args=[form.pk]))
    return _to_count(request, form, actions.as_scanned(request.GET.get("scan", "")))


def _to_count(request: HttpRequest, form: ReturnForm, scanned: str) -> HttpResponse:
    """The form, ready to be counted; a parcel that was scanned and had not come yet can be noted as here."""
    coming = [x for x in form.parcels.all() if x.arrived_at is None and x.tracking == scanned]
    why_not = same_hand(form, member_of(request), list(form.signatures.all()))
    return _counting(request, form, None, arriving=coming, why_not=why_not)


def _count_and_sign(request: HttpRequest, form: ReturnForm) -> None:
    outcome = request.POST.get("outcome", Outcome.COUNTED)
    common.prove(request)
    actions.inspect(
        form,
        by=member_of(request),
        outcome=outcome if outcome in Outcome.values else Outcome.COUNTED,
        counts=_counts(request, form) if outcome == Outcome.COUNTED else (),
        excess=_excess(request),
        note=request.POST.get("note", ""),
        files=request.FILES.getlist("files"),
        recount=form.state == State.INSPECTED,
        signed=True,
        version=common.number(request, "version") or 0,
    )


def _counts(request: HttpRequest, form: ReturnForm) -> list[Counted]:
    found = []
    for line in form.lines.all():
        if line.resolution in rules.GOODS:
            numbers = {name: common.number(request, f"{name}-{line.place}") or 0 for name in rules.COUNTS}
            disposition, note = (request.POST.get(f"{name}-{line.place}", "") for name in ("disposition", "note"))
            files = request.FILES.getlist(f"files-{line.place}")
            found.append(Counted(line.place, **numbers, disposition=disposition, note=note[:300], files=files))
    return found


def _excess(request: HttpRequest) -> list[dict[str, Any]]:
    rows = [(request.POST.get(f"excess-{n}", "").strip(), common.number(request, f"excess_quantity-{n}")) for n in range(EXCESS_ROWS)]
    return [{"title": title, "quantity": quantity or 1} for title, quantity in rows if title]


def _counting(
    request: HttpRequest, form: ReturnForm, refused: Refused | None, arriving: list[Parcel] | None = None, why_not: str | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "lines": [x for x in form.lines.all() if x.resolution in rules.GOODS],
        "arriving": arriving or [],
        "dispositions": Disposition.choices,
        "excess_rows": range(EXCESS_ROWS),
        "why_not": why_not,
    }
    return common.answer(request, "count", context, refused)


@door(GET="return.read", POST="parcel.record")
def parcels(request: HttpRequest) -> HttpResponse:
    """Parcels that came without a form: recorded by the warehouse, matched by whoever knows."""
    member = member_of(request)
    refused: Refused | None = None
    if request.method == "POST":
        said = {name: request.POST.get(name, "")[:2000] for name in ("tracking", "courier", "sender", "contents")}
        try:
            parcel = actions.record_unclaimed(by=member, files=request.FILES.getlist("files"), **said)
            messages.success(request, _("Recorded: %(number)s") % {"number": parcel.tracking})
            return see_other(request, reverse("return_form:parcels"))
        except Refused as problem:
            refused = problem
    return _parcels(request, refused)


def _parcels(request: HttpRequest, refused: Refused | None) -> HttpResponse:
    member = member_of(request)
    unclaimed = Parcel.objects.visible_to(member).unclaimed().select_related("recorded_by").order_by("arrived_at")
    if request.method == "GET" and (file := as_file(request, "parcels", PARCELS, unclaimed)):
        return file
    parcels = list(unclaimed.prefetch_related("evidence")[:100])
    may_match = common.may(member, "parcel.match")
    context = {
        "parcels": parcels,
        "candidates": queries.candidates(member, parcels) if may_match else {},
        "tracking": request.GET.get("tracking", ""),
        "may_match": may_match,
    }
    return common.answer(request, "parcels", context, refused)


@door(POST="parcel.match")
def match(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which form (its number, a tracking or an order number) a parcel is for."""
    member = member_of(request)
    parcel = Parcel.objects.visible_to(member).filter(pk=pk).first()
    if parcel is None:
        raise Http404
    found = queries.scan(member, request.POST.get("form", ""))
    try:
        if len(found.ids) != 1:
            raise Refused("invalid", errors={"form": [_("No one form is meant by that. Give its number, such as R12.")]})
        form = actions.match_parcel(parcel, ReturnForm(pk=found.ids[0]), by=member).form
    except Refused as refused:
        return _parcels(request, refused)
    return see_other(request, reverse("return_form:show", args=[form.pk if form else found.ids[0]]))
