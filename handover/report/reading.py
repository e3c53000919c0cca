"""Who may read which report."""

from __future__ import annotations

from django.http import Http404

from handover.report.measures import REPORTS, Report
from tickets.people.access import may
from tickets.people.models import Member
from tickets.web.refusals import Refused


def report_for(name: str, member: Member) -> Report:
    """The report of this name. Unknown: 404; money for who may not see any, or who may not read it besides: `forbidden`."""
    report = REPORTS.get(name)
    if report is None:
        raise Http404
    if not readable(report, member):
        raise Refused("forbidden")
    return report


def readable(report: Report, member: Member) -> bool:
    """Whether the member may read this report at all."""
    return (not report.money or may(member, "see.money")) and (not report.deed or may(member, report.deed))
