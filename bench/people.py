"""The team of the measured history: twenty managers, 180 agents in three shifts, of whom a third is on duty now."""

from __future__ import annotations

from datetime import datetime, timedelta

from bench.history import MEMBERS, SHOPS
from tickets.people.models import Member, Platform, Presence, Role, Shop, Team, User
from tickets.ticket.models import Reason, Resolution


def make_people(now: datetime) -> None:
    """Team 1 with members 1-200 (21 and up are agents), shops 1-50, reasons, a resolution; 1-20 and every third agent are on duty."""
    User.objects.bulk_create(User(id=n, username=f"bench{n}", email=f"bench{n}@example.com") for n in range(1, MEMBERS + 1))
    team = Team.objects.create(id=1, name="Bench", slug="bench")
    Member.objects.bulk_create(
        Member(id=n, team=team, user_id=n, display_name=f"客服{n:03d}", roles=[Role.MANAGER if n <= 20 else Role.AGENT])
        for n in range(1, MEMBERS + 1)
    )
    Team.objects.filter(pk=1).update(lead_id=1)
    Presence.objects.bulk_create(Presence(member_id=n) for n in range(1, MEMBERS + 1))
    set_presences(now)
    Shop.objects.bulk_create(
        Shop(id=n, team=team, platform=Platform.TAOBAO if n % 2 else Platform.TMALL, name=f"店铺{n:02d}") for n in range(1, SHOPS + 1)
    )
    Reason.objects.bulk_create(Reason(id=n, team=team, name=f"Group {n}") for n in range(1, 5))
    Reason.objects.bulk_create(Reason(id=n, team=team, parent_id=n % 4 + 1, name=f"Reason {n}") for n in range(5, 17))
    Resolution.objects.create(id=1, team=team, name="Answered")
    _move_sequences()


def set_presences(now: datetime) -> None:
    """Who is at work and who comes when, from `now` on: a history that was loaded yesterday is measured as of today.

    Nobody is gone: what absent people hold would be in everybody's digest.
    """
    Presence.objects.update(on_since=None, on_until=None, admitted_until=None)
    everybody = range(1, MEMBERS + 1)
    until = now + timedelta(hours=5)
    here = [n for n in everybody if is_here(n)]
    Presence.objects.filter(member_id__in=here).update(
        on_since=now - timedelta(hours=3), on_until=until, admitted_until=until + timedelta(days=30)
    )
    for rest, hours in ((1, 5), (2, 12)):
        start = now + timedelta(hours=hours)
        coming = [n for n in everybody if not is_here(n) and n % 3 == rest]
        Presence.objects.filter(member_id__in=coming).update(next_on=start, next_until=start + timedelta(hours=8))


def is_here(number: int) -> bool:
    """Managers and every third agent are on duty."""
    return number <= 20 or number % 3 == 0


def _move_sequences() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for table in ("user", "team", "member", "shop", "reason", "resolution"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('tickets_{table}', 'id'), (SELECT max(id) FROM tickets_{table}))")
