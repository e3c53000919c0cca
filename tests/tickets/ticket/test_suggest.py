"""C10: who is suggested next; and whom a customer is sent to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.cast import NOON, Cast, make_customer
from tickets.customer.models import Customer
from tickets.order.models import Order
from tickets.people.actions import deactivate, set_presence
from tickets.people.models import Member
from tickets.ticket import rules
from tickets.ticket.actions import contact, open_ticket, release
from tickets.ticket.models import Ticket
from tickets.ticket.queries import open_matters, suggest_holders, whom_to_send


@pytest.fixture(autouse=True)
def _zone(cast: Cast):  # type: ignore[no-untyped-def]
    with timezone.override(cast.team.zone):
        yield


def off(*members: Member) -> None:
    for member in members:
        set_presence(member, on_since=None, on_until=None)


def suggested(ticket: Ticket, limit: int = 10) -> list[tuple[str, str]]:
    return [(m.display_name, m.why) for m in suggest_holders(ticket, NOON, limit)]  # type: ignore[attr-defined]


def test_c10_first_who_touched_it_then_who_knows_the_customer_then_the_least_loaded(cast: Cast, ticket: Ticket, liu: Customer) -> None:
    contact(ticket, by=cast.carol, at=NOON)
    Order.objects.create(
        team=cast.team, shop=cast.shop, number="1", customer=liu, sold_by=cast.eve, placed_at=NOON, created_at=NOON, updated_at=NOON
    )
    for _turn in range(2):
        open_ticket(by=cast.dan, customer=make_customer(cast.team, handle=""), subject="x")
    open_ticket(by=cast.alice, customer=make_customer(cast.team, handle=""), subject="x")
    assert suggested(ticket) == [
        ("Carol", "touched"),
        ("Eve", "known"),
        ("Dora", "least_loaded"),
        ("Alice", "least_loaded"),
        ("Dan", "least_loaded"),
    ]
    assert suggested(ticket, limit=1) == [("Carol", "touched")]


def test_c10_who_last_answered_this_customer_is_known(cast: Cast, ticket: Ticket, liu: Customer) -> None:
    open_ticket(by=cast.dan, customer=liu, subject="earlier", at=NOON - timedelta(days=3))
    assert suggested(ticket)[0] == ("Dan", "known")


def test_c10_never_anybody_off_duty_nor_gone_nor_unable(cast: Cast, ticket: Ticket) -> None:
    contact(ticket, by=cast.carol, at=NOON)
    off(cast.carol, cast.dan)
    deactivate(cast.eve, by=cast.alice)
    assert {name for name, _why in suggested(ticket)} == {"Alice", "Dora"}


def test_c10_somebody_coming_may_be_suggested_after_those_who_are_here(cast: Cast, ticket: Ticket) -> None:
    off(cast.carol, cast.dan, cast.eve, cast.alice)
    set_presence(cast.carol, next_on=NOON + timedelta(hours=5), next_until=NOON + timedelta(hours=12))
    set_presence(cast.dan, next_on=NOON + timedelta(hours=40), next_until=NOON + timedelta(hours=48))
    assert [name for name, _why in suggested(ticket)] == ["Dora", "Carol"]


def test_c10_nobody_here_means_nobody_suggested(cast: Cast, ticket: Ticket) -> None:
    off(*cast.team.members.all())
    assert suggested(ticket) == []


def test_homing_keeps_each_person_once() -> None:
    people = [rules.Candidate(n, str(n), on=n != 3, load=n) for n in (1, 2, 3)]
    assert rules.homing(people, touched=[3, 9], known=[3, 2]) == [(3, "touched"), (2, "known"), (1, "least_loaded")]


def test_the_customer_is_sent_to_the_holder_on_duty(cast: Cast, ticket: Ticket) -> None:
    set_presence(cast.bob, on_until=NOON + timedelta(hours=12))
    found = whom_to_send(Ticket.objects.get(pk=ticket.pk), NOON)
    assert (found.name, found.why, found.when) == ("Bob", "holder", "on until 24:00")


def test_else_to_who_takes_it_over_next_else_to_the_lead(cast: Cast, ticket: Ticket) -> None:
    ticket = Ticket.objects.get(pk=ticket.pk)
    off(*cast.team.members.all())
    set_presence(cast.carol, next_on=NOON + timedelta(hours=5), next_until=NOON + timedelta(hours=12))
    found = whom_to_send(ticket, NOON)
    assert (found.name, found.why, found.when) == ("Carol", "next", "comes at 17:00")
    set_presence(cast.carol, next_on=None, next_until=None)
    assert (whom_to_send(ticket, NOON).name, whom_to_send(ticket, NOON).why) == ("Alice", "lead")


def test_from_the_pool_the_customer_is_sent_to_who_knows_it(cast: Cast, ticket: Ticket) -> None:
    assert whom_to_send(release(ticket, by=cast.bob), NOON).name == "Bob"


def test_open_matters_of_a_customer_and_of_an_order_with_who_has_them(
    cast: Cast, ticket: Ticket, liu: Customer, django_assert_num_queries
) -> None:  # type: ignore[no-untyped-def]
    order = Order.objects.create(team=cast.team, shop=cast.shop, number="1", customer=liu, created_at=NOON, updated_at=NOON)
    about = open_ticket(by=cast.carol, customer=liu, subject="order", orders=[order])
    with django_assert_num_queries(1):
        assert [t.holder.presence.member_id for t in open_matters(liu) if t.holder] == [cast.carol.pk, cast.bob.pk]
    assert open_matters(order) == [about]


def test_suggesting_asks_a_bounded_number_of_times(cast: Cast, ticket: Ticket, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_max_num_queries(5):
        suggest_holders(ticket, NOON, 10)
    found = Ticket.objects.select_related("holder__presence").get(pk=ticket.pk)
    with django_assert_max_num_queries(0):
        whom_to_send(found, NOON)
