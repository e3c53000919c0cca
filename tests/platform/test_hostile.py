"""What nobody means but somebody sends: answered with a refusal, whoever asks, and the same page still opens for the others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from tests.api.scene import Scene, make_scene
from tickets.ticket.models import Ticket

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@pytest.fixture
def scene(db: None) -> Scene:
    return make_scene()


def signed_in(member: Any) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


BODIES = [
    (JSON, b"[" * 100_000, 400),
    (JSON, b'{"subject": "\\ud800"}', 400),
    (JSON, b'{"\\udfff": 1}', 400),
    (JSON, b'{"subject": "\\ud83d\\ude00", "kind": "\\\\ud800"}', 400),  # an emoji and a backslash: refused for its fields
    (JSON, "\ufeff{}".encode("utf-16"), 400),
    (JSON, b'{"customer": 1e999}', 400),
    (JSON, b"1" * 5000, 400),
    ("application/json; charset=hex", b"{}", 415),
    (FORM + "; charset=utf-16", b"a=1", 415),
    ("application/json; charset=UTF-8", b"{}", 400),
    ("multipart/form-data; boundary=x", b"--x\r\nnonsense", 400),
    ("application/xml", b"<a/>", 415),
]


def test_a_body_that_is_none_is_refused(scene: Scene) -> None:
    client, before = signed_in(scene.cast.alice), Ticket.objects.count()
    for kind, body, status in BODIES:
        answer = client.generic("POST", "/api/v1/tickets/", body, content_type=kind)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), (kind, body[:40])
    assert Ticket.objects.count() == before


FORMS: list[tuple[str, dict[str, str]]] = [
    ("/drafts/", {"key": "x", "values": "[" * 100_000}),
    ("/roster/grid/", {"grid": "[" * 100_000}),
    ("/digest/ack/", {"version": "9" * 5000}),
    ("/reports/service/import/", {"member": "9" * 5000}),
    ("/returns/new/", {}),
    ("/returns/new/", {"order": "²"}),
    ("/returns/decide/", {"form": "².1"}),
    ("/notices/", {"text": "x", "idempotency_key": "\0"}),
]


def test_a_form_that_is_none_is_refused(scene: Scene) -> None:
    for client in (signed_in(scene.cast.alice), signed_in(scene.cast.dora)):
        for path, form in FORMS:
            assert client.post(path, form).status_code < 500, path


ADDRESSES = [
    "/tickets/?q=%00",
    "/hooks/shopify/a%00b/",
    "/returns/99999999999999999999/",
    "/returns/99999999999999999999/cancel/",
    "/returns/?before=²",
    "/returns/decide/?like=²",
    "/returns/new/?order=²&ticket=²",
    "/returns/new/?customer=²",
    "/returns/compensations/?before=²",
    "/duty/?member=²",
    "/orders/?since=9999-12-31&until=9999-12-31",
    "/customers/?since=0001-01-01&until=9999-12-31",
    "/reports/compensation/?to=0001-01-01",
    "/reports/compensation/?window=" + "9" * 5000 + "d",
    "/reports/complaint-rate/rows/?measure=rate&after=2026-11-22T00:00:00Z~1~99999999999999999999",
]


def test_an_address_that_is_none_is_refused(scene: Scene) -> None:
    for client in (signed_in(scene.cast.alice), signed_in(scene.cast.dora)):
        for path in ADDRESSES:
            for answer in (client.get(path), client.get(path, headers={"HX-Request": "true"}), client.post(path)):
                assert answer.status_code < 500, path


def test_what_only_the_database_refuses_is_the_senders_mistake(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also within the transaction of an Idempotency-Key, which then is free again."""

    def name_account(account: str, **_more: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::bigint", [account])

    monkeypatch.setattr("handover.report.service_actions.name_account", name_account)
    client = signed_in(scene.cast.alice)
    with transaction.atomic():  # which is given up, as the request's own would be
        answer = client.post("/reports/service/import/", {"account": "9" * 30}, headers={"Idempotency-Key": "same"})
    assert answer.status_code == 400
    assert client.post("/reports/service/import/", {"account": "1"}, headers={"Idempotency-Key": "same"}).status_code == 200


ENDS = ["0001-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59", "9999-12-31T23:59:59-12:00", "9999-12-31T12:00:00Z"]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_no_instant_comes_in_that_a_page_cannot_show(scene: Scene, zone: str) -> None:
    """The ends of the calendar exist in one zone and not in the next: a promise for then would close its list to the whole team."""
    scene.cast.team.time_zone = zone
    scene.cast.team.save()
    agent, lead, ids = signed_in(scene.cast.bob), signed_in(scene.cast.alice), scene.ids
    for instant in ENDS:
        asked = [
            (agent, f"tickets/{ids['tickets']}/promise/", {"text": "回电", "due_at": instant}),
            (agent, f"tickets/{ids['tickets']}/wait/", {"on": "customer", "next_action": "回电", "next_at": instant}),
            (agent, "tickets/", {"subject": "x", "customer": ids["customers"], "next_action": "x", "next_at": instant, "anyway": True}),
            (agent, "orders/", {"shop": ids["shop"], "number": "N1", "placed_at": instant, "customer": ids["customers"]}),
            (lead, "notices/", {"text": "x", "valid_until": instant}),
            (lead, "campaigns/", {"name": "x", "text": "x", "starts_at": "2026-11-22T12:00:00Z", "ends_at": instant}),
            (lead, "shifts/", {"name": "x", "starts_at": "2026-11-22T12:00:00Z", "ends_at": instant}),
        ]
        for client, path, body in asked:
            answer = client.post(f"/api/v1/{path}", json.dumps(body), content_type=JSON)
            assert answer.status_code == 400, (path, instant)
        typed = agent.post(f"/tickets/{ids['tickets']}/promise/", {"text": "回电", "due_at": instant.replace("T", " ")})
        assert typed.status_code == 422


def test_too_many_sign_ins_are_told_so(settings: Any, client: Client) -> None:
    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    answers = [client.post("/accounts/login/", {"login": "x", "password": "y"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert "Too many requests" in answers[1].content.decode()
    cache.clear()
