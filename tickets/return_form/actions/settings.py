"""The team's policy for its return forms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from tickets.activity.actions import record
from tickets.people.models import Member, Team
from tickets.return_form.actions.common import require
from tickets.return_form.models import ReturnPolicy

FIELDS = ("max_amount", "resolutions", "count_hours", "decide_hours", "settle_hours")


@transaction.atomic
def change_policy(
    team: Team,
    *,
    by: Member,
    max_amount: Decimal,
    resolutions: Sequence[str],
    count_hours: int,
    decide_hours: int,
    settle_hours: int,
    at: datetime | None = None,
) -> ReturnPolicy:
    """Say what may pass by rule (up to `max_amount`, of these resolutions; 0: nothing) and how long each stage may take."""
    require(by, "team.edit")
    policy, _new = ReturnPolicy.objects.select_for_update().get_or_create(team=team)
    before = {name: str(getattr(policy, name)) for name in FIELDS}
    policy.max_amount, policy.resolutions = max_amount, sorted(resolutions)
    policy.count_hours, policy.decide_hours, policy.settle_hours = count_hours, decide_hours, settle_hours
    policy.full_clean()
    policy.save()
    after = {name: str(getattr(policy, name)) for name in FIELDS}
    if before != after:
        record("return_policy.changed", team=team, actor=by, at=at, before=before, after=after)
    return policy
