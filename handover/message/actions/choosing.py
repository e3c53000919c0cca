"""What adds, changes, tests and removes destinations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.message import addresses, rules
from handover.message.actions.outbox import wake
from handover.message.models import Delivery, Destination, Message, Topic
from tickets.activity.actions import record
from tickets.people.models import Member, Team
from tickets.web.refusals import Refused
from tickets.web.sealed import seal

TOO_MANY = _("%(count)s destinations are enough. Remove one first.")
TWO_ENDS = _("Quiet hours have a beginning and an end.")
NOT_FOR_CHANNELS = _("A channel of the team is not told this.")
THERE_ALREADY = _("This robot is in your list already.")
SWITCH_OFF = _("Switch e-mail off instead.")
MOST = 10


@transaction.atomic
def add(
    *,
    by: Member,
    address: str,
    secret: str = "",
    name: str = "",
    for_team: bool = False,
    topics: Iterable[str] | None = None,
    quiet_from: time | None = None,
    quiet_until: time | None = None,
    at: datetime | None = None,
) -> Destination:
    """A new destination of one's own, or (`for_team`) a channel of the team. The address is sealed and never shown again.

    Refuses `invalid` by field (an address that is none, one end of quiet hours), `duplicate` for the same robot twice.
    """
    at = at or timezone.now()
    found = addresses.read(address, secret)
    member = None if for_team else by
    Team.objects.select_for_update(no_key=True).get(pk=by.team_id)
    existing = Destination.objects.filter(team=by.team, member=member, removed_at__isnull=True)
    if existing.count() >= MOST:
        raise Refused("wrong_state", TOO_MANY % {"count": MOST})
    if existing.filter(robot=found.robot).exists():
        raise Refused("duplicate", THERE_ALREADY)
    made = Destination(team=by.team, member=member, kind=found.kind, address=seal(found.url), shown=found.shown, robot=found.robot)
    made.name, made.created_at = name.strip(), at
    usual = rules.CHANNEL_TOPICS if for_team else Topic.values
    _choose(made, list(usual) if topics is None else topics, quiet_from, quiet_until)
    made.save()
    record(
        "message.destination_added", team=by.team, actor=by, at=at, destination=made.pk, kind=made.kind, name=made.name, channel=for_team
    )
    return made


@transaction.atomic
def change(
    destination: Destination,
    *,
    by: Member,
    topics: Iterable[str],
    quiet_from: time | None = None,
    quiet_until: time | None = None,
    name: str | None = None,
    is_active: bool = True,
    at: datetime | None = None,
) -> Destination:
    """Choose anew what goes there and when. A destination that was given up is tried again. Refuses `invalid`."""
    locked = Destination.objects.select_for_update().get(pk=destination.pk)
    _choose(locked, topics, quiet_from, quiet_until)
    locked.is_active = is_active
    locked.name = locked.name if name is None else name.strip()
    locked.broken_at, locked.broken_why, locked.resume_at = None, "", None
    locked.save()
    facts: dict[str, Any] = {"destination": locked.pk, "kind": locked.kind, "topics": locked.topics, "active": is_active}
    record("message.destination_changed", team=by.team, actor=by, at=at, **facts)
    return locked


@transaction.atomic
def remove(destination: Destination, *, by: Member, at: datetime | None = None) -> None:
    """Forget a destination and its address; what waited for it is dropped, what was sent stays on record. Twice is once.

    Refuses `wrong_state` for e-mail: the account keeps its address, so it is switched off instead.
    """
    at = at or timezone.now()
    if destination.kind == Destination.EMAIL:
        raise Refused("wrong_state", SWITCH_OFF)
    locked = Destination.objects.select_for_update().get(pk=destination.pk)
    if locked.removed_at is not None:
        return
    locked.removed_at, locked.address, locked.is_active = at, "", False
    locked.save(update_fields=["removed_at", "address", "is_active"])
    waiting = Delivery.objects.filter(destination=locked, parcel__isnull=True, dropped="")
    waiting.update(dropped=Delivery.Dropped.REMOVED)
    record("message.destination_removed", team=by.team, actor=by, at=at, destination=locked.pk, kind=locked.kind)


@transaction.atomic
def send_test(destination: Destination, *, by: Member, at: datetime | None = None) -> Message:
    """Send a test message there now, whatever its topics and quiet hours; a destination that was given up is tried again."""
    at = at or timezone.now()
    locked = Destination.objects.select_for_update().get(pk=destination.pk)
    if locked.broken_at is not None:
        locked.broken_at, locked.broken_why = None, ""
        locked.save(update_fields=["broken_at", "broken_why"])
    key = f"test:{locked.pk}:{at.timestamp():.3f}"
    made = Message.objects.create(
        team=by.team, member=locked.member, code="message.test", key=key, at=at, routed_at=at, data={"by": by.display_name}
    )
    Delivery.objects.create(message=made, destination=locked, key=key, not_before=at)
    record("message.tested", team=by.team, actor=by, at=at, destination=locked.pk, kind=locked.kind)
    wake()
    return made


def _choose(row: Destination, topics: Iterable[str], quiet_from: time | None, quiet_until: time | None) -> None:
    wanted = [topic for topic in Topic.values if topic in set(topics)]
    if row.member_id is None and set(wanted) - set(rules.CHANNEL_TOPICS):
        raise Refused("invalid", errors={"topics": [NOT_FOR_CHANNELS]})
    if (quiet_from is None) != (quiet_until is None):
        raise Refused("invalid", errors={"quiet_until": [TWO_ENDS]})
    row.topics, row.quiet_from, row.quiet_until = wanted, quiet_from, quiet_until
