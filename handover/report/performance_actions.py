"""What people change about performance sheets: how much a figure counts, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.report.models import SheetAnswer, SheetWeight
from handover.report.performance import SCORED, weights_of
from tickets.activity.actions import record
from tickets.people.access import may
from tickets.people.models import Member, Team
from tickets.web.refusals import Refused

NOT_WEIGHED = _("This figure cannot be weighed.")
OUT_OF_RANGE = _("A weight is a whole number from 0 to 100.")
NOTHING = _("Give at least one figure a weight.")
NOT_YOURS = _("Only the member and the managers of the team can answer to a sheet.")
EMPTY = _("Write an answer.")
LONGEST = 2000


@transaction.atomic
def set_weights(weights: Mapping[str, int], *, by: Member, month: date, at: datetime | None = None) -> dict[str, int]:
    """Let figures count this much from the month on (`month` its first day); sheets of earlier months stay as they are.

    Returns what changed. Refuses `invalid` for what cannot be weighed, weights outside 0 to 100, or no weight at all.
    """
    errors = {part: [NOT_WEIGHED] for part in weights if part not in SCORED}
    errors |= {part: [OUT_OF_RANGE] for part, weight in weights.items() if part in SCORED and not 0 <= weight <= 100}
    if errors:
        raise Refused("invalid", errors=errors)
    Team.objects.select_for_update(no_key=True).get(pk=by.team_id)
    before = weights_of(by.team_id, month)
    if not any({**before, **weights}.values()):
        raise Refused("invalid", errors={SCORED[0]: [NOTHING]})
    changed = {part: weight for part, weight in weights.items() if before[part] != weight}
    for part, weight in changed.items():
        SheetWeight.objects.update_or_create(team=by.team, month=month, part=part, defaults={"weight": weight})
    if changed:
        told = {part: [before[part], weight] for part, weight in changed.items()}
        record("report.weights_set", team=by.team, actor=by, at=at, month=month.isoformat(), changes=told)
    return changed


@transaction.atomic
def answer(member: Member, *, by: Member, month: date, text: str, at: datetime | None = None) -> SheetAnswer:
    """Answer to a member's sheet of a month; kept for good. Refuses `forbidden` for anybody but the member and managers, `not_found`
    across teams, `invalid` without words."""
    at = at or timezone.now()
    if member.team_id != by.team_id:
        raise Refused("not_found")
    if by.pk != member.pk and not may(by, "report.edit"):
        raise Refused("forbidden", NOT_YOURS)
    if not text.strip():
        raise Refused("invalid", errors={"text": [EMPTY]})
    made = SheetAnswer.objects.create(team=by.team, member=member, month=month, by=by, text=text.strip()[:LONGEST], at=at)
    record("report.sheet_answered", team=by.team, actor=by, at=at, member=member.pk, month=month.isoformat(), answer=made.pk)
    return made
