"""`returns/decide_batch/`: like cases decided together through the API, one signature each, all or none."""

from __future__ import annotations

import time

import pytest

from tests.cast import PASSWORD
from tests.tickets.return_form.scene import make_order
from tests.tickets.return_form.test_api import Hand
from tickets.order.models import OrderLine
from tickets.return_form import actions
from tickets.return_form.models import ReturnForm, Signature
from tickets.web.confirmation import STAMP

PATH = "returns/decide_batch/"


@pytest.fixture
def alice(scene) -> Hand:
    return Hand(scene.alice)


@pytest.fixture
def two(scene) -> list[ReturnForm]:
    return [scene.inspected(), scene.inspected(scene.ask(scene.lid))]


def named(*forms: ReturnForm) -> list[dict[str, int]]:
    return [{"id": form.pk, "revision": form.revision} for form in forms]


def states() -> list[str]:
    return list(ReturnForm.objects.order_by("id").values_list("state", flat=True))


def test_like_cases_get_one_signature_each(alice, two):
    answer = alice("post", PATH, forms=named(*two))
    assert answer.status_code == 200, answer.json()
    assert [row["state"] for row in answer.json()] == ["approved", "approved"]
    assert Signature.objects.filter(stage="manager").values("form").distinct().count() == 2


def test_all_turned_down_says_why(alice, two):
    refused = alice("post", PATH, forms=named(*two), reject=True).json()
    assert (refused["code"], {row["code"] for row in refused["refused"]}) == ("bulk_refused", {"invalid"})
    assert alice("post", PATH, forms=named(*two), reject=True, rationale="worn").status_code == 200
    assert states() == ["rejected", "rejected"]


def test_one_that_will_not_stops_all_and_is_named(scene, alice, two):
    """A stale one, one that is not counted, one of another team: nothing is decided, and each is named with its reason."""
    actions.send_back(two[1], by=scene.alice, question="photo?")
    waiting = scene.submitted()
    other = make_order(scene.cast, scene.customer, "4040")
    pan = OrderLine.objects.create(order=other, key="1", title="Pan", quantity=1, price=10)
    foreign = actions.file(other, [scene.ask(pan)], by=scene.dora)
    ReturnForm.objects.filter(pk=foreign.pk).update(team=scene.cast.other_team)
    before = states()
    answer = alice("post", PATH, forms=named(*two, waiting, foreign))
    assert (answer.status_code, answer.json()["code"]) == (422, "bulk_refused")
    why = {row["id"]: row["code"] for row in answer.json()["refused"]}
    assert why == {two[1].pk: "stale", waiting.pk: "wrong_state", foreign.pk: "not_found"}
    assert states() == before
    assert not Signature.objects.filter(stage="manager").exists()


def test_the_page_narrows_to_what_is_like_one_of_them_and_ticks_it(scene, client, two):
    """The same wish for the same reason, found alike: not the damaged one, not the exchange, not the other reason."""
    order = make_order(scene.cast, scene.customer, "4040")
    pans = [OrderLine.objects.create(order=order, key=str(n), title="Pan", quantity=4, price=10) for n in range(3)]

    def counted(line: OrderLine, *, resolution: str = "return_and_refund", damaged: int = 0, **more) -> ReturnForm:
        asked = scene.ask(line, resolution=resolution, **more)
        form = actions.file(order, [asked], by=scene.dora, signed=True)
        count = actions.Counted(1, ok=1 - damaged, damaged=damaged, disposition="restock")
        return actions.inspect(form, by=scene.wen, counts=[count], signed=True)

    counted(pans[0], damaged=1)
    counted(pans[1], resolution="exchange", exchange_for="Wok")
    counted(pans[2], reason=scene.choice.pk)
    client.force_login(scene.alice.user)
    page = client.get("/returns/decide/").content.decode()
    assert page.count('name="form"') == 5
    assert "checked" not in page.split("<tbody>")[1].split("</tbody>")[0], "nothing is ticked unasked"
    narrow = client.get(f"/returns/decide/?like={two[0].pk}").content.decode().split("<tbody>")[1].split("</tbody>")[0]
    assert [f'value="{form.pk}.{form.version}" ' in narrow for form in two] == [True, True]
    assert (narrow.count('name="form"'), narrow.count(" checked")) == (2, 2)
    ticked = {"form": [f"{form.pk}.{form.version}" for form in two], "how": "approve", "idempotency_key": "like"}
    assert client.post(f"/returns/decide/?like={two[0].pk}", ticked).status_code == 303
    assert states()[:2] == ["approved", "approved"]


def test_who_counted_one_of_them_decides_none(scene, two):
    scene.wen.roles = ["warehouse", "manager"]
    scene.wen.save()
    found = Hand(scene.wen)("post", PATH, forms=named(*two)).json()
    assert {row["code"] for row in found["refused"]} == {"same_hand"}


@pytest.mark.parametrize("forms", [[], [{"id": 1}], [{"id": 1, "revision": 1}] * 2, [{"id": n, "revision": 1} for n in range(1, 102)]])
def test_what_cannot_be_read(alice, forms):
    answer = alice("post", PATH, forms=forms)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_it_is_a_manager_s_deed_and_needs_a_fresh_proof(scene, alice, two):
    assert Hand(scene.dora)("post", PATH, forms=named(*two)).json()["code"] == "forbidden"
    session = alice.client.session
    session[STAMP] = time.time() - 600
    session.save()
    assert alice("post", PATH, forms=named(*two)).json()["reauthenticate"] is True
    assert alice("post", PATH, forms=named(*two), password=PASSWORD).status_code == 200
