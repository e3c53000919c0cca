"""Pages of the standing notices."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from handover.notice import actions, queries
from handover.notice.forms import NoticeForm
from handover.notice.models import Notice
from tickets.web.doors import door
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file, cell
from tickets.web.undo import offer, said, taken_back

TEMPLATE = "handover/notice/list.html"
COLUMNS: tuple[Column, ...] = (
    (_("Kind"), cell("get_kind_display")),
    (_("Notice"), cell("said")),
    (_("Shop"), lambda row: row.shop.name if row.shop else _("all")),
    (_("From"), cell("valid_from")),
    (_("Until"), lambda row: row.ended_at or row.valid_until),
    (_("By"), cell("by.display_name")),
    (_("Read by"), cell("readers")),
)


@never_cache
@door(GET="notice.read", POST="notice.write")
def notices(request: HttpRequest) -> HttpResponse:
    """What holds now, and the form that tells a new fact."""
    member = request.member
    form = NoticeForm(request.POST or None, member=member)
    if request.method == "POST":
        if form.is_valid():
            try:
                actions.publish(by=member, **form.values())
                return see_other(request, reverse("notice:list"))
            except Refused as refused:
                _show(form, refused)
        return page(request, TEMPLATE, _context(request, form), block="entry", status=422)
    rows = queries.listed(member, ended="ended" in request.GET, at=timezone.now())
    return as_file(request, "notices", COLUMNS, rows) or page(request, TEMPLATE, _context(request, form))


@never_cache
@door(GET="notice.read", POST="notice.write")
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice: who has read it, and changing it."""
    member = request.member
    found = get_object_or_404(Notice.objects.visible_to(member).select_related("shop", "by"), pk=pk)
    form = NoticeForm(request.POST or None, member=member, instance=found)
    if request.method == "POST":
        if form.is_valid():
            try:
                actions.change(found, by=member, version=form.cleaned_data["version"] or 0, **form.values())
                return see_other(request, reverse("notice:list"))
            except Refused as refused:
                if refused.code != "invalid":
                    raise
                _show(form, refused)
        return page(request, "handover/notice/show.html", {"notice": found, "form": form}, block="entry", status=422)
    context = {"notice": found, "form": form, "readers": queries.readers(found)}
    return page(request, "handover/notice/show.html", context)


@door(POST="notice.write")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Notice.objects.visible_to(request.member), pk=pk)
    ended = actions.end(found, by=request.member).ended_at
    said(request, _("It holds no longer."), offer("notice:resume", pk, ended=ended.isoformat()) if ended else None)
    return see_other(request, reverse("notice:list"))


@door(POST="notice.write")
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """It was ended by mistake."""
    found = get_object_or_404(Notice.objects.visible_to(request.member), pk=pk)
    actions.resume(found, by=request.member, ended=taken_back(request)["ended"])
    said(request, _("It holds again."))
    return see_other(request, reverse("notice:list"))


def _show(form: NoticeForm, refused: Refused) -> None:
    for field, messages in (refused.errors or {None: [refused.detail]}).items():
        for message in messages:
            form.add_error(field if field in form.fields else None, str(message))


def _context(request: HttpRequest, form: NoticeForm) -> dict[str, object]:
    ended = "ended" in request.GET
    rows = queries.listed(request.member, ended=ended, at=timezone.now())[:200]
    return {"notices": rows, "ended": ended, "form": form}
