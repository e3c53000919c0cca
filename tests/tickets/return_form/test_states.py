"""R1: the form goes its way, and no other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tests.tickets.return_form.scene import all_ok
from tickets.activity.models import Activity, Alert
from tickets.return_form import actions, rules
from tickets.return_form.models import ReturnForm, State
from tickets.return_form.models.guards import MOVES
from tickets.ticket.actions import open_ticket
from tickets.ticket.models import Promise
from tickets.web.refusals import Refused


def refused(code, deed, *args, **more):
    with pytest.raises(Refused) as caught, transaction.atomic():
        deed(*args, **more)
    assert caught.value.code == code, caught.value
    return caught.value


def test_r1_from_filing_to_closing(scene):
    form = scene.filed(scene.ask(quantity=2), scene.ask(scene.lid, resolution="exchange"))
    assert (form.state, form.revision) == ("draft", 1)
    assert actions.submit(form, by=scene.dora).state == "submitted"
    actions.inspect(form, by=scene.wen, counts=all_ok(form))
    assert actions.cosign(form, by=scene.wen).state == "inspected"
    assert actions.decide(form, by=scene.alice).state == "approved"
    settling = actions.settle(form, by=scene.dora, kind="refund", reference="ALI-1")
    assert settling.state == "settling"
    assert actions.settle(form, by=scene.dora, kind="ship", reference="SF123").state == "closed"
    assert form.parcels.get().tracking == "SF123"
    codes = list(Activity.objects.filter(return_form=form).order_by("id").values_list("code", flat=True))
    assert codes == ["return_form." + x for x in ("filed", "submitted", "inspected", "cosigned", "decided", "settled", "settled", "closed")]


def test_r1_every_deed_in_a_wrong_state_is_refused(scene):
    draft, closed = scene.filed(), scene.closed(scene.ask(scene.lid))
    refused("wrong_state", actions.inspect, draft, by=scene.wen, counts=all_ok(draft))
    refused("wrong_state", actions.cosign, draft, by=scene.wen)
    refused("wrong_state", actions.decide, draft, by=scene.alice)
    refused("wrong_state", actions.settle, draft, by=scene.dora, reference="x")
    refused("wrong_state", actions.reopen, draft, by=scene.dora, reason="x")
    for deed, more in [
        (actions.submit, {"by": scene.dora}),
        (actions.cosign, {"by": scene.wen}),
        (actions.decide, {"by": scene.alice}),
        (actions.cancel, {"by": scene.dora, "reason": "x"}),
        (actions.settle, {"by": scene.dora, "reference": "y"}),
        (actions.send_back, {"by": scene.wen, "question": "x"}),
        (actions.edit, {"by": scene.dora, "revision": closed.revision, "words": "x"}),
    ]:
        refused("wrong_state", deed, closed, **more)


def test_r1_refund_before_the_count_is_refused(scene):
    form = scene.submitted()
    refused("wrong_state", actions.decide, form, by=scene.alice)
    refused("wrong_state", actions.settle, form, by=scene.dora, reference="ALI-1")


def test_r1_sent_back_opens_a_new_revision_with_a_question(scene):
    form = scene.inspected()
    back = actions.send_back(form, by=scene.alice, question="Which of the two leaks?")
    assert (back.state, back.revision, back.question, back.sent_backs) == ("sent_back", 2, "Which of the two leaks?", 1)
    assert Alert.objects.filter(member=scene.dora, code="return_form.sent_back").exists()
    again = actions.submit(back, by=scene.dora)
    assert (again.state, again.question) == ("submitted", "")
    refused("invalid", actions.send_back, again, by=scene.wen, question="  ")


def test_r1_cancel_only_before_any_count_or_money(scene):
    assert actions.cancel(scene.submitted(), by=scene.dora, reason="keeps it").state == "cancelled"
    counted = scene.submitted()
    actions.inspect(counted, by=scene.wen, counts=all_ok(counted))
    refused("wrong_state", actions.cancel, counted, by=scene.dora, reason="x")
    refused("wrong_state", actions.cancel, scene.inspected(scene.ask(scene.lid)), by=scene.alice, reason="x")


def test_r1_cancel_after_the_goods_came_is_refused(scene):
    form = scene.submitted()
    actions.receive(form, by=scene.wen)
    refused("wrong_state", actions.cancel, form, by=scene.dora, reason="x")


def test_r1_not_received_and_no_goods_expected(scene):
    form = scene.submitted()
    signed = actions.cosign(form, by=scene.wen, outcome="not_received")
    assert signed.outcome == "not_received"
    assert [line.missing for line in signed.lines.all()] == [1]
    refund = scene.submitted(scene.ask(scene.lid, resolution="refund_only"))
    refused("invalid", actions.cosign, refund, by=scene.wen, outcome="not_received")
    assert actions.cosign(refund, by=scene.wen, outcome="no_goods_expected").state == "inspected"
    refused("invalid", actions.cosign, scene.submitted(), by=scene.wen, outcome="no_goods_expected")


def test_r1_rejected_form_owes_nothing_and_closes(scene):
    form = actions.decide(scene.inspected(), by=scene.alice, reject=True, rationale="used for months")
    assert form.state == "rejected"
    assert actions.settle(form, by=scene.dora).state == "closed"


def test_r1_what_owes_nothing_closes_by_itself_after_days(scene):
    from datetime import timedelta

    form = actions.decide(scene.inspected(), by=scene.alice, reject=True, rationale="used for months")
    assert actions.close_idle(at=form.updated_at + timedelta(days=2)) == 0
    assert actions.close_idle(at=form.updated_at + timedelta(days=4)) == 1
    owing = scene.decided()
    assert actions.close_idle(at=owing.updated_at + timedelta(days=40)) == 0


def test_r1_closed_is_immutable_and_reopening_makes_one_linked_successor(scene):
    form = scene.closed()
    new = actions.reopen(form, by=scene.dora, reason="the refund bounced")
    assert (new.state, new.predecessor) == ("draft", form)
    assert [line.quantity for line in new.lines.all()] == [1], "one of the two pots is left to return"
    assert refused("duplicate", actions.reopen, form, by=scene.dora, reason="again").extra["current"]["id"] == new.pk
    with pytest.raises(DatabaseError, match="return_form_closed_does_not_change"), transaction.atomic():
        ReturnForm.objects.filter(pk=form.pk).update(words="other")
    with pytest.raises(DatabaseError, match="return_line_of_a_closed_form"), transaction.atomic():
        form.lines.update(note="other")
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM tickets_returnform WHERE id = %s", [form.pk])


def test_r1_the_database_knows_the_moves(scene):
    assert set(MOVES) == set(State.values)
    form = scene.filed()
    for state in set(State.values) - set(MOVES["draft"]) - {"draft"}:
        with pytest.raises(DatabaseError, match="return_form_moves_along_its_states"), transaction.atomic():
            ReturnForm.objects.filter(pk=form.pk).update(state=state)
    assert not rules.may_move("closed", "draft")


def test_the_holder_is_told_and_the_promise_is_known_and_kept(scene):
    ticket = open_ticket(by=scene.cast.bob, customer=scene.customer, subject="Pot leaks")
    form = scene.submitted(ticket=ticket)
    assert Alert.objects.filter(member=scene.cast.bob, code="return_form.submitted").count() == 1
    word = Promise.objects.get(ticket=ticket)
    assert form.number in word.text
    actions.inspect(form, by=scene.wen, counts=all_ok(form))
    actions.cosign(form, by=scene.wen)
    actions.decide(form, by=scene.alice)
    actions.settle(form, by=scene.dora, reference="ALI-9")
    word.refresh_from_db()
    assert word.status == "kept"
    told = set(Alert.objects.filter(member=scene.cast.bob).values_list("code", flat=True))
    assert {"return_form.cosigned", "return_form.decided", "return_form.settled", "return_form.closed"} <= told


def test_a_cancelled_form_takes_its_promise_back(scene):
    ticket = open_ticket(by=scene.cast.bob, customer=scene.customer, subject="Pot leaks")
    form = scene.submitted(ticket=ticket)
    actions.cancel(form, by=scene.dora, reason="keeps it")
    assert Promise.objects.get(ticket=ticket).status == "withdrawn"


def test_the_promise_follows_the_settlement_s_due_date(scene):
    ticket = open_ticket(by=scene.cast.bob, customer=scene.customer, subject="Pot leaks")
    form = scene.submitted(ticket=ticket)
    later = timezone.now() + timedelta(days=20)
    actions.edit(form, by=scene.dora, revision=1, settle_by=later)
    first, second = Promise.objects.filter(ticket=ticket).order_by("id")
    assert (first.status, second.status, second.due_at) == ("withdrawn", "open", later)
    form.refresh_from_db()
    assert (form.promise, form.revision, form.state) == (second, 1, "submitted"), "a due date voids nothing"
    actions.edit(form, by=scene.dora, revision=1, settle_by=later, words="It leaks.")
    assert Promise.objects.filter(ticket=ticket).count() == 2, "the same date is the same promise"
