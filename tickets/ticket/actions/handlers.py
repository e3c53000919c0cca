"""Who has handled a ticket, and who may be one more (C3)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import alert
from tickets.people.access import may
from tickets.people.models import Member
from tickets.people.queries import lets_through, managers_to_tell
from tickets.ticket.actions._base import SAY, invalid, lock_for, now, save, tell_ledger
from tickets.ticket.actions._deed import OverLimit, deed
from tickets.ticket.models import HandlerRequest, Ticket, Touch
from tickets.web.kept import Kept
from tickets.web.refusals import Refused

DECIDED = _("This request was decided already.")
OWN = _("Another manager must decide what you ask for yourself.")
NO_NEED = _("You may handle this ticket without asking.")


def touch(ticket: Ticket, member: Member, *, how: str, by: Member, at: datetime, override_reason: str = "") -> bool:
    """Count `member` among those who handled the locked ticket; sets `ticket.touches`, which the caller saves.

    Somebody who is counted already stays counted once: returns False. One too many is refused `handler_limit` unless a manager
    approved, or a manager other than `member` does it now with a reason, or no such manager is on duty and the team lets through
    with a reason.
    """
    if TOUCHED.first(ticket=ticket.pk, member=member.pk) is not None:
        return False
    limit = ticket.team.max_handlers
    request = _pass_for(ticket, member, how=how, by=by, at=at, reason=override_reason.strip()) if ticket.touches >= limit else None
    ticket.touches += 1
    Touch.objects.create(ticket=ticket, member=member, place=ticket.touches, how=how, request=request, at=at)
    if ticket.touches == limit:
        warn_of_limit(ticket, member, at)
    return True


TOUCHED = Kept(lambda ticket, member: Touch.objects.filter(ticket_id=ticket, member_id=member))


def warn_of_limit(ticket: Ticket, member: Member, at: datetime) -> None:
    """The last allowed person has come: the managers hear of it, once per ticket."""
    told = {"subject": ticket.subject, "count": ticket.touches, "member": member.pk, "name": member.display_name}
    alert(managers_to_tell(ticket.team, at), "handler.limit_reached", key=f"handler_limit:{ticket.pk}", at=at, ticket=ticket, **told)


def _pass_for(ticket: Ticket, member: Member, *, how: str, by: Member, at: datetime, reason: str) -> HandlerRequest:
    """What lets `member` in beyond the limit; refuses `handler_limit` if nothing does."""
    approved = HandlerRequest.objects.filter(ticket=ticket, member=member, state__in=HandlerRequest.PASSES).order_by("-pk").first()
    if approved is not None:
        return approved
    as_manager = by.pk != member.pk and may(by, "ticket.approve_handler")
    unattended = not as_manager and lets_through(ticket.team, member, at)
    if reason and as_manager:
        return _approve_at_once(ticket, member, by=by, at=at, reason=reason)
    if reason and unattended:
        return _let_through(ticket, member, by=by, at=at, reason=reason)
    handlers = [{"id": t.member_id, "name": t.member.display_name, "place": t.place} for t in _touches(ticket)]
    raise OverLimit(ticket, member, by=by, at=at, how=how, handlers=handlers, needs_reason=as_manager or unattended)


def _touches(ticket: Ticket) -> list[Touch]:
    return list(Touch.objects.filter(ticket=ticket).select_related("member").order_by("place"))


def _approve_at_once(ticket: Ticket, member: Member, *, by: Member, at: datetime, reason: str) -> HandlerRequest:
    """A manager hands the ticket to one more person and says why: that is the approval."""
    request = _settled(ticket, member, HandlerRequest.State.APPROVED, by=by, at=at, reason=reason)
    tell_ledger("handler.approved", ticket, by=by, at=at, request=request.pk, member=member.pk, name=member.display_name, reason=reason)
    return request


def _let_through(ticket: Ticket, member: Member, *, by: Member, at: datetime, reason: str) -> HandlerRequest:
    """Nobody is there to approve: recorded, and the lead is alarmed."""
    request = _settled(ticket, member, HandlerRequest.State.LET_THROUGH, by=None, at=at, reason=reason)
    who = {"request": request.pk, "member": member.pk, "name": member.display_name, "reason": reason}
    row = tell_ledger("handler.let_through", ticket, by=by, at=at, **who)
    if ticket.team.lead is not None:
        told = {"subject": ticket.subject, "member": member.pk, "name": member.display_name, "reason": reason[:300]}
        alert([ticket.team.lead], "handler.let_through", key=f"activity:{row.pk}", at=at, ticket=ticket, **told)
    return request


def _settled(ticket: Ticket, member: Member, state: str, *, by: Member | None, at: datetime, reason: str) -> HandlerRequest:
    """The waiting request of the person, or a new one, in its final state."""
    waiting = HandlerRequest.objects.filter(ticket=ticket, member=member, state=HandlerRequest.State.WAITING).first()
    request = waiting or HandlerRequest(team=ticket.team, ticket=ticket, member=member, reason=reason, asked_at=at)
    request.state, request.decided_by, request.decided_at, request.decision = state, by, at, reason
    request.save()
    return request


@deed
def ask_handler(ticket: Ticket, *, by: Member, reason: str, at: datetime | None = None) -> HandlerRequest:
    """Ask a manager to be one more handler. Asking twice is one request.

    Refuses `invalid` without a reason, `wrong_state` where the limit does not stand in the way.
    """
    at = now(at)
    if not reason.strip():
        raise invalid("reason", SAY)
    ticket = lock_for("ask_handler", ticket, by, follow=True)
    waiting = HandlerRequest.objects.filter(ticket=ticket, member=by, state=HandlerRequest.State.WAITING).first()
    if waiting is not None:
        return waiting
    touched = Touch.objects.filter(ticket=ticket, member=by).exists()
    passed = HandlerRequest.objects.filter(ticket=ticket, member=by, state__in=HandlerRequest.PASSES).exists()
    if touched or passed or ticket.touches < ticket.team.max_handlers:
        raise Refused("wrong_state", NO_NEED)
    request = HandlerRequest.objects.create(team=ticket.team, ticket=ticket, member=by, reason=reason.strip(), asked_at=at)
    tell_ledger("handler.asked", ticket, by=by, at=at, request=request.pk, reason=request.reason)
    told = {"subject": ticket.subject, "by": by.pk, "by_name": by.display_name, "reason": request.reason[:300], "request": request.pk}
    managers = [m for m in managers_to_tell(ticket.team, at) if m.pk != by.pk] or [m for m in (ticket.team.lead,) if m and m.pk != by.pk]
    alert(managers, "handler.asked", key=f"handler_request:{request.pk}", at=at, ticket=ticket, **told)
    return request


@deed
def approve_handler(request: HandlerRequest, *, by: Member, reason: str, at: datetime | None = None) -> HandlerRequest:
    """A manager lets one more person handle the ticket. Refuses `invalid` without a reason, `same_hand` for one's own request,
    `wrong_state` if it was decided already."""
    return _decide(request, by=by, reason=reason, at=now(at), state=HandlerRequest.State.APPROVED, code="handler.approved")


@deed
def refuse_handler(request: HandlerRequest, *, by: Member, reason: str, at: datetime | None = None) -> HandlerRequest:
    """A manager does not let one more person in. Refuses as `approve_handler` does."""
    return _decide(request, by=by, reason=reason, at=now(at), state=HandlerRequest.State.REFUSED, code="handler.declined")


def _decide(request: HandlerRequest, *, by: Member, reason: str, at: datetime, state: str, code: str) -> HandlerRequest:
    if not may(by, "ticket.approve_handler"):
        raise Refused("forbidden")
    ticket = lock_for("ask_handler", request.ticket_id, by)
    request = HandlerRequest.objects.select_for_update(of=("self",), no_key=True).select_related("member").get(pk=request.pk)
    if request.member_id == by.pk:
        raise Refused("same_hand", OWN)
    if request.state != HandlerRequest.State.WAITING:
        raise Refused("wrong_state", DECIDED)
    if not reason.strip():
        raise invalid("reason", SAY)
    request.state, request.decided_by, request.decided_at, request.decision = state, by, at, reason.strip()
    request.save(update_fields=["state", "decided_by", "decided_at", "decision"])
    save(ticket, at)
    told = {"member": request.member_id, "name": request.member.display_name, "reason": request.decision}
    tell_ledger(code, ticket, by=by, at=at, request=request.pk, **told)
    told |= {"reason": request.decision[:300], "subject": ticket.subject, "by_name": by.display_name}
    alert([request.member], code, key=f"handler_decided:{request.pk}", at=at, ticket=ticket, **told)
    return request
