"""Return forms by the member who did something to them: filed, sent back to them, counted. They are few: counted from the rows."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from handover.report.asking import Asked
from handover.report.days import DAY, starts
from handover.report.loose_facts import LOOSE_FACTS
from handover.report.measures import Count, Measure
from handover.report.queries import _rows

FILED = Measure("filed", _("Forms filed"), Count("filed"), None, "number", help=_("Return forms handed in in the month."))
BOUNCED = Measure("bounced", _("Forms sent back"), Count("filed", ("bounced",)), Count("filed"), "percent", "less",
                  help=_("Of the forms handed in in the month: sent back at least once by the warehouse or a manager."))  # fmt: skip
COUNTED = Measure(
    "counted", _("Forms counted"), Count("counted"), None, "number", help=_("Forms whose goods the member counted and signed.")
)
FORMS = {f"return-reasons.{m.code}": m for m in (FILED, BOUNCED, COUNTED)}

ONE = "SELECT '{code}', x.member, x.mark, count(*) FROM ({sql}) x WHERE true {more} GROUP BY 2, 3"


def forms_of(asked: Asked) -> dict[int, dict[Count, int]]:
    """Member → what is counted → how many forms, over the days asked for. One query."""
    zone = asked.member.team.zone
    values: dict[str, Any] = {"team": asked.member.team_id, "start": starts(asked.first, zone), "end": starts(asked.last + DAY, zone)}
    more = ""
    if "member" in asked.filters:
        more, values["who"] = "AND x.member = ANY(%(who)s)", asked.filters["member"]
    sql = " UNION ALL ".join(ONE.format(code=fact.code, sql=fact.sql, more=more) for fact in (LOOSE_FACTS["filed"], LOOSE_FACTS["counted"]))
    counts = {count for measure in FORMS.values() for count in (measure.top, measure.bottom) if count is not None}
    found: dict[int, dict[Count, int]] = {}
    for code, member, mark, n in _rows(sql, values):
        told = found.setdefault(member, dict.fromkeys(counts, 0))
        for count in counts:
            if count.fact == code and (not count.marks or mark in count.marks):
                told[count] += n
    return found
