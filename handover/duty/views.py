"""One's own duty, and what a manager does to others': let in, end on behalf, extend."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.duty import actions
from handover.duty.forms import ExtendForm, LetInForm, ReasonForm
from handover.duty.models import Duty
from handover.duty.queries import running_duties, running_duty
from handover.roster.queries import shift_window, who_is_next, who_is_on
from tickets.people.access import may
from tickets.people.models import Member
from tickets.web.doors import door, member_of
from tickets.web.numbers import whole_number
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file, cell

COLUMNS: tuple[Column, ...] = (
    (_("Who"), cell("member.display_name")),
    (_("Shift"), cell("shift.name")),
    (_("Since"), cell("started_at")),
    (_("Until"), cell("until")),
    (_("Let in"), cell("let_in_reason")),
)
LIST, SHOW = "handover/duty/list.html", "handover/duty/show.html"


@door(GET="roster.read")
def duties(request: HttpRequest) -> HttpResponse:
    """My duty, everybody's, and the way in for whoever a manager lets in."""
    if file := as_file(request, "duties", COLUMNS, running_duties(member_of(request).team)):
        return file
    wanted = whole_number(request.GET.get("member", ""))
    chosen = Member.objects.visible_to(member_of(request)).select_related("user").filter(pk=wanted).first()
    return page(request, LIST, _list(request, {"member": chosen.user.username if chosen else ""}))


@door(POST="duty.let_in")
def let_in(request: HttpRequest) -> HttpResponse:
    """Let somebody in without the digest."""
    me = member_of(request)
    form = LetInForm(request.POST, team=me.team)
    if not form.is_valid():
        return page(request, LIST, _list(request, form.data, form), block="let_in", status=422)
    actions.let_in(form.cleaned_data["member"], by=me, reason=form.cleaned_data["reason"])
    return see_other(request, reverse("duty:list"))


@door(GET="roster.read")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One duty: who, since when, until when, how it ended."""
    return page(request, SHOW, _show(request, _duty(request, pk)))


@door(POST="duty.on_behalf")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End somebody's duty for them, with a reason."""
    duty, form = _duty(request, pk), ReasonForm(request.POST)
    if not form.is_valid():
        return page(request, SHOW, _show(request, duty, end_form=form), block="deeds", status=422)
    actions.end_on_behalf(duty, by=member_of(request), reason=form.cleaned_data["reason"])
    return see_other(request, reverse("duty:show", args=[pk]))


@door(POST="duty.work")
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    """Work longer: one's own duty, or as a manager anybody's."""
    duty, form = _duty(request, pk), ExtendForm(request.POST)
    if not form.is_valid():
        return page(request, SHOW, _show(request, duty, extend_form=form), block="deeds", status=422)
    actions.extend(duty, by=member_of(request), until=form.cleaned_data["until"])
    return see_other(request, reverse("duty:show", args=[pk]))


def _duty(request: HttpRequest, pk: int) -> Duty:
    found = Duty.objects.visible_to(member_of(request)).select_related(
        "member__team", "member__presence", "shift", "started_by", "ended_by"
    )
    return get_object_or_404(found, pk=pk)


def _list(request: HttpRequest, values: Any, form: LetInForm | None = None) -> dict[str, Any]:
    me, at = member_of(request), timezone.now()
    mine = running_duty(me)
    can_let_in = may(me, "duty.let_in")
    return {
        "at": at,
        "mine": mine,
        "tab": "duty",
        "window": None if mine else shift_window(me, at),
        "running": running_duties(me.team),
        "rostered": who_is_on(me.team, at),
        "coming": who_is_next(me.team, at),
        "form": form,
        "values": values,
        "can_let_in": can_let_in,
        "people": Member.objects.filter(team=me.team).active().exclude(pk=me.pk).select_related("user") if can_let_in else [],
    }


def _show(request: HttpRequest, duty: Duty, **forms: Any) -> dict[str, Any]:
    me = member_of(request)
    running = duty.ended_at is None
    mine = duty.member_id == me.pk
    return {
        "duty": duty,
        "at": timezone.now(),
        "may_end": running and not mine and may(me, "duty.on_behalf"),
        "may_extend": running and ((mine and may(me, "duty.work")) or may(me, "duty.on_behalf")),
        "is_mine": mine,
        **forms,
    }
