"""What begins and ends duty: the only writer of Duty, and through people's action of Presence.

Each takes `by` (who does it; None: the clock) and `at` (an aware instant, now by default).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.duty.models import Duty
from handover.roster.actions import refresh_next, sign_off
from handover.roster.queries import Window, next_spans, shift_window
from tickets.activity.actions import alert, record
from tickets.people.access import may
from tickets.people.actions import set_presence
from tickets.people.models import Member, Team
from tickets.people.queries import managers_to_tell
from tickets.people.turns import take_turn
from tickets.web.kept import Inserted, Kept
from tickets.web.refusals import Refused

LONGEST = timedelta(hours=16)
"""How long after its start a duty may be extended to."""

NOT_IN_SHIFTS = _("%(name)s does not work in this team's shifts.")
ON_ALREADY = _("%(name)s is on duty already, since %(since)s.")
READ_FIRST = _("Read and answer your digest first.")
SAY_WHY = _("Say why.")
NOT_ONESELF = _("Nobody does this for themselves: another manager must.")
ENDED = _("This duty has ended already.")
NOT_LATER = _("Choose a time after the present end, and at most 16 hours after the start.")
NOT_YOURS = _("Only the person or a manager may do this.")

duty_end_hooks: list[Callable[[Duty, Member | None, datetime], None]] = []
"""Called as hook(duty, by, at) inside the transaction, for every end; `duty.end` says which. Higher rooms register what must then
happen to what the person leaves behind, such as building the note that nobody wrote."""


@transaction.atomic
def start_duty(member: Member, *, by: Member, receipt: Any = None, at: datetime | None = None) -> Duty:
    """Begin duty, for the shift that runs or comes within six hours, or for none.

    `receipt` is the digest's receipt of this person, just acknowledged. Refuses `digest_unread` where the person works in shifts and
    brings none, `forbidden` for somebody else's duty (see `let_in`), `wrong_state` while on duty already.
    """
    at = at or timezone.now()
    _check_start(member, by, receipt)
    locked = _free(member)
    return _start(locked, by, receipt, shift_window(locked, at), at)


def start_locked(locked: Member, *, by: Member, receipt: Any, window: Window, at: datetime) -> Duty:
    """`start_duty` for whoever has locked the member's row (`to_begin`), and knows since then that no duty runs and the `shift_window` at
    `at`. The database refuses a second duty."""
    _check_start(locked, by, receipt)
    _check_role(locked)
    return _start(locked, by, receipt, window, at)


def to_begin(pk: int) -> QuerySet[Member]:
    """The member's row, to be locked while a duty begins."""
    return Member.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk)


def _check_start(member: Member, by: Member, receipt: Any) -> None:
    if by.pk != member.pk:
        raise Refused("forbidden", NOT_YOURS)
    if member.works_in_shifts and (receipt is None or receipt.member_id != member.pk):
        raise Refused("digest_unread", READ_FIRST)


def _start(locked: Member, by: Member, receipt: Any, window: Window, at: datetime) -> Duty:
    duty = _begin(locked, by, window, at)
    _record("duty.started", duty, by, duty.started_at, receipt=receipt.pk if receipt is not None else None)
    return duty


@transaction.atomic
def let_in(member: Member, *, by: Member, reason: str, at: datetime | None = None) -> Duty:
    """A manager lets somebody in who has not read the digest; the reason is recorded and everybody in the team is told.

    Refuses `invalid` without a reason, `forbidden` for whoever may not, `same_hand` for oneself, `wrong_state` while on duty already.
    """
    _check_deed("duty.let_in", member, by)
    reason = _reason(reason)
    at = at or timezone.now()
    locked = _free(member)
    duty = _begin(locked, by, shift_window(locked, at), at, reason)
    _record("duty.let_in", duty, by, duty.started_at, reason=reason)
    team = Member.objects.filter(team=member.team_id).active().exclude(pk=by.pk)
    facts = {"member": member.pk, "name": member.display_name, "by": by.display_name, "reason": reason}
    alert(team, "duty.let_in", key=f"duty.let_in:{duty.pk}", at=duty.started_at, **facts)
    return duty


@transaction.atomic
def end_duty(duty: Duty, *, by: Member | None, end: str = Duty.End.SIGNED, reason: str = "", at: datetime | None = None) -> Duty:
    """End a duty: the workspace closes, the roster knows that the person has left, `duty_end_hooks` run.

    `end` is one of `Duty.End`. Refuses `wrong_state` where it has ended already.
    """
    at = at or timezone.now()
    take_turn(duty.team_id)
    locked = Duty.objects.select_for_update(of=("self",)).select_related("member__team", "team", "shift").get(pk=duty.pk)
    if locked.ended_at is not None:
        raise Refused("wrong_state", ENDED)
    locked.ended_at, locked.ended_by = max(at, locked.started_at), by
    locked.end, locked.end_reason = end, reason
    locked.save(update_fields=["ended_at", "ended_by", "end", "end_reason"])
    set_presence(locked.member, on_since=None, on_until=None, admitted_until=None)
    sign_off(locked.member, at)
    _record("duty.ended", locked, by, at, end=str(end), reason=reason)
    for hook in duty_end_hooks:
        hook(locked, by, at)
    return locked


@transaction.atomic
def end_on_behalf(duty: Duty, *, by: Member, reason: str, at: datetime | None = None) -> Duty:
    """A manager ends somebody's duty, with a reason that is recorded. Refuses as `let_in` does."""
    member = duty.member
    _check_deed("duty.on_behalf", member, by)
    ended = end_duty(duty, by=by, end=Duty.End.ON_BEHALF, reason=_reason(reason), at=at)
    alert([member], "duty.ended_for_you", key=f"duty.ended_for_you:{duty.pk}", at=at, by=by.display_name, reason=reason)
    return ended


