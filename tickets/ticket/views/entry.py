"""Logging a matter during a chat: paste, see whose it is, write a line, go on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tickets.people.models import Member, Shop
from tickets.ticket import queries
from tickets.ticket.entering import enter
from tickets.ticket.forms.entry import EntryForm
from tickets.ticket.forms.fields import reason_leaves
from tickets.ticket.models import Severity, Ticket
from tickets.ticket.recognise import Found, recognise
from tickets.web.doors import door, member_of
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other, wants_fragment

TEMPLATE = "tickets/ticket/new.html"
SEVERITIES = Severity.choices
WHO = {
    "data-key": "c",
    "dir": "auto",
    "spellcheck": "false",
    "autocapitalize": "off",
    "hx-trigger": "input changed delay:150ms",
    "hx-target": "#found",
    "hx-sync": "this:replace",
}
"""The pasted line is looked up as it changes; the last answer wins."""


@door(GET="ticket.log", POST="ticket.log")
def new(request: HttpRequest) -> HttpResponse:
    """The entry panel as a page of its own, and where every entry panel sends to."""
    member = member_of(request)
    if request.method != "POST":
        found = recognise(member, request.GET.get("who", ""), customer=_customer(request))
        return page(request, TEMPLATE, entry_context(member, EntryForm(member=member, initial={"who": found.text}), found), block="entry")
    form = EntryForm(request.POST, member=member)
    valid = form.is_valid()
    found = recognise(member, request.POST.get("who", ""), customer=_customer(request))
    if not valid:
        return page(request, TEMPLATE, entry_context(member, form, found), block="entry", status=422)
    try:
        ticket = enter(form, found, by=member)
    except Refused as refused:
        if refused.code == "duplicate" and not found.open:  # somebody was faster: what they opened is shown, not what was known before
            found = recognise(member, request.POST.get("who", ""), customer=_customer(request))
        return _refused(request, member, form, found, refused)
    return _logged(request, member, ticket, added=bool(form.cleaned_data.get("add_to")))


def _refused(request: HttpRequest, member: Member, form: EntryForm, found: Found, refused: Refused) -> HttpResponse:
    for name, sentences in (refused.errors or {}).items():
        form.add_error(name if name in form.fields else None, [str(sentence) for sentence in sentences])
    status = 422 if refused.errors else refused.status
    shown = None if refused.errors else refused
    return page(request, TEMPLATE, entry_context(member, form, found, refused=shown), block="entry", status=status)


def _logged(request: HttpRequest, member: Member, ticket: Ticket, *, added: bool) -> HttpResponse:
    text = _("Added to #%(number)s.") if added else _("Logged as #%(number)s.")
    said = text % {"number": ticket.pk}
    if not wants_fragment(request):
        messages.success(request, said)
        return see_other(request, reverse("ticket:show", args=[ticket.pk]))
    values = entry_context(member, EntryForm(member=member), Found("", ""), said=said, logged=ticket)
    return page(request, TEMPLATE, values, block="logged")


@door(GET="ticket.log")
def look(request: HttpRequest) -> HttpResponse:
    """What the pasted line stands for, while it is being typed."""
    member = member_of(request)
    found = recognise(member, request.GET.get("who", ""), customer=_customer(request))
    return page(request, TEMPLATE, entry_context(member, EntryForm(member=member, initial={"who": found.text}), found), block="found")


def _customer(request: HttpRequest) -> int | None:
    """The customer that was chosen among several, from either the address or the form."""
    return whole_number(request.POST.get("customer") or request.GET.get("customer") or "")


def entry_context(member: Member, form: EntryForm, found: Found, **more: Any) -> dict[str, Any]:
    """What the panel shows. Shops are listed only where a new order may need one."""
    now = timezone.now()
    sends = {ticket.pk: queries.whom_to_send(ticket, now) for ticket in found.open if ticket.holder_id != member.pk}
    return {
        "entry": form,
        "found": found,
        "sends": sends,
        "reasons": reason_leaves(member),
        "shops": list(Shop.objects.filter(team_id=member.team_id, is_active=True)[:100]) if found.is_new else [],
        "entry_here": True,
        "severities": SEVERITIES,
        "who_attrs": WHO | ({"data-focus": ""} if "said" in more else {}) | {"hx-get": reverse("ticket:look")},
        "more_open": any(entry_error in form.errors for entry_error in ("next_action", "next_at", "tags", "complaint")),
    } | more
