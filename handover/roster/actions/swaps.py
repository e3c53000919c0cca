"""Swaps: somebody asks to be replaced, a colleague takes it, a manager approves; then the entry changes hands.

Until then either side may step out, and a swap whose shift begins undecided lapses. Whoever counted on it is told each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.roster.actions.planning import NOT_HERE, OVERLAPS, refresh_next
from handover.roster.models import RosterEntry, Swap
from tickets.activity.actions import alert, record
from tickets.people.access import may
from tickets.people.models import Member
from tickets.people.queries import managers_to_tell
from tickets.web.refusals import Refused

PAST = _("This shift has begun already.")
NOT_YOURS = _("This is not your shift.")
OWN = _("This is your own shift.")
ASKED = _("It is being asked for already.")
CLOSED = _("This swap is not open any more.")
TAKEN = _("%(name)s has offered to work it already.")
NOT_TAKEN = _("Nobody has taken this swap yet.")
NOT_TAKER = _("You have not offered to work this shift.")
OWN_DECISION = _("You are part of this swap: another manager decides.")


@transaction.atomic
def ask(entry: RosterEntry, *, by: Member, note: str = "", at: datetime | None = None) -> Swap:
    """Ask to be replaced on one's own shift to come. Refuses `forbidden` (not one's own), `wrong_state` (begun), `duplicate` (asked)."""
    at = at or timezone.now()
    locked = _lock_entry(entry.pk)
    if locked.member_id != by.pk:
        raise Refused("forbidden", NOT_YOURS)
    if locked.during.lower <= at:
        raise Refused("wrong_state", PAST)
    try:
        with transaction.atomic():
            swap = Swap.objects.create(team=by.team, entry=locked, asked_by=by, note=note, at=at)
    except IntegrityError as clash:
        raise Refused("duplicate", ASKED) from clash
    _record("swap.asked", swap, by, at, text=note)
    return swap


@transaction.atomic
def take(swap: Swap, *, by: Member, at: datetime | None = None) -> Swap:
    """Offer to work it. Refuses `wrong_state` (own, begun, withdrawn, decided), `taken` with the taker, `duplicate` (rostered then)."""
    at = at or timezone.now()
    locked = _lock(swap)
    if locked.asked_by_id == by.pk:
        raise Refused("wrong_state", OWN)
    if locked.taken_by is not None and locked.state == Swap.State.TAKEN:
        taker = locked.taken_by
        raise Refused("taken", TAKEN % {"name": taker.display_name}, holder={"id": taker.pk, "name": taker.display_name})
    if locked.state != Swap.State.OPEN:
        raise Refused("wrong_state", CLOSED)
    _check(locked, by, at)
    locked.taken_by, locked.state = by, Swap.State.TAKEN
    locked.save(update_fields=["taken_by", "state"])
    _record("swap.taken", locked, by, at)
    _alert("swap.taken", locked, _managers(by, at), at, text=locked.note)
    return locked


@transaction.atomic
def step_back(swap: Swap, *, by: Member, at: datetime | None = None) -> Swap:
    """Whoever offered to work it cannot after all: it looks for somebody again. Refuses `forbidden` (somebody else's offer),
    `wrong_state` (decided, or nobody's)."""
    at = at or timezone.now()
    locked = _lock(swap)
    if locked.state != Swap.State.TAKEN:
        raise Refused("wrong_state", NOT_TAKEN if locked.state == Swap.State.OPEN else CLOSED)
    if locked.taken_by_id != by.pk:
        raise Refused("forbidden", NOT_TAKER)
    _record("swap.stepped_back", locked, by, at)
    _alert("swap.stepped_back", locked, [locked.asked_by, *_managers(by, at)], at)
    locked.taken_by, locked.state = None, Swap.State.OPEN
    locked.save(update_fields=["taken_by", "state"])
    return locked


@transaction.atomic
def approve(swap: Swap, *, by: Member, at: datetime | None = None, decision: str = "") -> Swap:
    """Let the entry change hands: from now on the taker is rostered (and gated), the asker is not.

    Refuses `same_hand` for somebody who is part of it, `wrong_state` (not taken, begun), `duplicate` (the taker is rostered then).
    """
    at = at or timezone.now()
    locked, taker = _lock_taken(swap, by)
    _check(locked, taker, at)
    _hand_over(locked.entry, taker)
    _decide(locked, Swap.State.APPROVED, by, decision)
    _record("swap.approved", locked, by, at, decision=locked.decision)
    _alert("swap.approved", locked, [locked.asked_by, taker], at, reason=locked.decision)
    refresh_next([locked.asked_by_id, taker.pk], at)
    return locked


@transaction.atomic
def refuse(swap: Swap, *, by: Member, at: datetime | None = None, decision: str = "") -> Swap:
    """Let it be as it was. Refuses `same_hand` for somebody who is part of it, `wrong_state` where nobody has taken it."""
    at = at or timezone.now()
    locked, taker = _lock_taken(swap, by)
    _decide(locked, Swap.State.REFUSED, by, decision)
    _record("swap.refused", locked, by, at, decision=locked.decision)
    _alert("swap.refused", locked, [locked.asked_by, taker], at, reason=locked.decision)
    return locked


@transaction.atomic
def withdraw(swap: Swap, *, by: Member, at: datetime | None = None) -> Swap:
    """The asker needs nobody any more. Refuses `forbidden` (somebody else's), `wrong_state` (decided)."""
    at = at or timezone.now()
    locked = _lock(swap)
    if locked.asked_by_id != by.pk:
        raise Refused("forbidden", NOT_YOURS)
    if locked.state not in (Swap.State.OPEN, Swap.State.TAKEN):
        raise Refused("wrong_state", CLOSED)
    locked.state = Swap.State.WITHDRAWN
    locked.save(update_fields=["state"])
    _record("swap.withdrawn", locked, by, at)
    if locked.taken_by is not None:
        _alert("swap.withdrawn", locked, [locked.taken_by, *_managers(by, at)], at)
    return locked


@transaction.atomic
def give_back(member: Member, by: Member | None, at: datetime) -> None:
    """Whoever stops working here works nobody's shift: what they offered to work looks for somebody again. Registered as a departure
    hook."""
    if member.is_active and may(member, "duty.work"):
        return
    for swap in Swap.objects.filter(taken_by=member, state=Swap.State.TAKEN).order_by("entry", "pk"):
        step_back(swap, by=member, at=at)


def lapse_begun(at: datetime | None = None) -> int:
    """The clock's deed: what nobody decided before its shift began is over, and both sides are told. How many lapsed."""
    at = at or timezone.now()
    begun = Swap.objects.undecided().filter(entry__during__startswith__lte=at)
    return sum(_lapse(swap, at) for swap in begun.order_by("pk"))


@transaction.atomic
def _lapse(swap: Swap, at: datetime) -> bool:
    try:
        locked = _lock(swap)
    except Refused:  # its entry has just been taken off the roster
        return False
    if locked.state not in (Swap.State.OPEN, Swap.State.TAKEN) or locked.entry.during.lower > at:
        return False
    locked.state = Swap.State.LAPSED
    locked.save(update_fields=["state"])
    _record("swap.lapsed", locked, None, at)
    _alert("swap.lapsed", locked, [one for one in (locked.asked_by, locked.taken_by) if one is not None], at)
    return True


def _lock_entry(pk: int) -> RosterEntry:
    """Locked without joins: a join on a column that whoever held the lock has just changed would find no row at all."""
    found = RosterEntry.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise Refused("not_found")
    return found


def _lock(swap: Swap) -> Swap:
    """The entry first, then the swap: the order in which the roster's other writers come, so that nobody waits in a circle."""
    entry = _lock_entry(swap.entry_id)
    found = Swap.objects.select_for_update().filter(pk=swap.pk).first()
    if found is None:
        raise Refused("not_found")
    found.entry = entry
    return found


def _lock_taken(swap: Swap, by: Member) -> tuple[Swap, Member]:
    """The swap that waits for approval, and who has taken it."""
    locked = _lock(swap)
    if locked.state != Swap.State.TAKEN or locked.taken_by is None:
        raise Refused("wrong_state", NOT_TAKEN if locked.state == Swap.State.OPEN else CLOSED)
    if by.pk in (locked.asked_by_id, locked.taken_by_id):
        raise Refused("same_hand", OWN_DECISION)
    return locked, locked.taken_by


def _hand_over(entry: RosterEntry, taker: Member) -> None:
    root = entry.instead_of or entry.member
    entry.member = taker
    entry.instead_of = None if root == taker else root
    try:
        with transaction.atomic():
            entry.save(update_fields=["member", "instead_of"])
    except IntegrityError as clash:
        raise Refused("duplicate", OVERLAPS % {"name": taker.display_name}) from clash


def _check(swap: Swap, taker: Member, at: datetime) -> None:
    """What must hold for somebody to work the entry: it is to come, still the asker's, and the taker is able and free."""
    entry = swap.entry
    if entry.during.lower <= at:
        raise Refused("wrong_state", PAST)
    if entry.member_id != swap.asked_by_id:
        raise Refused("wrong_state", CLOSED)
    if not taker.is_active or not may(taker, "duty.work") or taker.team_id != entry.team_id:
        raise Refused("wrong_state", NOT_HERE % {"name": taker.display_name})
    if RosterEntry.objects.filter(member=taker, during__overlap=entry.during).exists():
        raise Refused("duplicate", OVERLAPS % {"name": taker.display_name})


def _decide(swap: Swap, state: Swap.State, by: Member, decision: str) -> None:
    swap.state, swap.decided_by, swap.decision = state, by, decision[:200]
    swap.save(update_fields=["state", "decided_by", "decision"])


def _facts(swap: Swap) -> dict[str, object]:
    entry = swap.entry
    return {
        "swap": swap.pk,
        "shift": entry.shift.name,
        "start": entry.during.lower,
        "end": entry.during.upper,
        "from_name": swap.asked_by.display_name,
        "to_name": swap.taken_by.display_name if swap.taken_by else "",
    }


def _record(code: str, swap: Swap, by: Member | None, at: datetime, **said: str) -> None:
    record(code, team=swap.team, actor=by, at=at, **_facts(swap), **said)


def _managers(by: Member, at: datetime) -> list[Member]:
    """Who must hear of what `by` did to a swap that waits for a manager."""
    return [member for member in managers_to_tell(by.team, at) if member.pk != by.pk]


def _alert(code: str, swap: Swap, members: Iterable[Member], at: datetime, **said: str) -> None:
    """Told once for each offer: the same swap may be taken, given back, and taken again."""
    alert(members, code, key=f"{code}:{swap.pk}:{swap.taken_by_id}:{at.isoformat()}", at=at, **_facts(swap), **said)
