"""The bell: what one has been told, newest first, and marking it as seen."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import see_alerts
from tickets.activity.models import Alert
from tickets.activity.telling import Told, tell_alerts
from tickets.people.models import Member
from tickets.web.doors import door, member_of
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file, cell

SIZE, BATCH = 60, 500
COLUMNS: tuple[Column, ...] = (
    (_("When"), cell("at")),
    (_("Who"), cell("who")),
    (_("What"), cell("text")),
    (_("By"), cell("due")),
    (_("Ticket"), lambda row: f"#{row.ticket} {row.subject}" if row.ticket else ""),
    (_("Said"), cell("said")),
    (_("new"), lambda row: "" if row.tone == "seen" else _("yes")),
)


@door(GET="me.read")
def alerts(request: HttpRequest) -> HttpResponse:
    """One's own alerts; `?before=<id>` goes on."""
    member = member_of(request)
    asked = request.GET.get("before", "")
    before = whole_number(asked)
    if asked and before is None:
        raise Refused("invalid", errors={"before": [asked[:40]]})
    if file := as_file(request, "alerts", COLUMNS, _all(member)):
        return file
    found = tell_alerts(member, before=before, size=SIZE + 1)
    more = found[SIZE - 1].id if len(found) > SIZE else None
    values = {"alerts": found[:SIZE], "next": f"{reverse('activity:alerts')}?before={more}" if more else ""}
    return page(request, "tickets/activity/alerts.html", values)


def _all(member: Member) -> Iterator[Told]:
    """Every alert of the member's, a bounded number at a time."""
    before: int | None = None
    while found := tell_alerts(member, before=before, size=BATCH):
        yield from found
        before = found[-1].id


@door(POST="me.edit")
def seen(request: HttpRequest) -> HttpResponse:
    """Mark one alert (`alert=<id>`), or all of one's own, as seen."""
    member = member_of(request)
    one = whole_number(request.POST.get("alert", ""))
    unseen = Alert.objects.filter(member=member, seen_at__isnull=True)
    ids = [one] if one is not None else unseen.values_list("pk", flat=True)
    see_alerts(member, ids)
    back = request.POST.get("back", "")
    safe = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return see_other(request, back if safe else reverse("activity:alerts"))
