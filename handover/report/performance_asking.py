"""What a performance sheet is asked: its address, checked; the same on the page, in a file, through the API and in a letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from handover.report import asking
from handover.report.asking import Asked
from handover.report.days import next_month
from handover.report.performance import parts_for
from tickets.people.access import may
from tickets.people.models import Member
from tickets.web.refusals import Refused

NARROWS = ("shop", "platform", "shift")
"""Whom a member works for and when; what the matters are about is told by the reports."""
KNOWN = {"month", "chart", "all", *NARROWS}
NOT_THE_VIEW = ("format", "panel", "narrow", "team", "measure", "part", "after", "page_size")
TOTAL = "total"


def month_of(text: str, today: date | None = None) -> date:
    """`2026-11` as its first day; without one, the current month of the team's time zone. Refuses `invalid`."""
    if not text:
        return (today or timezone.localdate()).replace(day=1)
    try:
        found = parse_date(f"{text}-01")
    except ValueError:
        found = None
    if found is None or not 1990 <= found.year <= 2199:
        raise Refused("invalid", errors={"month": [_("Give a month such as 2026-11.")]})
    return found


def ask(data: Mapping[str, Any], reader: Member, *, today: date | None = None) -> Asked:
    """A month by member, narrowed by shop, platform and shift; `chart`: the figure drawn, the total by default. The address always names
    its month. Refuses `invalid` for what a sheet does not know, or not for this reader."""
    values = {name: str(data[name]) for name in data if name not in NOT_THE_VIEW and data[name] != ""}
    unknown = next((name for name in values if name not in KNOWN), None)
    if unknown:
        raise Refused("invalid", errors={unknown: [asking.UNKNOWN % {"value": values[unknown][:80]}]})
    if values.get("chart", TOTAL) not in {TOTAL, *(part.name for part in parts_for(reader))}:
        raise Refused("invalid", errors={"chart": [_("This report has no such figure.")]})
    month = month_of(values.get("month", ""), today)
    values["month"] = f"{month:%Y-%m}"
    asked = asking.read(values, reader, bys=("member",), today=month, own=False, also={"month": None})
    own = not may(reader, "see.all_figures")
    return replace(asked, first=month, last=next_month(month) - timedelta(days=1), own=own)


def readable(pk: int, reader: Member) -> Member:
    """The member whose sheet is asked for. Another team's: 404; somebody else's, for who reads only the own figures: `forbidden`."""
    member = Member.objects.filter(team=reader.team_id, pk=pk).select_related("team", "user").first()
    if member is None:
        raise Http404
    if member.pk != reader.pk and not may(reader, "see.all_figures"):
        raise Refused("forbidden")
    return member
