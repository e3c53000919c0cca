"""Doing something to a ticket: a small form in its place, the deed, and what can be undone."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tickets.people.access import may
from tickets.people.models import Member
from tickets.ticket import actions, queries
from tickets.ticket.deeds import Deed, Undo
from tickets.ticket.forms.deeds import ContactForm, DeedForm, EditForm, content_of
from tickets.ticket.forms.fields import reason_leaves
from tickets.ticket.models import Ticket
from tickets.ticket.views.show import TEMPLATE, context, ticket_or_404
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other, wants_fragment

View = Callable[..., HttpResponse]


def deed_view(deed: Deed) -> View:
    """GET shows the deed's form, POST does it. Without htmx the form is a page of its own and success leads back to the ticket."""

    @door(GET=deed.right, POST=deed.right)
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        member = member_of(request)
        ticket = ticket_or_404(pk, member)
        if request.method != "POST":
            return answer(request, ticket, deed, deed.form(ticket=ticket, member=member), status=200)
        form = deed.form(request.POST, ticket=ticket, member=member)
        if not form.is_valid():
            return answer(request, ticket, deed, form, status=422)
        data = changed(form) if isinstance(form, EditForm) else dict(form.cleaned_data)
        target = deed.go(data) if deed.go else ticket.pk
        was = copy(ticket)
        try:
            made = deed.act(ticket, member, data)
        except Refused as refused:
            return refused_answer(request, ticket, deed, form, refused)
        return done(request, target, str(deed.done), deed.undo and deed.undo(was, made), away=target != ticket.pk)

    return view


def changed(form: EditForm) -> dict[str, Any]:
    """Only what the writer changed of what they saw, so that a colleague's change of another field is not written over."""
    return {name: form.cleaned_data[name] for name in form.changed_data} | {"version": form.cleaned_data["version"]}


def answer(request: HttpRequest, ticket: Ticket, deed: Deed, form: DeedForm, *, status: int, **more: Any) -> HttpResponse:
    """The deed's form, in its place on the ticket page or as a page."""
    member = member_of(request)
    values = {"ticket": ticket, "deed": deed, "form": form, **more}
    if "to" in form.fields or "next_by" in form.fields:
        values["members"] = queries.suggest_holders(ticket, limit=12)
    if "reason" in form.fields and isinstance(form, EditForm):
        values["reasons"] = reason_leaves(member)
    return page(request, "tickets/ticket/deed.html", values, block="deed", status=status)


def refused_answer(request: HttpRequest, ticket: Ticket, deed: Deed, form: DeedForm, refused: Refused) -> HttpResponse:
    """The refusal beside what was typed, which stays; a stale edit is shown with the difference and can be sent again."""
    if refused.errors and set(refused.errors) <= set(form.fields):
        for name, sentences in refused.errors.items():
            form.add_error(name, [str(sentence) for sentence in sentences])
        return answer(request, ticket, deed, form, status=422)
    if refused.code == "stale" and isinstance(form, EditForm):
        fresh = ticket_or_404(ticket.pk, form.member)
        again, differences = reconcile(form, fresh)
        return answer(request, fresh, deed, again, status=refused.status, refused=refused, differences=differences)
    return answer(request, ticket, deed, form, status=refused.status, refused=refused)


def reconcile(form: EditForm, fresh: Ticket) -> tuple[EditForm, list[dict[str, str]]]:
    """The same form over the newer ticket: what the writer changed as typed, the rest as it is now; and where the two differ."""
    mine, now = set(form.changed_data), content_of(fresh)
    data: dict[str, Any] = {}
    differences = []
    for name, value in now.items():
        if name == "version":
            continue
        data[form.add_initial_prefix(name)] = value
        typed = form.data.get(form.add_prefix(name), "")
        data[name] = typed if name in mine else value
        if name in mine and str(value) != typed:
            differences.append({"label": str(form.fields[name].label or name), "yours": typed, "now": str(value)})
    data["version"] = fresh.version
    return EditForm(data, ticket=fresh, member=form.member), differences


def done(request: HttpRequest, pk: int, text: str, undo: Undo | None = None, *, block: str = "done", away: bool = False) -> HttpResponse:
    """After success: the case as it is now and a toast that can undo; to the ticket's page without htmx, or where it is another
    ticket than the one on the screen (`away`)."""
    member = member_of(request)
    url = reverse("ticket:show", args=[pk])
    if away or not wants_fragment(request):
        messages.success(request, text)
        return see_other(request, url)
    ticket = ticket_or_404(pk, member)
    offer = None
    if undo:
        offer = {
            "action": reverse(f"ticket:{undo.deed}", args=[undo.pk or pk]),
            "values": {name: str(value) for name, value in undo.values.items()},
        }
    return page(request, TEMPLATE, context(request, ticket, said=text, undo=offer), block=block)


@door(POST="ticket.note")
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """The entry box under the story: answered, routed, or a note for the team."""
    member = member_of(request)
    ticket = ticket_or_404(pk, member)
    form = ContactForm(request.POST, ticket=ticket, member=member)
    if not form.is_valid():
        return page(request, TEMPLATE, context(request, ticket, contact=form), block="composer", status=422)
    try:
        say(ticket, member, form.cleaned_data)
    except Refused as refused:
        return page(request, TEMPLATE, context(request, ticket, contact=form, refused=refused), block="composer", status=refused.status)
    return done(request, ticket.pk, str(SAID[form.cleaned_data["outcome"]]), block="said")


def say(ticket: Ticket, member: Member, data: dict[str, Any]) -> None:
    """Write down what was said. A note needs less right than speaking to the customer; refuses `forbidden` accordingly."""
    if data["outcome"] == "note":
        actions.note(ticket, by=member, text=data["text"])
        return
    if not may(member, "ticket.contact"):
        raise Refused("forbidden")
    override = {"override_reason": data["override_reason"]} if data.get("override_reason") else {}
    channel = data["channel"] or ticket.channel
    actions.contact(ticket, by=member, outcome=data["outcome"], text=data["text"], channel=channel, **override)


SAID = {"answered": _("Written down: answered."), "routed": _("Written down: sent on."), "note": _("Noted.")}
