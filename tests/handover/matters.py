"""Matters to hand over, people who come and go, for the stories of note and digest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from handover.digest import actions as digest
from handover.duty.models import Duty
from handover.note import actions as notes
from handover.note.models import Note, NoteItem
from handover.roster.actions import refresh_next
from tests.cast import make_customer
from tickets.people.models import Member
from tickets.ticket import actions as tickets
from tickets.ticket.models import Ticket

FOUR = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
"""Saturday 16:00 in Shanghai: an hour before the night shift."""
FIVE = FOUR + timedelta(hours=1)
MIDNIGHT = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)


def open_ticket(by: Member, subject: str = "Thermos leaks, second one", *, at: datetime = FOUR - timedelta(hours=2), **more: Any) -> Ticket:
    customer = more.pop("customer", None) or make_customer(by.team, handle=f"tb_{by.pk}_{Ticket.objects.count()}")
    return tickets.open_ticket(by=by, customer=customer, subject=subject, at=at, **more)


def begin(member: Member, at: datetime) -> Duty:
    """On duty, through the digest as everybody."""
    refresh_next([member.pk], at)
    fresh = again(member)
    reading = digest.open_digest(fresh, at=at)
    answers = [{"item": m.item, "answer": "take"} for m in reading.asked]
    assert reading.latest is not None
    done = digest.acknowledge(fresh, by=fresh, version=reading.latest.version, answers=answers, at=at)
    assert done.duty is not None
    return done.duty


def again(member: Member) -> Member:
    """The member as the next request would load it."""
    return Member.objects.select_related("team__lead", "user", "presence").get(pk=member.pk)


def fill(note: Note, by: Member, at: datetime) -> Note:
    """Write what is missing in every row."""
    for item in note.items.select_related("note", "ticket"):
        changes: dict[str, Any] = {}
        for name in ("state", "next_action", "if_then"):
            if not getattr(item, name):
                changes[name] = f"{name} of {item.ticket_id}"
        if item.due_at is None:
            changes["due_at"] = at + timedelta(days=2)
        if changes:
            notes.save_item(item, by=by, version=item.version, at=at, **changes)
    note.refresh_from_db()
    return note


def hand_over(member: Member, at: datetime, to: Member | str | None = "as proposed") -> Note:
    """Write and sign the note: the duty is over. `to`: everybody's receiver, None for the pool."""
    note = notes.open_draft(again(member), at=at)
    if to != "as proposed":
        for item in NoteItem.objects.filter(note=note).select_related("note"):
            notes.save_item(item, by=member, version=item.version, at=at, to_member=to)
    fill(note, member, at)
    return notes.sign(note, by=member, version=note.version, at=at)
