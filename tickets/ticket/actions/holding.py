"""The one place where a ticket's holder changes (C1, C2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member, Presence
from tickets.ticket.actions._base import invalid, save
from tickets.ticket.models import Assignment, Promise, Ticket

NOT_HERE = _("%(name)s is not at work and not coming within %(hours)s hours.")
NOT_ABLE = _("%(name)s cannot be responsible for tickets.")
COMING_WITHIN = timedelta(hours=16)


def must_be_able(member: Member, ticket: Ticket, field: str = "to") -> None:
    """Refuse `invalid` for somebody of another team, inactive, or without a role that holds tickets."""
    if member.team_id != ticket.team_id or not member.can_hold:
        raise invalid(field, NOT_ABLE % {"name": member.display_name})


def must_be_here(member: Member, at: datetime, field: str = "to") -> None:
    """Refuse `invalid` for somebody who is neither on duty nor coming (C4)."""
    presence = Presence.objects.filter(member=member).first()
    if presence is None or not (presence.is_on(at) or presence.is_coming(at, COMING_WITHIN)):
        raise invalid(field, NOT_HERE % {"name": member.display_name, "hours": int(COMING_WITHIN.total_seconds() // 3600)})


def move(
    ticket: Ticket,
    to: Member | None,
    *,
    cause: str,
    by: Member | None,
    at: datetime,
    reason: str = "",
    next_step: str = "",
    extra: tuple[str, ...] = (),
) -> dict[str, Any] | None:
    """Give a locked ticket to `to` (None: the pool), with its next action and promises; saves it (and the `extra` fields).

    One Assignment per change. A → A is no change: returns None and writes nothing unless `extra` is given. Otherwise returns
    what the ledger wants to know: from, to, their names, since when the former holder had it.
    """
    before, target = ticket.holder_id, to.pk if to else None
    if before == target:
        if extra:
            save(ticket, at, *extra)
        return None
    Assignment.objects.create(
        ticket=ticket, from_member_id=before, to_member=to, cause=cause, reason=reason, next_step=next_step, actor=by, at=at
    )
    moved = {"from": before, "to": target, "to_name": to.display_name if to else "", "since": ticket.held_since}
    if ticket.due_at is not None:  # an unkept promise makes a ticket due, so without it there is none to pass on
        Promise.objects.unkept().filter(ticket=ticket, owner_id=before).update(owner=to)
    if ticket.next_by_id is not None and ticket.next_by_id == before:
        ticket.next_by = to
        extra = (*extra, "next_by")
    ticket.holder, ticket.held_since = to, at
    save(ticket, at, "holder", "held_since", *extra)
    return moved
