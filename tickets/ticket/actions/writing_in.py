"""What a customer writes to the team by themselves: a letter opens a matter in the pool, or is added to one. Nobody here has acted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from tickets.customer.models import Customer
from tickets.people.models import Presence
from tickets.ticket import rules
from tickets.ticket.actions._base import add_text, lock, now, save, tell_ledger, tell_people
from tickets.ticket.actions._deed import deed
from tickets.ticket.actions.extras import keep_file
from tickets.ticket.actions.holding import move
from tickets.ticket.models import Assignment, Attachment, Status, Ticket, TicketText


@deed
def open_from_letter(*, customer: Customer, subject: str, text: str, sender: str, at: datetime | None = None) -> Ticket:
    """A new matter out of a letter, in the pool (C1): nobody has touched it. Look for an open one first (C7).

    Refuses `wrong_state` for a team without a lead.
    """
    at = now(at)
    subject = subject.strip()[:160] or text.strip().split("\n")[0][:160] or sender[:160]
    ticket = Ticket(
        team=customer.team, customer=customer, kind=Ticket.Kind.QUESTION, subject=subject, body=text, channel=Ticket.Channel.EMAIL,
        holder=None, held_since=at, opened_by=None, opened_at=at, last_contact_at=at, updated_at=at,
    )  # fmt: skip
    ticket.save(force_insert=True)
    Assignment.objects.create(ticket=ticket, from_member=None, to_member=None, cause=Assignment.Cause.OPENED, actor=None, at=at)
    TicketText.objects.create(ticket=ticket, team=ticket.team, text=rules.searchable(subject, text, ()))
    tell_ledger("ticket.letter_opened", ticket, by=None, at=at, subject=subject, stranger=sender, channel="email")
    return ticket


@deed
def add_letter(ticket: Ticket, *, text: str, sender: str, at: datetime | None = None) -> Ticket:
    """The customer wrote again. A merged ticket's letter goes to its target; a resolved matter opens again: with its last holder where they
    are on duty, else in the pool. Whoever holds or watches it is told. Returns the ticket it landed on."""
    at = now(at)
    ticket = lock(ticket, None, follow=True)
    ticket.last_contact_at = at
    again = ticket.status in (Status.RESOLVED, Status.WAITING) and ticket.waiting_on in ("", Ticket.Waiting.CUSTOMER)
    was = ticket.status
    if again:
        ticket.status, ticket.waiting_on, ticket.resolution, ticket.resolved_at = Status.OPEN, "", None, None
    fields = ("last_contact_at", "status", "waiting_on", "resolution", "resolved_at")
    if was == Status.RESOLVED:
        holder = ticket.holder if _is_here(ticket, at) else None
        move(ticket, holder, cause=Assignment.Cause.REOPEN, by=None, at=at, extra=fields)
    else:
        save(ticket, at, *fields, content=again)
    add_text(ticket, text)
    row = tell_ledger("ticket.letter_added", ticket, by=None, at=at, text=text, stranger=sender, reopened=was == Status.RESOLVED)
    tell_people(ticket, row, but=None)
    return ticket


def _is_here(ticket: Ticket, at: datetime) -> bool:
    """Whether the last holder is at work and may hold tickets: reopened matters do not go back to somebody off duty."""
    presence = Presence.objects.select_related("member").filter(member=ticket.holder_id).first() if ticket.holder_id else None
    return presence is not None and presence.is_on(at) and presence.member.can_hold


@deed
def attach_from_letter(ticket: Ticket, *, file: UploadedFile[Any], sender: str, at: datetime | None = None) -> Attachment:
    """A picture or PDF of a letter, under the rules of every attachment. Refuses `too_large`, `unsupported_media`, `invalid`."""
    return keep_file(lock(ticket, None, follow=True), file, by=None, at=now(at), stranger=sender)
