"""What adds, changes, removes and replays endpoints."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from handover.server import outgoing
from handover.webhook.models import Endpoint, WebhookDelivery
from handover.webhook.rules import KIND
from tickets.activity.actions import record
from tickets.people.models import Member, Team
from tickets.web.refusals import Refused
from tickets.web.sealed import seal

MOST = 20
REPLAYED = 10_000
NOT_AN_ADDRESS = _("This must be a public https address.")
NO_SUCH_KIND = _("This is no kind of event: %(kind)s")
TOO_MANY = _("%(count)s endpoints are enough. Remove one first.")
NOT_IN_USE = _("The endpoint is not in use. Switch it on first.")
State = WebhookDelivery.State


@transaction.atomic
def add(*, by: Member, url: str, kinds: Iterable[str] = (), name: str = "", at: datetime | None = None) -> tuple[Endpoint, str]:
    """A new endpoint and its secret, which is told this once. Refuses `invalid` by field (an address that is not public or not https,
    an unknown kind), `wrong_state` for too many."""
    at = at or timezone.now()
    Team.objects.select_for_update(no_key=True).get(pk=by.team_id)
    if Endpoint.objects.visible_to(by).count() >= MOST:
        raise Refused("wrong_state", TOO_MANY % {"count": MOST})
    secret = _new_secret()
    made = Endpoint.objects.create(team=by.team, name=name.strip(), url=_url(url), kinds=_kinds(kinds), secret=seal(secret), created_at=at)
    record("webhook.added", team=by.team, actor=by, at=at, endpoint=made.pk, name=made.name, kinds=made.kinds)
    return made, secret


@transaction.atomic
def change(endpoint: Endpoint, *, by: Member, at: datetime | None = None, **changes: Any) -> Endpoint:
    """Change `url`, `kinds`, `name` or `is_active`. One that was switched off begins anew when switched on. Refuses `invalid`."""
    locked = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    if "url" in changes:
        locked.url = _url(changes["url"])
    if "kinds" in changes:
        locked.kinds = _kinds(changes["kinds"])
    locked.name = str(changes.get("name", locked.name)).strip()
    locked.is_active = bool(changes.get("is_active", locked.is_active))
    if locked.is_active:
        locked.disabled_at = locked.failing_since = locked.rest_until = None
        locked.failures = 0
    locked.save()
    facts = {"name": locked.name, "kinds": locked.kinds, "active": locked.is_active}
    record("webhook.changed", team=by.team, actor=by, at=at, endpoint=locked.pk, **facts)
    return locked


@transaction.atomic
def renew_secret(endpoint: Endpoint, *, by: Member, at: datetime | None = None) -> str:
    """A new secret, told this once; from now on everything is signed with it."""
    secret = _new_secret()
    Endpoint.objects.filter(pk=endpoint.pk).update(secret=seal(secret))
    record("webhook.secret_renewed", team=by.team, actor=by, at=at, endpoint=endpoint.pk, name=endpoint.name)
    return secret


@transaction.atomic
def remove(endpoint: Endpoint, *, by: Member, at: datetime | None = None) -> None:
    """Take an endpoint away, with its secret; what waited for it is not sent. Twice is once."""
    at = at or timezone.now()
    if Endpoint.objects.filter(pk=endpoint.pk, removed_at__isnull=True).update(removed_at=at, is_active=False, secret=""):
        WebhookDelivery.objects.filter(endpoint=endpoint, state=State.WAITING).update(state=State.PARKED, ended_at=at)
        record("webhook.removed", team=by.team, actor=by, at=at, endpoint=endpoint.pk, name=endpoint.name)


@transaction.atomic
def send_test(endpoint: Endpoint, *, by: Member, at: datetime | None = None) -> WebhookDelivery:
    """Send an event of the kind `webhook.test` there. Refuses `wrong_state` for an endpoint that is not in use."""
    at = at or timezone.now()
    _in_use(endpoint)
    made = WebhookDelivery.objects.create(endpoint=endpoint, begun_at=at, next_at=at)
    Endpoint.objects.filter(pk=endpoint.pk).update(rest_until=None)
    record("webhook.tested", team=by.team, actor=by, at=at, endpoint=endpoint.pk, name=endpoint.name)
    wake()
    return made


@transaction.atomic
def replay(delivery: WebhookDelivery, *, by: Member, at: datetime | None = None) -> WebhookDelivery:
    """Send an event again, with the same id. Refuses `wrong_state` while it is on its way, or the endpoint is not in use."""
    at = at or timezone.now()
    locked = WebhookDelivery.objects.select_for_update(of=("self",)).select_related("endpoint").get(pk=delivery.pk)
    _in_use(locked.endpoint)
    if locked.state not in (State.SENT, State.PARKED):
        raise Refused("wrong_state", _("It is on its way already."))
    locked.state, locked.attempts, locked.begun_at, locked.next_at, locked.ended_at = State.WAITING, 0, at, at, None
    locked.save()
    record("webhook.replayed", team=by.team, actor=by, at=at, endpoint=locked.endpoint_id, name=locked.endpoint.name, count=1)
    wake()
    return locked


AGAIN = """
INSERT INTO handover_webhookdelivery AS w (endpoint_id, activity_id, state, attempts, begun_at, next_at, status, error)
SELECT e.id, a.id, 'waiting', 0, %(at)s, %(at)s, 0, '' FROM handover_endpoint e
  JOIN LATERAL (SELECT a.id FROM tickets_activity a WHERE a.team_id = e.team_id AND a.id > %(after)s AND a.code NOT LIKE 'webhook.%%'
        AND (cardinality(e.kinds) = 0 OR a.code = ANY (e.kinds) OR split_part(a.code, '.', 1) = ANY (e.kinds))
        ORDER BY a.id LIMIT %(most)s) a ON true
 WHERE e.id = %(endpoint)s
