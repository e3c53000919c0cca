"""Customers are found by any of their names, and two that are one become one (C8, cases: merge and identity)."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from tests.cast import Cast, make_cast, make_customer
from tests.turns import turns
from tickets.activity.models import Activity
from tickets.customer import actions
from tickets.customer.models import Customer, Handle
from tickets.order.actions import Line, log_order
from tickets.ticket.actions import open_ticket
from tickets.web.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_c8_merging_moves_everything_and_the_base_wins(cast: Cast) -> None:
    base, other = make_customer(cast.team, "刘女士", "tb_liu"), make_customer(cast.team, "刘小姐", "liu_jd")
    Customer.objects.filter(pk=base.pk).update(note="Calls after six")
    Customer.objects.filter(pk=other.pk).update(note="Wants an invoice")
    order = log_order(by=cast.bob, shop=cast.shop, number="3515", customer=other, lines=[Line("Pan")])
    ticket = open_ticket(by=cast.bob, customer=other, subject="Leaks")

    target = actions.merge(other, base, by=cast.bob)

    order.refresh_from_db()
    ticket.refresh_from_db()
    assert (target.name, target.note) == ("刘女士", "Calls after six\nWants an invoice")
    assert set(Handle.objects.filter(customer=base).values_list("value", flat=True)) == {"tb_liu", "liu_jd"}
    assert (order.customer_id, ticket.customer_id) == (base.pk, base.pk)
    assert Customer.objects.get(pk=other.pk).merged_into_id == base.pk
    told = Activity.objects.get(code="customer.merged")
    assert (told.customer_id, told.data["handles"], told.data["orders"], told.data["tickets"]) == (base.pk, 1, 1, 1)


def test_c8_a_chain_of_merges_ends_at_the_living_one(cast: Cast) -> None:
    first, second, third = (make_customer(cast.team, name, name) for name in ("ann", "bea", "cec"))
    actions.merge(first, second, by=cast.bob)
    actions.merge(second, third, by=cast.bob)
    assert set(Customer.objects.filter(merged_into=third).values_list("pk", flat=True)) == {first.pk, second.pk}


@pytest.mark.parametrize("case", ["itself", "merged already", "other team"])
def test_c8_what_cannot_be_merged_is_refused_and_stays(cast: Cast, case: str) -> None:
    one, two = make_customer(cast.team, "one", "one"), make_customer(cast.team, "two", "two")
    source, target = one, two
    if case == "itself":
        target = one
    elif case == "merged already":
        actions.merge(one, two, by=cast.bob)
        source, target = two, one
    else:
        target = make_customer(cast.other_team, "theirs", "theirs")
    with pytest.raises(Refused) as refused:
        actions.merge(source, target, by=cast.bob)
    assert refused.value.code == ("not_found" if case == "other team" else "wrong_state")
    assert not Customer.objects.filter(pk=source.pk, merged_into=target).exists()


@pytest.mark.django_db(transaction=True)
def test_c8_opposite_merges_at_once_lose_nothing() -> None:
    cast = make_cast()
    for turn in turns(10):
        one, two = make_customer(cast.team, "one", f"one{turn}"), make_customer(cast.team, "two", f"two{turn}")
        codes: list[str] = []
        gate = threading.Barrier(2)

        def go(source: Customer, target: Customer, codes: list[str] = codes, gate: threading.Barrier = gate) -> None:
            gate.wait()
            try:
                actions.merge(source, target, by=cast.bob)
                codes.append("merged")
            except Refused as refused:
                codes.append(refused.code)
            finally:
                connection.close()

        racers = [threading.Thread(target=go, args=pair) for pair in ((one, two), (two, one))]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        living = Customer.objects.filter(pk__in=[one.pk, two.pk], merged_into__isnull=True).get()
        assert sorted(codes) == ["merged", "wrong_state"]
        assert Handle.objects.filter(customer=living).count() == 2


def test_two_writings_of_a_phone_are_one_customer(cast: Cast) -> None:
    first = actions.find_or_create(cast.team, kind="phone", value="+86 138-0013-8001", by=cast.bob)
    assert actions.find_or_create(cast.team, kind="phone", value="13800138001", by=cast.carol) == first
    assert actions.find(cast.other_team, "phone", "13800138001") is None


def test_tmall_and_taobao_buyers_sign_in_with_one_name(cast: Cast) -> None:
    assert actions.find_or_create(cast.team, kind="tmall", value="TB_Wang", by=None) == actions.find(cast.team, "taobao", "tb_wang")


@pytest.mark.parametrize("value", ["t**8", "", "   ", "138****8001"])
def test_a_masked_handle_makes_no_customer(cast: Cast, value: str) -> None:
    with pytest.raises(Refused) as refused:
        actions.find_or_create(cast.team, kind="taobao", value=value, by=cast.bob)
    assert refused.value.code == "invalid"
    assert not Customer.objects.exists()


def test_a_handle_of_another_customer_is_not_taken_away(cast: Cast) -> None:
    owner, other = make_customer(cast.team, "刘女士", "tb_liu"), make_customer(cast.team, "Other", "x")
    with pytest.raises(Refused) as refused:
        actions.add_handle(other, kind="taobao", value="TB_LIU", by=cast.bob)
    assert (refused.value.code, refused.value.extra["customer"]) == ("duplicate", owner.pk)


def test_a2_looking_at_a_phone_is_written_down_masked(cast: Cast) -> None:
    customer = make_customer(cast.team)
    handle = actions.add_handle(customer, kind="phone", value="13800138001", by=cast.bob)
    assert actions.unmask(handle, by=cast.wen) == "13800138001"
    told = Activity.objects.get(code="customer.unmasked")
    assert (told.actor, told.data["handle"]) == (cast.wen, "138****8001")


def test_c8_a_matter_opened_for_whoever_was_merged_meanwhile_is_the_others(cast: Cast) -> None:
    """Whoever opens it has read the customer before the merge."""
    source, target = make_customer(cast.team, "一", "tb_one"), make_customer(cast.team, "二", "tb_two")
    as_read = Customer.objects.get(pk=source.pk)
    actions.merge(source, target, by=cast.alice)
    assert open_ticket(by=cast.bob, customer=as_read, subject="x").customer == target
