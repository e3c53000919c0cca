"""A program with a token works a day and a night: from signing in over a real-format export to the next shift's first claim.

Nothing but /api/v1/; the codes are those that clients rely on. The clock stands still at the instants told.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from handover.roster.actions import refresh_next
from tests.cast import PASSWORD, Cast
from tests.handover.conftest import Plan, plan  # noqa: F401  (the fixture)
from tests.handover.matters import FIVE, FOUR
from tests.handover.plans import rostered
from tests.tickets.order import exports
from tickets.order.imports.run import run_import
from tickets.people.models import Member, Presence
from tickets.ticket.models import Ticket

pytestmark = pytest.mark.django_db
MORNING = FOUR - timedelta(hours=6, minutes=50)
"""10:10 in Shanghai."""
LATE = FIVE - timedelta(minutes=5)


class Program:
    """Asks at an instant; what it gets is the status and the document."""

    def __init__(self, name: str) -> None:
        self.name, self.client, self.at = name, Client(), MORNING
        self.replayed = False

    def sign_in(self, at: datetime) -> Program:
        self.at = at
        status, said = self.post("auth/login/", {"username": self.name, "password": PASSWORD})
        assert status == 200, said
        self.client = Client(headers={"Authorization": f"Token {said['token']}"})
        return self

    def ask(self, method: str, path: str, data: Any = None, key: str = "") -> tuple[int, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        with time_machine.travel(self.at, tick=False):
            if isinstance(data, dict) and "file" in data:
                answer = self.client.post(f"/api/v1/{path}", data, headers=headers)
            else:
                body = b"" if data is None else json.dumps(data, default=str).encode()
                answer = self.client.generic(method, f"/api/v1/{path}", body, content_type="application/json", headers=headers)
        self.replayed = answer.get("Idempotency-Replayed") == "true"
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json"
        return answer.status_code, json.loads(answer.content) if answer.content else None

    def get(self, path: str) -> tuple[int, Any]:
        return self.ask("GET", path)

    def post(self, path: str, data: Any = None, key: str = "") -> tuple[int, Any]:
        return self.ask("POST", path, data, key)

    def refused(self, method: str, path: str, data: Any = None, key: str = "") -> tuple[int, str]:
        status, said = self.ask(method, path, data, key)
        return status, said.get("code", "")

    def start(self) -> dict[str, Any]:
        """Read the digest, take everything in it, and begin."""
        _, digest = self.get("digest/")
        answers = [{"item": row["item"], "answer": "take"} for row in digest["items"] if row["severity"] != "stable"]
        status, done = self.post("digest/ack/", {"version": digest["version"], "answers": answers})
        assert status == 200, done
        return done


@pytest.fixture
def cast(plan: Plan) -> Cast:  # noqa: F811
    """Bob works the day; Carol and Dan come at five; Alice is there throughout."""
    found = plan.cast
    for shift, member in ((plan.day, found.bob), (plan.night, found.carol), (plan.night, found.dan)):
        rostered(shift, member)
    refresh_next([found.bob.pk, found.carol.pk, found.dan.pk], MORNING)
    Presence.objects.filter(member=found.alice).update(on_since=MORNING)
    return found


def export() -> SimpleUploadedFile:
    """Three orders as Taobao's 46 columns write them, in GB 18030."""
    text = exports.csv_text(exports.TAOBAO_46, exports.taobao(3, status="卖家已发货，等待买家确认"))
    return SimpleUploadedFile("ExportOrderList.csv", text.encode("gb18030"))


def imported(bob: Program, cast: Cast) -> dict[str, Any]:
    """An order of the export, as the API tells it after the job has run."""
    for again in (False, True):
        status, run = bob.post("imports/", {"shop": cast.shop.pk, "file": export()}, key="import-1")
        assert (status, run["state"], bob.replayed) == (202, "waiting", again)
    run_import(run["id"])
    _, run = bob.get(f"imports/{run['id']}/")
    assert (run["state"], run["created"], run["problems"]) == ("done", 3, 0)
    _, found = bob.get(f"orders/?number={exports.taobao_number(1)}")
    (order,) = found["results"]
    assert order["status"] == "shipped" and order["customer"]
    return order


