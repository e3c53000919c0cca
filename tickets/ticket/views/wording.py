"""The team's reasons, two levels deep, and its resolutions."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.people.access import may
from tickets.people.views import refused_form, settings_tabs, show_form
from tickets.ticket import wording
from tickets.ticket.forms.wording import ReasonForm, ResolutionForm
from tickets.ticket.models import Reason, Resolution
from tickets.web.doors import door, member_of
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file, cell

REASONS: tuple[Column, ...] = (
    (gettext_lazy("Group"), cell("parent.name")),
    (gettext_lazy("Reason"), cell("name")),
    (gettext_lazy("Fault"), cell("get_fault_display")),
    (gettext_lazy("in use"), lambda row: _("yes") if row.is_active else _("no")),
)
RESOLUTIONS: tuple[Column, ...] = (
    (gettext_lazy("Resolution"), cell("name")),
    (gettext_lazy("in use"), lambda row: _("yes") if row.is_active else _("no")),
)


@door(GET="team.read")
def reasons(request: HttpRequest) -> HttpResponse:
    """Every group with what is below it, in use or not."""
    member = member_of(request)
    rows = list(Reason.objects.visible_to(member).select_related("parent").order_by("place", "name"))
    if file := as_file(request, "reasons", REASONS, rows):
        return file
    groups = [(row, [child for child in rows if child.parent_id == row.pk]) for row in rows if row.parent_id is None]
    values = {"groups": groups, "tabs": settings_tabs("ticket:reasons"), "may_edit": may(member, "reason.edit")}
    return page(request, "tickets/ticket/reasons.html", values)


@door(GET="reason.edit", POST="reason.edit")
def reason(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a reason (`?group=<id>`: below that group) or change one."""
    member = member_of(request)
    found = Reason.objects.visible_to(member).filter(pk=pk).first() if pk else None
    if pk and found is None:
        raise Http404
    back, title = reverse("ticket:reasons"), found.name if found else _("Add a reason")
    group = whole_number(request.GET.get("group", ""))
    initial = {"parent": group} if group is not None else None
    form = ReasonForm(request.POST if request.method == "POST" else None, instance=found, member=member, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return show_form(request, form, title, back, status=422 if request.method == "POST" else 200)
    try:
        wording.save_reason(by=member, reason=found, **form.cleaned_data)
    except Refused as refused:
        return refused_form(request, form, refused, title, back)
    messages.success(request, _("Saved."))
    return see_other(request, back)


@door(GET="team.read")
def resolutions(request: HttpRequest) -> HttpResponse:
    """In which ways matters end."""
    member = member_of(request)
    rows = Resolution.objects.filter(team_id=member.team_id).order_by("-is_active", "place", "name")
    if file := as_file(request, "resolutions", RESOLUTIONS, rows):
        return file
    values = {"resolutions": rows, "tabs": settings_tabs("ticket:resolutions"), "may_edit": may(member, "reason.edit")}
    return page(request, "tickets/ticket/resolutions.html", values)


@door(GET="reason.edit", POST="reason.edit")
def resolution(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a way in which matters end, or change one."""
    member = member_of(request)
    found = Resolution.objects.filter(pk=pk, team_id=member.team_id).first() if pk else None
    if pk and found is None:
        raise Http404
    back, title = reverse("ticket:resolutions"), found.name if found else _("Add a resolution")
    form = ResolutionForm(request.POST if request.method == "POST" else None, instance=found)
    if request.method != "POST" or not form.is_valid():
        return show_form(request, form, title, back, status=422 if request.method == "POST" else 200)
    try:
        wording.save_resolution(by=member, resolution=found, **form.cleaned_data)
    except Refused as refused:
        return refused_form(request, form, refused, title, back)
    messages.success(request, _("Saved."))
    return see_other(request, back)
