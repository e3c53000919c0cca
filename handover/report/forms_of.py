"""Return forms by the member who did something to them: filed, sent back to them, counted."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from handover.report.measures import Count, Measure

FILED = Measure("filed", _("Forms filed"), Count("filed"), None, "number", help=_("Return forms handed in in the month."))
BOUNCED = Measure("bounced", _("Forms sent back"), Count("filed", ("bounced",)), Count("filed"), "percent", "less",
                  help=_("Of the forms handed in in the month: sent back at least once by the warehouse or a manager."))  # fmt: skip
COUNTED = Measure(
    "counted", _("Forms counted"), Count("counted"), None, "number", help=_("Forms whose goods the member counted and signed.")
)
FORMS = {f"return-reasons.{m.code}": m for m in (FILED, BOUNCED, COUNTED)}
