"""A program works a day and a night: draft, sign, read, acknowledge, through /api/v1/ alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from handover.digest.models import Receipt
from handover.roster.actions import refresh_next
from tests.handover.conftest import Plan
from tests.handover.matters import FIVE, FOUR, begin, open_ticket
from tests.handover.plans import rostered
from tickets.people.models import Member
from tickets.people.tokens import make_token

pytestmark = pytest.mark.django_db
SOON = FIVE - timedelta(minutes=5)


@pytest.fixture
def evening(plan: Plan) -> Plan:
    cast = plan.cast
    for shift, member in ((plan.day, cast.bob), (plan.night, cast.carol), (plan.night, cast.dan)):
        rostered(shift, member)
    refresh_next([cast.bob.pk, cast.carol.pk, cast.dan.pk], FOUR - timedelta(hours=6))
    begin(cast.bob, FOUR - timedelta(hours=5))
    return plan


class Program:
    def __init__(self, member: Member, at: datetime) -> None:
        with time_machine.travel(at, tick=False):
            _row, token = make_token(member.user)
        self.client = Client(headers={"Authorization": f"Token {token}"})

    def ask(self, method: str, path: str, at: datetime, data: Any = None) -> Any:
        with time_machine.travel(at, tick=False):
            return self.client.generic(method, f"/api/v1/{path}", _json(data), content_type="application/json")


def _json(data: Any) -> bytes:
    import json

    return json.dumps(data, default=str).encode() if data is not None else b""


def test_from_the_note_to_the_next_shift(evening: Plan) -> None:
    cast = evening.cast
    ticket = open_ticket(cast.bob, next_action="call SF", next_at=FIVE + timedelta(hours=2))
    bob, carol = Program(cast.bob, SOON), Program(cast.carol, SOON)

    note = bob.ask("POST", "handovers/", SOON).json()
    assert [(row["ticket"], row["missing"]) for row in note["items"]] == [(ticket.pk, ["state", "if_then"])]
    early = bob.ask("POST", f"handovers/{note['id']}/sign/", SOON, {"version": note["version"]})
    assert (early.status_code, early.json()["errors"]) == (400, {str(ticket.pk): ["state", "if_then"]})
    said = {"ticket": ticket.pk, "state": "second leak", "if_then": "courier denies → reship", "to_member": cast.carol.pk}
    saved = bob.ask("PATCH", f"handovers/{note['id']}/", SOON, {"version": note["version"], "news": "coupons", "items": [said]})
    assert (saved.status_code, saved.json()["items"][0]["missing"]) == (200, [])
    stale = bob.ask("PATCH", f"handovers/{note['id']}/", SOON, {"version": note["version"], "news": "x"})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    signed = bob.ask("POST", f"handovers/{note['id']}/sign/", SOON, {"version": saved.json()["version"]})
    assert (signed.status_code, len(signed.json()["content_hash"])) == (200, 64)
    ended = bob.ask("POST", "duty/end/", SOON, {"note": note["id"]})
    assert (ended.status_code, ended.json()["end"]) == (200, "signed")
    assert bob.ask("GET", "handovers/", SOON).json()["code"] == "digest_unread"

    assert carol.ask("GET", "notices/", FIVE).json()["code"] == "digest_unread"
    digest = carol.ask("GET", "digest/", FIVE).json()
    assert [(i["ticket"], i["severity"], i["do"], i["if_then"]) for i in digest["items"]] == [
        (ticket.pk, "act_now", "call SF", "courier denies → reship")
    ]
    assert [row["news"] for row in digest["news"]] == ["coupons"]
    bare = carol.ask("POST", "duty/start/", FIVE, {"digest_version": digest["version"]})
    assert (bare.status_code, list(bare.json()["errors"])) == (400, [digest["items"][0]["item"]])
    answers = [{"item": digest["items"][0]["item"], "answer": "take"}]
    done = carol.ask("POST", "digest/ack/", FIVE, {"version": digest["version"], "answers": answers})
    assert done.status_code == 200 and done.json()["duty"]["member"] == cast.carol.pk
    again = carol.ask("POST", "duty/start/", FIVE, {"digest_version": digest["version"]})
    assert (again.status_code, again.json()["receipt"]) == (200, done.json()["receipt"])
    ticket.refresh_from_db()
    assert ticket.holder == cast.carol
    assert carol.ask("GET", "notices/", FIVE).status_code == 200


def test_h9_a_stale_version_is_409_with_the_delta(evening: Plan) -> None:
    cast = evening.cast
    carol = Program(cast.carol, SOON)
    version = carol.ask("GET", "digest/", SOON).json()["version"]
    ticket = open_ticket(cast.bob, to_pool=True)
    refused = carol.ask("POST", "digest/ack/", FIVE, {"version": version, "answers": []})
    problem = refused.json()
    assert (refused.status_code, problem["code"], problem["current"]["version"]) == (409, "stale", version + 1)
    assert problem["unanswered"] == [f"t{ticket.pk}"]
    assert [row["item"] for row in problem["delta"]["added"]] == [f"t{ticket.pk}"]


@pytest.mark.parametrize("body", [{}, {"version": "x"}, {"version": 1, "answers": [{"item": "t1"}]}, {"version": 1, "answers": "take"}])
def test_nonsense_is_400(evening: Plan, body: Any) -> None:
    carol = Program(evening.cast.carol, SOON)
    carol.ask("GET", "digest/", SOON)
    assert carol.ask("POST", "digest/ack/", FIVE, body).status_code == 400
    assert not Receipt.objects.filter(member=evening.cast.carol).exists()


def test_who_only_reads_acknowledges_nothing(evening: Plan) -> None:
    olga = Program(evening.cast.olga, SOON)
    assert olga.ask("GET", "digest/", SOON).status_code == 200
    assert olga.ask("POST", "digest/ack/", SOON, {"version": 1}).json()["code"] == "forbidden"


def test_another_teams_note_is_not_found(evening: Plan) -> None:
    cast = evening.cast
    note = Program(cast.bob, SOON).ask("POST", "handovers/", SOON).json()
    from tickets.people.models import Presence

    Presence.objects.filter(member=cast.mallory).update(on_since=FOUR)
    mallory = Program(cast.mallory, SOON)
    for method, path in (("GET", ""), ("PATCH", ""), ("POST", "sign/"), ("POST", "addendum/")):
        body = {"version": 1, "text": "x"} if method != "GET" else None
        assert mallory.ask(method, f"handovers/{note['id']}/{path}", SOON, body).status_code == 404
    assert mallory.ask("POST", "duty/end/", SOON, {"note": note["id"]}).status_code == 404


def test_what_is_wrong_is_told_in_the_language_of_each_who_asks(evening: Plan) -> None:
    told = []
    for member, language in ((evening.cast.carol, "en"), (evening.cast.dan, "zh-hans")):
        member.user.language = language
        member.user.save(update_fields=["language"])
        told.append(Program(member, SOON).ask("POST", "digest/ack/", FIVE, {"version": 0}).json()["errors"]["version"])
    assert told[0] != told[1], told
