"""/panel/: the page that a chat tool shows beside the chat, 320 to 420 px wide, for one customer."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.customer.models import Customer
from tickets.lookup.actions import log
from tickets.lookup.forms import PanelForm
from tickets.lookup.panel import KINDS, Shown, handle_kind, shown
from tickets.order.models import OrderStatus
from tickets.people.access import may
from tickets.people.models import Member
from tickets.ticket.models import Ticket
from tickets.web.doors import door, member_of
from tickets.web.live import live, live_tag
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other, wants_fragment

TEMPLATE = "tickets/lookup/panel.html"
STATUSES = dict(OrderStatus.choices)
SEVERAL = gettext_lazy("Several customers go by this. Choose one.")


@door(GET="customer.read", POST="ticket.log")
def panel(request: HttpRequest) -> HttpResponse:
    """Who writes in this chat (`?platform=…&handle=…`, `&customer=` where several are called so); a POST logs a line or a promise.

    The panel asks again when the pulse tells of its customer: 304 without rendering while it would show the same.
    """
    member = member_of(request)
    told = _told(request, member)
    if request.method != "POST" and not wants_fragment(request):
        return _page(request, told, PanelForm())
    if request.method != "POST":
        return live(request, repr(told), lambda: _page(request, told, PanelForm()))
    form = PanelForm(request.POST)
    if not form.is_valid():
        return _page(request, told, form, status=422)
    try:
        ticket = _log(form, told, member)
    except Refused as refused:
        return _refused(request, told, form, refused)
    return _logged(request, member, told, ticket, added=bool(form.cleaned_data.get("add_to")))


def _told(request: HttpRequest, member: Member) -> Shown:
    customer = whole_number(request.GET.get("customer", ""))
    return shown(member, request.GET.get("handle", ""), request.GET.get("platform", ""), customer=customer)


def _log(form: PanelForm, told: Shown, member: Member) -> Ticket:
    """What was typed, for whoever the panel shows. Refuses `invalid` where several are called so, and as the action does."""
    if told.has_choice:
        raise Refused("invalid", SEVERAL)
    customer = Customer.objects.visible_to(member).get(pk=told.customer["id"]) if told.customer else None
    return log(form.line(), by=member, customer=customer, kind=handle_kind(told, member.team.region), handle=told.handle)


def _refused(request: HttpRequest, told: Shown, form: PanelForm, refused: Refused) -> HttpResponse:
    for name, sentences in (refused.errors or {}).items():
        form.add_error(name if name in form.fields else None, [str(sentence) for sentence in sentences])
    return _page(request, told, form, refused=None if refused.errors else refused, status=422 if refused.errors else refused.status)


def _logged(request: HttpRequest, member: Member, told: Shown, ticket: Ticket, *, added: bool) -> HttpResponse:
    said = (_("Added to #%(number)s.") if added else _("Logged as #%(number)s.")) % {"number": ticket.pk}
    if not wants_fragment(request):
        messages.success(request, said)
        return see_other(request, _here(told))
    fresh = shown(member, told.handle, told.kind, customer=told.customer["id"] if told.customer else None)
    return _page(request, fresh, PanelForm(), said=said)


def _here(told: Shown) -> str:
    """The address of this panel, so that what is posted comes back to it."""
    asked = {"platform": told.kind, "handle": told.handle} | ({"customer": told.customer["id"]} if told.customer else {})
    return f"{reverse('customer:panel')}?{urlencode(asked)}"


def _heard(told: Shown) -> str:
    """What the panel listens to (static/js/live.js): its customer and matters, who comes and goes; of a stranger, whatever is logged."""
    if told.customer is None:
        return "customer ticket"
    return " ".join([f"customer-{told.customer['id']}", *(f"ticket-{row['id']}" for row in told.matters), "duty"])


def _page(request: HttpRequest, told: Shown, form: PanelForm, *, status: int = 200, **more: Any) -> HttpResponse:
    member = member_of(request)
    context = {
        "told": told,
        "entry": form,
        "here": _here(told),
        "etag": live_tag(request, repr(told)),
        "heard": _heard(told),
        "kinds": KINDS,
        "statuses": STATUSES,
        "money": may(member, "see.money"),
        "may_log": may(member, "ticket.log") and bool(told.handle or told.customer) and not told.has_choice,
    }
    return page(request, TEMPLATE, context | more, block="panel", status=status)
