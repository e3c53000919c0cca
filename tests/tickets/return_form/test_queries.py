"""What a deed may cost: a whole request, from the session to the kept answer, makes at most fifteen queries, through page and API alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.tickets.return_form.scene import Scene, make_scene
from tests.tickets.return_form.test_api import Hand, body
from tickets.return_form.models import ReturnForm
from tickets.ticket.actions import open_ticket
from tickets.ticket.models import Promise, Ticket

pytestmark = pytest.mark.django_db(transaction=True)
FRAME = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
BAR = 15


class Counter:
    """Three people with warm sessions; every deed with a key of its own, as a browser or a program sends it."""

    def __init__(self, scene: Scene) -> None:
        self.hands = {name: Hand(getattr(scene, name)) for name in ("dora", "wen", "alice")}
        self.costs: dict[str, int] = {}
        for hand in self.hands.values():
            hand.get("returns/")

    def note(self, name: str, ask: Callable[[], Any], *expect: int) -> Any:
        with CaptureQueriesContext(connection) as captured:
            answer = ask()
        assert answer.status_code in expect, answer.content
        self.costs[name] = sum(not query["sql"].startswith(FRAME) for query in captured)
        return answer

    def api(self, who: str, path: str, name: str, **said: Any) -> Any:
        hand = self.hands[who]
        hand.headers = {"Idempotency-Key": name}
        return self.note(name, lambda: hand("post", path, **said), 200, 201)

    def page(self, who: str, address: str, name: str, **said: Any) -> Any:
        client = self.hands[who].client
        return self.note(name, lambda: client.post(address, said | {"idempotency_key": name}), 303)


@pytest.fixture
def scene(transactional_db) -> Scene:
    return make_scene()


@pytest.fixture
def ticket(scene) -> Ticket:
    """The worst case: a matter that another person holds, who is told, and to whom a promise is made and kept."""
    return open_ticket(by=scene.cast.bob, customer=scene.customer, subject="Pot leaks")


def test_deeds_through_the_api(scene, ticket):
    count = Counter(scene)
    made = count.api("dora", "returns/", "file", **body(scene), ticket=ticket.pk, tracking="SF 1").json()
    path, line = f"returns/{made['id']}/", made["lines"][0]["place"]
    count.api("dora", path + "submit/", "submit", revision=1)
    count.api("wen", path + "inspect/", "inspect", revision=1, lines=[{"place": line, "ok": 1}])
    count.api("wen", path + "cosign/", "cosign", revision=1)
    count.api("alice", path + "decide/", "decide", revision=1, freight="10.00")
    assert count.api("dora", path + "settle/", "settle", revision=1, reference="A").json()["state"] == "closed"
    assert Promise.objects.get().status == "kept"
    assert {name: cost for name, cost in count.costs.items() if cost > BAR} == {}


def test_deeds_through_the_pages(scene, ticket):
    count = Counter(scene)
    row = {"line-0": scene.pot.pk, "quantity-0": 1, "resolution-0": "return_and_refund", "reason-0": scene.ours.pk}
    new = reverse("return_form:new")
    count.page("dora", new, "file", order=scene.order.pk, ticket=ticket.pk, tracking="SF1", draft=1, **row)
    form = ReturnForm.objects.get()

    def deed(who: str, name: str, **said: Any) -> None:
        form.refresh_from_db()
        count.page(who, reverse(f"return_form:{name}", args=[form.pk]), f"{name} {form.version}", version=form.version, **said)

    deed("dora", "submit")
    deed("wen", "count", outcome="counted", **{"ok-1": 1, "disposition-1": "restock"})
    deed("alice", "decide", **{"granted-1": "return_and_refund", "approved-1": 1, "freight": "10"})
    deed("dora", "settle", kind="refund", reference="B")
    deed("dora", "settle", kind="freight", reference="C")
    form.refresh_from_db()
    assert (form.state, Promise.objects.get().status) == ("closed", "kept")
    assert {name: cost for name, cost in count.costs.items() if cost > BAR} == {}


def test_filing_signing_and_promising_in_one_click_costs_little_more_than_one_deed(scene, ticket):
    count = Counter(scene)
    row = {"line-0": scene.pot.pk, "quantity-0": 1, "resolution-0": "return_and_refund", "reason-0": scene.ours.pk}
    new = reverse("return_form:new")
    count.page("dora", new, "alone", order=scene.order.pk, tracking="SF1", sign=1, **row)
    count.page("dora", new, "both", order=scene.order.pk, ticket=ticket.pk, tracking="SF2", sign=1, **row)
    assert set(ReturnForm.objects.values_list("state", flat=True)) == {"submitted"}
    assert count.costs["alone"] <= BAR
    assert count.costs["both"] <= 18, "fifteen, and what a promise to the customer takes: its matter, its row, the due date of its matter"
