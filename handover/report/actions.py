"""What people add to the figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.duty.models import Duty
from handover.report.alarming import watch as watch
from handover.report.counting import count_stale as count_stale
from handover.report.models import Surprise, Target
from handover.report.performance_actions import answer as answer_sheet  # noqa: F401 - what other rooms take
from handover.report.schedules import schedule as schedule
from handover.report.targets import USUAL, measure_of
from tickets.activity.actions import record
from tickets.people.models import Member, Shop, Team
from tickets.web.refusals import Refused

NO_DUTY = _("You have not worked a shift yet.")
NO_TARGET = _("This figure can have no target.")
OUT_OF_RANGE = _("A share lies between 0 and 100 %, anything else between 0 and 999,999,999.")
MOST = Decimal(999_999_999)


@transaction.atomic
def surprise(*, by: Member, text: str = "", at: datetime | None = None) -> Surprise:
    """Say that something came up in this duty (or the last one) that one was not told. Once per duty; again gives the first.

    Refuses `wrong_state` for somebody who never was on duty.
    """
    at = at or timezone.now()
    duty = Duty.objects.select_for_update(no_key=True).filter(member=by).order_by("-started_at").first()
    if duty is None:
        raise Refused("wrong_state", NO_DUTY)
    found, made = Surprise.objects.get_or_create(duty=duty, defaults={"team": by.team, "member": by, "text": text.strip()[:300], "at": at})
    if made:
        record("duty.surprised", team=by.team, actor=by, at=at, text=found.text)
    return found


@transaction.atomic
def set_targets(
    values: Mapping[str, Decimal | None], *, by: Member, shop: Shop | None = None, at: datetime | None = None
) -> dict[str, Decimal | None]:
    """Set what is wanted of some measures (`report.code` → value as stored, None takes the target away), of the team or of one shop.

    Returns what changed; saving the same again changes nothing. Refuses `invalid` by measure, `not_found` for another team's shop.
    """
    if shop is not None and shop.team_id != by.team_id:
        raise Refused("not_found")
    errors = {name: [problem] for name, value in values.items() if (problem := _wrong(name, value))}
    if errors:
        raise Refused("invalid", errors=errors)
    Team.objects.select_for_update(no_key=True).get(pk=by.team_id)
    rows = Target.objects.filter(team=by.team_id, shop=shop)
    before = dict(rows.values_list("measure", "value"))
    changed = {name: value for name, value in values.items() if before.get(name) != value}
    rows.filter(measure__in=[name for name, value in changed.items() if value is None]).delete()
    for name, value in changed.items():
        if value is not None:
            Target.objects.update_or_create(team=by.team, shop=shop, measure=name, defaults={"value": value})
    if changed:
        told = {name: [_text(before.get(name)), _text(value)] for name, value in changed.items()}
        record("report.target_set", team=by.team, actor=by, at=at, shop=shop.pk if shop else None, changes=told)
    return changed


def _wrong(name: str, value: Decimal | None) -> object:
    if name not in USUAL:
        return NO_TARGET
    most = 1 if measure_of(name).show == "percent" else MOST
    return OUT_OF_RANGE if value is not None and not (value.is_finite() and 0 <= value <= most) else None


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")
