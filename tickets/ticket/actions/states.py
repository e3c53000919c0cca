"""Waiting, resolved, open again; and complaints."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import alert
from tickets.people.models import Member, Presence
from tickets.people.queries import managers_to_tell
from tickets.ticket.actions._base import SAY, add_text, invalid, lock_for, mention, now, refresh_due, save, tell_ledger, tell_people
from tickets.ticket.actions._deed import deed
from tickets.ticket.actions.holding import move
from tickets.ticket.models import Assignment, Resolution, Severity, Status, Ticket

ON_WHOM = _("Choose whom the matter waits on.")
HOW = _("Choose how the matter ended.")
LEVEL = _("Choose the level of the complaint.")


@deed
def wait(
    ticket: Ticket, *, by: Member, on: str, next_action: str = "", next_at: datetime | None = None, at: datetime | None = None
) -> Ticket:
    """Nothing to do until `on` (customer, warehouse, logistics, manager) moves; look again at `next_at`. The holder stays.

    What is not given keeps the next action as it is. Refuses `invalid`, `wrong_state`.
    """
    at = now(at)
    if on not in Ticket.Waiting.values:
        raise invalid("on", ON_WHOM)
    ticket = lock_for("wait", ticket, by)
    ticket.status, ticket.waiting_on = Status.WAITING, on
    if next_action:
        ticket.next_action = next_action.strip()[:300]
    if next_at is not None:
        ticket.next_at = next_at
    refresh_due(ticket)
    save(ticket, at, "status", "waiting_on", "next_action", "next_at", "due_at")
    tell_ledger("ticket.waiting", ticket, by=by, at=at, on=on, next_action=ticket.next_action, next_at=ticket.next_at)
    return ticket


@deed
def resume(ticket: Ticket, *, by: Member, at: datetime | None = None) -> Ticket:
    """The waiting is over. Refuses `wrong_state` for a ticket that does not wait."""
    at = now(at)
    ticket = lock_for("resume", ticket, by)
    was = ticket.waiting_on
    ticket.status, ticket.waiting_on = Status.OPEN, ""
    save(ticket, at, "status", "waiting_on")
    tell_ledger("ticket.resumed", ticket, by=by, at=at, on=was)
    return ticket


@deed
def resolve(ticket: Ticket, *, by: Member, resolution: Resolution, text: str = "", at: datetime | None = None) -> Ticket:
    """The matter ended as `resolution` says. The holder stays on it as its last; promises that are still open stay open, with
    their person. Refuses `invalid` for a resolution that is not the team's or not in use, `wrong_state`."""
    at = now(at)
    ticket = lock_for("resolve", ticket, by)
    if resolution is None or resolution.team_id != ticket.team_id or not resolution.is_active:
        raise invalid("resolution", HOW)
    ticket.status, ticket.waiting_on = Status.RESOLVED, ""
    ticket.resolution, ticket.resolved_at = resolution, at
    ticket.next_action, ticket.next_at, ticket.next_by = "", None, None
    refresh_due(ticket)
    fields = ("status", "waiting_on", "resolution", "resolved_at", "next_action", "next_at", "next_by", "due_at")
    save(ticket, at, *fields)
    add_text(ticket, text)
    row = tell_ledger("ticket.resolved", ticket, by=by, at=at, resolution=resolution.pk, resolution_name=resolution.name, text=text)
    tell_people(ticket, row, but=by)
    return ticket


@deed
def reopen(ticket: Ticket, *, by: Member, reason: str, at: datetime | None = None) -> Ticket:
    """The matter is not over. Back to its last holder only if that person is on duty, else into the pool.

    Refuses `invalid` without a reason, `wrong_state` unless it is resolved.
    """
    at = now(at)
    if not reason.strip():
        raise invalid("reason", SAY)
    ticket = lock_for("reopen", ticket, by)
    back_to = _still_there(ticket, at)
    was = ticket.resolved_at
    ticket.status, ticket.resolution, ticket.resolved_at = Status.OPEN, None, None
    fields = ("status", "resolution", "resolved_at")
    moved = move(ticket, back_to, cause=Assignment.Cause.REOPEN, by=by, at=at, reason=reason.strip(), extra=fields)
    moved = moved or {"to": ticket.holder_id}
    row = tell_ledger("ticket.reopened", ticket, by=by, at=at, reason=reason.strip(), resolved_at=was, **moved)
    tell_people(ticket, row, but=by)
    return ticket


def _still_there(ticket: Ticket, at: datetime) -> Member | None:
    """The last holder, if able and at work at `at`."""
    if ticket.holder_id is None:
        return None
    presence = Presence.objects.select_related("member").filter(member=ticket.holder_id).first()
    return presence.member if presence and presence.is_on(at) and presence.member.can_hold else None


@deed
def complain(ticket: Ticket, *, by: Member, level: str, text: str = "", at: datetime | None = None) -> Ticket:
    """Mark the matter as a complaint of this level (or change the level); the first instant stays. It becomes urgent, and the
    managers hear of it. Refuses `invalid` for an unknown level."""
    at = now(at)
    if level not in Ticket.Complaint.values:
        raise invalid("level", LEVEL)
    ticket = lock_for("complain", ticket, by, follow=True)
    before: dict[str, Any] = {"before": ticket.complaint, "severity_before": ticket.severity}
    ticket.complaint = level
    ticket.complained_at = ticket.complained_at or at
    ticket.severity = Severity.ACT_NOW if ticket.is_unresolved else ticket.severity
    save(ticket, at, "complaint", "complained_at", "severity")
    add_text(ticket, text)
    row = tell_ledger("ticket.complained", ticket, by=by, at=at, level=level, text=text, **before)
    tell_people(ticket, row, but=by, told=mention(ticket, row, text, by=by))
    told = {"subject": ticket.subject, "level": level, "by_name": by.display_name}
    managers = [m for m in managers_to_tell(ticket.team, at) if m.pk != by.pk]
    alert(managers, "ticket.complained", key=f"activity:{row.pk}", at=at, ticket=ticket, **told)
    return ticket
