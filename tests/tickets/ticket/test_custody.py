"""C1, C2, C4, C5: who has it, and how that changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import NOON, Cast, make_customer, make_member
from tickets.activity.models import Activity, Alert
from tickets.customer.models import Customer
from tickets.people.actions import activate, deactivate, set_presence, set_roles
from tickets.ticket.actions import (
    bulk,
    claim,
    contact,
    edit,
    open_ticket,
    promise,
    put_into_pool,
    release,
    reopen,
    resolve,
    take_over,
    transfer,
)
from tickets.ticket.models import Assignment, Promise, Resolution, Ticket, Touch
from tickets.web.refusals import Refused


def causes(ticket: Ticket) -> list[tuple[str, int | None, int | None]]:
    return list(Assignment.objects.filter(ticket=ticket).values_list("cause", "from_member", "to_member"))


def codes(ticket: Ticket) -> list[str]:
    return list(Activity.objects.filter(ticket=ticket).order_by("id").values_list("code", flat=True))


def test_c1_who_logs_a_matter_holds_it_and_is_its_first_handler(cast: Cast, ticket: Ticket) -> None:
    ticket.refresh_from_db()
    assert ticket.holder == cast.bob
    assert causes(ticket) == [("opened", None, cast.bob.pk)]
    assert list(ticket.touched.values_list("member", "place", "how")) == [(cast.bob.pk, 1, "opened")]
    assert ticket.touches == 1
    row = Activity.objects.get(ticket=ticket)
    assert (row.code, row.actor, row.customer) == ("ticket.opened", cast.bob, ticket.customer)


def test_c1_a_matter_logged_for_the_pool_lies_there_with_the_lead_answering(cast: Cast, pooled: Ticket) -> None:
    assert pooled.holder is None
    assert Ticket.objects.in_pool().get() == pooled
    assert pooled.touches == 0


def test_c1_a_pool_needs_a_lead(cast: Cast, liu: Customer) -> None:
    cast.team.lead = None
    cast.team.save()
    with pytest.raises(Refused) as refused:
        open_ticket(by=cast.bob, customer=liu, subject="x", to_pool=True)
    assert refused.value.code == "wrong_state"
    assert not Ticket.objects.exists()


def test_c2_claiming_from_the_pool_is_one_assignment_one_touch_one_entry(cast: Cast, pooled: Ticket) -> None:
    found = claim(pooled, by=cast.carol, at=NOON)
    assert (found.holder, found.held_since, found.touches) == (cast.carol, NOON, 1)
    assert causes(pooled) == [("opened", None, None), ("claim", None, cast.carol.pk)]
    assert codes(pooled) == ["ticket.opened", "ticket.claimed"]


def test_c2_claiming_what_one_holds_changes_nothing(cast: Cast, ticket: Ticket) -> None:
    before = Ticket.objects.values().get(pk=ticket.pk)
    claim(ticket, by=cast.bob, at=NOON)
    assert Ticket.objects.values().get(pk=ticket.pk) == before
    assert len(causes(ticket)) == 1


def test_c2_releasing_and_claiming_again_adds_no_touch(cast: Cast, ticket: Ticket) -> None:
    release(ticket, by=cast.bob, reason="lunch", at=NOON)
    found = claim(ticket, by=cast.bob, at=NOON + timedelta(minutes=5))
    assert found.touches == 1
    assert [c for c, *_ in causes(ticket)] == ["opened", "release", "claim"]


def test_c2_releasing_from_the_pool_is_no_change(cast: Cast, pooled: Ticket) -> None:
    release(pooled, by=cast.bob)
    assert len(causes(pooled)) == 1
    assert codes(pooled) == ["ticket.opened"]


def test_c4_a_transfer_needs_a_reason_and_a_next_step(cast: Cast, ticket: Ticket) -> None:
    for field in ("reason", "next_step"):
        said = {"reason": "knows the courier", "next_step": "call SF", field: "  "}
        with pytest.raises(Refused) as refused:
            transfer(ticket, cast.carol, by=cast.bob, **said)
        assert refused.value.code == "invalid"
        assert list(refused.value.errors or {}) == [field]
    assert len(causes(ticket)) == 1


def test_c4_a_transfer_gives_the_ticket_with_its_next_step_and_tells_the_receiver(cast: Cast, ticket: Ticket) -> None:
    found = transfer(ticket, cast.carol, by=cast.bob, reason="knows the courier", next_step="call SF", at=NOON)
    assert (found.holder, found.next_action, found.next_by, found.touches) == (cast.carol, "call SF", cast.carol, 2)
    last = Assignment.objects.filter(ticket=ticket).last()
    assert last and (last.reason, last.next_step, last.actor) == ("knows the courier", "call SF", cast.bob)
    assert Alert.objects.filter(member=cast.carol, code="ticket.transferred").count() == 1
    assert not Alert.objects.filter(member=cast.bob).exists()


@pytest.mark.parametrize("who", ["wen", "olga", "mallory", "gone", "off"])
def test_c4_assigning_to_somebody_unsuitable_never_sticks(cast: Cast, ticket: Ticket, who: str) -> None:
    make_member(cast.team, "Gone", "agent", is_active=False)
    make_member(cast.team, "Off", "agent", on=False)
    to = getattr(cast, who, None) or cast.team.members.get(display_name=who.title())
    with pytest.raises(Refused) as refused:
        transfer(ticket, to, by=cast.bob, reason="r", next_step="n", at=NOON)
    assert refused.value.code == "invalid"
    ticket.refresh_from_db()
    assert ticket.holder == cast.bob
    assert codes(ticket) == ["ticket.opened"]


def test_c4_somebody_who_is_coming_can_take_it(cast: Cast, ticket: Ticket) -> None:
    late = make_member(cast.team, "Late", "agent", on=False)
    set_presence(late, next_on=NOON + timedelta(hours=3), next_until=NOON + timedelta(hours=11))
    assert transfer(ticket, late, by=cast.bob, reason="night", next_step="call", at=NOON).holder == late


def test_c4_to_whoever_has_it_already_is_refused(cast: Cast, ticket: Ticket) -> None:
    with pytest.raises(Refused) as refused:
        transfer(ticket, cast.bob, by=cast.carol, reason="r", next_step="n")
    assert refused.value.code == "wrong_state"


def test_c5_the_second_is_told_who_has_it_and_since_when(cast: Cast, pooled: Ticket) -> None:
    claim(pooled, by=cast.carol, at=NOON)
    with pytest.raises(Refused) as refused:
        claim(pooled, by=cast.dan, at=NOON + timedelta(minutes=1))
    assert refused.value.code == "taken"
    assert refused.value.extra == {"holder": {"id": cast.carol.pk, "name": "Carol"}, "since": "2026-11-21T04:00:00Z"}


def test_only_the_holder_or_a_manager_gives_it_back(cast: Cast, ticket: Ticket) -> None:
    with pytest.raises(Refused) as refused:
        release(ticket, by=cast.carol)
    assert refused.value.code == "forbidden"
    assert release(ticket, by=cast.alice, reason="Bob is ill").holder is None


def test_c1_a_holder_who_leaves_leaves_open_matters_to_the_pool_and_keeps_closed_ones(
    cast: Cast, ticket: Ticket, liu: Customer, refund: Resolution
) -> None:
    made = promise(ticket, by=cast.bob, text="call back", due_at=NOON + timedelta(hours=8), at=NOON)
    closed = resolve(open_ticket(by=cast.bob, customer=liu, subject="done"), by=cast.bob, resolution=refund)
    deactivate(cast.bob, by=cast.alice, at=NOON)
    ticket.refresh_from_db()
    closed.refresh_from_db()
    made.refresh_from_db()
    assert (ticket.holder, closed.holder, made.owner) == (None, cast.bob, None)
    assert causes(ticket)[-1] == ("departure", cast.bob.pk, None)
    assert Alert.objects.filter(member=cast.alice, code="ticket.left_behind").count() == 1
    activate(cast.bob, by=cast.alice)
    ticket.refresh_from_db()
    assert ticket.holder is None


def test_c1_a_holder_who_loses_the_role_leaves_open_matters_to_the_pool(cast: Cast, ticket: Ticket) -> None:
    set_roles(cast.bob, ["warehouse"], by=cast.alice)
    ticket.refresh_from_db()
    assert ticket.holder is None


def test_c9_a_promise_on_anothers_ticket_goes_to_its_holder_when_its_owner_leaves(cast: Cast, ticket: Ticket) -> None:
    made = promise(ticket, by=cast.bob, text="reship", due_at=NOON + timedelta(hours=8), owner=cast.dora, at=NOON)
    deactivate(cast.dora, by=cast.alice, at=NOON)
    made.refresh_from_db()
    assert made.owner == cast.bob


def test_promises_and_next_action_follow_custody(cast: Cast, ticket: Ticket) -> None:
    made = promise(ticket, by=cast.bob, text="call back", due_at=NOON + timedelta(hours=8), at=NOON)
    named = promise(ticket, by=cast.bob, text="reship", due_at=NOON + timedelta(hours=9), owner=cast.dora, at=NOON)
    found = edit(Ticket.objects.get(pk=ticket.pk), by=cast.bob, version=Ticket.objects.get(pk=ticket.pk).version, next_by=cast.bob)
    take_over(found, to=cast.carol, by=cast.carol, at=NOON)
    found.refresh_from_db()
    made.refresh_from_db()
    named.refresh_from_db()
    assert (found.next_by, made.owner, named.owner) == (cast.carol, cast.carol, cast.dora)


def test_c3_taking_over_at_a_shift_change_is_custody_and_the_first_answer_a_touch(cast: Cast, ticket: Ticket) -> None:
    found = take_over(ticket, to=cast.carol, by=cast.carol, at=NOON)
    assert (found.holder, found.touches) == (cast.carol, 1)
    assert causes(ticket)[-1][0] == "takeover"
    found = contact(ticket, by=cast.carol, text="hello")
    assert found.touches == 2
    assert not Touch.objects.filter(ticket=ticket, how="claim").exists()


def test_taking_over_what_one_has_is_no_change(cast: Cast, ticket: Ticket) -> None:
    take_over(ticket, to=cast.bob, by=cast.bob)
    assert len(causes(ticket)) == 1


def test_an_absent_holders_ticket_goes_to_the_pool_with_its_cause(cast: Cast, ticket: Ticket) -> None:
    put_into_pool(ticket, by=None, cause="absence", reason="did not come", at=NOON)
    assert causes(ticket)[-1] == ("absence", cast.bob.pk, None)


def test_reopened_matters_go_back_only_to_a_holder_on_duty(cast: Cast, ticket: Ticket, refund: Resolution) -> None:
    resolve(ticket, by=cast.bob, resolution=refund, at=NOON)
    found = reopen(ticket, by=cast.carol, reason="leaks again", at=NOON + timedelta(hours=1))
    assert (found.holder, found.status) == (cast.bob, "open")
    assert len(causes(ticket)) == 1
    resolve(ticket, by=cast.bob, resolution=refund, at=NOON)
    set_presence(cast.bob, on_since=None)
    found = reopen(ticket, by=cast.carol, reason="leaks again", at=NOON + timedelta(hours=9))
    assert found.holder is None
    assert causes(ticket)[-1] == ("reopen", cast.bob.pk, None)


def test_reopened_matters_of_somebody_who_left_go_to_the_pool(cast: Cast, ticket: Ticket, refund: Resolution) -> None:
    resolve(ticket, by=cast.bob, resolution=refund, at=NOON)
    deactivate(cast.bob, by=cast.alice)
    assert reopen(ticket, by=cast.carol, reason="again").holder is None


def test_c9_resolving_leaves_promises_alive_with_their_person(cast: Cast, ticket: Ticket, refund: Resolution) -> None:
    made = promise(ticket, by=cast.bob, text="refund by Friday", due_at=NOON + timedelta(days=2), at=NOON)
    found = resolve(ticket, by=cast.bob, resolution=refund, at=NOON)
    made.refresh_from_db()
    assert (made.status, made.owner, found.holder) == ("open", cast.bob, cast.bob)
    assert list(Promise.objects.unkept()) == [made]


def test_bulk_is_all_or_nothing_and_says_which(cast: Cast, pooled: Ticket, ticket: Ticket) -> None:
    foreign = open_ticket(by=cast.mallory, customer=make_customer(cast.other_team), subject="theirs")
    with pytest.raises(Refused) as refused:
        bulk([pooled.pk, ticket.pk, foreign.pk], "claim", by=cast.carol)
    assert refused.value.code == "bulk_refused"
    assert [(r["ticket"], r["code"]) for r in refused.value.extra["refused"]] == [(ticket.pk, "taken"), (foreign.pk, "not_found")]
    pooled.refresh_from_db()
    assert pooled.holder is None
    assert codes(pooled) == ["ticket.opened"]


def test_bulk_does_one_deed_to_all(cast: Cast, pooled: Ticket, liu: Customer) -> None:
    second = open_ticket(by=cast.alice, customer=liu, subject="2", channel="review", to_pool=True)
    assert {t.holder for t in bulk([pooled, second], "claim", by=cast.carol)} == {cast.carol}
    bulk([pooled, second], "tag", by=cast.carol, add=["vip"])
    assert set(Ticket.objects.values_list("tags__0", flat=True)) == {"vip"}
