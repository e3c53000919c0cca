"""What sends events. Any number of workers; at least once, each repetition with the same event id.

Claim (with a lease), one request outside any transaction, then what came of it. A worker that dies in between leaves a lease that runs
out, and the event is sent again. A failure lets the whole endpoint rest, so that one that stalls costs a try now and then and not the
others' time; while it rests its events wait, and after a day each is parked.
"""

from __future__ import annotations

import json
import random
import time
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from handover.server import outgoing
from handover.webhook import rules
from handover.webhook.models import Endpoint, WebhookDelivery
from tickets.activity.actions import alert, record
from tickets.web.sealed import unseal

State = WebhookDelivery.State
IN_A_ROW = 25
"""How many events of one endpoint are sent before the next endpoint has its turn."""


def deliver(at: datetime | None = None, *, budget: float = 50.0) -> int:
    """Send what is due, for at most `budget` seconds; returns how many tries were made. `at`: the instant, else now."""
    recover(at)
    park_old(at)
    tried, ends = 0, time.monotonic() + budget
    while time.monotonic() < ends and (ready := _ready(at)):
        before = tried
        for endpoint in ready:
            for _turn in range(IN_A_ROW):
                if time.monotonic() >= ends or (found := claim(endpoint, at)) is None:
                    break
                tried += 1
                if not settle(found, *_try(found), at):
                    break
        if tried == before:  # what is left is in other workers' hands
            break
    return tried


def _ready(at: datetime | None) -> list[int]:
    """Endpoints that something is due for and that do not rest, in any order: none is always first."""
    at = at or timezone.now()
    waiting = WebhookDelivery.objects.due(at).filter(endpoint=OuterRef("pk"))
    rows = Endpoint.objects.filter(Q(rest_until__isnull=True) | Q(rest_until__lte=at), is_active=True).filter(Exists(waiting))
    found = list(rows.values_list("pk", flat=True))
    random.shuffle(found)
    return found


@transaction.atomic
def claim(endpoint: int, at: datetime | None = None) -> WebhookDelivery | None:
    """Take the endpoint's oldest due event in hand; None where nothing is due, or it rests."""
    at = at or timezone.now()
    resting = Endpoint.objects.filter(pk=endpoint, is_active=True).filter(Q(rest_until__isnull=True) | Q(rest_until__lte=at))
    rows = WebhookDelivery.objects.select_for_update(of=("self",), skip_locked=True).due(at).filter(endpoint__in=resting)
    found = rows.select_related("endpoint__team", "activity__actor").order_by("id").first()
    if found is None:
        return None
    found.state, found.lease_until, found.attempts = State.SENDING, at + rules.LEASE, found.attempts + 1
    found.save(update_fields=["state", "lease_until", "attempts"])
    return found


def body_of(delivery: WebhookDelivery) -> bytes:
    """The event as JSON; in a repetition only what people and team are called may have changed."""
    row = delivery.activity
    event: dict[str, Any] = {"id": delivery.event, "team": delivery.endpoint.team.slug}
    if row is None:
        event |= {"type": "webhook.test", "sequence": None, "at": rules.instant(delivery.begun_at), "data": {}}
        return _bytes(event)
    event |= {
        "type": row.code,
        "sequence": row.pk,
        "at": rules.instant(row.at),
        "actor": {"id": row.actor.pk, "name": row.actor.display_name} if row.actor else None,
        "ticket": row.ticket_id,
        "customer": row.customer_id,
        "order": row.order_id,
        "return_form": row.return_form_id,
        "data": rules.facts(row.code, row.data),
    }
    return _bytes(event)


