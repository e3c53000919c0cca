"""What takes parcels out of the outbox and sends them. Any number of workers; docs/decisions/messages.md says why it is so.

Three short transactions around one request: claim (lease), “it may leave now”, and what came of it. A worker that dies between
the first two sent nothing: the parcel is simply free again. One that dies after the second leaves a parcel of which nobody knows: it is
marked uncertain and sent again, saying so.
"""

from __future__ import annotations

import logging
import random
import time
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as N_

from handover.message import post, rules
from handover.message.actions.outbox import route
from handover.message.models import Delivery, Destination, Parcel
from handover.message.rules import Answer, Came
from handover.message.wording import Words, compose
from tickets.activity.actions import alert

log = logging.getLogger(__name__)
State = Parcel.State
LOST = N_("The worker was lost while sending")
NO_ANSWER = N_("No answer")
TURN = 4712
"""The first half of the advisory lock of a robot; the second is made from its hash."""

READY = """
SELECT d.id FROM handover_destination d
  LEFT JOIN handover_parcel p ON p.destination_id = d.id AND p.state IN ('waiting', 'claimed', 'sending')
 CROSS JOIN LATERAL (SELECT CASE WHEN p.state = 'waiting' THEN p.next_at WHEN p.id IS NULL THEN
       (SELECT min(x.not_before) FROM handover_delivery x
         WHERE x.destination_id = d.id AND x.parcel_id IS NULL AND x.dropped = '') END AS at) due
 WHERE d.removed_at IS NULL AND d.is_active AND d.broken_at IS NULL AND (d.resume_at IS NULL OR d.resume_at <= %(at)s) AND due.at <= %(at)s
 ORDER BY due.at, d.id LIMIT 1 FOR UPDATE OF d SKIP LOCKED
"""


def deliver(at: datetime | None = None, *, budget: float = 50.0) -> int:
    """Send whatever is due, for at most `budget` seconds; returns how many parcels were tried. `at`: the instant, else now."""
    recover(at)
    route(at)
    tried, ends = 0, time.monotonic() + budget
    while time.monotonic() < ends:
        found = claim(at)
        if found == "none":
            break
        if isinstance(found, Parcel):
            _send(found, at)
            tried += 1
    return tried


@transaction.atomic
def claim(at: datetime | None = None) -> Parcel | str:
    """Take what is due for one destination: a parcel in hand until its lease ends, `again` where a limit put it off or nothing was worth
    sending, `none` where nothing is due."""
    at = at or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(READY, {"at": at})
        row = cursor.fetchone()
    if row is None:
        return "none"
    place = Destination.objects.select_related("team__lead__user", "member__user").get(pk=row[0])
    # Another worker may have ended or begun a parcel between our snapshot and the lock.
    parcel = Parcel.objects.filter(destination=place, state__in=Parcel.OPEN).first()
    if parcel is not None and (parcel.state != State.WAITING or parcel.next_at is None or parcel.next_at > at):
        return "again"
    if (free := _free_at(place, at)) > at:
        Destination.objects.filter(pk=place.pk).update(resume_at=free)
        return "again"
    if parcel is None:
        parcel = _pack(place, at)
        if parcel is None:
            return "again"
    parcel.state, parcel.tried_at, parcel.lease_until = State.CLAIMED, at, at + rules.LEASE
    parcel.attempts += 1
    parcel.save()
    parcel.destination = place
    return parcel


def _free_at(place: Destination, at: datetime) -> datetime:
    """When the platform's limits let the robot take one more. Holds the robot's turn until the transaction ends, since other destinations
    may share it."""
    free = at
    if not rules.limits(place.kind):
        return free
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TURN, int(place.robot[:7], 16)])
    for limit in rules.limits(place.kind):
        since = at - timedelta(seconds=limit.seconds)
        tried = Parcel.objects.filter(destination__robot=place.robot, tried_at__gt=since).order_by("-tried_at")
        nth = tried.values_list("tried_at", flat=True)[limit.most - 1 : limit.most].first()
        if nth is not None:
            free = max(free, nth + timedelta(seconds=limit.seconds))
    return free


def _pack(place: Destination, at: datetime) -> Parcel | None:
    """A new parcel of what is due and fits; what expired meanwhile is dropped. None where nothing is left."""
    due = Delivery.objects.due(at).filter(destination=place).order_by("id")
    related = ("message__team", "message__alert__member", "message__member__user")
    taken: list[int] = []
    used = 200  # what numbers and a word about repeats may add
    for row in due.select_related(*related)[: rules.LINES]:
        try:
            with transaction.atomic():
                words = _worth(row, place, at)
        except Exception:  # whatever a room's words fail of: the others must not wait for it
            _put_off(row, at)
            continue
        if words is None:
            Delivery.objects.filter(pk=row.pk).update(dropped=Delivery.Dropped.EXPIRED)
            continue
        size = len(words.text.encode()) + len(words.url) + 8
        if taken and (words.alone or used + size > rules.room(place.kind)):
            break
        taken.append(row.pk)
        used += size
        if words.alone:
            break
    if not taken:
        return None
    parcel = Parcel.objects.create(destination=place, made_at=at, lease_until=at + rules.LEASE)
    Delivery.objects.filter(pk__in=taken).update(parcel=parcel)
    return parcel


