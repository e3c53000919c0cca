"""Custody offered: it stays with the signer until the receiver acknowledges, and nobody is left waiting for ever (H5)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from handover.note import rules
from handover.note.models import NoteItem, Offer
from tickets.activity.actions import alert, record
from tickets.people.models import Member, Presence
from tickets.people.queries import managers_to_tell
from tickets.ticket import actions as ticket_actions
from tickets.ticket.models import UNRESOLVED, Ticket


def offer(ticket: Ticket, to: Member | None, *, by: Member | None, item: NoteItem | None = None, at: datetime) -> Offer:
    """Offer a matter's custody to a member (None: the pool and its lead). An earlier open offer of it is replaced."""
    Offer.objects.filter(ticket=ticket, state=Offer.State.OPEN).update(state=Offer.State.CLOSED, closed_at=at, closed_by=by)
    made = Offer.objects.create(
        team_id=ticket.team_id, ticket=ticket, item=item, from_member_id=ticket.holder_id, to_member=to, offered_at=at
    )
    record(
        "handover.offered",
        team=ticket.team,
        actor=by,
        at=at,
        ticket=ticket,
        customer=ticket.customer_id and ticket.customer,
        to=to.pk if to else None,
        to_name=to.display_name if to else "",
        offer=made.pk,
    )
    return made


def take(ticket: Ticket, *, to: Member, by: Member, at: datetime) -> bool:
    """Pass the custody of a matter to who acknowledged it, and close its offer. Taking over what one holds changes no holder."""
    closed = Offer.objects.filter(ticket=ticket, state=Offer.State.OPEN).update(state=Offer.State.TAKEN, closed_at=at, closed_by=to)
    if ticket.holder_id != to.pk:
        ticket_actions.take_over(ticket, to=to, by=by, at=at)
        return True
    return bool(closed)


def put_away(ticket: Ticket, *, by: Member | None, at: datetime) -> None:
    """Put a matter whose holder is gone and whose receiver does not come into the pool, and close its offer."""
    Offer.objects.filter(ticket=ticket, state=Offer.State.OPEN).update(state=Offer.State.POOLED, closed_at=at, closed_by=by)
    if ticket.holder_id is not None:
        ticket_actions.put_into_pool(ticket, by=by, cause="absence", at=at)


def close_settled(*, at: datetime | None = None, limit: int = 500) -> int:
    """Close the open offers whose matter was resolved, or went another way (claimed, passed on). Returns how many."""
    at = at or timezone.now()
    settled = Offer.objects.filter(state=Offer.State.OPEN).exclude(_stands()).values_list("pk", flat=True)[:limit]
    return Offer.objects.filter(pk__in=list(settled), state=Offer.State.OPEN).update(state=Offer.State.CLOSED, closed_at=at)


def _stands() -> Q:
    """The matter is where it was when it was offered, and not over."""
    where = Q(from_member__isnull=True, ticket__holder__isnull=True) | Q(ticket__holder=F("from_member"))
    return where & Q(ticket__status__in=UNRESOLVED)


def escalate(*, at: datetime | None = None, limit: int = 200) -> dict[str, int]:
    """By the clock: tell the lead of offers nobody acknowledged in time, put those of absent receivers into the pool.

    Each offer in a transaction of its own, skipping what another worker has in hand; a repeat does nothing. Returns the counts.
    """
    at = at or timezone.now()
    counts = {"tell": 0, "pool": 0, "wait": 0}
    late = Offer.objects.filter(state=Offer.State.OPEN, offered_at__lte=at).order_by("offered_at").values_list("pk", flat=True)
    for pk in list(late[:limit]):
        counts[_escalate_one(pk, at)] += 1
    return counts


@transaction.atomic
def _escalate_one(pk: int, at: datetime) -> str:
    """The ticket is locked first, as everywhere: whoever has it in hand just now is faster, and what went another way since the offer is
    no longer ours to put away (`close_settled` closes its offer)."""
    free = Ticket.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
    if not list(free.filter(offers=pk).values_list("pk")):
        return "wait"
    rows = Offer.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
    found = (
        rows.select_related("team__lead", "ticket__customer", "ticket__team", "to_member__presence", "item__note__next_shift")
        .filter(_stands(), pk=pk, state=Offer.State.OPEN)
        .first()
    )
    if found is None:
        return "wait"
    deed = rules.escalation(_waiting(found, at), at=at, after=found.team.escalate_after)
    if deed == "wait":
        return deed
    if found.escalated_at is None:
        Offer.objects.filter(pk=pk).update(escalated_at=at)
        alert(
            managers_to_tell(found.team, at),
            "handover.not_taken",
            key=f"offer:{pk}",
            at=at,
            ticket=found.ticket,
            subject=found.ticket.subject,
            to=found.to_member.display_name if found.to_member else "",
        )
        record("handover.escalated", team=found.team, actor=None, at=at, ticket=found.ticket, customer=found.ticket.customer, offer=pk)
    if deed == "pool":
        put_away(found.ticket, by=None, at=at)
    return deed


def _waiting(found: Offer, at: datetime) -> rules.Waiting:
    presence: Presence | None = getattr(found.to_member, "presence", None) if found.to_member else None
    shift = found.item.note.next_shift if found.item is not None else None
    starts = presence.next_on if presence is not None and presence.next_on and not presence.is_on(at) else None
    return rules.Waiting(
        offered_at=found.offered_at,
        starts_at=starts or (shift.starts_at if shift else None),
        receiver_on=presence is not None and presence.is_on(at),
        receiver_coming=presence is not None and presence.is_coming(at),
        escalated=found.escalated_at is not None,
    )
