"""Promises: kept, withdrawn."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member
from tickets.ticket import actions
from tickets.ticket.deeds import DEEDS, Undo
from tickets.ticket.forms.deeds import WithdrawForm
from tickets.ticket.models import Promise
from tickets.ticket.views.deeds import done
from tickets.ticket.views.show import ticket_or_404
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused
from tickets.web.replies import page

WITHDRAW = replace(DEEDS["promise"], name="withdraw", label=_("Withdraw"), icon="close")


def promise_or_404(pk: int, member: Member) -> Promise:
    found = Promise.objects.visible_to(member).select_related("ticket").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@door(POST="ticket.promise")
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    member = member_of(request)
    promise = promise_or_404(pk, member)
    actions.keep(promise, by=member)
    return done(request, promise.ticket_id, str(_("Kept.")), Undo("stand", pk=promise.pk))


@door(POST="ticket.promise")
def stand(request: HttpRequest, pk: int) -> HttpResponse:
    """It was not kept after all: what takes “Kept” back."""
    member = member_of(request)
    promise = promise_or_404(pk, member)
    actions.stand_again(promise, by=member)
    return done(request, promise.ticket_id, str(_("It stands again.")))


@door(GET="ticket.promise", POST="ticket.promise")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """A promise that no longer stands; the reason is asked for."""
    member = member_of(request)
    promise = promise_or_404(pk, member)
    form = WithdrawForm(request.POST if request.method == "POST" else None, member=member)
    status, refused = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.withdraw(promise, by=member, reason=form.cleaned_data["reason"])
                return done(request, promise.ticket_id, str(_("Withdrawn; say it to the customer too.")))
            except Refused as error:
                refused, status = error, error.status
    values = {
        "ticket": ticket_or_404(promise.ticket_id, member),
        "deed": WITHDRAW,
        "form": form,
        "refused": refused,
        "action": request.path,
    }
    return page(request, "tickets/ticket/deed.html", values, block="deed", status=status)
