"""What the clock does to digests: the personal link before the shift, and addenda that ask nobody any longer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from procrastinate.contrib.django import app

from handover.digest import actions
from handover.message.models import Destination
from tickets.people.models import SHIFT_ROLES, Member

BEFORE = timedelta(minutes=45)
"""How long before the shift the link is sent: late enough to be of use, early enough for the way to work."""


_robots = Destination.objects.filter(member=OuterRef("pk"), removed_at__isnull=True, is_active=True).exclude(kind=Destination.EMAIL)
_reachable = ~Q(user__email="") | Exists(_robots)
"""Who has an address outside at all: without one no link is made."""


@app.periodic(cron="*/5 * * * *", periodic_id="digest.links")
@app.task(name="digest.links", queueing_lock="digest.links")
def send_links(timestamp: int) -> None:
    """Every five minutes; missed runs catch up with one message, and only for shifts that are not over."""
    send_due_links()


def send_due_links(at: datetime | None = None) -> int:
    """Send everybody who comes within `BEFORE`, or should be here already, the link of that shift, to wherever they want it; returns how
    many were put into the outbox."""
    at = at or timezone.now()
    coming = Member.objects.active().filter(
        presence__next_on__lte=at + BEFORE, presence__next_until__gt=at, presence__on_since__isnull=True
    )
    coming = coming.with_role(*SHIFT_ROLES).filter(_reachable).select_related("team", "user", "presence").order_by("pk")
    sent = 0
    for member in coming:
        presence = member.presence
        sent += actions.send_link(member, starts_at=presence.next_on, expires_at=presence.next_until, at=at)
    return sent


@app.periodic(cron="* * * * *", periodic_id="digest.addenda")
@app.task(name="digest.addenda", queueing_lock="digest.addenda")
def forget_settled(timestamp: int) -> None:
    """Every minute: what another has taken is not asked for any longer."""
    actions.forget_settled()
