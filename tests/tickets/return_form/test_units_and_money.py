"""R2, R6, R7 and the Returns part of the cases: what may be asked, counted, granted and paid."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from tests.tickets.return_form.scene import make_order, make_scene
from tests.tickets.return_form.test_states import refused
from tickets.order.models import OrderLine
from tickets.return_form import actions, rules
from tickets.return_form.models import ReturnLine, Settlement


def test_quantity_99_is_refused(scene):
    refused("over_quantity", actions.file, scene.order, [scene.ask(quantity=99)], by=scene.dora)


def test_quantity_0_is_refused(scene):
    refused("invalid", actions.file, scene.order, [scene.ask(quantity=0)], by=scene.dora)


def test_r2_a_reason_that_is_no_leaf_is_refused(scene):
    for reason in (scene.head.pk, 10**6):
        found = refused("invalid", actions.file, scene.order, [scene.ask(reason=reason)], by=scene.dora)
        assert "lines.0.reason" in found.errors


def test_r2_an_exchange_says_for_what_and_nobody_asks_to_be_rejected(scene):
    refused("invalid", actions.file, scene.order, [scene.ask(resolution="exchange", exchange_for=" ")], by=scene.dora)
    refused("invalid", actions.file, scene.order, [scene.ask(resolution="reject")], by=scene.dora)


def test_r6_the_same_unit_twice_is_refused_in_one_form_and_over_forms(scene):
    refused("over_quantity", actions.file, scene.order, [scene.ask(scene.lid), scene.ask(scene.lid)], by=scene.dora)
    scene.filed(scene.ask(quantity=1), scene.ask(quantity=1, resolution="exchange"))
    refused("over_quantity", actions.file, scene.order, [scene.ask()], by=scene.dora)
    refused("over_quantity", actions.file, scene.order, [scene.ask(resolution="refund_only")], by=scene.dora)


def test_r6_cancelling_frees_the_quantity(scene):
    form = scene.submitted(scene.ask(quantity=2))
    refused("over_quantity", actions.file, scene.order, [scene.ask()], by=scene.dora)
    actions.cancel(form, by=scene.dora, reason="keeps it")
    assert scene.filed(scene.ask(quantity=2)).pk


def test_r6_what_was_not_granted_is_free_again(scene):
    form = scene.inspected(scene.ask(quantity=2))
    grant = actions.Granted(1, approved_quantity=1)
    assert actions.decide(form, by=scene.alice, lines=[grant], rationale="one is fine").state == "partly_approved"
    assert scene.filed(scene.ask()).pk
    refused("over_quantity", actions.file, scene.order, [scene.ask()], by=scene.dora)


def test_r6_what_was_not_shipped_cannot_come_back_but_can_be_refunded(scene):
    paid = make_order(scene.cast, scene.customer, "77", status="paid", shipped_at=None)
    line = OrderLine.objects.create(order=paid, key="1", title="Pan", quantity=1, price=D("100"))
    refused("over_quantity", actions.file, paid, [scene.ask(line)], by=scene.dora)
    assert actions.file(paid, [scene.ask(line, resolution="refund_only")], by=scene.dora).pk


def test_r6_a_replacement_can_be_returned_once_more(scene):
    scene.closed(scene.ask(scene.lid, resolution="exchange"))
    assert scene.filed(scene.ask(scene.lid)).pk
    refused("over_quantity", actions.file, scene.order, [scene.ask(scene.lid)], by=scene.dora)


def test_lines_of_two_orders_in_one_form_are_refused(scene):
    other = make_order(scene.cast, scene.customer, "88")
    foreign = OrderLine.objects.create(order=other, key="1", title="Pan", quantity=1)
    found = refused("invalid", actions.file, scene.order, [scene.ask(), scene.ask(foreign)], by=scene.dora)
    assert "lines.1.order_line" in found.errors


@pytest.mark.django_db(transaction=True)
def test_r6_the_database_refuses_what_the_order_does_not_have():
    scene = make_scene()
    form = scene.filed()
    other = make_order(scene.cast, scene.customer, "88")
    foreign = OrderLine.objects.create(order=other, key="1", title="Pan", quantity=1)
    for changes, named in [
        ({"quantity": 3}, "return_line_is_within_what_was_bought"),
        ({"order_line": foreign}, "return_line_is_of_its_form_s_order"),
        ({"reason": scene.head}, "return_line_reason_is_a_leaf_of_its_team"),
        ({"granted": "compensation", "approved_quantity": 2, "amount": 0}, "return_line_grants_at_most_what_was_asked"),
        ({"granted": "return_and_refund", "approved_quantity": 1, "amount": 0}, "return_line_grants_at_most_what_came"),
        ({"ok": 1, "opened": 1, "damaged": 0, "wrong": 0, "missing": 0}, "return_line_count_adds_up_to_what_was_asked"),
        ({"quantity": 0}, "return_line_asks_for_something"),
        (
            {
                "granted": "return_and_refund",
                "approved_quantity": 1,
                "amount": 500,
                "ok": 1,
                "opened": 0,
                "damaged": 0,
                "wrong": 0,
                "missing": 0,
            },
            "return_line_is_within_what_was_paid",
        ),
    ]:
        with pytest.raises(IntegrityError, match=named), transaction.atomic():
            ReturnLine.objects.filter(form=form).update(**changes)


def test_r6_counting_more_than_asked_is_refused_and_excess_is_its_own_discrepancy(scene):
    form = scene.submitted()
    refused("over_quantity", actions.inspect, form, by=scene.wen, counts=[actions.Counted(1, ok=2, disposition="restock")])
    refused("invalid", actions.inspect, form, by=scene.wen, counts=[actions.Counted(1)])
    refused("invalid", actions.inspect, form, by=scene.wen, counts=[])
    excess = [{"title": "Wooden spoon", "quantity": 1}]
    counted = actions.inspect(form, by=scene.wen, counts=[actions.Counted(1, ok=1, disposition="restock")], excess=excess)
    assert counted.excess == [{"title": "Wooden spoon", "quantity": 1, "note": ""}]


def test_one_good_and_one_damaged(scene):
    form = scene.submitted(scene.ask(quantity=2))
    actions.inspect(form, by=scene.wen, counts=[actions.Counted(1, ok=1, damaged=1, disposition="restock")])
    line = form.lines.get()
    assert (line.received, line.damaged, line.restocked) == (2, 1, 1)


def test_a_partial_damaged_receipt_restocks_nothing(scene):
    form = scene.submitted(scene.ask(quantity=2))
    actions.inspect(form, by=scene.wen, counts=[actions.Counted(1, damaged=1, missing=1, disposition="quarantine")])
    line = form.lines.get()
    assert (line.received, line.restocked) == (1, 0)


def test_r7_amounts_are_capped_by_what_came_not_by_what_was_asked(scene):
    form = scene.submitted(scene.ask(quantity=2))
    actions.inspect(form, by=scene.wen, counts=[actions.Counted(1, ok=1, missing=1, disposition="restock")])
    actions.cosign(form, by=scene.wen)
    refused("over_quantity", actions.decide, form, by=scene.alice, lines=[actions.Granted(1, approved_quantity=2)], rationale="x")
    refused("over_paid", actions.decide, form, by=scene.alice, lines=[actions.Granted(1, amount=D("80.00"))], rationale="x")
    refused("invalid", actions.decide, form, by=scene.alice)
    done = actions.decide(form, by=scene.alice, rationale="one is missing")
    assert (done.state, done.lines.get().amount) == ("partly_approved", D("40.00"))


def test_r7_no_goods_line_is_paid_beyond_what_came_by_calling_it_refund_only(scene):
    form = actions.cosign(scene.submitted(), by=scene.wen, outcome="not_received")
    grant = actions.Granted(1, granted="refund_only", approved_quantity=1)
    refused("over_quantity", actions.decide, form, by=scene.alice, lines=[grant], rationale="x")


def test_r7_grants_are_summed_over_forms_and_with_the_platforms_refunds(scene):
    scene.order.refunded = D("60.00")
    scene.order.save()
    form = scene.inspected(scene.ask(quantity=2))
    refused("over_paid", actions.decide, form, by=scene.alice)
    assert actions.decide(form, by=scene.alice, lines=[actions.Granted(1, amount=D("50.00"))]).state == "approved"
    lid = scene.inspected(scene.ask(scene.lid))
    refused("over_paid", actions.decide, lid, by=scene.alice)


def test_r7_what_the_platform_reports_of_our_own_refund_does_not_count_twice(scene):
    scene.closed(scene.ask(quantity=2))
    scene.order.refunded = D("80.00")
    scene.order.save()
    assert actions.decide(scene.inspected(scene.ask(scene.lid)), by=scene.alice).lines.get().amount == D("20.00")


def test_r7_freight_is_refunded_once_and_never_more_than_was_paid(scene):
    form = scene.inspected()
    refused("over_paid", actions.decide, form, by=scene.alice, freight=D("10.01"))
    assert actions.decide(form, by=scene.alice, freight=D("10.00")).freight_amount == D("10.00")
    refused("over_paid", actions.decide, scene.inspected(scene.ask(scene.lid)), by=scene.alice, freight=D("1.00"))


def test_r7_compensation_has_its_own_cap(scene):
    form = scene.inspected(scene.ask(resolution="compensation", amount=D("150.00")), scene.ask(scene.lid, resolution="refund_only"))
    refused("over_paid", actions.decide, form, by=scene.alice, compensation=D("60.00"))
    done = actions.decide(form, by=scene.alice, compensation=D("50.00"))
    assert {(kind, amount) for kind, amount, _n in actions.owed(done, list(done.lines.all()))} == {
        ("refund", D("20.00")),
        ("compensation", D("200.00")),
    }
    refused("over_paid", actions.file, scene.order, [scene.ask(resolution="compensation", amount=D("201"))], by=scene.dora)


def test_a_settled_or_pending_grant_is_frozen_and_a_failed_one_is_tried_again(scene):
    form = scene.decided(scene.ask(), scene.ask(scene.lid, resolution="reship"))
    actions.settle(form, by=scene.dora, kind="refund", outcome="failed", failure="account closed")
    row = Settlement.objects.get(form=form, kind="refund")
    assert (row.state, row.attempts) == ("failed", 1)
    refused("wrong_state", actions.edit, form, by=scene.dora, revision=1, words="x")
    actions.settle(form, by=scene.dora, kind="refund", outcome="pending", reference="ALI-7")
    actions.settle(form, by=scene.dora, kind="refund", reference="ALI-7")
    refused("wrong_state", actions.settle, form, by=scene.dora, kind="refund", reference="ALI-8")
    with pytest.raises(IntegrityError, match="settlement_done_does_not_change"), transaction.atomic():
        Settlement.objects.filter(pk=row.pk).update(reference="ALI-9")
    with pytest.raises(IntegrityError, match="settlement_done_does_not_change"), transaction.atomic():
        Settlement.objects.filter(form=form, kind="ship").update(quantity=9)


def test_one_reference_pays_one_form(scene):
    first, second = scene.decided(), scene.decided(scene.ask(scene.lid))
    actions.settle(first, by=scene.dora, reference="ALI-7")
    refused("duplicate", actions.settle, second, by=scene.dora, reference="ALI-7")
    refused("invalid", actions.settle, second, by=scene.dora)
    assert actions.settle(second, by=scene.dora, reference="ALI-8").state == "closed"


def test_goods_to_be_sent_back_are_owed(scene):
    form = scene.submitted()
    actions.inspect(form, by=scene.wen, counts=[actions.Counted(1, wrong=1, disposition="send_back")])
    actions.cosign(form, by=scene.wen)
    done = actions.decide(form, by=scene.alice, reject=True, rationale="not our pot")
    assert actions.owed(done, list(done.lines.all())) == [("send_back", D(0), 1)]
    assert actions.settle(done, by=scene.dora, reference="SF9").state == "closed"


def test_policy_lets_nothing_pass_by_default_and_then_only_what_it_names(scene):
    form = scene.inspected()
    refused("invalid", actions.decide, form, by=scene.alice, by_rule=True)
    hours = {"count_hours": 72, "decide_hours": 24, "settle_hours": 48}
    actions.change_policy(scene.cast.team, by=scene.alice, max_amount=D("39.99"), resolutions=["return_and_refund"], **hours)
    refused("invalid", actions.decide, form, by=scene.alice, by_rule=True)
    actions.change_policy(scene.cast.team, by=scene.alice, max_amount=D("40"), resolutions=["return_and_refund"], **hours)
    done = actions.decide(form, by=scene.alice, by_rule=True)
    assert (done.by_rule, done.state) == (True, "approved")


def seen(*forms):
    return {form.pk: {"version": form.version} for form in forms}


def test_like_cases_are_decided_together_each_with_its_signature_all_or_nothing(scene):
    one, two = scene.inspected(), scene.submitted(scene.ask(scene.lid))
    found = refused("bulk_refused", actions.decide_together, seen(one, two), by=scene.alice)
    assert [x["number"] for x in found.extra["refused"]] == [two.number]
    one.refresh_from_db()
    assert one.state == "inspected"
    actions.inspect(two, by=scene.wen, counts=[actions.Counted(1, ok=1, disposition="restock")])
    two = actions.cosign(two, by=scene.wen)
    done = actions.decide_together(seen(one, two), by=scene.alice)
    assert [form.signatures.filter(stage="manager").count() for form in done] == [1, 1]


money = st.decimals(min_value=0, max_value=10000, places=2)


@given(paid=money, freight=money, lines=st.lists(st.tuples(money, st.integers(1, 9), st.one_of(st.none(), money)), min_size=1, max_size=6))
def test_r7_shares_are_never_more_than_was_paid(paid, freight, lines):
    rows = [(n, price, quantity, own) for n, (price, quantity, own) in enumerate(lines)]
    shares = rules.paid_shares(rows, paid, freight)
    known = sum((own for *_rest, own in rows if own is not None), D(0))
    assert set(shares) == set(range(len(rows)))
    assert all(share >= 0 for share in shares.values())
    assert sum(shares.values()) <= max(paid, known)


@given(paid=money, bought=st.integers(1, 20), parts=st.lists(st.integers(1, 20), max_size=6))
def test_r7_line_by_line_caps_never_add_up_to_more_than_the_line(paid, bought, parts):
    given_so_far, units = D(0), 0
    for part in parts:
        part = min(part, bought - units)
        cap = rules.line_cap(paid, bought, part, given_so_far)
        assert cap <= rules.cents(paid * part / bought)
        given_so_far += cap
        units += part
    assert given_so_far <= paid
