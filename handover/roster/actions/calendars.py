"""The secret address of a person's shifts for a calendar program."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from handover.roster.models import CalendarLink
from tickets.activity.actions import record
from tickets.people.models import Member


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make(member: Member, *, at: datetime | None = None) -> str:
    """A new token, shown once; the one before stops working."""
    at = at or timezone.now()
    _revoke(member, at)
    token = secrets.token_urlsafe(32)
    CalendarLink.objects.create(member=member, token_hash=hashed(token), created_at=at)
    record("roster.calendar_made", team=member.team, actor=member, at=at, member=member.pk)
    return token


@transaction.atomic
def revoke(member: Member, *, at: datetime | None = None) -> None:
    """The address stops working."""
    at = at or timezone.now()
    if _revoke(member, at):
        record("roster.calendar_revoked", team=member.team, actor=member, at=at, member=member.pk)


def _revoke(member: Member, at: datetime) -> int:
    Member.objects.select_for_update(no_key=True, of=("self",)).get(pk=member.pk)
    return CalendarLink.objects.filter(member=member, revoked_at__isnull=True).update(revoked_at=at)


def opened(token: str, *, at: datetime | None = None) -> Member | None:
    """Whose shifts the token shows; None for one that is unknown or revoked, or whose person has left."""
    links = CalendarLink.objects.filter(token_hash=hashed(token), revoked_at__isnull=True)
    link = links.filter(member__is_active=True, member__user__is_active=True).select_related("member__team", "member__user").first()
    if link is None:
        return None
    CalendarLink.objects.filter(pk=link.pk).update(last_used_at=at or timezone.now())
    return link.member
