"""The pages of orders: the list, one order, logging by hand."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode

from tickets.activity.telling import tell_all
from tickets.order import actions, listing, queries
from tickets.order.forms import FilterForm, LogForm
from tickets.order.models import Order
from tickets.people.access import may
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import csv_answer, xlsx_answer

_LISTED = ("q", "shop", "status", "since", "until", "customer")


@door(GET="order.read")
def index(request: HttpRequest) -> HttpResponse:
    """The team's orders, newest first, fifty at a time."""
    member = member_of(request)
    form = FilterForm(member, request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = listing.filtered(member, asked)
    found, more = queries.page_of(rows, before=listing.place(request.GET.get("before", "")), size=listing.SIZE)
    kept = {name: request.GET[name] for name in _LISTED if request.GET.get(name)}
    context = {
        "form": form,
        "orders": found,
        "older": "?" + urlencode(kept | {"before": listing.cursor_of(found[-1])}) if more else None,
        "newest": "?" + urlencode(kept) if request.GET.get("before") else None,
        "chips": _chips(form, kept),
        "kept": urlencode(kept),
        "money": may(member, "see.money"),
        "may_log": may(member, "order.log"),
        "may_import": may(member, "order.import"),
        "may_export": may(member, "order.export"),
    }
    return page(request, "tickets/order/list.html", context, block="orders", status=200 if form.is_valid() else 422)


def _chips(form: FilterForm, kept: dict[str, str]) -> list[tuple[str, str, str]]:
    found = []
    for name, value in kept.items():
        shown = dict(form.fields[name].choices).get(value, value) if name == "status" else value
        if name == "shop" and form.is_valid() and form.cleaned_data.get("shop"):
            shown = form.cleaned_data["shop"].name
        without = "?" + urlencode({key: other for key, other in kept.items() if key != name})
        found.append((str(form.fields[name].label or name), str(shown), without))
    return found


@door(GET="order.export")
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Exactly the rows of the list, as csv or xlsx."""
    member = member_of(request)
    form = FilterForm(member, request.GET)
    if not form.is_valid() or kind not in ("csv", "xlsx"):
        raise Refused("not_found")
    money = may(member, "see.money")
    answer = csv_answer if kind == "csv" else xlsx_answer
    found: HttpResponseBase = answer(
        listing.heading(money=money), listing.sheet(listing.filtered(member, form.cleaned_data), money=money), name="orders"
    )
    return found


@door(GET="order.read")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One order: what was bought, where it goes, who sold it, which matters it has, what happened."""
    member = member_of(request)
    order = get_object_or_404(queries.told(member).select_related("logged_by").prefetch_related("lines"), pk=pk)
    matters = order.tickets.select_related("holder", "holder__presence").order_by("-id")[:20]
    context: dict[str, Any] = {
        "order": order,
        "lines": order.lines.all(),
        "matters": matters,
        "story": tell_all(queries.story(order), member),
        "money": may(member, "see.money"),
        "may_unmask": may(member, "customer.unmask"),
        "sees_phone": may(member, "see.phone"),
        "may_file": may(member, "return.file"),
    }
    return page(request, "tickets/order/show.html", context, block="order")


@door(GET="customer.unmask", POST="customer.unmask")
def unmask(request: HttpRequest, pk: int) -> HttpResponse:
    """The recipient's full number; the ledger says who asked for it."""
    order = get_object_or_404(Order.objects.visible_to(member_of(request)), pk=pk)
    if request.method == "GET":
        return see_other(request, reverse("order:show", args=[pk]))
    value = actions.unmask_phone(order, by=member_of(request))
    return page(request, "tickets/order/number.html", {"value": value, "order": order}, block="number")


@door(GET="order.log", POST="order.log")
def log(request: HttpRequest) -> HttpResponse:
    """Log an order by hand; what is there already is shown instead of logged twice."""
    member = member_of(request)
    there: int | None = None
    form = LogForm(member, request.POST or None, initial={"number": request.GET.get("number", ""), "handle": request.GET.get("handle", "")})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            order = actions.log_order(
                by=member,
                shop=told["shop"],
                number=told["number"],
                handle=told["handle"],
                lines=told["items"],
                total=told["total"],
                request=told["request"],
                sold_by=told["sold_by"],
            )
            return see_other(request, reverse("order:show", args=[order.pk]))
        except Refused as refused:
            if refused.code not in ("duplicate", "invalid"):
                raise
            there = refused.extra.get("order")
            _explain(form, refused)
    return page(request, "tickets/order/log.html", {"form": form, "there": there}, block="log", status=422 if form.is_bound else 200)


def _explain(form: LogForm, refused: Refused) -> None:
    for name, texts in (refused.errors or {"number": [refused.detail]}).items():
        field = name.split(".")[0] if name.split(".")[0] in form.fields else None
        for text in texts:
            form.add_error(field, str(text))
