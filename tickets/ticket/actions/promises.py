"""Promises: made, kept, withdrawn; and what the clock does about them (C9)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Case, DateTimeField, F, Min, QuerySet, Subquery, Value, When
from django.db.models.functions import Least
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import alert, record
from tickets.people.models import Member
from tickets.people.queries import managers_on_duty, managers_to_tell
from tickets.ticket.actions._base import SAY, invalid, lock, lock_for, now, save, tell_ledger
from tickets.ticket.actions._deed import deed
from tickets.ticket.actions.holding import must_be_able
from tickets.ticket.models import Promise, Ticket
from tickets.web.refusals import Refused

PAST = _("A promise lies in the future.")
CLOSED = _("This promise is “%(status)s” already.")
NOT_KEPT = _("This promise is not kept, so there is nothing to take back.")
BATCH = 200
State = Promise.State


@deed
def promise(ticket: Ticket, *, by: Member, text: str, due_at: datetime, owner: Member | None = None, at: datetime | None = None) -> Promise:
    """Write down what the customer was told, due at an aware instant later than `at`. Whoever holds the ticket sees to it unless
    `owner` is named; in the pool the lead answers for it. Refuses `invalid`, `wrong_state`."""
    at = now(at)
    check_promise(text, due_at, at)
    seen, ticket = ticket, lock_for("promise", ticket, by, follow=True)
    if "holder" in seen._state.fields_cache and seen.holder_id == ticket.holder_id:
        ticket.holder = seen.holder  # whoever asks has read the person a moment ago
    if owner is not None:
        must_be_able(owner, ticket, "owner")
    made = add_promise(ticket, text, due_at, owner_id=owner.pk if owner else _heir(ticket), by=by, at=at)
    ticket.due_at = min(due_at, ticket.due_at or due_at)
    save(ticket, at, "due_at")
    return made


def _heir(ticket: Ticket) -> int | None:
    """Who sees to it where nobody is named: the holder, unless a resolved ticket's holder has left."""
    if ticket.holder is not None and ticket.holder.can_hold:
        return ticket.holder.pk
    return None


def check_promise(text: str, due_at: datetime, at: datetime) -> None:
    if not text.strip():
        raise invalid("text", SAY)
    if due_at <= at:
        raise invalid("due_at", PAST)


def add_promise(ticket: Ticket, text: str, due_at: datetime, *, owner_id: int | None, by: Member, at: datetime) -> Promise:
    """The row and its ledger entry; the caller sees to the ticket's `due_at`."""
    made = Promise.objects.create(
        team=ticket.team, ticket=ticket, text=text.strip()[:300], due_at=due_at, owner_id=owner_id, made_by=by, made_at=at
    )
    tell_ledger("promise.made", ticket, by=by, at=at, promise=made.pk, text=made.text, due_at=due_at, owner=owner_id)
    return made


@deed
def keep(promise: Promise, *, by: Member, note: str = "", at: datetime | None = None) -> Promise:
    """The promise was kept, in time or late. Refuses `wrong_state` for one that is closed."""
    return _close(promise, State.KEPT, "promise.kept", by=by, reason=note.strip(), at=now(at))


@deed
def withdraw(promise: Promise, *, by: Member, reason: str, at: datetime | None = None) -> Promise:
    """The promise no longer stands. Refuses `invalid` without a reason, `wrong_state` for one that is closed."""
    if not reason.strip():
        raise invalid("reason", SAY)
    return _close(promise, State.WITHDRAWN, "promise.withdrawn", by=by, reason=reason.strip(), at=now(at))


@deed
def stand_again(promise: Promise, *, by: Member, at: datetime | None = None) -> Promise:
    """It was not kept after all: the promise stands again, broken where its time had passed before. Refuses `wrong_state` for one
    that is not kept."""
    at, ticket = now(at), lock(promise.ticket_id, by)
    state = Case(When(broken_at__isnull=False, then=Value(State.BROKEN)), default=Value(State.OPEN))
    kept = Promise.objects.filter(pk=promise.pk, ticket=ticket, status=State.KEPT)
    if not kept.update(status=state, closed_at=None, closed_by=None, reason=""):
        raise Refused("wrong_state", NOT_KEPT)
    promise.refresh_from_db()
    _refresh_due(ticket, at)
    tell_ledger("promise.stands", ticket, by=by, at=at, promise=promise.pk, text=promise.text, due_at=promise.due_at)
    return promise