@transaction.atomic
def extend(duty: Duty, *, by: Member, until: datetime, at: datetime | None = None) -> Duty:
    """Work longer than the shift: one's own duty, or as a manager anybody's.

    Refuses `wrong_state` (ended), `forbidden` (somebody else's), `invalid` unless `until` is after the present end and the present
    moment, and at most `LONGEST` after the start.
    """
    at = at or timezone.now()
    locked = Duty.objects.select_for_update(of=("self",)).select_related("team", "member__team").get(pk=duty.pk)
    if locked.ended_at is not None:
        raise Refused("wrong_state", ENDED)
    if by.team_id != locked.team_id or (by.pk != locked.member_id and not may(by, "duty.on_behalf")):
        raise Refused("forbidden", NOT_YOURS)
    if until <= max(at, locked.until or at) or until > locked.started_at + LONGEST:
        raise Refused("invalid", NOT_LATER, errors={"until": [NOT_LATER]})
    before, locked.until = locked.until, until
    locked.lapses_at = max(locked.lapses_at, until + locked.team.duty_grace)
    locked.save(update_fields=["until", "lapses_at"])
    set_presence(locked.member, on_until=until, admitted_until=locked.lapses_at)
    refresh_next([locked.member_id], at)
    _record("duty.extended", locked, by, at, before=before)
    return locked


def lapse_overdue(at: datetime | None = None) -> int:
    """Close every duty whose grace is over: its person forgot to sign. Returns how many; each is a transaction of its own.

    The managers are told; what the person leaves behind is built by whoever registered in `duty_end_hooks`.
    """
    at = at or timezone.now()
    overdue = Duty.objects.running().filter(lapses_at__lte=at).order_by("lapses_at").values_list("pk", flat=True)
    return sum(_lapse(pk, at) for pk in list(overdue))


@transaction.atomic
def end_for_departure(member: Member, by: Member | None, at: datetime) -> None:
    """Whoever stops working here is not on duty either. Registered as a departure hook.

    Somebody who only stops being able to hold tickets, such as an agent who moves to the warehouse, stays on duty.
    """
    if member.is_active and may(member, "duty.work"):
        return
    for duty in Duty.objects.running().filter(member=member):
        end_duty(duty, by=by, end=Duty.End.DEPARTURE, at=at)


@transaction.atomic
def _lapse(pk: int, at: datetime) -> bool:
    """Whether this duty was still overdue once we had it to ourselves: it may have been extended, signed, or taken by another worker."""
    found = Duty.objects.filter(pk=pk).only("team_id").first()
    if found is None:
        return False
    take_turn(found.team_id)
    duty = Duty.objects.select_for_update(skip_locked=True).running().filter(pk=pk, lapses_at__lte=at).first()
    if duty is None:
        return False
    ended = end_duty(duty, by=None, end=Duty.End.LAPSED, at=at)
    facts = {"member": ended.member_id, "name": ended.member.display_name}
    alert([*managers_to_tell(ended.team, at), ended.member], "duty.lapsed", key=f"duty.lapsed:{pk}", at=at, **facts)
    return True


def _free(member: Member) -> Member:
    """The member's row, locked; refuses `wrong_state` for whoever works in no shifts, or is on duty already."""
    locked = LOCKED.first(pk=member.pk)
    assert locked is not None  # noqa: S101 - members are never deleted
    _check_role(locked)
    running = RUNNING.first(member=locked.pk)
    if running is not None:
        since = timezone.localtime(running.started_at, locked.team.zone)
        raise Refused("wrong_state", ON_ALREADY % {"name": locked.display_name, "since": f"{since:%H:%M}"})
    return locked


def _check_role(locked: Member) -> None:
    if not may(locked, "duty.work"):
        raise Refused("wrong_state", NOT_IN_SHIFTS % {"name": locked.display_name})


def _begin(locked: Member, by: Member, window: Window, at: datetime, reason: str = "") -> Duty:
    shift, _start, until = window
    lapses_at = until + locked.team.duty_grace
    duty = Duty(team=locked.team, member=locked, shift=shift, started_at=at, started_by=by, let_in_reason=reason)
    duty.until, duty.lapses_at = until, lapses_at
    DUTIES.add(duty)
    next_on, next_until = next_spans([locked.pk], at, busy_until=until).get(locked.pk, (None, None))
    set_presence(locked, on_since=at, on_until=until, admitted_until=lapses_at, next_on=next_on, next_until=next_until)
    return duty


DUTIES = Inserted(Duty)
LOCKED = Kept(lambda pk: to_begin(pk).select_related("team"))
RUNNING = Kept(lambda member: Duty.objects.running().filter(member_id=member).select_related("shift"))


def _check_deed(deed: str, member: Member, by: Member) -> None:
    if by.team_id != member.team_id or not may(by, deed):
        raise Refused("forbidden")
    if by.pk == member.pk:
        raise Refused("same_hand", NOT_ONESELF)


def _reason(text: str) -> str:
    if not text.strip():
        raise Refused("invalid", SAY_WHY, errors={"reason": [SAY_WHY]})
    return text.strip()


def _record(code: str, duty: Duty, by: Member | None, at: datetime, **data: object) -> None:
    team: Team = duty.team
    name = duty.member.display_name
    record(code, team=team, actor=by, at=at, duty=duty.pk, member=duty.member_id, name=name, shift=duty.shift_id, until=duty.until, **data)
