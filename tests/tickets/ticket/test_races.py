"""Two people at the same instant, with real connections, again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.cast import Cast, make_cast, make_customer
from tests.turns import turns
from tickets.activity.models import Activity, Alert
from tickets.people.actions import deactivate
from tickets.ticket.actions import break_overdue, claim, contact, edit, keep, merge, note, open_ticket, promise, take_over
from tickets.ticket.models import Assignment, HandlerRequest, Promise, Reason, Ticket, TicketOrder, Touch, Watcher
from tickets.ticket.wording import save_reason
from tickets.web.models import Reply
from tickets.web.refusals import Refused

pytestmark = pytest.mark.django_db(transaction=True)
TURNS = len(turns(8))


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Run the deeds in threads with connections of their own, started together; answers or refusals in order. A deed that fails
    otherwise fails the test."""
    barrier, found = threading.Barrier(len(deeds)), [None] * len(deeds)

    def work(place: int, deed: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            found[place] = deed()
        except Exception as failure:
            found[place] = failure  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for answer in found:
        if isinstance(answer, BaseException) and not isinstance(answer, Refused):
            raise answer
    return found


def refusals(found: list[Any]) -> list[str]:
    return sorted(answer.code for answer in found if isinstance(answer, Refused))


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def logged(cast: Cast, *, pool: bool = False, subject: str = "x") -> Ticket:
    channel = "review" if pool else "chat"
    by = cast.alice if pool else cast.bob
    return open_ticket(by=by, customer=make_customer(cast.team, handle=""), subject=subject, to_pool=pool, channel=channel)


def test_c5_of_two_who_claim_exactly_one_wins(cast: Cast) -> None:
    for _turn in range(TURNS):
        ticket = logged(cast, pool=True)
        found = at_once(lambda t=ticket: claim(t, by=cast.bob), lambda t=ticket: claim(t, by=cast.carol))
        assert refusals(found) == ["taken"]
        winner = next(answer for answer in found if isinstance(answer, Ticket))
        loser = next(answer for answer in found if isinstance(answer, Refused))
        assert loser.extra["holder"]["id"] == winner.holder_id
        assert Assignment.objects.filter(ticket=ticket).count() == 2
        assert Touch.objects.filter(ticket=ticket).count() == 1


def test_c3_of_two_last_handlers_exactly_one_comes_in(cast: Cast) -> None:
    for _turn in range(TURNS):
        ticket = logged(cast)
        contact(ticket, by=cast.carol)
        found = at_once(lambda t=ticket: contact(t, by=cast.dan), lambda t=ticket: contact(t, by=cast.eve))
        assert refusals(found) == ["handler_limit"]
        assert Touch.objects.filter(ticket=ticket).count() == 3
        assert Activity.objects.filter(ticket=ticket, code="handler.refused").count() == 1
        assert Ticket.objects.get(pk=ticket.pk).touches == 3


def test_c3_the_same_person_twice_at_once_is_one_touch(cast: Cast) -> None:
    for _turn in range(TURNS):
        ticket = logged(cast)
        assert refusals(at_once(*[lambda t=ticket: contact(t, by=cast.carol)] * 3)) == []
        assert Touch.objects.filter(ticket=ticket).count() == 2
        assert Activity.objects.filter(ticket=ticket, code="ticket.contacted").count() == 3


def test_c6_of_two_edits_of_one_version_exactly_one_stands(cast: Cast) -> None:
    for _turn in range(TURNS):
        ticket = logged(cast)
        found = at_once(
            lambda t=ticket: edit(t, by=cast.bob, version=1, subject="Bob's"),
            lambda t=ticket: edit(t, by=cast.carol, version=1, subject="Carol's"),
        )
        assert refusals(found) == ["stale"]
        stale = next(answer for answer in found if isinstance(answer, Refused))
        ticket.refresh_from_db()
        assert stale.extra["current"]["subject"] == ticket.subject
        assert ticket.version == 2


def test_c8_of_two_opposite_merges_exactly_one_wins_and_nothing_is_lost(cast: Cast) -> None:
    for turn in range(TURNS):
        one, two = logged(cast, subject="one"), logged(cast, subject="two")
        for ticket in (one, two):
            promise(ticket, by=cast.bob, text=f"{turn}", due_at=timezone.now() + timedelta(hours=1))
            Watcher.objects.create(ticket=ticket, member=cast.dora)
        found = at_once(lambda o=one, t=two: merge(o, t, by=cast.bob), lambda o=one, t=two: merge(t, o, by=cast.carol))
        assert refusals(found) == ["wrong_state"]
        target = next(answer for answer in found if isinstance(answer, Ticket))
        assert Ticket.objects.filter(pk__in=[one.pk, two.pk], status="merged").count() == 1
        assert Promise.objects.filter(ticket=target, status="open").count() == 2
        assert Watcher.objects.filter(ticket__in=[one, two]).count() == 1


def test_c8_a_note_during_a_merge_is_not_lost(cast: Cast) -> None:
    for _turn in range(TURNS):
        one, two = logged(cast), logged(cast)
        found = at_once(lambda o=one, t=two: merge(o, t, by=cast.bob), lambda o=one: note(o, by=cast.carol, text="late"))
        assert refusals(found) == []
        assert Activity.objects.filter(ticket__in=[one, two], code="ticket.noted").count() == 1


def test_c8_three_merges_in_a_ring_make_no_cycle(cast: Cast) -> None:
    for _turn in range(TURNS):
        a, b, c = logged(cast), logged(cast), logged(cast)
        at_once(
            lambda a=a, b=b: merge(a, b, by=cast.bob), lambda b=b, c=c: merge(b, c, by=cast.bob), lambda c=c, a=a: merge(c, a, by=cast.bob)
        )
        assert Ticket.objects.filter(pk__in=[a.pk, b.pk, c.pk]).exclude(status="merged").count() == 1


def test_c1_who_leaves_while_claiming_holds_nothing(cast: Cast) -> None:
    bob = cast.bob
    for turn in range(TURNS):
        ticket = logged(cast, pool=True)
        found = at_once(lambda t=ticket: claim(t, by=bob), lambda: deactivate(bob, by=cast.alice))
        assert set(refusals(found)) <= {"wrong_state", "invalid"}
        ticket.refresh_from_db()
        assert ticket.holder is None, turn
        bob.is_active = True
        bob.save()


def test_c1_who_leaves_while_working_leaves_everything_to_the_pool(cast: Cast) -> None:
    bob = cast.bob
    for _turn in range(TURNS):
        tickets = [logged(cast) for _count in range(3)]
        at_once(
            lambda: deactivate(bob, by=cast.alice),
            lambda t=tickets: take_over(t[2], to=cast.carol, by=cast.carol),
            lambda t=tickets: note(t[0], by=bob, text="going"),
        )
        assert {t.holder_id for t in Ticket.objects.filter(pk__in=[t.pk for t in tickets])} <= {None, cast.carol.pk}
        bob.is_active = True
        bob.save()


def test_c9_several_clocks_break_each_promise_once(cast: Cast) -> None:
    ticket, soon = logged(cast), timezone.now() + timedelta(hours=1)
    made = [promise(ticket, by=cast.bob, text=str(n), due_at=soon) for n in range(12)]
    later = soon + timedelta(minutes=1)
    found = at_once(*[lambda: break_overdue(later)] * 3, lambda: keep(made[0], by=cast.bob))
    assert sum(found[:3]) in (11, 12)
    assert Activity.objects.filter(code="promise.broken").count() == sum(found[:3])
    assert Alert.objects.filter(code="promise.broken", member=cast.bob).count() == sum(found[:3])
    assert Promise.objects.get(pk=made[0].pk).status == "kept"


# -- D2: the same POST twice ----------------------------------------------------------------------------------------------
def caller(cast: Cast, who: str = "bob") -> Client:
    client = Client()
    client.force_login(getattr(cast, who).user)
    return client


def test_c7_of_two_who_open_at_once_for_one_customer_the_second_is_shown_the_first(cast: Cast) -> None:
    clients = caller(cast, "bob"), caller(cast, "carol")
    for turn in range(TURNS):
        customer = make_customer(cast.team, handle="")
        said = {"customer": customer.pk, "subject": "x"}
        found = at_once(*[partial(post, client, "/tickets/", said, f"k{turn}") for client in clients])
        assert sorted(answer.status_code for answer in found) == [201, 409]
        lost = next(answer.json() for answer in found if answer.status_code == 409)
        assert (lost["code"], lost["ticket"]) == ("duplicate", Ticket.objects.get(customer=customer).pk)


def test_c7_of_two_who_log_a_stranger_at_once_the_second_is_shown_what_the_first_opened(cast: Cast) -> None:
    clients = caller(cast, "bob"), caller(cast, "carol")
    for turn in range(TURNS):
        typed = {"who": f"tb_new_{turn}", "platform": "taobao", "what": "问尺码"}
        found = at_once(*[partial(client.post, "/tickets/new/", typed, headers={"HX-Request": "true"}) for client in clients])
        assert sorted(answer.status_code for answer in found) == [200, 409]
        ticket = Ticket.objects.get(customer__handles__value=f"tb_new_{turn}")
        assert f"/tickets/{ticket.pk}/" in next(answer.content.decode() for answer in found if answer.status_code == 409)


def post(client: Client, path: str, body: dict[str, Any], key: str) -> Any:
    return client.post(f"/api/v1{path}", body, content_type="application/json", headers={"Idempotency-Key": key})


def test_d2_a_repeated_post_gets_the_first_answer_and_does_nothing(cast: Cast) -> None:
    client, customer = caller(cast), make_customer(cast.team)
    said = {"customer": customer.pk, "subject": "once", "anyway": True}
    first, second = post(client, "/tickets/", said, "k1"), post(client, "/tickets/", said, "k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert Ticket.objects.count() == 1
    assert post(client, "/tickets/", said | {"subject": "other"}, "k1").json()["code"] == "idempotency_mismatch"
    assert Ticket.objects.count() == 1
    assert post(caller(cast, "carol"), "/tickets/", said, "k1").status_code == 201


def test_d2_two_at_once_with_one_key_are_one(cast: Cast) -> None:
    customer = make_customer(cast.team)
    for turn in range(TURNS):
        clients = [caller(cast) for _count in range(3)]
        said = {"customer": customer.pk, "subject": f"once {turn}", "anyway": True}
        found = at_once(*[lambda c=c, s=said, k=f"k{turn}": post(c, "/tickets/", s, k) for c in clients])
        assert {answer.status_code for answer in found} == {201}
        assert len({answer.json()["id"] for answer in found}) == 1
        assert Ticket.objects.filter(subject=f"once {turn}").count() == 1


def test_d2_a_refused_deed_leaves_its_record_and_frees_the_key(cast: Cast) -> None:
    ticket = logged(cast)
    contact(ticket, by=cast.carol)
    contact(ticket, by=cast.dan)
    eve = caller(cast, "eve")
    path = f"/tickets/{ticket.pk}/contact/"
    assert post(eve, path, {"text": "hi"}, "k1").status_code == 409
    assert Activity.objects.filter(code="handler.refused").count() == 1
    HandlerRequest.objects.create(
        team=cast.team, ticket=ticket, member=cast.eve, reason="r", asked_at=timezone.now(), state="approved", decided_by=cast.alice,
        decision="ok",
    )  # fmt: skip
    assert post(eve, path, {"text": "hi"}, "k1").status_code == 200
    assert post(eve, path, {"text": "hi"}, "k1").json()["touches"] == 4
    assert Activity.objects.filter(ticket=ticket, code="ticket.contacted", actor=cast.eve).count() == 1


def test_d5_dying_in_between_leaves_neither_the_work_nor_the_key(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """As a process that dies: nothing in it handles this."""

    def die(*args: Any, **kwargs: Any) -> None:
        raise Killed

    client, customer = caller(cast), make_customer(cast.team)
    said = {"customer": customer.pk, "subject": "once", "anyway": True}
    with monkeypatch.context() as patched:
        patched.setattr("tickets.ticket.rest.tickets.Tickets.answer", die)
        with pytest.raises(Killed):
            post(client, "/tickets/", said, "k1")
    assert (Ticket.objects.count(), Reply.objects.count(), TicketOrder.objects.count()) == (0, 0, 0)
    assert post(client, "/tickets/", said, "k1").status_code == 201


def test_r2_of_choosing_a_reason_and_dividing_it_one_wins(cast: Cast) -> None:
    """Two at once: whoever comes second sees what the first did, though neither reads the other's row before."""
    for turn in range(TURNS):
        reason = Reason.objects.create(team=cast.team, name=f"broken {turn}")
        customer = make_customer(cast.team, handle="")
        found = at_once(
            partial(open_ticket, by=cast.bob, customer=customer, subject="x", reason=reason),
            partial(save_reason, by=cast.alice, name="lid", fault="ours", parent=reason),
        )
        assert refusals(found) == ["invalid"]
        assert Ticket.objects.filter(reason=reason).exists() != Reason.objects.filter(parent=reason).exists()