def logged(bob: Program, order: dict[str, Any]) -> dict[str, Any]:
    """A ticket about the order; asked for twice, made once."""
    matter = {"customer": order["customer"], "orders": [order["id"]], "subject": "保温杯漏水", "channel": "chat"}
    status, ticket = bob.post("tickets/", matter, key="ticket-1")
    assert (status, ticket["holder"]["name"], ticket["touches"]) == (201, "Bob", 1)
    assert bob.post("tickets/", matter, key="ticket-1") == (201, ticket)
    assert bob.replayed and Ticket.objects.count() == 1
    assert bob.refused("POST", "tickets/", matter | {"subject": "别的"}, key="ticket-1") == (422, "idempotency_mismatch")
    assert bob.refused("POST", "tickets/", matter) == (409, "duplicate"), "C7: the open one comes first"
    stale = {"version": ticket["version"] - 1, "subject": "x"}
    assert bob.refused("PATCH", f"tickets/{ticket['id']}/", stale) == (409, "stale")
    return ticket


def handed_over(bob: Program, ticket: dict[str, Any], to: Member) -> None:
    """Bob's note: drafted, completed, signed; his duty is over and his workspace closed."""
    bob.at = LATE
    status, note = bob.post("handovers/")
    assert status == 201 and [row["ticket"] for row in note["items"]] == [ticket["id"]]
    status, unready = bob.post(f"handovers/{note['id']}/sign/", {"version": note["version"]})
    assert (status, unready["code"], list(unready["errors"])) == (400, "invalid", [str(ticket["id"])])
    row = {"ticket": ticket["id"], "state": "已安抚", "next_action": "打给顺丰", "if_then": "顺丰否认 → 补发", "to_member": to.pk}
    status, note = bob.ask("PATCH", f"handovers/{note['id']}/", {"version": note["version"], "items": [row], "news": "满减开始"})
    assert status == 200 and note["items"][0]["missing"] == []
    status, signed = bob.post(f"handovers/{note['id']}/sign/", {"version": note["version"]}, key="sign-1")
    assert status == 200 and signed["signed_at"] == "2026-11-21T08:55:00Z"
    assert bob.post(f"handovers/{note['id']}/sign/", {"version": note["version"]}, key="sign-1") == (403, bob.get("tickets/")[1])
    assert bob.post("duty/end/", {"note": note["id"]})[1]["end"] == "signed"


def taken_over(carol: Program, ticket: dict[str, Any]) -> None:
    """Carol at the gate: unread, incomplete, acknowledged, started; asked twice, done once."""
    assert carol.get("me/")[1]["digest"]["needed"] is True
    assert carol.refused("GET", "tickets/") == (403, "digest_unread")
    assert carol.refused("POST", f"tickets/{ticket['id']}/claim/", {}) == (403, "digest_unread")
    _, digest = carol.get("digest/")
    (item,) = digest["items"]
    assert (item["severity"], item["do"], item["if_then"]) == ("act_now", "打给顺丰", "顺丰否认 → 补发")
    assert (item["author"]["name"], item["handlers"], [p["text"] for p in item["promises"]]) == ("Bob", ["Bob"], ["回电"])
    assert [row["news"] for row in digest["news"]] == ["满减开始"]
    assert carol.refused("POST", "duty/start/", {"digest_version": digest["version"]}) == (400, "invalid"), "nothing is answered yet"
    assert carol.refused("POST", "digest/ack/", {"version": digest["version"] + 1, "answers": []}) == (409, "stale")
    answers = {"version": digest["version"], "answers": [{"item": item["item"], "answer": "take"}]}
    done = carol.post("digest/ack/", answers, key="ack-1")
    assert (done[0], done[1]["taken"]) == (200, [])
    assert carol.post("digest/ack/", answers, key="ack-1") == done and carol.replayed
    status, started = carol.post("duty/start/", {"digest_version": digest["version"]})
    assert (status, started["receipt"]) == (200, done[1]["receipt"])
    _, now = carol.get(f"tickets/{ticket['id']}/")
    assert (now["holder"]["name"], now["touches"]) == ("Carol", 1), "custody has passed; it is not yet a touch"


