"""C9: promises are kept, broken by the clock, or withdrawn with a reason; they never vanish."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import NOON, Cast
from tickets.activity.models import Activity, Alert
from tickets.people.actions import set_presence
from tickets.ticket import jobs
from tickets.ticket.actions import break_overdue, edit, keep, open_ticket, promise, release, remind_due, resolve, withdraw
from tickets.ticket.models import Promise, Resolution, Ticket
from tickets.web.refusals import Refused

DUE = NOON + timedelta(hours=2)


@pytest.fixture
def made(cast: Cast, ticket: Ticket) -> Promise:
    return promise(ticket, by=cast.bob, text="call back with SF's answer", due_at=DUE, at=NOON)


def code_of(deed, *args, **kwargs) -> str:
    with pytest.raises(Refused) as found:
        deed(*args, **kwargs)
    return found.value.code


def test_c9_a_promise_has_a_text_a_time_and_a_person(cast: Cast, ticket: Ticket, made: Promise) -> None:
    assert (made.text, made.due_at, made.owner, made.status) == ("call back with SF's answer", DUE, cast.bob, "open")
    assert code_of(promise, ticket, by=cast.bob, text=" ", due_at=DUE, at=NOON) == "invalid"
    assert code_of(promise, ticket, by=cast.bob, text="x", due_at=NOON, at=NOON) == "invalid"
    assert code_of(promise, ticket, by=cast.bob, text="x", due_at=DUE, owner=cast.wen, at=NOON) == "invalid"
    assert code_of(promise, ticket, by=cast.bob, text="x", due_at=DUE, owner=cast.mallory, at=NOON) == "invalid"


def test_a_ticket_is_due_when_the_first_of_its_promises_and_next_action_is(cast: Cast, ticket: Ticket, made: Promise) -> None:
    later = promise(ticket, by=cast.bob, text="refund", due_at=DUE + timedelta(hours=3), at=NOON)

    def due():  # type: ignore[no-untyped-def]
        return Ticket.objects.get(pk=ticket.pk).due_at

    assert due() == DUE
    keep(made, by=cast.bob, at=NOON)
    assert due() == later.due_at
    found = Ticket.objects.get(pk=ticket.pk)
    edit(found, by=cast.bob, version=found.version, next_at=NOON + timedelta(hours=1))
    assert due() == NOON + timedelta(hours=1)
    withdraw(later, by=cast.bob, reason="customer cancelled", at=NOON)
    assert due() == NOON + timedelta(hours=1)


def test_c9_the_clock_breaks_it_once_and_tells_its_person_and_the_lead(cast: Cast, made: Promise) -> None:
    assert break_overdue(DUE - timedelta(seconds=1)) == 0
    assert break_overdue(DUE) == 1
    assert break_overdue(DUE + timedelta(minutes=1)) == 0
    made.refresh_from_db()
    assert (made.status, made.broken_at) == ("broken", DUE)
    row = Activity.objects.get(code="promise.broken")
    assert (row.actor, row.ticket, row.customer, row.data["promise"]) == (None, made.ticket, made.ticket.customer, made.pk)
    assert set(Alert.objects.filter(code="promise.broken").values_list("member", flat=True)) == {cast.bob.pk, cast.alice.pk}


def test_c9_a_broken_promise_can_still_be_kept_late(cast: Cast, made: Promise) -> None:
    break_overdue(DUE)
    found = keep(made, by=cast.carol, note="called at last", at=DUE + timedelta(hours=1))
    assert (found.status, found.closed_by) == ("kept", cast.carol)
    assert Activity.objects.get(code="promise.kept").data["late"] is True
    assert break_overdue(DUE + timedelta(hours=2)) == 0


def test_c9_a_closed_promise_stays_closed(cast: Cast, made: Promise) -> None:
    assert code_of(withdraw, made, by=cast.bob, reason="") == "invalid"
    withdraw(made, by=cast.bob, reason="customer cancelled", at=NOON)
    assert code_of(keep, made, by=cast.bob) == "wrong_state"
    assert code_of(withdraw, made, by=cast.bob, reason="again") == "wrong_state"
    assert code_of(keep, made, by=cast.mallory) == "not_found"


def test_c9_who_sees_to_it_is_reminded_once_before(cast: Cast, made: Promise) -> None:
    assert remind_due(DUE - timedelta(minutes=16)) == 0
    assert remind_due(DUE - timedelta(minutes=15)) == 1
    assert remind_due(DUE - timedelta(minutes=14)) == 0
    assert list(Alert.objects.filter(code="promise.due").values_list("member", flat=True)) == [cast.bob.pk]


def test_c9_where_its_person_is_off_duty_the_managers_are_reminded_too(cast: Cast, made: Promise) -> None:
    set_presence(cast.bob, on_since=None)
    remind_due(DUE - timedelta(minutes=10))
    assert set(Alert.objects.filter(code="promise.due").values_list("member", flat=True)) == {cast.bob.pk, cast.alice.pk}


def test_c9_in_the_pool_the_managers_see_to_it(cast: Cast, ticket: Ticket, made: Promise) -> None:
    release(ticket, by=cast.bob)
    made.refresh_from_db()
    assert made.owner is None
    remind_due(DUE - timedelta(minutes=10))
    break_overdue(DUE)
    assert set(Alert.objects.filter(code__startswith="promise.").values_list("member", flat=True)) == {cast.alice.pk}


def test_c9_a_resolved_tickets_promise_is_still_alarmed(cast: Cast, ticket: Ticket, made: Promise, refund: Resolution) -> None:
    resolve(ticket, by=cast.bob, resolution=refund, at=NOON)
    assert remind_due(DUE - timedelta(minutes=1)) == 1
    assert break_overdue(DUE) == 1


def test_c9_hundreds_break_in_one_run(cast: Cast, ticket: Ticket, made: Promise, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.ticket.actions.promises.BATCH", 2)
    for _turn in range(4):
        promise(ticket, by=cast.bob, text="x", due_at=DUE, at=NOON)
    assert break_overdue(DUE) == 5
    assert Alert.objects.filter(code="promise.broken", member=cast.bob).count() == 5


def test_the_jobs_do_it_by_the_clock(cast: Cast, ticket: Ticket) -> None:
    assert jobs.break_overdue(timestamp=0) == 0
    assert jobs.remind_due(timestamp=0) == 0


def test_a_promise_made_while_logging(cast: Cast, liu) -> None:  # type: ignore[no-untyped-def]
    found = open_ticket(by=cast.bob, customer=liu, subject="x", promise=("call", DUE), at=NOON)
    assert found.due_at == DUE
    assert Promise.objects.get().owner == cast.bob
    with pytest.raises(Refused):
        open_ticket(by=cast.bob, customer=liu, subject="x", promise=("call", NOON), at=NOON)
    assert Ticket.objects.count() == 1
