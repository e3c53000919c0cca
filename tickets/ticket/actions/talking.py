"""What was said: to the customer (a contact), and among us (a note)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member
from tickets.ticket.actions._base import SAY, add_text, invalid, lock_for, mention, now, save, tell_ledger, tell_people
from tickets.ticket.actions._deed import deed
from tickets.ticket.actions.handlers import touch
from tickets.ticket.models import Ticket, Touch

OUTCOMES = ("answered", "routed")
OUTCOME = _("A contact is answered or routed.")
CHANNEL = _("This channel is not known.")
COLLEAGUE = _("Name a colleague of this team.")


@deed
def contact(
    ticket: Ticket,
    *,
    by: Member,
    outcome: str = "answered",
    text: str = "",
    channel: str = "chat",
    to: Member | None = None,
    override_reason: str = "",
    at: datetime | None = None,
) -> Ticket:
    """The customer was there. `answered` makes `by` a handler (C3); `routed` means that they were only told who will answer (`to`).

    Returns the ticket it landed on: a late contact of a merged one goes to its target. Refuses `handler_limit`, `invalid`.
    """
    at = now(at)
    if outcome not in OUTCOMES:
        raise invalid("outcome", OUTCOME)
    if channel not in Ticket.Channel.values:
        raise invalid("channel", CHANNEL)
    asked, ticket = ticket, lock_for("contact", ticket, by, follow=True)
    if to is not None and to.team_id != ticket.team_id:
        raise invalid("to", COLLEAGUE)
    ticket.last_contact_at = at
    if outcome == "answered":
        touch(ticket, by, how=Touch.How.ANSWERED, by=by, at=at, override_reason=override_reason)
        ticket.last_answered_by = by
    save(ticket, at, "last_contact_at", "last_answered_by", "touches", content=False)
    add_text(ticket, text)
    said: dict[str, Any] = {"outcome": outcome, "channel": channel, "text": text}
    if to is not None:
        said |= {"to": to.pk, "to_name": to.display_name}
    if asked.pk != ticket.pk:
        said["sent_to"] = asked.pk
    row = tell_ledger("ticket.contacted", ticket, by=by, at=at, **said)
    tell_people(ticket, row, but=by, also=[to], told=mention(ticket, row, text, by=by))
    return ticket


@deed
def note(ticket: Ticket, *, by: Member, text: str, at: datetime | None = None) -> Ticket:
    """Write something down for colleagues. Lands on the target of a merged ticket; returns the ticket it is on. Refuses `invalid`."""
    at = now(at)
    if not text.strip():
        raise invalid("text", SAY)
    asked, ticket = ticket, lock_for("note", ticket, by, follow=True)
    save(ticket, at, content=False)
    add_text(ticket, text)
    sent = {"sent_to": asked.pk} if asked.pk != ticket.pk else {}
    row = tell_ledger("ticket.noted", ticket, by=by, at=at, text=text, **sent)
    tell_people(ticket, row, but=by, told=mention(ticket, row, text, by=by))
    return ticket
