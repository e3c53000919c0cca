"""What past shifts had read before they began, and how long it took until somebody had what was passed on; laid in many at once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from handover.demo.people import Demo
from handover.digest.models import Digest, Receipt
from handover.digest.rules import version_hash
from handover.duty.models import Duty
from handover.note.models import Offer
from handover.note.rules import content_hash
from tickets.ticket.models import Assignment, Ticket

MINUTE = timedelta(minutes=1)
MOST = 3
"""Matters in one of these digests."""
QUESTION = "顾客要的是退款还是补发？"


def write(demo: Demo, dice: random.Random, worked: list[Duty], now: datetime) -> None:
    """A digest and its receipt for every past duty, and an offer for every matter passed on: later and later the further back."""
    settled = list(Ticket.objects.filter(team=demo.team, resolved_at__isnull=False).order_by("opened_at"))
    read = [one for place, duty in enumerate(worked) if (one := _digest(demo, duty, settled, place, dice))]
    digests = Digest.objects.bulk_create(read)
    Receipt.objects.bulk_create(_receipt(digest, dice, now) for digest in digests)
    Offer.objects.bulk_create(_offers(demo, dice, now))


def _digest(demo: Demo, duty: Duty, settled: list[Ticket], place: int, dice: random.Random) -> Digest | None:
    """What was open when the duty began; of the two who began together the first took it over."""
    if duty.shift is None:
        return None
    at = duty.shift.starts_at
    matters = [t for t in settled if t.opened_at < at < (t.resolved_at or at)][:MOST]
    items = [_item(ticket) for ticket in matters]
    answers = {item["item"]: _answer(item, place, dice) for item in items}
    hashes = {item["item"]: content_hash(item) for item in items}
    return Digest(
        team=demo.team, member=duty.member, shift=duty.shift, key=f"shift:{duty.shift.pk}", version=1, cut_off=at - 5 * MINUTE,
        until=duty.shift.ends_at, content={"news": [], "items": items, "hashes": hashes, "notices": []},
        content_hash=version_hash(hashes), opened_at=duty.started_at - 3 * MINUTE, answers=answers,
    )  # fmt: skip


def _item(ticket: Ticket) -> dict[str, Any]:
    told = {"item": f"t{ticket.pk}", "ticket": ticket.pk, "subject": ticket.subject, "severity": "watch", "where": "absent"}
    return told | {"due_at": None, "do": "看进展，答复顾客"}


def _answer(item: dict[str, Any], place: int, dice: random.Random) -> dict[str, Any]:
    if dice.random() < 0.12:
        return {"answer": "ask", "text": QUESTION}
    return {"answer": "owner" if place % 2 else "take", "next_action": item["do"]}


def _receipt(digest: Digest, dice: random.Random, now: datetime) -> Receipt:
    """Of late people read before their shift begins; a month ago it took a quarter of an hour."""
    late = 4 + min(14, (now - digest.cut_off).days // 3)
    assert digest.opened_at is not None  # noqa: S101 - `_digest` says it
    at = max(digest.opened_at + MINUTE, digest.cut_off + 5 * MINUTE + dice.randrange(late + 1) * MINUTE)
    return Receipt(
        team=digest.team, member=digest.member, shift=digest.shift, key=digest.key, digest=digest, version=1, answers=digest.answers,
        content_hash=digest.content_hash, opened_at=digest.opened_at, acknowledged_at=at, actor=digest.member,
    )  # fmt: skip


def _offers(demo: Demo, dice: random.Random, now: datetime) -> Iterator[Offer]:
    moves = Assignment.objects.filter(ticket__team=demo.team, cause=Assignment.Cause.TRANSFER, to_member__isnull=False)
    for move in moves.order_by("id"):
        missed = dice.random() < (0.3 if now - move.at > timedelta(days=15) else 0.05)
        taken = move.at + (22 if missed else 6) * MINUTE
        yield Offer(
            team=demo.team, ticket_id=move.ticket_id, from_member_id=move.from_member_id, to_member_id=move.to_member_id,
            state=Offer.State.TAKEN, offered_at=move.at, escalated_at=move.at + 15 * MINUTE if missed else None, closed_at=taken,
            closed_by_id=move.to_member_id,
        )  # fmt: skip