def _bytes(event: dict[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _try(delivery: WebhookDelivery) -> tuple[int, str, str]:
    """One request: the status (0: none), what failed, and the header `Retry-After`."""
    body, stamp = body_of(delivery), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Handover-Webhooks/1",
        "X-Handover-Event": delivery.event,
        "X-Handover-Attempt": str(delivery.attempts),
        "X-Handover-Timestamp": str(stamp),
        "X-Handover-Signature": rules.signature(unseal(delivery.endpoint.secret), stamp, body),
    }
    try:
        said = outgoing.post(delivery.endpoint.url, body, headers)
    except outgoing.NotAllowed as failure:
        return 0, f"not allowed: {failure}", ""
    except (outgoing.Unreachable, outgoing.NoAnswer) as failure:
        return 0, f"{type(failure).__name__}: {failure}", ""
    return said.status, "" if 200 <= said.status < 300 else said.body[:150].decode("utf-8", "replace"), said.retry_after


@transaction.atomic
def settle(delivery: WebhookDelivery, status: int, error: str, retry_after: str, at: datetime | None = None) -> bool:
    """Write what came of a try, unless it was taken out of our hand meanwhile; whether the endpoint took it."""
    at = at or timezone.now()
    endpoint = Endpoint.objects.select_for_update().get(pk=delivery.endpoint_id)
    mine = WebhookDelivery.objects.filter(pk=delivery.pk, state=State.SENDING, attempts=delivery.attempts)
    said: dict[str, Any] = {"status": status, "error": "".join(c for c in error if c.isprintable())[:200], "lease_until": None}
    if 200 <= status < 300:
        mine.update(state=State.SENT, ended_at=at, **said)
        if endpoint.failures or endpoint.failing_since:
            Endpoint.objects.filter(pk=endpoint.pk).update(failures=0, failing_since=None, rest_until=None)
        return True
    wait = max(rules.backoff(endpoint.failures + 1, random.random()), rules.asked_to_wait(retry_after))  # noqa: S311
    if at - delivery.begun_at >= rules.GIVE_UP_AFTER:
        mine.update(state=State.PARKED, ended_at=at, **said)
    else:
        mine.update(state=State.WAITING, next_at=at + wait, **said)
    since = endpoint.failing_since or at
    Endpoint.objects.filter(pk=endpoint.pk).update(failures=F("failures") + 1, failing_since=since, rest_until=at + wait)
    if status == 410 or at - since >= rules.DISABLE_AFTER:
        _switch_off(endpoint, since, at)
    return False


def _switch_off(endpoint: Endpoint, since: datetime, at: datetime) -> None:
    """An endpoint that failed for days, or says it is gone (410), is no longer called; the lead is told."""
    if not Endpoint.objects.filter(pk=endpoint.pk, is_active=True).update(is_active=False, disabled_at=at):
        return
    facts = {"endpoint": endpoint.pk, "name": endpoint.name or endpoint.url[:60]}
    record("webhook.disabled", team=endpoint.team, actor=None, at=at, **facts)
    if endpoint.team.lead is not None:
        alert([endpoint.team.lead], "webhook.disabled", key=f"webhook.disabled:{endpoint.pk}:{at:%Y%m%dT%H%M%S}", at=at, **facts)


@transaction.atomic
def recover(at: datetime | None = None) -> int:
    """Free what lies in the hands of workers that died; returns how many."""
    at = at or timezone.now()
    lost = WebhookDelivery.objects.select_for_update(skip_locked=True).filter(state=State.SENDING, lease_until__lte=at)
    pks = list(lost.values_list("pk", flat=True)[:1000])
    return WebhookDelivery.objects.filter(pk__in=pks).update(state=State.WAITING, next_at=at, lease_until=None)


@transaction.atomic
def park_old(at: datetime | None = None) -> int:
    """Park what has waited for a day at an endpoint that fails or is off, tried or not; returns how many. It can be sent again by hand."""
    at = at or timezone.now()
    failing = Q(endpoint__failing_since__isnull=False) | Q(endpoint__is_active=False)
    old = WebhookDelivery.objects.select_for_update(of=("self",), skip_locked=True).filter(failing, state=State.WAITING)
    pks = list(old.filter(begun_at__lte=at - rules.GIVE_UP_AFTER).values_list("pk", flat=True)[:5000])
    return WebhookDelivery.objects.filter(pk__in=pks).update(state=State.PARKED, ended_at=at)
