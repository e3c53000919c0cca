"""What puts messages into the outbox, and from there to the destinations that listen."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from handover.message import rules
from handover.message.models import Delivery, Destination, Message, Parcel
from tickets.activity.actions import record
from tickets.people.models import Member, Team
from tickets.web.refusals import Refused

NOT_AGAIN = _("This cannot be sent again now.")
CHUNK = 200
STALE = timedelta(hours=24)
"""What is older when it is found is history (an import, a demo, a system that stood still) and told nobody outside."""


def send(
    code: str,
    *,
    key: str,
    members: Iterable[Member] = (),
    channels_of: Team | None = None,
    at: datetime | None = None,
    expires_at: datetime | None = None,
    **data: Any,
) -> int:
    """Put a message into the outbox, for these members and (with `channels_of`) the team's channels; call it inside the transaction
    that made it worth telling. `key` says what “once” means. `code` needs a topic (`rules.TOPIC_OF`) and a composer
    (`wording.composers`), which is given the message back when it is sent; so `data` holds ids and facts, no words and no secrets.
    After `expires_at` it is not sent. Returns how many were new."""
    at = at or timezone.now()
    rows = [Message(team_id=m.team_id, member=m) for m in {m.pk: m for m in members}.values()]
    if channels_of is not None:
        rows.append(Message(team=channels_of))
    for row in rows:
        row.code, row.key, row.at, row.expires_at, row.data = code, key[:120], at, expires_at, data
    before = Message.objects.filter(key=key[:120], code=code).count()
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    return Message.objects.filter(key=key[:120], code=code).count() - before


def wake() -> None:
    """Let a worker look into the outbox as soon as this transaction is done, not only at the next minute."""
    try:
        with transaction.atomic():
            app.configure_task("message.deliver_now", queueing_lock="message.deliver_now").defer()
    except AlreadyEnqueued:
        pass


def route(at: datetime | None = None) -> int:
    """Turn new messages into deliveries, one for each destination that listens; several workers may at once. Returns how many messages."""
    at = at or timezone.now()
    total = 0
    while done := _route_some(at):
        total += done
    return total


@transaction.atomic
def _route_some(at: datetime) -> int:
    rows = list(
        Message.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(routed_at__isnull=True)
        .select_related("team", "member__user")
        .order_by("id")[:CHUNK]
    )
    if not rows:
        return 0
    places = _places(rows, at)
    made = [
        Delivery(
            message=row,
            destination=place,
            key=row.key,
            not_before=rules.after_quiet(at, row.team.zone, place.quiet_from, place.quiet_until),
        )
        for row in rows
        for place in _listening(row, places, at)
    ]
    Delivery.objects.bulk_create(made, ignore_conflicts=True)
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(routed_at=at)
    return len(rows)


def _places(rows: list[Message], at: datetime) -> dict[tuple[int, int | None], list[Destination]]:
    """Every destination these messages could go to, by team and member (None: channels). Three statements for any number of rows."""
    members = {row.member_id: row.member for row in rows if row.member is not None}
    teams = {row.team_id for row in rows}
    with_email = set(Destination.objects.filter(member__in=members, kind=Destination.EMAIL).values_list("member_id", flat=True))
    use_email([m for m in members.values() if m.pk not in with_email], at)
    found: dict[tuple[int, int | None], list[Destination]] = defaultdict(list)
    usable = Destination.objects.filter(removed_at__isnull=True, is_active=True)
    for place in usable.filter(member__in=members) | usable.filter(team__in=teams, member__isnull=True):
        found[(place.team_id, place.member_id)].append(place)
    return found


def _listening(row: Message, places: dict[tuple[int, int | None], list[Destination]], at: datetime) -> list[Destination]:
    topic = rules.TOPIC_OF.get(row.code)
    if topic is None or row.at < at - STALE or (row.expires_at is not None and row.expires_at <= at):
        return []
    found = []
    if row.member is not None and row.member.is_active and row.member.user.is_active:
        own = [place for place in places[(row.team_id, row.member_id)] if topic in place.topics]
        found = [place for place in own if place.kind != Destination.EMAIL or row.member.user.email]
    if row.member is None or row.alert_id is not None:
        found += [p for p in places[(row.team_id, None)] if topic in p.topics and topic in rules.CHANNEL_TOPICS]
    return found


def use_email(members: Iterable[Member], at: datetime | None = None) -> None:
    """Everybody has an e-mail destination until they choose otherwise; making it twice is making it once."""
    at = at or timezone.now()
    rows = [
        Destination(
            team_id=m.team_id, member=m, kind=Destination.EMAIL, robot=hashlib.sha256(f"email:{m.pk}".encode()).hexdigest(), created_at=at
        )
        for m in members
    ]
    Destination.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def send_again(parcel: Parcel, *, by: Member, at: datetime | None = None) -> Parcel:
    """Try a failed parcel again from the beginning. Refuses `wrong_state` where it is not failed, or another one is on its way there."""
    at = at or timezone.now()
    place = Destination.objects.select_for_update().get(pk=parcel.destination_id)
    locked = Parcel.objects.select_for_update().get(pk=parcel.pk)
    busy = Parcel.objects.filter(destination=place, state__in=Parcel.OPEN).exists()
    if locked.state != Parcel.State.FAILED or busy or place.removed_at is not None:
        raise Refused("wrong_state", NOT_AGAIN)
    locked.state, locked.next_at, locked.attempts, locked.made_at, locked.ended_at = Parcel.State.WAITING, at, 0, at, None
    locked.save()
    Destination.objects.filter(pk=place.pk).update(broken_at=None, broken_why="", resume_at=None)
    record("message.sent_again", team=by.team, actor=by, at=at, destination=place.pk, parcel=str(locked.pk))
    wake()
    return locked
