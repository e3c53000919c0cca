"""The door through which a shop's platform sends its orders: set up by a manager, opened by a signature and by nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import record
from tickets.order.imports.pushing import take_order, take_refund
from tickets.order.models import PushDoor
from tickets.people.access import may
from tickets.people.models import Member, Platform, Shop
from tickets.web.refusals import Refused
from tickets.web.sealed import seal, unseal

ORDER_TOPICS = frozenset(f"orders/{deed}" for deed in ("create", "updated", "paid", "cancelled", "fulfilled", "partially_fulfilled"))
REFUND_TOPIC = "refunds/create"
MAX_BYTES = 10 * 1024 * 1024
NOT_SHOPIFY = _("Only a Shopify shop sends its orders by itself.")
NO_DOMAIN = _("The shop's own address at Shopify, such as lotus.myshopify.com.")
NO_SECRET = _("Enter the key that Shopify signs its messages with.")
UNSIGNED = _("The signature does not fit.")
OTHER_SHOP = _("The message is of another shop.")
NO_DOCUMENT = _("This is not a JSON document.")
OTHER_TOPIC = "ignored"
_DOMAIN = re.compile(r"^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)+$")


@dataclass(frozen=True)
class Message:
    """What arrived: the raw bytes, and what its headers say."""

    body: bytes
    signature: str
    domain: str
    topic: str


@transaction.atomic
def set_door(shop: Shop, *, by: Member, domain: str, secret: str = "", new_address: bool = False, at: datetime | None = None) -> PushDoor:
    """Let Shopify send a shop's orders: its `domain` there and the `secret` it signs with (empty keeps the one there is).

    `new_address` makes the old address worthless. Refuses `forbidden`, `not_found` for another team's shop, `invalid` by field.
    """
    at = at or timezone.now()
    if not may(by, "team.edit"):
        raise Refused("forbidden")
    if shop.team_id != by.team_id:
        raise Refused("not_found")
    if shop.platform != Platform.SHOPIFY:
        raise Refused("wrong_state", NOT_SHOPIFY)
    domain = domain.strip().lower().removeprefix("https://").rstrip("/")
    if not _DOMAIN.match(domain):
        raise Refused("invalid", errors={"domain": [NO_DOMAIN]})
    there = PushDoor.objects.select_for_update().filter(shop=shop).first()
    if there is None and not secret.strip():
        raise Refused("invalid", errors={"secret": [NO_SECRET]})
    door = there or PushDoor(team=shop.team, shop=shop)
    if there is None or new_address:
        door.token = secrets.token_urlsafe(32)
    door.secret = seal(secret.strip()) if secret.strip() else door.secret
    door.domain, door.by, door.updated_at = domain, by, at
    door.save()
    told = {"shop": shop.pk, "shop_name": shop.name, "domain": domain, "new_secret": bool(secret.strip()), "new_address": new_address}
    record("shop.push_door", team=shop.team, actor=by, at=at, **told)
    return door


def door_of(token: str) -> PushDoor:
    """The door with this address. Refuses `not_found`, also for a shop that is closed."""
    found = PushDoor.objects.select_related("shop", "shop__team").filter(token=token, shop__is_active=True).first()
    if found is None:
        raise Refused("not_found")
    return found


def receive(door: PushDoor, message: Message, *, at: datetime | None = None) -> str:
    """Carry out one message: `created`, `updated`, `unchanged`, `older`, `waiting`, or `ignored` for a topic that says nothing of orders.

    The signature is HMAC-SHA256 over the raw body, base64, compared in constant time, before anything of the body is read. The same
    message twice does nothing twice. Refuses `not_authenticated` for a wrong signature, `forbidden` for another shop's, `invalid`.
    """
    at = at or timezone.now()
    if not _signed(message, unseal(door.secret)):
        raise Refused("not_authenticated", UNSIGNED)
    if message.domain.strip().lower() != door.domain:
        raise Refused("forbidden", OTHER_SHOP)
    try:
        done = _carry_out(door, message, at)
    except Refused as refused:
        _note(door, message.topic, at, problem=_told(refused))
        raise
    _note(door, message.topic, at)
    return done


def _signed(message: Message, secret: str) -> bool:
    digest = hmac.new(secret.encode(), message.body, hashlib.sha256).digest()
    told = message.signature.encode("utf-8", "replace")
    return bool(secret) and hmac.compare_digest(base64.b64encode(digest), told)


def _carry_out(door: PushDoor, message: Message, at: datetime) -> str:
    if message.topic in ORDER_TOPICS:
        return take_order(door.shop, document_of(message.body), at=at)
    if message.topic == REFUND_TOPIC:
        return take_refund(door.shop, document_of(message.body), at=at)
    return OTHER_TOPIC


def document_of(body: bytes) -> Mapping[str, Any]:
    """The JSON object in a body. Refuses `invalid`."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise Refused("invalid", NO_DOCUMENT) from wrong
    if not isinstance(found, dict):
        raise Refused("invalid", NO_DOCUMENT)
    return found


def _told(refused: Refused) -> str:
    return "; ".join(f"{field}: {text}" for field, texts in (refused.errors or {}).items() for text in texts) or str(refused)


def _note(door: PushDoor, topic: str, at: datetime, *, problem: str = "") -> None:
    """For the manager's page: that something came, and what was wrong with it."""
    PushDoor.objects.filter(pk=door.pk).update(last_at=at, last_topic=topic[:60], last_problem=problem[:300])
