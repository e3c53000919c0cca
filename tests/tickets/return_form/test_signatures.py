"""R3, R4, R5, R9: three hands, three people, and what makes a hand void."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from tests.cast import make_member
from tests.tickets.return_form.scene import all_ok
from tests.tickets.return_form.test_states import refused
from tickets.return_form import actions
from tickets.return_form.models import Signature, Voiding


def live(form):
    return list(Signature.objects.filter(form=form, voiding__isnull=True).order_by("id").values_list("stage", flat=True))


def test_r3_each_signature_says_who_what_when_and_over_which_revision(scene):
    form = scene.decided()
    first, second, third = Signature.objects.filter(form=form)
    assert [(x.stage, x.name, x.meaning, x.revision) for x in (first, second, third)] == [
        ("initiator", "Dora", "filed", 1),
        ("warehouse", "Wen", "counted", 1),
        ("manager", "Alice", "decided", 1),
    ]
    assert (second.base, third.base) == (first, second)
    assert len({x.hash for x in (first, second, third)}) == 3
    assert third.part["lines"][0]["amount"] == "40.00"


def test_r3_signatures_are_insert_only(scene):
    signature = Signature.objects.get(form=scene.submitted())
    for deed in (lambda: Signature.objects.filter(pk=signature.pk).update(name="Eve"), signature.delete):
        with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
            deed()
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        scene_void = Voiding.objects.create(signature=signature, cause="edited", by=scene.dora, name="Dora", at=signature.at)
        scene_void.delete()


def test_r4_a_dual_role_cannot_sign_twice(scene):
    both = make_member(scene.cast.team, "Both", "after_sale", "warehouse", "manager")
    form = actions.submit(actions.file(scene.order, [scene.ask()], by=scene.dora), by=both)
    actions.inspect(form, by=both, counts=all_ok(form))
    refused("same_hand", actions.cosign, form, by=both)
    actions.cosign(form, by=scene.wen)
    refused("same_hand", actions.decide, form, by=both)
    assert actions.decide(form, by=scene.alice).state == "approved"


def test_r4_who_edited_the_content_countersigns_nothing(scene):
    both = make_member(scene.cast.team, "Both", "after_sale", "warehouse")
    form = actions.edit(scene.filed(), by=both, revision=1, words="It leaks.")
    actions.submit(form, by=scene.dora)
    actions.inspect(form, by=both, counts=all_ok(form))
    refused("same_hand", actions.cosign, form, by=both)


def test_r4_who_only_sent_back_may_sign_later(scene):
    form = actions.send_back(scene.submitted(), by=scene.wen, question="Which?")
    actions.submit(form, by=scene.dora)
    actions.inspect(form, by=scene.wen, counts=all_ok(form))
    assert actions.cosign(form, by=scene.wen).state == "inspected"


def raw(form, stage, member, base=None, revision=None):
    first = Signature.objects.filter(form=form).first()
    return Signature.objects.create(
        form=form,
        stage=stage,
        member=member,
        name=member.display_name,
        meaning="counted",
        revision=revision or form.revision,
        take=9,
        base=base or (first if stage != "initiator" else None),
        part={},
        hash="0" * 64,
        at=form.updated_at,
    )


@pytest.mark.parametrize(
    ("roles", "stage", "named"),
    [
        (["agent"], "warehouse", "return_form_signed_in_one_s_own_role"),
        (["warehouse"], "initiator", "return_form_stage_is_signed_once"),
        (["manager"], "manager", "return_form_signed_in_order"),
    ],
)
def test_r4_the_database_refuses_whoever_asks(scene, roles, stage, named):
    form = scene.submitted()
    other = make_member(scene.cast.team, "Other", *roles)
    with pytest.raises(IntegrityError, match=named), transaction.atomic():
        raw(form, stage, other)


def test_r4_the_database_refuses_the_same_person_the_editor_and_the_stranger(scene):
    both = make_member(scene.cast.team, "Both", "after_sale", "warehouse")
    form = actions.submit(scene.filed(), by=both)
    with pytest.raises(IntegrityError, match="return_form_signed_by_different_people"), transaction.atomic():
        raw(form, "warehouse", both)
    edited = actions.submit(actions.edit(scene.filed(scene.ask(scene.lid)), by=both, revision=1, words="x"), by=scene.dora)
    with pytest.raises(IntegrityError, match="return_form_countersigned_by_nobody_who_edited_it"), transaction.atomic():
        raw(edited, "warehouse", both)
    stranger = make_member(scene.cast.other_team, "Stranger", "warehouse")
    with pytest.raises(IntegrityError, match="return_form_signed_in_one_s_own_role"), transaction.atomic():
        raw(form, "warehouse", stranger)
    superuser = scene.wen.user
    superuser.is_superuser = True
    superuser.save()
    with pytest.raises(IntegrityError, match="return_form_stage_is_signed_once"), transaction.atomic():
        raw(form, "warehouse", scene.wen, revision=7)


@pytest.mark.django_db(transaction=True)
def test_r4_no_state_without_its_signatures():
    from tests.tickets.return_form.scene import make_scene

    scene = make_scene()
    form = scene.filed()
    with pytest.raises(IntegrityError, match="return_form_state_has_its_signatures"), transaction.atomic():
        type(form).objects.filter(pk=form.pk).update(state="submitted")


def test_r5_an_edit_voids_every_signature_visibly_and_for_good(scene):
    form = scene.decided()
    edited = actions.edit(form, by=scene.dora, revision=1, words="It leaks.")
    assert (edited.state, edited.revision, edited.decision) == ("draft", 2, "")
    assert live(form) == []
    assert {(x.cause, x.name, tuple(x.changed)) for x in Voiding.objects.all()} == {("edited", "Dora", ("words",))}
    back = actions.edit(form, by=scene.dora, revision=2, words="")
    assert (back.revision, live(form)) == (3, [])


def test_r5_the_count_survives_an_edit_that_does_not_touch_it(scene):
    form = actions.edit(scene.inspected(), by=scene.dora, revision=1, words="It leaks.")
    actions.submit(form, by=scene.dora)
    assert actions.cosign(form, by=scene.wen).state == "inspected"
    more = actions.edit(form, by=scene.dora, revision=2, lines=[scene.ask(quantity=2)])
    assert (more.outcome, more.lines.get().ok) == ("", None)


def test_r5_a_count_voids_no_s1_and_a_recount_voids_s2(scene):
    form = scene.submitted()
    actions.inspect(form, by=scene.wen, counts=all_ok(form))
    assert live(form) == ["initiator"]
    actions.cosign(form, by=scene.wen)
    refused("wrong_state", actions.inspect, form, by=scene.wen, counts=all_ok(form))
    again = [actions.Counted(1, damaged=1, disposition="scrap")]
    assert actions.inspect(form, by=scene.wen, counts=again, recount=True).state == "submitted"
    assert live(form) == ["initiator"]
    assert Voiding.objects.get().cause == "recounted"
    assert actions.cosign(form, by=scene.wen).state == "inspected"


def test_r5_words_beside_the_form_parcels_and_dates_void_nothing(scene):
    form = scene.inspected()
    actions.comment(form, by=scene.cast.bob, text="She called again.")
    actions.add_parcel(form, by=scene.dora, tracking="sf 1234", courier="SF")
    actions.edit(form, by=scene.dora, revision=1, decide_by=form.decide_by.replace(year=2027))
    assert live(form) == ["initiator", "warehouse"]
    assert actions.edit(form, by=scene.dora, revision=1, words="").state == "inspected", "nothing changed"


def test_r9_a_renamed_or_deactivated_signer_changes_nothing(scene):
    form = scene.decided()
    type(scene.wen).objects.filter(pk=scene.wen.pk).update(display_name="Somebody else", is_active=False)
    assert Signature.objects.get(form=form, stage="warehouse").name == "Wen"


def test_r8_an_older_revision_gets_409_and_the_difference(scene):
    form = scene.filed()
    actions.edit(form, by=scene.dora, revision=1, words="It leaks.")
    stale = refused("stale", actions.edit, form, by=scene.dora, revision=1, words="It is dented.")
    assert stale.extra["current"]["revision"] == 2
    assert stale.extra["difference"] == [{"field": "words", "before": "", "after": "It leaks."}]
    refused("stale", actions.submit, form, by=scene.dora, version=1)


def test_a_right_that_is_missing_is_refused_below_every_door(scene):
    form = scene.submitted()
    refused("forbidden", actions.cosign, form, by=scene.dora)
    refused("forbidden", actions.file, scene.order, [scene.ask()], by=scene.wen)
    refused("forbidden", actions.decide, form, by=scene.cast.olga)
    refused("not_found", actions.decide, form, by=scene.cast.mallory)