ON CONFLICT (endpoint_id, activity_id) DO UPDATE SET state = 'waiting', attempts = 0, begun_at = %(at)s, next_at = %(at)s, ended_at = NULL
 WHERE w.state IN ('sent', 'parked')
"""


@transaction.atomic
def replay_after(endpoint: Endpoint, *, after: int, by: Member, at: datetime | None = None) -> int:
    """Send everything of the ledger after that `sequence` again, also what happened while the endpoint was off, 10,000 events at a time;
    returns how many. Refuses `wrong_state` for an endpoint that is not in use."""
    at = at or timezone.now()
    _in_use(endpoint)
    with connection.cursor() as cursor:
        cursor.execute(AGAIN, {"endpoint": endpoint.pk, "after": after, "at": at, "most": REPLAYED})
        count = int(cursor.rowcount)
    record("webhook.replayed", team=by.team, actor=by, at=at, endpoint=endpoint.pk, name=endpoint.name, count=count, after=after)
    wake()
    return count


def wake() -> None:
    """Let a worker look as soon as this transaction is done."""
    try:
        with transaction.atomic():
            app.configure_task("webhook.deliver_now", queueing_lock="webhook.deliver_now").defer()
    except AlreadyEnqueued:
        pass


def _in_use(endpoint: Endpoint) -> None:
    if not Endpoint.objects.filter(pk=endpoint.pk, is_active=True).exists():
        raise Refused("wrong_state", NOT_IN_USE)


def _new_secret() -> str:
    return "whsec_" + secrets.token_urlsafe(32)


def _url(url: str) -> str:
    try:
        outgoing.check(url.strip())
    except outgoing.NotAllowed:
        raise Refused("invalid", errors={"url": [NOT_AN_ADDRESS]}) from None
    return url.strip()


def _kinds(kinds: Iterable[str]) -> list[str]:
    wanted = sorted(set(kinds))
    for kind in wanted:
        if not KIND.match(kind):
            raise Refused("invalid", errors={"kinds": [NO_SUCH_KIND % {"kind": kind[:40]}]})
    return wanted
