"""The API of tickets: the same deeds, refusals as problems, filters, and a constant number of queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import PASSWORD, Cast, make_customer
from tickets.customer.models import Customer
from tickets.people.models import Member
from tickets.ticket.actions import claim, contact, open_ticket, resolve
from tickets.ticket.models import Promise, Reason, Resolution, Ticket
from tickets.ticket.rest.shown import PromiseOut, TicketOut

API = "/api/v1"


class Caller:
    """Somebody at the API, by session."""

    def __init__(self, member: Member) -> None:
        self.client = Client()
        self.client.force_login(member.user)

    def get(self, path: str, **params: Any) -> Any:
        return self.client.get(f"{API}{path}", params)

    def post(self, path: str, body: dict[str, Any] | None = None, key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(f"{API}{path}", body or {}, content_type="application/json", headers=headers)

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        return self.client.patch(f"{API}{path}", body, content_type="application/json")


@pytest.fixture
def bob(cast: Cast) -> Caller:
    return Caller(cast.bob)


@pytest.fixture
def carol(cast: Cast) -> Caller:
    return Caller(cast.carol)


@pytest.fixture
def alice(cast: Cast) -> Caller:
    return Caller(cast.alice)


def later(**kwargs: int) -> str:
    return (timezone.now() + timedelta(**kwargs)).isoformat()


def test_a_day_of_a_ticket(cast: Cast, bob: Caller, carol: Caller, liu: Customer, leak: Reason, refund: Resolution) -> None:
    said = {
        "customer": liu.pk,
        "subject": "保温杯漏水",
        "body": "第二个了",
        "reason": leak.pk,
        "promise": {"text": "call back", "due_at": later(hours=4)},
        "tags": ["vip", "vip"],
    }
    made = bob.post("/tickets/", said)
    assert made.status_code == 201, made.content
    found = made.json()
    assert found["holder"] == {"id": cast.bob.pk, "name": "Bob"}
    assert (found["touches"], found["tags"], found["status"], found["version"]) == (1, ["vip"], "open", 1)
    assert found["due_at"] is not None
    path = f"/tickets/{found['id']}"
    passed = bob.post(f"{path}/transfer/", {"to": cast.carol.pk, "reason": "knows SF", "next_step": "call SF"}).json()
    assert (passed["holder"]["name"], passed["touches"], passed["next_action"]) == ("Carol", 2, "call SF")
    assert carol.post(f"{path}/contact/", {"text": "SF said tomorrow"}).json()["touches"] == 2
    assert carol.post(f"{path}/note/", {"text": "@Bob thanks"}).status_code == 200
    assert carol.post(f"{path}/wait/", {"on": "logistics", "next_at": later(hours=20)}).json()["status"] == "waiting"
    assert carol.post(f"{path}/resume/").json()["waiting_on"] == ""
    assert carol.post(f"{path}/complain/", {"level": "bad_review"}).json()["severity"] == "act_now"
    promise = Promise.objects.get()
    assert promise.owner == cast.carol
    assert carol.post(f"/promises/{promise.pk}/keep/").json()["status"] == "kept"
    assert carol.post(f"{path}/resolve/", {"resolution": refund.pk}).json()["status"] == "resolved"
    assert bob.post(f"{path}/reopen/", {"reason": "again"}).json()["holder"]["name"] == "Carol"
    story = bob.get("/activity/", ticket=found["id"], ordering="id").json()["results"]
    assert [row["code"] for row in story] == [
        "ticket.opened", "promise.made", "ticket.transferred", "ticket.contacted", "ticket.noted", "ticket.waiting", "ticket.resumed",
        "ticket.complained", "promise.kept", "ticket.resolved", "ticket.reopened",
    ]  # fmt: skip
    case = bob.get(f"{path}/case/").json()
    assert [dot["name"] for dot in case["handlers"]] == ["Bob", "Carol"]
    assert case["handlers"][1]["why"] == "knows SF"
    assert case["send_to"]["name"] == "Carol"


def test_the_described_fields_are_the_answered_ones(cast: Cast, bob: Caller, ticket: Ticket) -> None:
    assert set(bob.get(f"/tickets/{ticket.pk}/").json()) == set(TicketOut().fields)
    made = bob.post(f"/tickets/{ticket.pk}/promise/", {"text": "x", "due_at": later(hours=1)})
    assert made.status_code == 201
    assert set(made.json()) == set(PromiseOut().fields)


def test_c5_the_loser_is_told(cast: Cast, carol: Caller, bob: Caller, pooled: Ticket) -> None:
    assert carol.post(f"/tickets/{pooled.pk}/claim/").status_code == 200
    answer = bob.post(f"/tickets/{pooled.pk}/claim/")
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert answer.json()["code"] == "taken"
    assert answer.json()["holder"]["name"] == "Carol"
    assert answer.json()["since"].endswith("Z")


def test_c6_a_stale_edit_is_refused_with_the_difference(cast: Cast, bob: Caller, carol: Caller, ticket: Ticket) -> None:
    path = f"/tickets/{ticket.pk}/"
    assert carol.patch(path, {"version": 1, "subject": "保温杯漏水（第二个）"}).json()["version"] == 2
    answer = bob.patch(path, {"version": 1, "subject": "漏水", "severity": "watch"})
    assert answer.status_code == 409
    found = answer.json()
    assert found["code"] == "stale"
    assert (found["current"]["version"], found["current"]["updated_by"]["name"]) == (2, "Carol")
    assert found["difference"] == {"subject": {"theirs": "保温杯漏水（第二个）", "yours": "漏水"}}
    ticket.refresh_from_db()
    assert ticket.subject == "保温杯漏水（第二个）"
    assert bob.patch(path, {"version": 2, "subject": "漏水"}).status_code == 200


def test_c6_a_version_must_be_said(bob: Caller, ticket: Ticket) -> None:
    answer = bob.patch(f"/tickets/{ticket.pk}/", {"subject": "x"})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["version"]


def test_c7_a_customer_with_an_open_ticket_is_shown_that_one_first(cast: Cast, carol: Caller, ticket: Ticket, liu: Customer) -> None:
    answer = carol.post("/tickets/", {"customer": liu.pk, "subject": "again"})
    assert answer.status_code == 409
    found = answer.json()
    assert (found["code"], found["ticket"], found["tickets"][0]["holder"]["name"]) == ("duplicate", ticket.pk, "Bob")
    assert Ticket.objects.count() == 1
    assert carol.post("/tickets/", {"customer": liu.pk, "subject": "another matter", "anyway": True}).status_code == 201


def test_c3_the_fourth_handler_is_refused_until_a_manager_approves(cast: Cast, alice: Caller, carol: Caller, ticket: Ticket) -> None:
    for member in (cast.carol, cast.dan):
        contact(ticket, by=member)
    eve = Caller(cast.eve)
    answer = eve.post(f"/tickets/{ticket.pk}/contact/", {"text": "hi"})
    assert (answer.status_code, answer.json()["code"], answer.json()["needs_reason"]) == (409, "handler_limit", False)
    assert [h["name"] for h in answer.json()["handlers"]] == ["Bob", "Carol", "Dan"]
    assert [row["code"] for row in alice.get("/activity/", code="handler.refused").json()["results"]] == ["handler.refused"]
    assert eve.post(f"/tickets/{ticket.pk}/ask_handler/", {"reason": "all others are off"}).status_code == 201
    assert carol.post(f"/tickets/{ticket.pk}/approve_handler/", {"reason": "fine"}).status_code == 403
    assert alice.post(f"/tickets/{ticket.pk}/approve_handler/", {}).status_code == 400
    assert alice.post(f"/tickets/{ticket.pk}/approve_handler/", {"reason": "fine"}).json()["state"] == "approved"
    assert eve.post(f"/tickets/{ticket.pk}/contact/", {"text": "hi"}).json()["touches"] == 4


def test_bulk_says_which_and_changes_none(cast: Cast, carol: Caller, pooled: Ticket, ticket: Ticket) -> None:
    answer = carol.post("/tickets/bulk/", {"tickets": [pooled.pk, ticket.pk, 999999], "deed": "claim"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "bulk_refused"
    assert [(r["ticket"], r["code"]) for r in answer.json()["refused"]] == [(ticket.pk, "taken"), (999999, "not_found")]
    pooled.refresh_from_db()
    assert pooled.holder is None
    done = carol.post("/tickets/bulk/", {"tickets": [pooled.pk], "deed": "claim"})
    assert [t["holder"]["name"] for t in done.json()] == ["Carol"]
    assert carol.post("/tickets/bulk/", {"tickets": [pooled.pk], "deed": "transfer"}).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "holder__password=x", "holder=x%27", "ordering=holder__user__password", "ordering=held_since", "tags=x",
        "status=gone", "customer=abc",
        "customer=99999999999999999999", "due_before=yesterday", "q=" + "x" * 81, "password=1",
    ],
)  # fmt: skip
def test_an_unknown_filter_or_order_is_refused(bob: Caller, ticket: Ticket, query: str) -> None:
    answer = bob.client.get(f"{API}/tickets/?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_made_up_cursor_is_not_found(bob: Caller) -> None:
    for cursor in ("xx", "cD1hYmM=", "cD0yMDI2"):
        assert bob.get("/tickets/", cursor=cursor).status_code in (200, 404)


def test_filters(cast: Cast, bob: Caller, ticket: Ticket, pooled: Ticket, liu: Customer, refund: Resolution) -> None:
    done = resolve(open_ticket(by=cast.bob, customer=liu, subject="done", tags=["vip"]), by=cast.bob, resolution=refund)
    Ticket.objects.filter(pk=ticket.pk).update(due_at=timezone.now())

    def ids(**params: Any) -> set[int]:
        return {row["id"] for row in bob.get("/tickets/", **params).json()["results"]}

    assert ids() == {ticket.pk, pooled.pk, done.pk}
    assert ids(holder="me") == {ticket.pk, done.pk}
    assert ids(holder="me", unresolved="true") == {ticket.pk}
    assert ids(holder="pool") == {pooled.pk}
    assert ids(holder=str(cast.carol.pk)) == set()
    assert ids(status="resolved") == {done.pk}
    assert ids(tag="vip") == {done.pk}
    assert ids(customer=str(liu.pk), channel="review") == {pooled.pk}
    assert ids(due_before=later(minutes=1)) == {ticket.pk}
    assert ids(q="漏水") == {ticket.pk}
    assert ids(q="水") == {ticket.pk}
    assert ids(q="%") == set()
    assert ids(complaint="any") == set()
    assert ids(ordering="due_at") == {ticket.pk}


def test_what_was_said_later_is_found_too(cast: Cast, bob: Caller, ticket: Ticket) -> None:
    contact(ticket, by=cast.bob, text="顺丰说明天到")
    assert [row["id"] for row in bob.get("/tickets/", q="顺丰").json()["results"]] == [ticket.pk]


def test_another_team_is_404_and_a_missing_right_403_and_nothing_changes(cast: Cast, ticket: Ticket, refund: Resolution) -> None:
    mallory, olga, wen = Caller(cast.mallory), Caller(cast.olga), Caller(cast.wen)
    before = Ticket.objects.values().get(pk=ticket.pk)
    deeds = {
        "claim": {},
        "release": {},
        "transfer": {"to": cast.carol.pk, "reason": "r", "next_step": "n"},
        "contact": {},
        "promise": {"text": "x", "due_at": later(hours=1)},
        "wait": {"on": "customer"},
        "resolve": {"resolution": refund.pk},
        "reopen": {"reason": "r"},
        "merge": {"into": ticket.pk},
        "complain": {"level": "dispute"},
        "ask_handler": {"reason": "r"},
        "approve_handler": {"reason": "r"},
    }
    for name, body in deeds.items():
        assert olga.post(f"/tickets/{ticket.pk}/{name}/", body).status_code == 403, name
        assert wen.post(f"/tickets/{ticket.pk}/{name}/", body).status_code == 403, name
        assert mallory.post(f"/tickets/{ticket.pk}/{name}/", body).status_code in (404, 400), name
    assert mallory.get(f"/tickets/{ticket.pk}/").status_code == 404
    assert mallory.patch(f"/tickets/{ticket.pk}/", {"version": 1, "subject": "x"}).status_code == 404
    assert mallory.get("/activity/", ticket=ticket.pk).json()["results"] == []
    assert olga.get(f"/tickets/{ticket.pk}/").status_code == 200
    assert Client().get(f"{API}/tickets/").status_code == 401
    assert Ticket.objects.values().get(pk=ticket.pk) == before


def test_rows_of_another_team_cannot_be_named(cast: Cast, bob: Caller, ticket: Ticket, liu: Customer) -> None:
    theirs = make_customer(cast.other_team)
    reason = Reason.objects.create(team=cast.other_team, name="theirs")
    other = open_ticket(by=cast.mallory, customer=theirs, subject="theirs")
    assert list(bob.post("/tickets/", {"customer": theirs.pk, "subject": "x"}).json()["errors"]) == ["customer"]
    assert list(bob.patch(f"/tickets/{ticket.pk}/", {"version": 1, "reason": reason.pk}).json()["errors"]) == ["reason"]
    assert list(bob.post(f"/tickets/{ticket.pk}/merge/", {"into": other.pk}).json()["errors"]) == ["into"]
    said = {"to": cast.mallory.pk, "reason": "r", "next_step": "n"}
    assert list(bob.post(f"/tickets/{ticket.pk}/transfer/", said).json()["errors"]) == ["to"]


def test_only_a_leaf_can_be_the_reason(cast: Cast, bob: Caller, ticket: Ticket, leak: Reason) -> None:
    answer = bob.patch(f"/tickets/{ticket.pk}/", {"version": 1, "reason": leak.parent_id})
    assert list(answer.json()["errors"]) == ["reason"]
    assert [row["path"] for row in bob.get("/reasons/").json()] == ["Quality / Leaks"]


def _many(cast: Cast, liu: Customer, count: int) -> None:
    for number in range(count):
        made = open_ticket(by=cast.bob, customer=liu, subject=f"n{number}", promise=("x", timezone.now() + timedelta(hours=1)))
        contact(made, by=cast.bob, text="x")


@pytest.mark.parametrize("path", ["/tickets/", "/promises/", "/activity/", "/members/", "/reasons/"])
def test_a_list_asks_as_often_for_twice_the_rows(
    cast: Cast, bob: Caller, liu: Customer, path: str, django_assert_max_num_queries: Any
) -> None:
    _many(cast, liu, 3)
    bob.get(path)
    with django_assert_max_num_queries(6) as first:
        bob.get(path)
    _many(cast, liu, 6)
    with django_assert_max_num_queries(len(first)):
        assert bob.get(path).status_code == 200


def test_creating_and_claiming_ask_little(
    cast: Cast, bob: Caller, liu: Customer, pooled: Ticket, django_assert_max_num_queries: Any
) -> None:
    said = {"customer": liu.pk, "subject": "x", "anyway": True}
    with django_assert_max_num_queries(14):
        assert bob.post("/tickets/", said).status_code == 201
    with django_assert_max_num_queries(13):
        assert bob.post(f"/tickets/{pooled.pk}/claim/").status_code == 200


def test_sign_in_with_a_token_and_give_it_back(cast: Cast) -> None:
    client = Client()
    assert client.post(f"{API}/auth/login/", {"username": "bob", "password": "wrong"}, content_type="application/json").status_code == 401
    answer = client.post(f"{API}/auth/login/", {"username": "bob", "password": PASSWORD}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    headers = {"Authorization": f"Token {answer.json()['token']}"}
    me = client.get(f"{API}/me/", headers=headers).json()
    assert (me["name"], me["roles"], me["team"]["slug"], me["duty"]["on"]) == ("Bob", ["agent"], "lotus", True)
    assert client.post(f"{API}/auth/logout/", headers=headers).status_code == 204
    assert client.get(f"{API}/me/", headers=headers).status_code == 401


def test_sign_in_by_mail_and_refuse_who_left(cast: Cast) -> None:
    client = Client()
    said = {"username": "bob@example.com", "password": PASSWORD}
    assert client.post(f"{API}/auth/login/", said, content_type="application/json").status_code == 200
    cast.bob.user.is_active = False
    cast.bob.user.save()
    assert client.post(f"{API}/auth/login/", said, content_type="application/json").status_code == 401


def test_merging_by_the_api_answers_the_target(cast: Cast, bob: Caller, ticket: Ticket, pooled: Ticket) -> None:
    answer = bob.post(f"/tickets/{pooled.pk}/merge/", {"into": ticket.pk})
    assert (answer.status_code, answer.json()["id"]) == (200, ticket.pk)
    assert bob.post(f"/tickets/{pooled.pk}/contact/", {"text": "late"}).json()["id"] == ticket.pk
    refused = bob.post(f"/tickets/{pooled.pk}/claim/")
    assert (refused.status_code, refused.json()["code"], refused.json()["into"]) == (409, "wrong_state", ticket.pk)


def test_claim_is_for_the_caller_only(cast: Cast, pooled: Ticket) -> None:
    claim(pooled, by=cast.bob)
    assert {row["id"] for row in Caller(cast.carol).get("/tickets/", holder="me").json()["results"]} == set()
