"""What waits for whom: on the list, in the digest, overdue on the board; and the other pages' question `forms_of`."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from handover.digest.queries import section_providers
from handover.digest.returns import forms_waiting
from tests.cast import make_member
from tickets.activity.models import Alert
from tickets.activity.telling import tell_alerts
from tickets.people.models import Presence
from tickets.return_form import actions, queries
from tickets.return_form.models import ReturnForm
from tickets.ticket.actions import open_ticket


def whats(member):
    asked = [(row.form.pk, row.what) for row in queries.waiting_for(member)]
    assert sorted(asked) == sorted((row.form.pk, row.what) for row in queries.waiting_at_once(member))
    assert queries.waiting_count(member) == len(asked)
    return asked


def test_each_stage_waits_for_its_own_desk(scene):
    draft, submitted, inspected = scene.filed(), scene.submitted(), scene.inspected(scene.ask(scene.lid))
    assert whats(scene.wen) == [(submitted.pk, "sign")]
    assert whats(scene.alice) == [(inspected.pk, "sign")]
    assert whats(scene.dora) == [(draft.pk, "finish")]
    assert whats(scene.cast.bob) == whats(scene.cast.mallory) == whats(scene.cast.olga) == []
    actions.send_back(inspected, by=scene.alice, question="?")
    assert (inspected.pk, "answer") in whats(scene.dora)
    decided = actions.decide(actions.cosign(submitted, by=scene.wen, outcome="not_received"), by=scene.alice, reject=True, rationale="no")
    assert (decided.pk, "settle") in whats(scene.dora)


def test_a_hand_that_may_not_sign_is_not_asked(scene):
    both = make_member(scene.cast.team, "Both", "after_sale", "warehouse")
    form = actions.file(scene.order, [scene.ask()], by=both, signed=True)
    assert whats(both) == []
    assert whats(scene.wen) == [(form.pk, "sign")]


def test_h8_the_digest_has_every_form_that_waits_for_the_reader(scene, django_assert_num_queries):
    assert forms_waiting in section_providers
    form, now = scene.submitted(), timezone.now()
    with django_assert_num_queries(1):
        section = forms_waiting(scene.wen, now, now + timedelta(hours=7))
    assert [row["form"] for row in section.rows] == [form.pk]
    assert forms_waiting(scene.cast.bob, now, now) is None


def test_overdue_stages_longest_first(scene):
    first, second = scene.submitted(), scene.inspected(scene.ask(scene.lid))
    now = timezone.now()
    assert queries.overdue(scene.cast.team, now) == []
    ReturnForm.objects.filter(pk=first.pk).update(count_by=now - timedelta(hours=1))
    ReturnForm.objects.filter(pk=second.pk).update(decide_by=now - timedelta(hours=2))
    assert [row.form.pk for row in queries.overdue(scene.cast.team, now)] == [second.pk, first.pk]
    assert [row.form.pk for row in queries.overdue(scene.cast.team, now, limit=1)] == [second.pk], "the longest, not any"


def test_forms_of_a_customer_an_order_a_ticket(scene, django_assert_num_queries):
    ticket = open_ticket(by=scene.cast.bob, customer=scene.customer, subject="Pot leaks")
    form, other = scene.filed(ticket=ticket), scene.filed()
    for thing, expected in ((scene.customer, [other, form]), (scene.order, [other, form]), (ticket, [form])):
        with django_assert_num_queries(3):
            assert queries.forms_of(thing) == expected


def test_an_overdue_stage_is_told_once_to_who_must_act(scene):
    first, second = scene.submitted(), scene.inspected(scene.ask(scene.lid))
    now = timezone.now().replace(microsecond=0)
    assert actions.tell_overdue(at=now) == 0
    ReturnForm.objects.filter(pk=first.pk).update(count_by=now - timedelta(hours=1))
    ReturnForm.objects.filter(pk=second.pk).update(decide_by=now - timedelta(hours=2))
    assert (actions.tell_overdue(at=now), actions.tell_overdue(at=now + timedelta(minutes=10))) == (2, 0)
    told = Alert.objects.filter(code="return_form.overdue")
    assert set(told.values_list("member", "data__form")) == {(scene.wen.pk, first.pk), (scene.alice.pk, second.pk)}
    [line] = [line for line in tell_alerts(scene.wen) if "overdue" in line.text]
    assert (line.text, line.due) == (f"The return form {first.number} is overdue", now - timedelta(hours=1))
    ReturnForm.objects.filter(pk=first.pk).update(count_by=now + timedelta(hours=1))
    assert actions.tell_overdue(at=now + timedelta(hours=2)) == 1, "a due time that was moved is told anew"


def test_whoever_signs_next_is_asked_those_at_work_before_the_others(scene):
    other, gone = make_member(scene.cast.team, "Wang", "warehouse"), make_member(scene.cast.team, "Gone", "warehouse")
    gone.user.is_active = False
    gone.user.save()

    def asked(form) -> set[int]:
        found = Alert.objects.filter(code="return_form.signature_wanted", data__form=form.pk)
        return set(found.values_list("member", flat=True))

    now = timezone.now()
    Presence.objects.update(on_since=None, next_on=None)
    assert asked(scene.submitted()) == {scene.wen.pk, other.pk}, "nobody is at work: everybody who may"
    Presence.objects.update_or_create(member=other, defaults={"on_since": now, "on_until": now + timedelta(hours=4)})
    form = scene.submitted()
    assert asked(form) == {other.pk}
    actions.inspect(form, by=scene.wen, counts=[actions.Counted(1, ok=1, disposition="restock")])
    actions.cosign(form, by=scene.wen)
    assert asked(form) == {other.pk, scene.alice.pk}, "then a manager"
