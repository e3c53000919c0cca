"""Duty begins through the digest, or a manager's word; it ends through the note, a manager, the clock or departure."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from handover.duty import actions
from handover.duty.models import Duty
from handover.roster.queries import last_duty_end
from tests.handover.plans import local, rostered
from tests.handover.races import race
from tests.turns import turns
from tickets.activity.models import Activity, Alert
from tickets.people.actions import deactivate, set_roles
from tickets.people.models import Presence
from tickets.web.refusals import Refused


def receipt_of(member):
    return SimpleNamespace(pk=1, member_id=member.pk)


def start(member, at):
    return actions.start_duty(member, by=member, receipt=receipt_of(member), at=at)


def refused(code):
    return pytest.raises(Refused, match=f"^{code}")


@pytest.fixture
def five(plan):
    """17:05 on Saturday."""
    return local(plan.cast.team, "2026-11-21 17:05")


def test_start_is_for_the_shift_that_runs_and_presence_says_until_when(plan, five):
    bob = plan.cast.bob
    rostered(plan.night, bob)
    duty = start(bob, five)
    assert (duty.shift, duty.until, duty.lapses_at) == (plan.night, plan.night.ends_at, plan.night.ends_at + timedelta(hours=2))
    presence = Presence.objects.get(member=bob)
    assert (presence.on_since, presence.on_until, presence.admitted_until) == (five, duty.until, duty.lapses_at)
    assert presence.next_on is None, "the shift being worked is not the next one"
    assert Activity.objects.filter(code="duty.started", actor=bob, at=five).count() == 1


def test_h6_start_without_a_receipt_or_with_somebody_elses_is_refused(plan, five):
    bob, carol = plan.cast.bob, plan.cast.carol
    with refused("digest_unread"):
        actions.start_duty(bob, by=bob, at=five)
    with refused("digest_unread"):
        actions.start_duty(bob, by=bob, receipt=receipt_of(carol), at=five)
    with refused("forbidden"):
        actions.start_duty(bob, by=plan.cast.alice, receipt=receipt_of(bob), at=five)
    assert not Duty.objects.exists()


def test_a_manager_who_does_not_work_in_shifts_starts_without_a_digest(plan, five):
    alice = plan.cast.alice
    assert actions.start_duty(alice, by=alice, at=five).shift is None


def test_start_while_on_duty_is_refused_and_by_the_database_too(plan, five):
    bob = plan.cast.bob
    duty = start(bob, five)
    with refused("wrong_state"):
        start(bob, five + timedelta(hours=1))
    duty.pk = None
    with pytest.raises(IntegrityError, match="duty_runs_once_per_person"), transaction.atomic():
        duty.save(force_insert=True)


def test_start_early_is_for_the_coming_shift_and_without_roster_for_none(plan):
    bob, carol = plan.cast.bob, plan.cast.carol
    rostered(plan.night, bob)
    noon = local(plan.cast.team, "2026-11-21 12:00")
    assert start(bob, noon).shift == plan.night
    extra = start(carol, noon)
    assert (extra.shift, extra.until) == (None, plan.day.ends_at), "until the running shift ends"


def test_h5_a_manager_lets_somebody_in_with_a_reason_that_the_team_is_told(plan, five):
    cast = plan.cast
    for reason in ("", "   "):
        with refused("invalid"):
            actions.let_in(cast.bob, by=cast.alice, reason=reason, at=five)
    duty = actions.let_in(cast.bob, by=cast.alice, reason="Digest page down", at=five)
    assert (duty.started_by, duty.let_in_reason) == (cast.alice, "Digest page down")
    assert Activity.objects.get(code="duty.let_in").data["reason"] == "Digest page down"
    told = set(Alert.objects.filter(code="duty.let_in").values_list("member__display_name", flat=True))
    assert told == {"Bob", "Carol", "Dan", "Eve", "Dora", "Wen", "Olga"}


@pytest.mark.parametrize(("who", "code"), [("carol", "forbidden"), ("olga", "forbidden"), ("mallory", "forbidden"), ("bob", "forbidden")])
def test_h5_only_a_manager_of_the_team_lets_in_or_ends_for_others(plan, five, who, code):
    cast = plan.cast
    with refused(code):
        actions.let_in(cast.bob, by=getattr(cast, who), reason="please", at=five)
    duty = start(cast.bob, five)
    with refused(code):
        actions.end_on_behalf(duty, by=getattr(cast, who), reason="please", at=five)


def test_h5_nobody_lets_themselves_in(plan, five):
    with refused("same_hand"):
        actions.let_in(plan.cast.alice, by=plan.cast.alice, reason="me", at=five)


def test_end_clears_presence_runs_hooks_once_and_is_final(plan, five):
    bob = plan.cast.bob
    entry = rostered(plan.night, bob)
    duty = start(bob, five)
    calls = []
    actions.duty_end_hooks.append(lambda duty, by, at: calls.append((duty.pk, duty.end, by)))
    try:
        actions.end_duty(duty, by=bob, at=plan.night.ends_at - timedelta(minutes=10))
        with refused("wrong_state"):
            actions.end_duty(duty, by=bob, at=plan.night.ends_at)
    finally:
        actions.duty_end_hooks.pop()
    assert calls == [(duty.pk, "signed", bob)]
    presence = Presence.objects.get(member=bob)
    assert (presence.on_since, presence.on_until, presence.admitted_until, presence.next_on) == (None, None, None, None)
    entry.refresh_from_db()
    assert entry.left_at == plan.night.ends_at - timedelta(minutes=10), "signed off: not rostered any more for the last ten minutes"
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        Duty.objects.filter(pk=duty.pk).update(ended_at=five)


def test_a_manager_ends_a_duty_with_a_reason(plan, five):
    cast = plan.cast
    duty = start(cast.bob, five)
    with refused("invalid"):
        actions.end_on_behalf(duty, by=cast.alice, reason=" ", at=five)
    ended = actions.end_on_behalf(duty, by=cast.alice, reason="went home ill", at=five + timedelta(hours=1))
    assert (ended.end, ended.ended_by, ended.end_reason) == ("on_behalf", cast.alice, "went home ill")
    assert Alert.objects.filter(code="duty.ended_for_you", member=cast.bob).exists()


def test_extend_moves_the_end_and_the_lapse(plan, five):
    cast = plan.cast
    rostered(plan.night, cast.bob)
    duty = start(cast.bob, five)
    later = duty.until + timedelta(hours=3)
    extended = actions.extend(duty, by=cast.bob, until=later, at=five)
    assert (extended.until, extended.lapses_at) == (later, later + timedelta(hours=2))
    assert Presence.objects.get(member=cast.bob).on_until == later
    for until in (duty.until, five, duty.started_at + timedelta(hours=17)):
        with refused("invalid"):
            actions.extend(duty, by=cast.alice, until=until, at=five)
    with refused("forbidden"):
        actions.extend(duty, by=cast.carol, until=later + timedelta(hours=1), at=five)


def test_the_clock_closes_what_lapsed_once_and_tells_the_lead(plan, five):
    cast = plan.cast
    rostered(plan.night, cast.bob)
    duty = start(cast.bob, five)
    assert actions.lapse_overdue(duty.lapses_at - timedelta(seconds=1)) == 0
    assert actions.lapse_overdue(duty.lapses_at) == 1
    assert actions.lapse_overdue(duty.lapses_at + timedelta(hours=1)) == 0
    duty.refresh_from_db()
    assert (duty.end, duty.ended_by, duty.ended_at) == ("lapsed", None, duty.lapses_at)
    assert Alert.objects.filter(code="duty.lapsed", member=cast.alice).count() == 1
    assert last_duty_end(cast.bob) == plan.night.ends_at, "what came after the shift nobody had read"


def test_last_duty_end(plan, five):
    bob = plan.cast.bob
    assert last_duty_end(bob) is None
    duty = start(bob, five)
    assert last_duty_end(bob) is None
    actions.end_duty(duty, by=bob, at=five + timedelta(hours=2))
    assert last_duty_end(bob) == five + timedelta(hours=2)


def test_whoever_leaves_the_team_is_off_duty_and_off_the_roster(plan, five):
    cast = plan.cast
    entry = rostered(plan.night, cast.bob)
    duty = start(cast.bob, five)
    deactivate(cast.bob, by=cast.alice, at=five + timedelta(hours=1))
    duty.refresh_from_db()
    entry.refresh_from_db()
    assert duty.end == "departure"
    assert entry.during.upper == five + timedelta(hours=1), "what was worked stays"
    assert not Presence.objects.get(member=cast.bob).is_on(five + timedelta(hours=1))


def test_an_agent_who_moves_to_the_warehouse_stays_on_duty(plan, five):
    cast = plan.cast
    rostered(plan.night, cast.bob)
    duty = start(cast.bob, five)
    set_roles(cast.bob, ["warehouse"], by=cast.alice, at=five)
    duty.refresh_from_db()
    assert duty.ended_at is None


def test_h6_two_shifts_in_a_row_are_two_windows(plan):
    """Who signs the day at 16:50 and works the night too opens the night's digest."""
    from handover.roster.queries import shift_window

    bob = plan.cast.bob
    rostered(plan.day, bob)
    rostered(plan.night, bob)
    duty = start(bob, plan.day.starts_at)
    assert Presence.objects.get(member=bob).next_on == plan.night.starts_at
    ten_to = plan.day.ends_at - timedelta(minutes=10)
    assert shift_window(bob, ten_to)[0] == plan.day
    actions.end_duty(duty, by=bob, at=ten_to)
    assert shift_window(bob, ten_to) == (plan.night, plan.night.starts_at, plan.night.ends_at)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", turns(1))
def test_two_starts_at_once_are_one_duty_and_two_ends_one_end(plan, five, turn):
    """Real connections: the second click finds the first one's work."""
    bob = plan.cast.bob
    rostered(plan.night, bob)
    assert race(lambda _place: start(bob, five), range(3)) == ["won", "wrong_state", "wrong_state"]
    duty = Duty.objects.get()
    ends = [
        lambda: actions.end_duty(duty, by=bob, at=five + timedelta(hours=1)),
        lambda: actions.end_on_behalf(duty, by=plan.cast.alice, reason="gone", at=five + timedelta(hours=1)),
    ]
    assert race(lambda end: end(), ends) == ["won", "wrong_state"]
    assert Activity.objects.filter(code="duty.ended").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clocks_close_a_lapsed_duty_once(plan, five):
    start(plan.cast.bob, five)
    late = Duty.objects.get().lapses_at + timedelta(minutes=1)
    closed = []
    race(lambda _place: closed.append(actions.lapse_overdue(late)), range(3))
    assert sum(closed) == 1
    assert Activity.objects.filter(code="duty.ended").count() == 1
