"""What a team may edit of its own words: the reasons, two levels deep, and the resolutions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import record
from tickets.people.models import Member
from tickets.ticket.models import Reason, Resolution, Ticket
from tickets.web.refusals import Refused

THERE = _("There is one of this name already.")
DEEP = _("Reasons are two levels deep: choose a group of the first level.")
USED = _("This reason has been chosen already, so nothing can be put below it. Make a new group instead.")

chosen_hooks: list[Callable[[Reason], bool]] = []
"""Rooms above say whether something of theirs has the reason."""


@transaction.atomic
def save_reason(
    *,
    by: Member,
    name: str,
    fault: str,
    parent: Reason | None = None,
    place: int = 0,
    is_active: bool = True,
    reason: Reason | None = None,
    at: datetime | None = None,
) -> Reason:
    """Add a reason or change one. Refuses `invalid` for a name that its group has, a third level, or a group that was chosen."""
    code = "reason.changed" if reason else "reason.added"
    found = Reason.objects.select_for_update().get(pk=reason.pk, team=by.team_id) if reason else Reason(team=by.team)
    if parent is not None:
        _may_hold(parent, found)
    found.name, found.fault, found.parent, found.place, found.is_active = name, fault, parent, place, is_active
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError as clash:
        said = str(clash)
        problem = {"parent": [DEEP]} if "two_levels" in said else {"parent": [USED]} if "stays_a_leaf" in said else {"name": [THERE]}
        raise Refused("invalid", errors=problem) from clash
    record(code, team=by.team, actor=by, at=at, reason=found.pk, name=name)
    return found


def _may_hold(parent: Reason, child: Reason) -> None:
    """A group is of this team, of the first level, and was never chosen itself."""
    if parent.team_id != child.team_id or parent.parent_id is not None or parent.pk == child.pk:
        raise Refused("invalid", errors={"parent": [DEEP]})
    if Ticket.objects.filter(reason=parent).exists() or any(chosen(parent) for chosen in chosen_hooks):
        raise Refused("invalid", errors={"parent": [USED]})


@transaction.atomic
def save_resolution(
    *, by: Member, name: str, place: int = 0, is_active: bool = True, resolution: Resolution | None = None, at: datetime | None = None
) -> Resolution:
    """Add a way in which matters end, or change one. Refuses `invalid` for a name that is there."""
    code = "resolution.changed" if resolution else "resolution.added"
    found = Resolution.objects.select_for_update().get(pk=resolution.pk, team=by.team_id) if resolution else Resolution(team=by.team)
    found.name, found.place, found.is_active = name, place, is_active
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError as clash:
        raise Refused("invalid", errors={"name": [THERE]}) from clash
    record(code, team=by.team, actor=by, at=at, resolution=found.pk, name=name)
    return found
