"""Ask, take, approve: own, taken, past and deleted swaps cannot be taken; the swapped-in is gated, the swapped-out is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handover.roster.actions import swaps
from handover.roster.models import RosterEntry, Swap
from handover.roster.queries import shift_window
from tests.handover.plans import local, rostered
from tests.handover.races import race
from tests.turns import turns
from tickets.activity.models import Activity, Alert
from tickets.people.actions import deactivate
from tickets.people.models import Presence
from tickets.web.refusals import Refused


def refused(code):
    return pytest.raises(Refused, match=f"^{code}")


@pytest.fixture
def noon(plan):
    return local(plan.cast.team, "2026-11-21 12:00")


@pytest.fixture
def swap(plan, noon):
    return swaps.ask(rostered(plan.night, plan.cast.bob), by=plan.cast.bob, note="wedding", at=noon)


def test_a_swap_asked_taken_and_approved_changes_hands(plan, noon, swap):
    cast = plan.cast
    swaps.take(swap, by=cast.carol, at=noon)
    assert shift_window(cast.bob, noon)[0] == plan.night, "until a manager approves, it is still the asker's"
    swaps.approve(swap, by=cast.alice, at=noon)
    assert shift_window(cast.carol, noon)[0] == plan.night
    assert shift_window(cast.bob, noon)[0] is None
    entry = RosterEntry.objects.get(shift=plan.night)
    assert (entry.member, entry.instead_of) == (cast.carol, cast.bob)
    assert Presence.objects.get(member=cast.carol).next_on == plan.night.starts_at
    assert Presence.objects.get(member=cast.bob).next_on is None
    assert list(Activity.objects.filter(code__startswith="swap.").order_by("id").values_list("code", flat=True)) == [
        "swap.asked", "swap.taken", "swap.approved",
    ]  # fmt: skip
    assert Alert.objects.filter(code="swap.taken", member=cast.alice).exists()


def test_what_somebody_who_leaves_had_offered_to_work_looks_for_somebody_again(plan, noon, swap):
    cast = plan.cast
    swaps.take(swap, by=cast.carol, at=noon)
    deactivate(cast.carol, by=cast.alice, at=noon)
    swap.refresh_from_db()
    assert (swap.state, swap.taken_by) == ("open", None)
    assert Alert.objects.filter(code="swap.stepped_back", member=cast.bob).exists()


def test_a_refused_swap_leaves_the_roster(plan, noon, swap):
    swaps.take(swap, by=plan.cast.carol, at=noon)
    swaps.refuse(swap, by=plan.cast.alice, at=noon, decision="too short of people")
    assert RosterEntry.objects.get(shift=plan.night).member == plan.cast.bob
    assert swaps.ask(RosterEntry.objects.get(shift=plan.night), by=plan.cast.bob, at=noon).state == "open"


def test_own_taken_past_and_deleted_swaps_cannot_be_taken(plan, noon, swap):
    cast = plan.cast
    with refused("wrong_state"):
        swaps.take(swap, by=cast.bob, at=noon)
    with refused("wrong_state"):
        swaps.take(swap, by=cast.carol, at=plan.night.starts_at)
    swaps.take(swap, by=cast.carol, at=noon)
    with refused("taken") as caught:
        swaps.take(swap, by=cast.dan, at=noon)
    assert caught.value.extra["holder"] == {"id": cast.carol.pk, "name": "Carol"}
    swaps.withdraw(swap, by=cast.bob, at=noon)
    with refused("wrong_state"):
        swaps.take(swap, by=cast.dan, at=noon)
    RosterEntry.objects.all().delete()
    with refused("not_found"):
        swaps.take(swap, by=cast.dan, at=noon)


@pytest.mark.parametrize("who", ["olga", "mallory"])
def test_somebody_who_does_not_work_here_cannot_take(plan, noon, swap, who):
    with refused("wrong_state"):
        swaps.take(swap, by=getattr(plan.cast, who), at=noon)


def test_h2_somebody_who_works_then_cannot_take_and_approval_checks_again(plan, noon, swap):
    cast = plan.cast
    rostered(plan.night, cast.carol)
    with refused("duplicate"):
        swaps.take(swap, by=cast.carol, at=noon)
    swaps.take(swap, by=cast.dan, at=noon)
    rostered(plan.night, cast.dan)
    with refused("duplicate"):
        swaps.approve(swap, by=cast.alice, at=noon)
    swap.refresh_from_db()
    assert swap.state == "taken"


def test_asking_is_for_ones_own_shift_to_come_once(plan, noon, swap):
    cast = plan.cast
    entry = RosterEntry.objects.get(shift=plan.night)
    with refused("duplicate"):
        swaps.ask(entry, by=cast.bob, at=noon)
    with refused("forbidden"):
        swaps.ask(entry, by=cast.carol, at=noon)
    with refused("wrong_state"):
        swaps.ask(rostered(plan.day, cast.dan), by=cast.dan, at=noon)


def test_nobody_approves_their_own_swap_nor_one_that_nobody_took(plan, noon):
    cast = plan.cast
    swap = swaps.ask(rostered(plan.night, cast.alice), by=cast.alice, at=noon)
    with refused("wrong_state"):
        swaps.approve(swap, by=cast.alice, at=noon)
    swaps.take(swap, by=cast.carol, at=noon)
    with refused("same_hand"):
        swaps.approve(swap, by=cast.alice, at=noon)


@pytest.mark.django_db(transaction=True)
def test_two_take_at_once_and_one_wins(plan, noon):
    """Real connections: the loser is told who has it."""
    cast = plan.cast
    for round_ in turns(5):
        RosterEntry.objects.all().delete()
        swap = swaps.ask(rostered(plan.night, cast.bob), by=cast.bob, at=noon + timedelta(seconds=round_))
        results = race(lambda m, swap=swap: swaps.take(swap, by=m, at=noon), [cast.carol, cast.dan, cast.eve])
        assert results == ["taken", "taken", "won"]
        assert Swap.objects.get(pk=swap.pk).state == "taken"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", turns(1))
def test_two_decisions_at_once_and_one_counts(plan, noon, turn):
    cast = plan.cast
    swap = swaps.ask(rostered(plan.night, cast.bob), by=cast.bob, at=noon)
    swaps.take(swap, by=cast.carol, at=noon)
    results = race(lambda decide: decide(swap, by=cast.alice, at=noon), [swaps.approve, swaps.refuse])
    assert results == ["won", "wrong_state"]
    assert Activity.objects.filter(code__in=["swap.approved", "swap.refused"]).count() == 1


def told(member, code):
    return list(Alert.objects.filter(member=member, code=code).order_by("id"))


def test_withdrawing_tells_whoever_would_have_worked_it_and_the_managers(plan, noon, swap):
    cast = plan.cast
    swaps.take(swap, by=cast.carol, at=noon)
    swaps.withdraw(swap, by=cast.bob, at=noon)
    assert len(told(cast.carol, "swap.withdrawn")) == len(told(cast.alice, "swap.withdrawn")) == 1
    assert told(cast.bob, "swap.withdrawn") == []


def test_what_nobody_took_is_withdrawn_in_silence(plan, noon, swap):
    swaps.withdraw(swap, by=plan.cast.bob, at=noon)
    assert not Alert.objects.filter(code="swap.withdrawn").exists()


def test_whoever_offered_may_step_back_until_it_is_decided(plan, noon, swap):
    cast = plan.cast
    with refused("wrong_state"):
        swaps.step_back(swap, by=cast.carol, at=noon)
    swaps.take(swap, by=cast.carol, at=noon)
    with refused("forbidden"):
        swaps.step_back(swap, by=cast.dan, at=noon)
    again = swaps.step_back(swap, by=cast.carol, at=noon)
    assert (again.state, again.taken_by) == ("open", None)
    assert len(told(cast.bob, "swap.stepped_back")) == len(told(cast.alice, "swap.stepped_back")) == 1
    assert told(cast.bob, "swap.stepped_back")[0].data["to_name"] == "Carol"
    swaps.take(swap, by=cast.carol, at=noon + timedelta(minutes=1))
    assert len(told(cast.alice, "swap.taken")) == 2, "the second offer is news again"
    swaps.approve(swap, by=cast.alice, at=noon)
    with refused("wrong_state"):
        swaps.step_back(swap, by=cast.carol, at=noon)


def test_the_reason_of_a_decision_reaches_both_and_the_ledger(plan, noon, swap):
    cast = plan.cast
    swaps.take(swap, by=cast.carol, at=noon)
    swaps.refuse(swap, by=cast.alice, at=noon, decision="too short of people")
    assert [told(member, "swap.refused")[0].data["reason"] for member in (cast.bob, cast.carol)] == ["too short of people"] * 2
    assert Activity.objects.get(code="swap.refused").data["decision"] == "too short of people"


@pytest.mark.parametrize("taken", [False, True])
def test_what_nobody_decided_lapses_when_its_shift_begins_and_both_hear_of_it_once(plan, noon, swap, taken):
    cast = plan.cast
    if taken:
        swaps.take(swap, by=cast.carol, at=noon)
    assert swaps.lapse_begun(plan.night.starts_at - timedelta(seconds=1)) == 0
    assert swaps.lapse_begun(plan.night.starts_at) == 1
    assert swaps.lapse_begun(plan.night.starts_at) == 0
    swap.refresh_from_db()
    assert swap.state == "lapsed"
    assert RosterEntry.objects.get(shift=plan.night).member == cast.bob
    assert len(told(cast.bob, "swap.lapsed")) == 1
    assert len(told(cast.carol, "swap.lapsed")) == int(taken)
    assert Activity.objects.get(code="swap.lapsed").actor is None


def test_only_an_undecided_swap_lapses(plan, noon, swap):
    swaps.withdraw(swap, by=plan.cast.bob, at=noon)
    assert swaps.lapse_begun(plan.night.starts_at) == 0
