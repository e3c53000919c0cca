"""Who is here, who is on, who may take something."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from tickets.people.models import Member, Role, Team, User


def memberships(user: User) -> list[Member]:
    """The active memberships of an account, with team, user and presence at hand."""
    found = list(Member.objects.filter(user=user, is_active=True).select_related("team", "presence").order_by("team__name"))
    for member in found:
        member.user = user  # known already: every page begins here, and a wider join would cost each of them
    return found


def managers_on_duty(team: Team, at: datetime | None = None) -> list[Member]:
    """The managers of the team who are at work at the instant."""
    return list(Member.objects.filter(team=team).active().with_role(Role.MANAGER).on_duty(at or timezone.now()))


def managers_to_tell(team: Team, at: datetime | None = None) -> list[Member]:
    """The managers on duty, or else the lead: somebody is always told."""
    found = managers_on_duty(team, at)
    if not found and team.lead is not None:
        found = [team.lead]
    return found


def lets_through(team: Team, member: Member, at: datetime | None = None) -> bool:
    """Whether the team's policy lets the member handle a matter beyond the limit: no manager but the person itself is on duty (C3)."""
    if team.no_manager != Team.NoManager.LET_THROUGH:
        return False
    return not [manager for manager in managers_on_duty(team, at) if manager.pk != member.pk]


def named(team: Team, names: set[str]) -> list[Member]:
    """The active members of the team with one of these display or user names."""
    if not names:
        return []
    known = Q(display_name__in=names) | Q(user__username__in=names)
    return list(Member.objects.filter(team=team).active().filter(known).select_related("user"))
