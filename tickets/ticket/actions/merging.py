"""Two tickets are one matter (C8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tickets.customer.models import Customer
from tickets.people.models import Member
from tickets.ticket import rules
from tickets.ticket.actions._base import MERGED, lock, must_be_possible, now, refresh_due, rewrite_text, save, tell_ledger, tell_people
from tickets.ticket.actions._deed import deed
from tickets.ticket.actions.handlers import warn_of_limit
from tickets.ticket.actions.holding import move
from tickets.ticket.models import (
    Assignment,
    Attachment,
    HandlerRequest,
    Promise,
    Severity,
    Status,
    Ticket,
    TicketOrder,
    Touch,
    Watcher,
)
from tickets.ticket.queries.chains import merged_below
from tickets.web.refusals import Refused

SELF = _("A ticket cannot be merged into itself.")
OVER = _("#%(into)s is resolved and this ticket is not. Reopen the other one first.")
ticket_merge_hooks: list[Callable[[Ticket, Ticket], None]] = []
"""(source, target): what rooms above this one move along. Called before the tickets are locked, for their deeds lock their own rows
first and a ticket last; if the merge is refused, it is undone with it."""
URGENCY = [Severity.STABLE, Severity.WATCH, Severity.ACT_NOW]


@deed
def merge(ticket: Ticket, into: Ticket, *, by: Member, at: datetime | None = None) -> Ticket:
    """Make `ticket` part of `into`; returns `into` as it is now.

    Orders, promises, watchers, attachments and requests move without duplicates, whoever handled either counts as a handler of both;
    the ledger stays where it was written and is read through. Refuses `not_found` across teams, `wrong_state` for a ticket and
    itself, a merged one on either side, and an unresolved one into a resolved one.
    """
    at = now(at)
    if ticket.pk == into.pk:
        raise Refused("wrong_state", SELF)
    if ticket.team_id == into.team_id == by.team_id:
        for hook in ticket_merge_hooks:
            hook(ticket, into)
    source, target = _lock_both(ticket, into, by)
    must_be_possible("merge", source)
    if target.status == Status.MERGED:
        raise Refused("wrong_state", MERGED % {"into": target.merged_into_id}, into=target.merged_into_id)
    if source.is_unresolved and not target.is_unresolved:
        raise Refused("wrong_state", OVER % {"into": target.pk})
    _move_rows(source, target)
    _unite_touches(source, target, at)
    _close_source(source, target, at)
    _fill_target(source, target, by=by, at=at)
    rewrite_text(target, sources=merged_below(target.pk))
    what = {"source": source.pk, "subject": source.subject, "into": target.pk, "into_subject": target.subject}
    row = tell_ledger("ticket.merged", source, by=by, at=at, **what)
    tell_people(target, row, but=by, also=[source.holder])
    return target


def _lock_both(ticket: Ticket, into: Ticket, by: Member) -> tuple[Ticket, Ticket]:
    """By id, whichever way round: of two opposite merges at once one waits, and then finds its ticket merged."""
    locked = {pk: lock(pk, by) for pk in sorted({ticket.pk, into.pk})}
    return locked[ticket.pk], locked[into.pk]


def _move_rows(source: Ticket, target: Ticket) -> None:
    """What may be re-pointed goes to the target; what it has already is dropped from the source."""
    has = TicketOrder.objects.filter(ticket=target).values("order")
    TicketOrder.objects.filter(ticket=source, order__in=has).delete()
    TicketOrder.objects.filter(ticket=source).update(ticket=target)
    named = Watcher.objects.filter(ticket=source, mentioned=True).values("member")
    Watcher.objects.filter(ticket=target, member__in=list(named.values_list("member", flat=True))).update(mentioned=True)
    Watcher.objects.filter(ticket=source, member__in=Watcher.objects.filter(ticket=target).values("member")).delete()
    Watcher.objects.filter(ticket=source).update(ticket=target)
    Promise.objects.filter(ticket=source).update(ticket=target)
    Attachment.objects.filter(ticket=source).update(ticket=target)
    asked = HandlerRequest.objects.filter(ticket=target, state=HandlerRequest.State.WAITING).values("member")
    mine = HandlerRequest.objects.filter(ticket=source, state=HandlerRequest.State.WAITING)
    mine.filter(member__in=asked).delete()
    mine.update(ticket=target)


def _unite_touches(source: Ticket, target: Ticket, at: datetime) -> None:
    """Whoever handled either has handled the matter; that alone is never refused, but the next person will be."""
    known = set(Touch.objects.filter(ticket=target).values_list("member", flat=True))
    before = target.touches
    for touch in Touch.objects.filter(ticket=source).order_by("place").select_related("member"):
        if touch.member_id not in known:
            target.touches += 1
            Touch.objects.create(ticket=target, member=touch.member, place=target.touches, how=Touch.How.MERGE, at=touch.at)
    limit = target.team.max_handlers
    if before < limit <= target.touches:
        last = Touch.objects.filter(ticket=target).select_related("member").order_by("-place").first()
        if last is not None:
            warn_of_limit(target, last.member, at)


def _close_source(source: Ticket, target: Ticket, at: datetime) -> None:
    source.status, source.waiting_on, source.merged_into, source.due_at = Status.MERGED, "", target, None
    save(source, at, "status", "waiting_on", "merged_into", "due_at")


def _fill_target(source: Ticket, target: Ticket, *, by: Member, at: datetime) -> None:
    """What the target did not say itself it takes from the source; the more urgent severity and the later contact stand."""
    target.severity = max(source.severity, target.severity, key=lambda s: URGENCY.index(Severity(s)))
    target.tags = rules.clean_tags([*target.tags, *source.tags])
    if not target.next_action and source.next_action:
        target.next_action, target.next_at, target.next_by = source.next_action, source.next_at, source.next_by
    if source.complaint and not target.complaint:
        target.complaint, target.complained_at = source.complaint, source.complained_at
    if source.last_contact_at and (target.last_contact_at is None or source.last_contact_at > target.last_contact_at):
        target.last_contact_at, target.last_answered_by = source.last_contact_at, source.last_answered_by
    target.shop = target.shop or source.shop
    target.reason = target.reason or source.reason
    refresh_due(target)
    fields = ("severity", "tags", "next_action", "next_at", "next_by", "complaint", "complained_at", "last_contact_at",
              "last_answered_by", "shop", "reason", "due_at", "touches")  # fmt: skip
    keeps = target.holder_id is not None or not target.is_unresolved or source.holder is None or not source.holder.can_hold
    move(target, target.holder if keeps else source.holder, cause=Assignment.Cause.MERGE, by=by, at=at, extra=fields)


def move_to_customer(source: Customer, target: Customer) -> dict[str, int]:
    """The matters of a customer who was merged away are the target's. Registered as a merge hook; the ledger keeps both names."""
    return {"tickets": Ticket.objects.filter(customer=source).update(customer=target)}
