"""Which notices hold, and who has read them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from handover.notice.models import Notice, NoticeRead
from tickets.people.models import SHIFT_ROLES, Member


def unread(member: Member, at: datetime, until: datetime | None = None) -> QuerySet[Notice]:
    """The notices that hold at `at`, or begin before `until`, and that the member has not read in their present version; oldest first."""
    holds = Q(valid_from__lte=until or at, ended_at__isnull=True) & (Q(valid_until__isnull=True) | Q(valid_until__gt=at))
    mine = NoticeRead.objects.filter(notice=OuterRef("pk"), member=member, version=OuterRef("version"))
    return Notice.objects.filter(holds, ~Exists(mine), team_id=member.team_id).select_related("shop", "by").order_by("id")


def listed(member: Member, *, ended: bool, at: datetime) -> QuerySet[Notice]:
    """The team's notices with how many have read the present version: those that hold or will, or those that are over."""
    over = Q(ended_at__isnull=False) | Q(valid_until__lte=at)
    found = Notice.objects.visible_to(member).filter(over if ended else ~over)
    readers = Count("reads", filter=Q(reads__version=F("version")), distinct=True)
    return found.select_related("shop", "by").annotate(readers=readers)


def readers(notice: Notice) -> list[tuple[Member, datetime | None]]:
    """Everybody who works in shifts, with when they read the present version (None: not yet); unread first."""
    when = dict(NoticeRead.objects.filter(notice=notice, version=notice.version).values_list("member_id", "at"))
    people = Member.objects.filter(team_id=notice.team_id).active().with_role(*SHIFT_ROLES)
    return sorted(((m, when.get(m.pk)) for m in people), key=lambda row: (row[1] is not None, row[0].display_name))
