"""C3: who counts as a handler, and how the one too many is stopped, asked for, and let in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import NOON, Cast, make_member
from tickets.activity.models import Activity, Alert
from tickets.people.actions import set_presence
from tickets.people.models import Team
from tickets.ticket.actions import approve_handler, ask_handler, claim, contact, refuse_handler, release, transfer
from tickets.ticket.models import HandlerRequest, Ticket, Touch
from tickets.ticket.queries import handlers
from tickets.web.refusals import Refused


@pytest.fixture
def full(cast: Cast, ticket: Ticket) -> Ticket:
    """Bob logged it, Carol and Dan answered: three so far."""
    contact(ticket, by=cast.carol, at=NOON)
    return contact(ticket, by=cast.dan, at=NOON)


def refused(deed, *args, **kwargs) -> Refused:
    with pytest.raises(Refused) as found:
        deed(*args, **kwargs)
    return found.value


def names(ticket: Ticket) -> list[str]:
    return list(Touch.objects.filter(ticket=ticket).order_by("place").values_list("member__display_name", flat=True))


def everyone_but_managers(cast: Cast) -> None:
    set_presence(cast.alice, on_since=None)


def test_c3_a_person_counts_once_however_often_they_answer(cast: Cast, ticket: Ticket) -> None:
    for _turn in range(3):
        contact(ticket, by=cast.carol)
        contact(ticket, by=cast.bob)
    assert names(ticket) == ["Bob", "Carol"]


def test_c3_a_routed_contact_is_recorded_and_no_touch(cast: Cast, ticket: Ticket) -> None:
    found = contact(ticket, by=cast.carol, outcome="routed", to=cast.bob, at=NOON)
    assert found.touches == 1
    row = Activity.objects.get(code="ticket.contacted")
    assert (row.data["outcome"], row.data["to_name"], row.customer) == ("routed", "Bob", ticket.customer)
    assert found.last_answered_by == cast.bob
    assert found.last_contact_at == NOON


def test_c3_reaching_the_limit_warns_the_manager_once(cast: Cast, full: Ticket) -> None:
    contact(full, by=cast.carol)
    assert Alert.objects.filter(code="handler.limit_reached").values_list("member", "ticket").get() == (cast.alice.pk, full.pk)


@pytest.mark.parametrize("deed", ["contact", "claim", "transfer"])
def test_c3_the_fourth_person_is_refused_by_every_way_in_and_it_is_written_down(cast: Cast, full: Ticket, deed: str) -> None:
    if deed == "claim":
        release(full, by=cast.bob)
    before = Ticket.objects.values().get(pk=full.pk)
    said = {"reason": "r", "next_step": "n"}
    tries = {
        "contact": lambda: contact(full, by=cast.eve, text="hello", at=NOON),
        "claim": lambda: claim(full, by=cast.eve, at=NOON),
        "transfer": lambda: transfer(full, cast.eve, by=cast.bob, at=NOON, **said),
    }
    found = refused(tries[deed])
    assert (found.code, found.extra["limit"], found.extra["needs_reason"]) == ("handler_limit", 3, False)
    assert [h["name"] for h in found.extra["handlers"]] == ["Bob", "Carol", "Dan"]
    assert Ticket.objects.values().get(pk=full.pk) == before
    row = Activity.objects.get(code="handler.refused")
    assert (row.data["member"], row.data["how"], row.at) == (cast.eve.pk, {"contact": "answered"}.get(deed, deed), NOON)
    assert names(full) == ["Bob", "Carol", "Dan"]


def test_c3_the_three_go_on_as_before(cast: Cast, full: Ticket) -> None:
    release(full, by=cast.bob)
    assert claim(full, by=cast.dan).holder == cast.dan
    assert transfer(full, cast.carol, by=cast.dan, reason="r", next_step="n").holder == cast.carol


def test_c3_routing_is_never_refused(cast: Cast, full: Ticket) -> None:
    assert contact(full, by=cast.eve, outcome="routed", to=cast.bob).touches == 3


def test_c3_a_manager_approves_with_a_reason_and_the_fourth_comes_in(cast: Cast, full: Ticket) -> None:
    request = ask_handler(full, by=cast.eve, reason="Bob is off", at=NOON)
    assert Alert.objects.filter(code="handler.asked", member=cast.alice).count() == 1
    assert refused(approve_handler, request, by=cast.alice, reason=" ").code == "invalid"
    approve_handler(request, by=cast.alice, reason="customer is waiting", at=NOON)
    assert contact(full, by=cast.eve).touches == 4
    assert [d.why for d in handlers(full)] == ["", "", "", "customer is waiting"]
    codes = list(Activity.objects.filter(code__startswith="handler.").order_by("id").values_list("code", flat=True))
    assert codes == ["handler.asked", "handler.approved"]
    assert Alert.objects.filter(code="handler.approved", member=cast.eve).count() == 1


def test_c3_an_approval_is_for_one_person_and_one_ticket(cast: Cast, full: Ticket) -> None:
    approve_handler(ask_handler(full, by=cast.eve, reason="r"), by=cast.alice, reason="ok")
    assert refused(contact, full, by=cast.dora).code == "handler_limit"


def test_c3_a_refused_request_lets_nobody_in(cast: Cast, full: Ticket) -> None:
    refuse_handler(ask_handler(full, by=cast.eve, reason="r"), by=cast.alice, reason="send her to Bob")
    assert refused(contact, full, by=cast.eve).code == "handler_limit"
    last = handlers(full)[-1]
    assert (last.place, last.name, last.kind, last.why) == (4, "Eve", "refused", "send her to Bob")


def test_c3_nobody_decides_their_own_request(cast: Cast, full: Ticket) -> None:
    boss = make_member(cast.team, "Boss", "manager", "agent")
    request = ask_handler(full, by=boss, reason="r")
    assert refused(approve_handler, request, by=boss, reason="me").code == "same_hand"
    assert refused(approve_handler, request, by=cast.carol, reason="ok").code == "forbidden"
    assert approve_handler(request, by=cast.alice, reason="ok").decided_by == cast.alice


def test_c3_a_request_is_decided_once(cast: Cast, full: Ticket) -> None:
    request = ask_handler(full, by=cast.eve, reason="r")
    refuse_handler(request, by=cast.alice, reason="no")
    assert refused(approve_handler, request, by=cast.alice, reason="yes").code == "wrong_state"


def test_c3_asking_twice_is_one_request_and_asking_without_need_is_refused(cast: Cast, full: Ticket, pooled: Ticket) -> None:
    assert ask_handler(full, by=cast.eve, reason="r") == ask_handler(full, by=cast.eve, reason="again")
    assert HandlerRequest.objects.count() == 1
    assert refused(ask_handler, full, by=cast.bob, reason="r").code == "wrong_state"
    assert refused(ask_handler, pooled, by=cast.eve, reason="r").code == "wrong_state"
    assert refused(ask_handler, full, by=cast.dora, reason="").code == "invalid"


def test_c3_without_a_manager_on_duty_a_reason_lets_through_and_alarms_the_lead(cast: Cast, full: Ticket) -> None:
    everyone_but_managers(cast)
    found = refused(contact, full, by=cast.eve)
    assert (found.code, found.extra["needs_reason"]) == ("handler_limit", True)
    assert contact(full, by=cast.eve, override_reason="customer is crying", at=NOON).touches == 4
    request = HandlerRequest.objects.get()
    assert (request.state, request.member, request.decided_by) == ("let_through", cast.eve, None)
    assert Activity.objects.get(code="handler.let_through").data["reason"] == "customer is crying"
    assert Alert.objects.filter(code="handler.let_through", member=cast.alice).count() == 1


def test_c3_where_the_team_refuses_a_reason_does_not_help(cast: Cast, full: Ticket) -> None:
    everyone_but_managers(cast)
    Team.objects.filter(pk=cast.team.pk).update(no_manager="refuse")
    found = refused(contact, full, by=cast.eve, override_reason="please")
    assert (found.code, found.extra["needs_reason"]) == ("handler_limit", False)


def test_c3_a_reason_does_not_help_while_a_manager_is_there(cast: Cast, full: Ticket) -> None:
    assert refused(contact, full, by=cast.eve, override_reason="please").code == "handler_limit"
    assert not HandlerRequest.objects.exists()


def test_c3_a_manager_who_passes_it_on_with_a_reason_has_approved(cast: Cast, full: Ticket) -> None:
    said = {"reason": "knows leaks", "next_step": "reship"}
    assert refused(transfer, full, cast.eve, by=cast.alice, **said).extra["needs_reason"] is True
    found = transfer(full, cast.eve, by=cast.alice, override_reason="only she can", at=NOON, **said)
    assert (found.holder, found.touches) == (cast.eve, 4)
    assert HandlerRequest.objects.values_list("state", "decided_by", "decision").get() == ("approved", cast.alice.pk, "only she can")


def test_c3_a_lower_limit_of_the_team_counts(cast: Cast, ticket: Ticket) -> None:
    Team.objects.filter(pk=cast.team.pk).update(max_handlers=1)
    assert refused(contact, ticket, by=cast.carol).code == "handler_limit"


def test_c3_who_was_refused_is_the_fourth_dot(cast: Cast, full: Ticket) -> None:
    refused(contact, full, by=cast.eve, at=NOON + timedelta(minutes=1))
    assert [(d.place, d.name, d.kind) for d in handlers(full)] == [
        (1, "Bob", "handled"),
        (2, "Carol", "handled"),
        (3, "Dan", "handled"),
        (4, "Eve", "refused"),
    ]
