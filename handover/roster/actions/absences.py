"""What changes who is away: leave, illness, and being back before it ends."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.roster.actions.planning import ENDS_FIRST, PAST, refresh_next
from handover.roster.models import Absence
from tickets.activity.actions import record
from tickets.people.models import Member
from tickets.web.refusals import Refused
from tickets.web.undo import MEANWHILE

AWAY_TWICE = _("%(name)s is already away in that time.")


@transaction.atomic
def add_absence(member: Member, start: datetime, end: datetime, *, by: Member, reason: str = "", at: datetime | None = None) -> Absence:
    """The person is not to be counted on in `[start, end)`. Refuses `invalid` for an empty range, `duplicate` for an overlap."""
    at = at or timezone.now()
    if end <= start:
        raise Refused("invalid", errors={"until": [ENDS_FIRST]})
    try:
        with transaction.atomic():
            found = Absence.objects.create(team=member.team, member=member, during=DateTimeTZRange(start, end), reason=reason, by=by)
    except IntegrityError as clash:
        raise Refused("duplicate", AWAY_TWICE % {"name": member.display_name}) from clash
    _absent(member, start, end, by=by, reason=reason, at=at)
    return found


@transaction.atomic
def end_absence(absence: Absence, *, by: Member, at: datetime | None = None) -> None:
    """The person can be counted on again from `at`: an absence to come goes, one that runs ends, one that is over stays (`wrong_state`)."""
    at = at or timezone.now()
    locked = Absence.objects.select_for_update().get(pk=absence.pk)
    start, end = locked.span
    if end <= at:
        raise Refused("wrong_state", PAST)
    if start >= at:
        locked.delete()
    else:
        locked.during = DateTimeTZRange(start, at)
        locked.save(update_fields=["during"])
    member = locked.member
    record("roster.back", team=member.team, actor=by, at=at, member=member.pk, name=member.display_name, start=start, end=end)
    refresh_next([member.pk], at)


@transaction.atomic
def away_again(
    member: Member, start: datetime, end: datetime, *, by: Member, cut: datetime | None, reason: str = "", at: datetime | None = None
) -> None:
    """`end_absence` was a mistake: the person is away in `[start, end)` as before. `cut`: the instant a running absence was ended at.

    Refuses `duplicate` for an overlap that came meanwhile, `stale` where what is left of a running one was changed."""
    if cut is None:
        add_absence(member, start, end, by=by, reason=reason, at=at)
        return
    rest = Absence.objects.filter(team=by.team, member=member, during=DateTimeTZRange(start, cut))
    try:
        with transaction.atomic():
            if not rest.update(during=DateTimeTZRange(start, end)):
                raise Refused("stale", MEANWHILE)
    except IntegrityError as clash:
        raise Refused("duplicate", AWAY_TWICE % {"name": member.display_name}) from clash
    _absent(member, start, end, by=by, reason=reason, at=at or timezone.now())


def _absent(member: Member, start: datetime, end: datetime, *, by: Member, reason: str, at: datetime) -> None:
    facts = {"member": member.pk, "name": member.display_name, "start": start, "end": end, "reason": reason}
    record("roster.absent", team=member.team, actor=by, at=at, **facts)
    refresh_next([member.pk], at)