def _refresh_due(ticket: Ticket, at: datetime) -> None:
    """The ticket is due when its next action is, or the first promise that stands."""
    left = Promise.objects.unkept().filter(ticket=ticket).order_by().values("ticket").annotate(first=Min("due_at")).values("first")
    due = Least(F("next_at"), Subquery(left), output_field=DateTimeField())  # LEAST takes no notice of NULL
    Ticket.objects.filter(pk=ticket.pk).update(due_at=due, updated_at=at, version=F("version") + 1)


def _close(promise: Promise, state: str, code: str, *, by: Member, reason: str, at: datetime) -> Promise:
    ticket = lock(promise.ticket_id, by)
    closed = {"status": state, "closed_at": at, "closed_by": by, "reason": reason}
    standing = Promise.objects.filter(pk=promise.pk, ticket=ticket, status__in=(State.OPEN, State.BROKEN))
    if not standing.update(**closed):
        return _close_later(promise, ticket, state, code, by=by, reason=reason, at=at)
    for name, value in closed.items():
        setattr(promise, name, value)
    _refresh_due(ticket, at)
    late = at > promise.due_at
    tell_ledger(code, ticket, by=by, at=at, promise=promise.pk, text=promise.text, due_at=promise.due_at, late=late, reason=reason)
    return promise


def _close_later(promise: Promise, ticket: Ticket, state: str, code: str, *, by: Member, reason: str, at: datetime) -> Promise:
    """The promise is not what it was when it was read: it went along with a merge, or is closed already."""
    found = Promise.objects.select_for_update(no_key=True).get(pk=promise.pk)
    if found.ticket_id != ticket.pk:  # merged while we waited for the lock: the promise went along
        return _close(found, state, code, by=by, reason=reason, at=at)
    if found.status not in (State.OPEN, State.BROKEN):
        raise Refused("wrong_state", CLOSED % {"status": found.get_status_display()}, state=found.status)
    return _close(found, state, code, by=by, reason=reason, at=at)


def break_overdue(at: datetime | None = None) -> int:
    """The clock: open promises whose time has passed are broken, once; who sees to them, the managers and the lead hear of it.

    Safe with any number of workers (SKIP LOCKED, small transactions). Returns how many broke.
    """
    at = now(at)
    total = 0
    while done := _break_some(at):
        total += done
    return total


@transaction.atomic
def _break_some(at: datetime) -> int:
    overdue = list(_due(at)[:BATCH])
    Promise.objects.filter(pk__in=[p.pk for p in overdue]).update(status=State.BROKEN, broken_at=at)
    for found in overdue:
        team, ticket = found.ticket.team, found.ticket
        what = {"promise": found.pk, "text": found.text, "due_at": found.due_at, "owner": found.owner_id}
        record("promise.broken", team=team, actor=None, at=at, ticket=ticket, customer=ticket.customer_id, **what)
        told = [m for m in (found.owner, team.lead, *managers_on_duty(team, at)) if m is not None]
        alert(told, "promise.broken", key=f"promise_broken:{found.pk}", at=at, ticket=ticket, subject=ticket.subject, **what)
    return len(overdue)


def _due(until: datetime) -> QuerySet[Promise]:
    """Open promises due by then, locked, the earliest first, without those another worker has in hand."""
    rows = Promise.objects.select_for_update(of=("self",), skip_locked=True, no_key=True).filter(status=State.OPEN, due_at__lte=until)
    return rows.select_related("ticket__team__lead", "owner").order_by("due_at", "pk")


def remind_due(at: datetime | None = None) -> int:
    """The clock: who sees to a promise is reminded once, the team's `remind_before` ahead of its time; where nobody who is at work
    does, the managers on duty (or the lead) are. Safe with any number of workers. Returns how many were reminded of."""
    at = now(at)
    total = 0
    while done := _remind_some(at):
        total += done
    return total


@transaction.atomic
def _remind_some(at: datetime) -> int:
    rows = Promise.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
    rows = rows.filter(status=State.OPEN, reminded_at__isnull=True, due_at__gt=at, due_at__lte=at + F("team__remind_before"))
    soon = list(rows.select_related("ticket", "team__lead", "owner__presence").order_by("due_at", "pk")[:BATCH])
    Promise.objects.filter(pk__in=[p.pk for p in soon]).update(reminded_at=at)
    for found in soon:
        presence = getattr(found.owner, "presence", None) if found.owner else None
        here = presence is not None and presence.is_on(at)
        told = ([found.owner] if found.owner else []) + ([] if here else managers_to_tell(found.team, at))
        what = {"promise": found.pk, "text": found.text, "due_at": found.due_at, "subject": found.ticket.subject}
        alert(told, "promise.due", key=f"promise_due:{found.pk}", at=at, ticket=found.ticket, **what)
    return len(soon)
