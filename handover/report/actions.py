"""What people add to the figures."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.duty.models import Duty
from handover.report.models import Surprise
from tickets.activity.actions import record
from tickets.people.models import Member
from tickets.web.refusals import Refused

NO_DUTY = _("You have not worked a shift yet.")


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