def _worth(row: Delivery, place: Destination, at: datetime) -> Words | None:
    expires = row.message.expires_at
    return None if expires is not None and expires <= at else compose(row.message, place)


def _put_off(row: Delivery, at: datetime) -> None:
    """A message whose words cannot be made now is looked at later, for a day."""
    log.exception("message %s (%s) cannot be put into words", row.message_id, row.message.code)
    gone = row.message.at <= at - rules.GIVE_UP_AFTER
    changes = {"dropped": Delivery.Dropped.FAILED} if gone else {"not_before": at + rules.LONGEST_WAIT}
    Delivery.objects.filter(pk=row.pk).update(**changes)


def _send(parcel: Parcel, at: datetime | None) -> None:
    """Send a claimed parcel and note what came of it."""
    try:
        lines = post.lines_of(parcel)
    except Exception:
        log.exception("parcel %s cannot be put into words", parcel.pk)
        return _settle(parcel, Answer(Came.FAILED, "no words"), at)
    if not lines:
        return _settle(parcel, Answer(Came.REJECTED, "nothing left to say"), at)
    if not _let_go(parcel):
        return None
    try:
        answer = post.send(parcel, lines)
    except Exception as failure:  # a library's own: nobody knows how far it came
        log.exception("parcel %s", parcel.pk)
        answer = Answer(Came.UNSURE, type(failure).__name__)
    return _settle(parcel, answer, at)


def _let_go(parcel: Parcel) -> bool:
    """From here on it may have left; False where the lease ran out and another worker has it."""
    mine = Parcel.objects.filter(pk=parcel.pk, state=State.CLAIMED, attempts=parcel.attempts)
    return bool(mine.update(state=State.SENDING))


@transaction.atomic
def _settle(parcel: Parcel, answer: Answer, at: datetime | None) -> None:
    """Write what came of a try, unless the parcel was taken out of our hand meanwhile."""
    at = at or timezone.now()
    place = Destination.objects.select_for_update().get(pk=parcel.destination_id)
    mine = Parcel.objects.filter(pk=parcel.pk, state__in=(State.CLAIMED, State.SENDING), attempts=parcel.attempts)
    if answer.came is Came.SENT:  # also where the lease ran out, as long as nobody has begun to repeat it
        mine = Parcel.objects.filter(pk=parcel.pk, state__in=Parcel.OPEN, attempts=parcel.attempts)
        mine.update(state=State.SENT, ended_at=at, lease_until=None, next_at=None, error="")
    elif answer.came in (Came.REFUSED, Came.REJECTED) or at - parcel.made_at >= rules.GIVE_UP_AFTER:
        done = mine.update(state=State.FAILED, ended_at=at, lease_until=None, next_at=None, error=answer.why[:200])
        if done and answer.came is not Came.REJECTED:
            _give_up(place, answer.why, at)
    else:
        wait = max(rules.backoff(parcel.attempts, random.random()), answer.wait)  # noqa: S311
        uncertain = parcel.uncertain or answer.came is Came.UNSURE
        done = mine.update(
            state=State.WAITING, next_at=at + wait, lease_until=None, error=(answer.why or NO_ANSWER)[:200], uncertain=uncertain
        )
        if done and answer.came is Came.THROTTLED:  # the robot is told to be silent, whoever uses it
            Destination.objects.filter(robot=place.robot).update(resume_at=at + answer.wait)


def _give_up(place: Destination, why: str, at: datetime) -> None:
    """A destination that does not take ours rests until somebody looks at it; its owner, or the lead, is told inside, once."""
    Destination.objects.filter(pk=place.pk, broken_at__isnull=True).update(broken_at=at, broken_why=why[:200])
    whom = place.member or place.team.lead
    if whom is not None:
        key = f"message.refused:{place.pk}:{at:%Y%m%dT%H%M}"
        alert([whom], "message.refused", key=key, at=at, kind=place.kind, name=place.name or place.shown, why=why[:200])


@transaction.atomic
def recover(at: datetime | None = None) -> int:
    """Free what lies in the hands of workers that died: claimed only, it never left; sending, nobody knows. Returns how many."""
    at = at or timezone.now()
    lost = Parcel.objects.select_for_update(skip_locked=True).filter(state__in=(State.CLAIMED, State.SENDING), lease_until__lte=at)
    pks = list(lost.values_list("pk", flat=True)[:500])
    rows = Parcel.objects.filter(pk__in=pks)
    count = rows.filter(state=State.SENDING).update(state=State.WAITING, uncertain=True, error=LOST, lease_until=None, next_at=at)
    return count + rows.filter(state=State.CLAIMED).update(state=State.WAITING, lease_until=None, next_at=at)
