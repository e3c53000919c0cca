"""One deed for all ticked rows, or for none."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.people.models import HOLDER_ROLES, Member
from tickets.ticket import actions
from tickets.ticket.forms.bulk import FORMS
from tickets.ticket.models import Ticket
from tickets.web.doors import door, member_of
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other

TEMPLATE = "tickets/ticket/bulk.html"


@door(GET="ticket.bulk", POST="ticket.bulk")
def bulk(request: HttpRequest) -> HttpResponse:
    """GET asks what the deed needs to know, for the ticked rows; POST does it. Refuses `bulk_refused`, naming each that will not."""
    member = member_of(request)
    data = request.POST if request.method == "POST" else request.GET
    deed, ids = data.get("deed", ""), _ids(data.getlist("ticket"))
    if deed not in FORMS or not ids:
        raise Refused("invalid", _("Tick at least one row, then choose what to do."))
    label, kind = FORMS[deed]
    form = kind(request.POST if request.method == "POST" else None, member=member)
    tickets = list(Ticket.objects.visible_to(member).filter(pk__in=ids).select_related("customer", "holder").order_by("pk"))
    values = {"deed": deed, "label": label, "form": form, "tickets": tickets, "ids": ids, "back": _back(request)}
    if "to" in form.fields:
        coming = Member.objects.visible_to(member).active().with_role(*HOLDER_ROLES).on_or_coming(timezone.now())
        values["members"] = list(coming.select_related("user").order_by("display_name")[:100])
    if request.method != "POST":
        return page(request, TEMPLATE, values, block="bulk")
    if not form.is_valid():
        return page(request, TEMPLATE, values, block="bulk", status=422)
    try:
        done = actions.bulk(ids, deed, by=member, **form.arguments())
    except Refused as refused:
        why = {one["ticket"]: one["detail"] for one in refused.extra.get("refused", [])}
        unseen = {pk: why[pk] for pk in why if pk not in {ticket.pk for ticket in tickets}}
        return page(request, TEMPLATE, values | {"refused": refused, "why": why, "unseen": unseen}, block="bulk", status=refused.status)
    said = ngettext("%(count)s ticket: done.", "%(count)s tickets: done.", len(done)) % {"count": len(done)}
    messages.success(request, said)
    return see_other(request, values["back"])


def _ids(values: list[str]) -> list[int]:
    found = {whole_number(value) for value in values}
    if None in found:
        raise Refused("not_found")
    return sorted(pk for pk in found if pk is not None)


def _back(request: HttpRequest) -> str:
    """The list the rows were ticked in."""
    asked = (request.POST if request.method == "POST" else request.GET).get("back", "")
    if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return asked
    return reverse("ticket:list")
