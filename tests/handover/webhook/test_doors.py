"""Webhooks through the API and the pages: managers only, the secret once, everything visible and replayable."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from handover.webhook import actions
from handover.webhook.models import Endpoint, WebhookDelivery
from tests.cast import Cast, make_cast
from tests.handover.webhook.receiver import Receiver
from tickets.activity.actions import record
from tickets.people.models import Member

API = "/api/v1/webhooks/"


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def client_of(member: Member) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def test_a_program_sets_up_an_endpoint_and_is_told_the_secret_once(cast: Cast) -> None:
    alice = client_of(cast.alice)
    body = {"url": "https://erp.example.com/hook", "kinds": ["ticket", "promise.kept"]}
    made = alice.post(API, body, content_type="application/json", headers={"Idempotency-Key": "k1"})
    assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
    again = alice.post(API, body, content_type="application/json", headers={"Idempotency-Key": "k1"})
    assert (again.status_code, again.json()["secret"], again.json()["id"]) == (201, None, made.json()["id"])
    one = f"{API}{made.json()['id']}/"
    assert "secret" not in alice.get(one).json() and made.json()["secret"] not in alice.get(API).content.decode()
    renewed = alice.post(f"{one}secret/")
    assert renewed.json()["secret"] not in (None, made.json()["secret"])
    assert alice.patch(one, {"is_active": False}, content_type="application/json").json()["is_active"] is False
    assert alice.post(f"{one}test/").json()["code"] == "wrong_state"
    assert alice.delete(one).status_code == 204 and alice.get(one).status_code == 404
    assert Endpoint.objects.get().secret == ""


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "http://169.254.169.254/"}, "url"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "url"),
        ({"url": "https://e.com/", "kinds": ["DROP TABLE"]}, "kinds"),
        ({}, "url"),
    ],
)
def test_what_is_wrong_is_said_by_field(cast: Cast, body: dict[str, object], field: str) -> None:
    answer = client_of(cast.alice).post(API, body, content_type="application/json")
    assert answer.status_code == 400 and field in answer.json()["errors"]


def test_events_are_visible_and_replayed_one_by_one_and_from_a_number_on(cast: Cast, receiver: Receiver) -> None:
    made, receiver.secret = actions.add(by=cast.alice, url=receiver.url)
    rows = [record("ticket.noted", team=cast.team, actor=cast.bob) for _number in range(3)]
    actions.deliver()
    alice, one = client_of(cast.alice), f"{API}{made.pk}/"
    listed = alice.get(f"{one}deliveries/?state=sent").json()["results"]
    assert [row["sequence"] for row in listed] == [row.pk for row in reversed(rows)]
    assert alice.post(f"{one}deliveries/{listed[0]['id']}/replay/").json()["state"] == "waiting"
    assert alice.post(f"{one}deliveries/{listed[0]['id']}/replay/").status_code == 409
    assert alice.post(f"{one}replay/", {"after": rows[0].pk}, content_type="application/json").json() == {"count": 1}
    actions.deliver()
    ids = [f"evt_{row.pk}" for row in rows]
    assert receiver.accepted == [*ids, *ids[1:]]
    assert alice.get(f"{one}deliveries/?state=nonsense").status_code == 400


def test_nobody_but_a_manager_of_the_team(cast: Cast) -> None:
    made, _secret = actions.add(by=cast.alice, url="https://e.com/")
    for member, status in ((cast.bob, 403), (cast.olga, 403), (cast.mallory, 404)):
        client = client_of(member)
        assert client.get(f"{API}{made.pk}/").status_code == status
        assert client.post(f"{API}{made.pk}/secret/").status_code == status
        assert client.get(f"/team/webhooks/{made.pk}/").status_code == status
        assert client.post(f"/team/webhooks/{made.pk}/remove/").status_code == status


def test_the_pages_from_adding_to_removing(cast: Cast, receiver: Receiver) -> None:
    alice = client_of(cast.alice)
    assert alice.post("/team/webhooks/add/", {"url": "https://10.0.0.1/"}).status_code == 422
    entry = {"url": receiver.url, "name": "ERP", "kinds": ["ticket"], "idempotency_key": "k2"}
    shown = alice.post("/team/webhooks/add/", entry).content.decode()
    receiver.secret = shown.split("whsec_")[1].split('"')[0]
    receiver.secret = f"whsec_{receiver.secret}"
    assert "whsec_" not in alice.post("/team/webhooks/add/", entry).content.decode()
    made = Endpoint.objects.get()
    record("ticket.noted", team=cast.team, actor=cast.bob)
    record("order.logged", team=cast.team, actor=cast.bob)
    assert alice.post(f"/team/webhooks/{made.pk}/test/").status_code == 303
    actions.deliver()
    assert [event["type"] for event in receiver.events] == ["ticket.noted", "webhook.test"]
    body = alice.get(f"/team/webhooks/{made.pk}/").content.decode()
    assert "ticket.noted" in body and receiver.secret not in body
    sent = WebhookDelivery.objects.earliest("pk")
    assert alice.post(f"/team/webhooks/{made.pk}/events/{sent.pk}/again/").status_code == 303
    assert alice.post(f"/team/webhooks/{made.pk}/replay/", {"after": "x"}).status_code == 400
    assert alice.post(f"/team/webhooks/{made.pk}/", {"url": receiver.url, "name": "ERP 2"}).status_code == 303
    assert alice.post(f"/team/webhooks/{made.pk}/remove/").status_code == 303
    assert "ERP 2" not in alice.get("/team/webhooks/").content.decode()


def test_the_pages_cost_the_same_however_many_events(cast: Cast, django_assert_max_num_queries: Callable[[int], object]) -> None:
    made, _secret = actions.add(by=cast.alice, url="https://e.com/")
    alice = client_of(cast.alice)
    for _round in range(2):
        for _number in range(10):
            record("ticket.noted", team=cast.team, actor=cast.bob)
        for path in ("/team/webhooks/", f"/team/webhooks/{made.pk}/", f"{API}{made.pk}/deliveries/"):
            with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
                assert alice.get(path).status_code == 200
