"""R8 with real connections: two hands at the same instant, one outcome. `HANDOVER_RACES` sets how often (200 in `make soak`)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from tests.cast import make_member
from tests.tickets.return_form.scene import Scene, all_ok, make_order, make_scene
from tests.tickets.return_form.test_api import Hand
from tests.turns import turns
from tickets.order.models import OrderLine
from tickets.return_form import actions, proof
from tickets.return_form.models import ReturnForm, Settlement, Signature
from tickets.web.refusals import Refused

RACES = len(turns(6))
pytestmark = pytest.mark.django_db(transaction=True)


def race(*deeds: Callable[[], Any]) -> list[str]:
    """Let them go at once; what became of each: `done` or the code of the refusal."""
    line, found = threading.Barrier(len(deeds)), [""] * len(deeds)

    def run(place: int, deed: Callable[[], Any]) -> None:
        try:
            line.wait(10)
            deed()
            found[place] = "done"
        except Refused as refused:
            found[place] = refused.code
        except Exception as error:
            found[place] = repr(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def fresh_order(scene: Scene, number: int, quantity: int = 1) -> OrderLine:
    order = make_order(scene.cast, scene.customer, f"race-{number}")
    return OrderLine.objects.create(order=order, key="1", title="Pan", quantity=quantity, price=50)


def test_two_co_signers_at_once_one_signature():
    scene = make_scene()
    other = make_member(scene.cast.team, "Wang", "warehouse")
    for n in range(RACES):
        line = fresh_order(scene, n)
        form = actions.file(line.order, [scene.ask(line)], by=scene.dora, signed=True)
        actions.inspect(form, by=scene.wen, counts=all_ok(form))
        found = race(lambda f=form: actions.cosign(f, by=scene.wen), lambda f=form: actions.cosign(f, by=other))
        assert sorted(found) == ["done", "wrong_state"]
        assert Signature.objects.filter(form=form, stage="warehouse").count() == 1
    assert list(proof.findings()) == []


def test_edit_against_sign_never_leaves_a_signature_on_what_was_not_seen():
    scene = make_scene()
    for n in range(RACES):
        line = fresh_order(scene, n)
        form = actions.file(line.order, [scene.ask(line)], by=scene.dora, signed=True)
        actions.inspect(form, by=scene.wen, counts=all_ok(form))
        form.refresh_from_db()
        seen = {"revision": form.revision, "version": form.version}
        found = race(
            lambda f=form, s=seen: actions.cosign(f, by=scene.wen, **s),
            lambda f=form: actions.edit(f, by=scene.dora, revision=f.revision, words="It leaks."),
        )
        assert found[1] == "done"
        assert found[0] in ("done", "stale")
        form.refresh_from_db()
        assert (form.state, Signature.objects.filter(form=form, voiding__isnull=True).count()) == ("draft", 0)
    assert list(proof.findings()) == []


def test_two_forms_for_the_last_unit_one_wins():
    scene = make_scene()
    for n in range(RACES):
        line = fresh_order(scene, n)
        found = race(*[lambda x=line: actions.file(x.order, [scene.ask(x)], by=scene.dora) for _ in range(2)])
        assert sorted(found) == ["done", "over_quantity"]
        assert ReturnForm.objects.filter(order=line.order).count() == 1


def test_double_settlement_pays_once():
    scene = make_scene()
    for n in range(RACES):
        line = fresh_order(scene, n)
        form = actions.file(line.order, [scene.ask(line, resolution="refund_only")], by=scene.dora, signed=True)
        actions.cosign(form, by=scene.wen)
        actions.decide(form, by=scene.alice)
        found = race(*[lambda f=form, r=r: actions.settle(f, by=scene.dora, reference=f"ALI-{f.pk}-{r}") for r in range(2)])
        assert sorted(found) == ["done", "wrong_state"]
        assert Settlement.objects.get(form=form).attempts == 1
    assert list(proof.findings()) == []


def test_two_managers_at_once_one_decision():
    scene = make_scene()
    other = make_member(scene.cast.team, "Anna", "manager")
    for n in range(RACES):
        line = fresh_order(scene, n)
        form = actions.file(line.order, [scene.ask(line, resolution="refund_only")], by=scene.dora, signed=True)
        actions.cosign(form, by=scene.wen)
        found = race(
            lambda f=form: actions.decide(f, by=scene.alice),
            lambda f=form: actions.decide(f, by=other, reject=True, rationale="no"),
        )
        assert sorted(found) == ["done", "wrong_state"]
        assert Signature.objects.filter(form=form, stage="manager").count() == 1


def test_two_forms_for_one_order_through_the_api_one_wins():
    """Two programs file at once: one is answered 201, the other that nothing is left; with one key, both are told of the same form."""
    scene = make_scene()
    hands = [Hand(scene.dora), Hand(scene.dora)]
    answers: dict[int, Any] = {}

    def file(place: int, line: OrderLine) -> None:
        asked = {"order_line": line.pk, "quantity": 1, "resolution": "return_and_refund", "reason": scene.ours.pk}
        answers[place] = hands[place]("post", "returns/", order=line.order_id, lines=[asked])

    for n in range(RACES):
        for same_key in (False, True):
            line = fresh_order(scene, 2 * n + same_key)
            for place, hand in enumerate(hands):
                hand.headers = {"Idempotency-Key": f"race-{n}-{0 if same_key else place}-{same_key}"}
            assert race(*[lambda x=line, p=place: file(p, x) for place in range(2)]) == ["done", "done"]
            codes = sorted(answer.status_code for answer in answers.values())
            assert codes == ([201, 201] if same_key else [201, 409])
            if same_key:
                assert answers[0].json()["id"] == answers[1].json()["id"]
            else:
                assert [x.json()["code"] for x in answers.values() if x.status_code == 409] == ["over_quantity"]
            assert ReturnForm.objects.filter(order=line.order).count() == 1
