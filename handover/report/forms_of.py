"""Return forms by the member who did something to them: filed, sent back to them, counted. They are few: counted from the rows."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from handover.report.asking import Asked
from handover.report.days import DAY, starts
from handover.report.measures import Count, Measure
from handover.report.queries import _rows

FILED = Measure("filed", _("Forms filed"), Count("filed"), None, "number", help=_("Return forms handed in in the month."))
BOUNCED = Measure("bounced", _("Forms sent back"), Count("bounced"), Count("filed"), "percent", "less",
                  help=_("Of the forms handed in in the month: sent back at least once by the warehouse or a manager."))  # fmt: skip
COUNTED = Measure(
    "counted", _("Forms counted"), Count("counted"), None, "number", help=_("Forms whose goods the member counted and signed.")
)
FORMS = {f"return-reasons.{m.code}": m for m in (FILED, BOUNCED, COUNTED)}

SQL = """
    SELECT f.filed_by_id, count(*), count(*) FILTER (WHERE f.sent_backs > 0), 0 FROM tickets_returnform f
    WHERE f.team_id = %(team)s AND f.submitted_at >= %(start)s AND f.submitted_at < %(end)s AND f.state <> 'cancelled' {filed} GROUP BY 1
    UNION ALL SELECT s.member_id, 0, 0, count(DISTINCT s.form_id) FROM tickets_signature s JOIN tickets_member m ON m.id = s.member_id
    WHERE m.team_id = %(team)s AND s.meaning = 'counted' AND s.at >= %(start)s AND s.at < %(end)s {signed} GROUP BY 1"""


def forms_of(asked: Asked) -> dict[int, dict[str, int]]:
    """Member → filed, bounced, counted → how many forms, over the days asked for. One query."""
    zone = asked.member.team.zone
    values: dict[str, Any] = {"team": asked.member.team_id, "start": starts(asked.first, zone), "end": starts(asked.last + DAY, zone)}
    more = {"filed": "", "signed": ""}
    if "member" in asked.filters:
        values["who"] = asked.filters["member"]
        more = {"filed": "AND f.filed_by_id = ANY(%(who)s)", "signed": "AND s.member_id = ANY(%(who)s)"}
    found: dict[int, dict[str, int]] = {}
    for member, *counts in _rows(SQL.format(**more), values):
        told = found.setdefault(member, {"filed": 0, "bounced": 0, "counted": 0})
        for what, n in zip(told, counts, strict=True):
            told[what] += n
    return found
