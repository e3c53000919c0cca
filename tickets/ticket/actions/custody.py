"""Taking, passing on, giving back: every way in which the accountable person changes."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import alert
from tickets.people.access import may
from tickets.people.models import Member
from tickets.people.queries import managers_to_tell
from tickets.ticket.actions._base import SAY, invalid, lock, lock_for, now, refresh_due, tell_ledger, tell_people
from tickets.ticket.actions._deed import deed
from tickets.ticket.actions.handlers import touch
from tickets.ticket.actions.holding import move, must_be_able, must_be_here
from tickets.ticket.models import Assignment, Promise, Ticket, Touch
from tickets.web.refusals import Refused

TAKEN = _("%(name)s has it.")
HAS_IT = _("%(name)s has it already.")
NOT_YOURS = _("Only who holds it, or a manager, can put it into the pool.")
Cause = Assignment.Cause


@deed
def claim(ticket: Ticket | int, *, by: Member, override_reason: str = "", at: datetime | None = None) -> Ticket:
    """Take a ticket (or the one with this id) out of the pool; returns it as it is now. Claiming what one holds changes nothing.

    Refuses `not_found`, `wrong_state`, `taken` (with `holder` and `since`) if somebody else has it, `handler_limit` for one person too
    many.
    """
    at = now(at)
    locked = lock_for("claim", ticket, by)
    if locked.holder_id == by.pk:
        return locked
    if locked.holder_id is not None:
        raise taken(locked)
    must_be_able(by, locked, "by")
    touch(locked, by, how=Touch.How.CLAIM, by=by, at=at, override_reason=override_reason)
    moved = move(locked, by, cause=Cause.CLAIM, by=by, at=at, extra=("touches",))
    tell_ledger("ticket.claimed", locked, by=by, at=at, **moved or {})
    return locked


def taken(ticket: Ticket) -> Refused:
    """C5: the one who comes second is told who has it and since when."""
    holder = Member.objects.get(pk=ticket.holder_id)  # type: ignore[misc]  # asked only of a ticket that somebody holds
    said = {"id": holder.pk, "name": holder.display_name}
    return Refused("taken", TAKEN % {"name": holder.display_name}, holder=said, since=ticket.held_since.isoformat().replace("+00:00", "Z"))


@deed
def transfer(
    ticket: Ticket,
    to: Member,
    *,
    by: Member,
    reason: str,
    next_step: str,
    next_at: datetime | None = None,
    override_reason: str = "",
    at: datetime | None = None,
) -> Ticket:
    """Pass a ticket on (C4); the next step becomes its next action, due `next_at` if given.

    Refuses `invalid` without reason or next step, or for a receiver who cannot hold it or is neither on duty nor coming;
    `handler_limit` for one person too many; `wrong_state` if the receiver has it already.
    """
    at = now(at)
    for field, text in (("reason", reason), ("next_step", next_step)):
        if not text.strip():
            raise invalid(field, SAY)
    ticket = lock_for("transfer", ticket, by)
    must_be_able(to, ticket)
    must_be_here(to, at)
    if ticket.holder_id == to.pk:
        raise Refused("wrong_state", HAS_IT % {"name": to.display_name})
    before = ticket.holder if ticket.holder_id else None
    touch(ticket, to, how=Touch.How.TRANSFER, by=by, at=at, override_reason=override_reason)
    ticket.next_action, ticket.next_by = next_step.strip()[:300], to
    if next_at is not None:
        ticket.next_at = next_at
        refresh_due(ticket)
    said = {"reason": reason.strip(), "next_step": ticket.next_action}
    fields = ("touches", "next_action", "next_by", "next_at", "due_at")
    moved = move(ticket, to, cause=Cause.TRANSFER, by=by, at=at, extra=fields, **said)
    row = tell_ledger("ticket.transferred", ticket, by=by, at=at, **(moved or {}), **said)
    tell_people(ticket, row, but=by, also=[before])
    return ticket


@deed
def release(ticket: Ticket, *, by: Member, reason: str = "", at: datetime | None = None) -> Ticket:
    """Put a ticket back into the pool. Refuses `forbidden` for anybody but its holder or a manager; from the pool it is no change."""
    ticket = lock_for("release", ticket, by)
    if ticket.holder_id not in (None, by.pk) and not may(by, "ticket.approve_handler"):
        raise Refused("forbidden", NOT_YOURS)
    return _into_pool(ticket, by=by, cause=Cause.RELEASE, reason=reason, at=now(at))


@deed
def put_into_pool(ticket: Ticket, *, by: Member | None, cause: str = Cause.RELEASE, reason: str = "", at: datetime | None = None) -> Ticket:
    """Into the pool because of `cause`: absence, departure, release. Who may is the caller's business. No touch, no limit."""
    return _into_pool(lock_for("put_into_pool", ticket, by), by=by, cause=cause, reason=reason, at=now(at))


def _into_pool(ticket: Ticket, *, by: Member | None, cause: str, reason: str, at: datetime) -> Ticket:
    moved = move(ticket, None, cause=cause, by=by, at=at, reason=reason)
    if moved is not None:
        tell_ledger("ticket.released", ticket, by=by, at=at, cause=str(cause), reason=reason, **moved)
    return ticket


@deed
def take_over(ticket: Ticket, *, to: Member, by: Member | None, reason: str = "", at: datetime | None = None) -> Ticket:
    """Custody at a shift change: accountable from now on, not yet a touch; the first answer will be (C3).

    Refuses `invalid` for somebody who cannot hold tickets, `wrong_state`. Who has it already keeps it: no change.
    """
    at = now(at)
    ticket = lock_for("take_over", ticket, to)
    must_be_able(to, ticket)
    moved = move(ticket, to, cause=Cause.TAKEOVER, by=by, at=at, reason=reason)
    if moved is not None:
        tell_ledger("ticket.taken_over", ticket, by=by, at=at, reason=reason, **moved)
    return ticket


def leave_behind(member: Member, by: Member | None, at: datetime) -> None:
    """What happens to what a member holds when the member stops working here (a departure hook, inside that transaction).

    Open tickets go to the pool, one Assignment each, with their promises; promises on other people's tickets go to whoever holds
    those; resolved tickets keep their holder, and their promises lie in the pool from now on.
    """
    held = list(Ticket.objects.held_by(member).order_by("pk").values_list("pk", flat=True))
    for pk in held:
        found = lock(pk, None)
        if found.holder_id == member.pk and found.is_unresolved:
            _into_pool(found, by=by, cause=Cause.DEPARTURE, reason="", at=at)
    for promise in Promise.objects.unkept().filter(owner=member).select_related("ticket"):
        heir = promise.ticket.holder_id if promise.ticket.holder_id != member.pk and promise.ticket.is_unresolved else None
        Promise.objects.filter(pk=promise.pk).update(owner_id=heir)
    Ticket.objects.unresolved().filter(next_by=member).update(next_by=None)
    if held:
        key = f"departure:{member.pk}:{at.isoformat()}"
        alert(managers_to_tell(member.team, at), "ticket.left_behind", key=key, at=at, count=len(held), name=member.display_name)
