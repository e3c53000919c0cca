"""The box on every page, and the page of a customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from tickets.activity.telling import tell_all
from tickets.customer import actions
from tickets.customer import queries as customers
from tickets.customer.models import Customer, Handle, HandleKind
from tickets.lookup.forms import EditForm, HandleForm, MergeForm
from tickets.lookup.person import DETAILED, bought, matters, person
from tickets.lookup.queries import Row, lookup
from tickets.order.models import OrderStatus
from tickets.people.access import may
from tickets.people.models import Member
from tickets.return_form.queries import beside_customer
from tickets.ticket.models import Status
from tickets.web.doors import door, member_of
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other

PAGE = "tickets/customer/show.html"
NOBODY = _("No customer has this number or handle.")
KINDS, STATUSES, STATES = dict(HandleKind.choices), dict(OrderStatus.choices), dict(Status.choices)
SEVERAL = _("Several customers have it. Give the number of one.")


@door(GET="customer.read")
def lookup_page(request: HttpRequest) -> HttpResponse:
    """What `?q=` leads to: the whole page, or the list under the box while somebody types."""
    member = member_of(request)
    found = lookup(member, request.GET.get("q", ""))
    context = {"found": found, "money": may(member, "see.money"), "kinds": KINDS, "statuses": STATUSES, "states": STATES}
    return page(request, "tickets/lookup/show.html", context, block="results")


@door(GET="customer.read")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one customer, open matters first. A merged one leads to whom it became."""
    member = member_of(request)
    found = person(member, pk)
    if found is None:
        raise Http404
    if found["merged_into"]:
        return see_other(request, reverse("customer:show", args=[customers.living(_customer(member, pk)).pk]))
    return _page(request, found)


def _page(request: HttpRequest, customer: Row, *, form: forms.Form | None = None, status: int = 200) -> HttpResponse:
    """The page; with its forms where `?manage` or a form that was refused asks for them."""
    member = member_of(request)
    before = _instant(request.GET.get("before"))
    theirs = bought(member, customer["id"])
    events = customers.story(customer["selves"], theirs, before=before)
    context: dict[str, Any] = {
        "customer": customer,
        "matters": matters(member, customer["id"]),
        "orders": theirs[:DETAILED],
        "more_orders": len(theirs) > DETAILED,
        "events": events,
        "told": {line.id: line for line in tell_all([event.activity for event in events if event.activity is not None], member)},
        "older": events[-1].at.isoformat() if len(events) == customers.STORY else None,
        "kinds": KINDS,
        "statuses": STATUSES,
        "returns": beside_customer(customer["id"], member),
        "filing": f"customer={customer['id']}",
        "money": may(member, "see.money"),
        "may_edit": may(member, "customer.edit"),
        "may_merge": may(member, "customer.merge"),
        "may_unmask": may(member, "customer.unmask"),
    }
    if form is not None or "manage" in request.GET:
        context |= {"manage": True, "handle_form": HandleForm(), "merge_form": MergeForm()}
        context["edit_form"] = EditForm(initial={"name": customer["name"], "note": customer["note"]})
    if form is not None:
        names = {EditForm: "edit_form", HandleForm: "handle_form", MergeForm: "merge_form"}
        context[names[type(form)]], context["wrong"] = form, names[type(form)]
    return page(request, PAGE, context, block="customer", status=status)


def _refused(request: HttpRequest, pk: int, form: forms.Form) -> HttpResponse:
    """The page once more, with what was typed and why it was not taken."""
    found = person(member_of(request), pk)
    if found is None:
        raise Http404
    return _page(request, found, form=form, status=422)


@door(POST="customer.edit")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    customer = _customer(member_of(request), pk)
    form = EditForm(request.POST)
    if not form.is_valid():
        return _refused(request, pk, form)
    actions.edit(customer, by=member_of(request), name=form.cleaned_data["name"], note=form.cleaned_data["note"])
    return _back(request, pk)


@door(POST="customer.edit")
def add_handle(request: HttpRequest, pk: int) -> HttpResponse:
    customer = _customer(member_of(request), pk)
    form = HandleForm(request.POST)
    if form.is_valid():
        try:
            actions.add_handle(customer, by=member_of(request), **form.cleaned_data)
            return _back(request, pk)
        except Refused as refused:
            if refused.code not in ("invalid", "duplicate"):
                raise
            for text in [text for texts in (refused.errors or {}).values() for text in texts] or [refused.detail]:
                form.add_error("value", str(text))
    return _refused(request, pk, form)


@door(POST="customer.unmask")
def unmask(request: HttpRequest, pk: int, handle: int) -> HttpResponse:
    """One full number; the ledger says who asked for it."""
    member = member_of(request)
    found = get_object_or_404(Handle.objects.visible_to(member).select_related("customer", "team"), pk=handle, customer=pk)
    value = actions.unmask(found, by=member)
    return page(request, "tickets/customer/number.html", {"value": value, "customer": found.customer}, block="number")


@door(POST="customer.merge")
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Another customer becomes a part of this one, whose own values win."""
    member = member_of(request)
    customer = _customer(member, pk)
    form = MergeForm(request.POST)
    if form.is_valid():
        try:
            actions.merge(_other(member, form.cleaned_data["other"]), customer, by=member)
            return _back(request, pk)
        except Refused as refused:
            form.add_error("other", str(refused.detail or refused))
    return _refused(request, pk, form)


def _other(member: Member, text: str) -> Customer:
    """The customer meant by a number (`#12`) or a handle. Refuses `not_found`, `invalid` where several have it."""
    found = customers.exact(member, text)
    number = whole_number(text.strip().removeprefix("#"))
    if not found and number is not None:
        found = list(Customer.objects.visible_to(member).filter(pk=number))
    if not found:
        raise Refused("not_found", NOBODY)
    if len(found) > 1:
        raise Refused("invalid", SEVERAL)
    return found[0]


def _customer(member: Member, pk: int) -> Customer:
    return get_object_or_404(customers.told(member).select_related("merged_into"), pk=pk)


def _back(request: HttpRequest, pk: int) -> HttpResponse:
    return see_other(request, reverse("customer:show", args=[pk]))


def _instant(text: str | None) -> datetime | None:
    try:
        found = parse_datetime(text or "")
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
