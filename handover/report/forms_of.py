"""Return forms by the member who did something to them: filed, sent back to them, counted. They are few: counted from the rows."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from handover.report.asking import Asked
from handover.report.counting import DAY, starts
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
    SELECT f.filed_by_id, 'filed', count(*) FROM tickets_returnform f
    WHERE f.team_id = %(team)s AND f.submitted_at >= %(start)s AND f.submitted_at < %(end)s AND f.state <> 'cancelled' {filed} GROUP BY 1
    UNION ALL SELECT f.filed_by_id, 'bounced', count(*) FROM tickets_returnform f
    WHERE f.team_id = %(team)s AND f.submitted_at >= %(start)s AND f.submitted_at < %(end)s AND f.state <> 'cancelled'
      AND f.sent_backs > 0 {filed} GROUP BY 1
    UNION ALL SELECT s.member_id, 'counted', count(DISTINCT f.id) FROM tickets_signature s JOIN tickets_returnform f ON f.id = s.form_id
    WHERE f.team_id = %(team)s AND s.meaning = 'counted' AND s.at >= %(start)s AND s.at < %(end)s {signed} GROUP BY 1"""


def forms_of(asked: Asked) -> dict[int, dict[str, int]]:
    """Member → filed, bounced, counted → how many forms, over the days asked for. One query."""
    zone = asked.member.team.zone
    values: dict[str, Any] = {"team": asked.member.team_id, "start": starts(asked.first, zone), "end": starts(asked.last + DAY, zone)}
    more = {"filed": "", "signed": ""}
    if "member" in asked.filters:
        values["who"] = asked.filters["member"]
        more = {"filed": "AND f.filed_by_id = ANY(%(who)s)", "signed": "AND s.member_id = ANY(%(who)s)"}
    found: dict[int, dict[str, int]] = {}
    for member, what, n in _rows(SQL.format(**more), values):
        found.setdefault(member, {})[what] = n
    return found