def test_from_the_first_token_to_the_next_shifts_claim(cast: Cast) -> None:
    bob = Program("bob")
    assert bob.refused("GET", "me/") == (401, "not_authenticated")
    bob.sign_in(MORNING)
    assert bob.refused("GET", "orders/") == (403, "digest_unread")
    assert bob.start()["duty"]["member"] == cast.bob.pk
    order = imported(bob, cast)
    ticket = logged(bob, order)

    assert bob.post(f"tickets/{ticket['id']}/contact/", {"outcome": "answered", "text": "先别急"})[0] == 200
    due = FIVE + timedelta(hours=3)
    promises = [bob.post(f"tickets/{ticket['id']}/promise/", {"text": "回电", "due_at": due}, key="promise-1") for _ in range(2)]
    assert promises[0][0] == 201 and promises[0] == promises[1]
    assert promises[0][1]["due_at"] == "2026-11-21T12:00:00Z", "instants leave in UTC"
    handed_over(bob, ticket, cast.carol)

    carol, dan = Program("carol").sign_in(FIVE), Program("dan").sign_in(FIVE)
    taken_over(carol, ticket)
    dan.start()
    alice = Program("alice").sign_in(FIVE)
    status, pooled = alice.post("tickets/", {"customer": order["customer"], "subject": "差评", "to_pool": True, "anyway": True})
    assert (status, pooled["holder"]) == (201, None)
    status, claimed = carol.post(f"tickets/{pooled['id']}/claim/", {}, key="claim-1")
    assert (status, claimed["holder"]["name"]) == (200, "Carol")
    status, late = dan.post(f"tickets/{pooled['id']}/claim/", {})
    assert (status, late["code"], late["holder"]["name"]) == (409, "taken", "Carol")

    assert carol.post(f"tickets/{ticket['id']}/contact/", {"text": "已打给顺丰"})[1]["touches"] == 2
    assert carol.post(f"promises/{promises[0][1]['id']}/keep/", {"note": "已回电"})[1]["status"] == "kept"
    assert carol.refused("POST", f"promises/{promises[0][1]['id']}/keep/", {}) == (409, "wrong_state")
    assert carol.post("auth/logout/") == (204, None)
    assert carol.refused("GET", "me/") == (401, "not_authenticated")


def test_the_fourth_handler_is_refused_asks_and_is_approved(cast: Cast) -> None:
    bob = Program("bob").sign_in(MORNING)
    bob.start()
    ticket = logged(bob, imported(bob, cast))
    for member in (cast.carol, cast.dora):
        Presence.objects.filter(member=member).update(on_since=MORNING)
        assert Program(member.user.username).sign_in(MORNING).post(f"tickets/{ticket['id']}/contact/", {"text": "我看看"})[0] == 200
    Presence.objects.filter(member=cast.dan).update(on_since=MORNING)
    dan, alice = Program("dan").sign_in(MORNING), Program("alice").sign_in(MORNING)
    answer = {"text": "我也来"}
    status, refused = dan.post(f"tickets/{ticket['id']}/contact/", answer)
    assert (status, refused["code"], [row["name"] for row in refused["handlers"]]) == (409, "handler_limit", ["Bob", "Carol", "Dora"])
    assert dan.post(f"tickets/{ticket['id']}/ask_handler/", {"reason": "只有我懂物流"})[0] == 201
    assert dan.refused("POST", f"tickets/{ticket['id']}/approve_handler/", {"reason": "自己批"}) == (403, "forbidden")
    status, approved = alice.post(f"tickets/{ticket['id']}/approve_handler/", {"reason": "好"})
    assert (status, approved["state"]) == (200, "approved")
    status, now = dan.post(f"tickets/{ticket['id']}/contact/", answer)
    assert (status, now["touches"]) == (200, 4)


def test_another_teams_things_do_not_exist(cast: Cast) -> None:
    bob = Program("bob").sign_in(MORNING)
    bob.start()
    ticket = logged(bob, imported(bob, cast))
    Presence.objects.filter(member=cast.mallory).update(on_since=MORNING)
    mallory = Program("mallory").sign_in(MORNING)
    assert mallory.refused("GET", f"tickets/{ticket['id']}/") == (404, "not_found")
    assert mallory.refused("POST", f"tickets/{ticket['id']}/claim/", {}) == (404, "not_found")
    assert mallory.refused("GET", "tickets/?team=lotus") == (404, "not_found")
