"""Destinations, channels and deliveries through the API: what the pages do, and nothing of the addresses told."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from handover.message import actions
from handover.message.models import Delivery, Destination, Parcel
from tests.cast import NOON, Cast
from tests.handover.message.platforms import SECRET, TOKEN, Platforms
from tests.handover.message.test_robots import GOOD
from tickets.people.models import Member
from tickets.people.tokens import make_token

pytestmark = pytest.mark.django_db
HERE = "/api/v1/destinations/"


class Program:
    """A program with a member's token."""

    def __init__(self, member: Member, *scopes: str) -> None:
        self.client = Client(headers={"Authorization": f"Token {make_token(member.user, scopes=scopes or ('read', 'write'))[1]}"})

    def __call__(self, method: str, path: str, **body: object):
        return getattr(self.client, method)(path, body or None, content_type="application/json")

    def rows(self, path: str) -> list[dict]:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.content
        return answer.json()["results"]


def robot(**more: object) -> dict:
    return {"address": GOOD["dingtalk"][0], "secret": SECRET, "name": "手机", **more}


def test_a_robot_is_added_chosen_tested_and_removed(cast: Cast, world: Platforms) -> None:
    bob = Program(cast.bob)
    made = bob("post", HERE, **robot(topics=["digest", "promise_due"], quiet_from="22:00", quiet_until="08:00")).json()
    assert (made["kind"], made["topics"], made["quiet_from"], made["is_active"]) == (
        "dingtalk",
        ["digest", "promise_due"],
        "22:00:00",
        True,
    )
    one = f"{HERE}{made['id']}/"
    assert bob("post", HERE, **robot()).json()["code"] == "duplicate"
    assert bob("patch", one, quiet_from=None).json()["errors"].keys() == {"quiet_until"}
    changed = bob("patch", one, name="群").json()
    assert (changed["name"], changed["quiet_until"], changed["topics"]) == ("群", "08:00:00", ["digest", "promise_due"]), "the rest stays"
    sent = bob("post", f"{one}test/")
    assert sent.status_code == 202
    actions.deliver(datetime.fromisoformat(sent.json()["queued_at"]))
    assert len(world.taken) == 1
    assert [(row["state"], row["lines"]) for row in bob.rows(f"{one}deliveries/?state=sent")] == [("sent", 1)]
    assert bob("delete", one).status_code == 204 and bob("get", one).status_code == 404


def test_email_is_there_from_the_beginning_and_is_switched_off_not_removed(cast: Cast) -> None:
    bob = Program(cast.bob)
    (email,) = bob.rows(HERE)
    assert email["kind"] == "email"
    assert bob("delete", f"{HERE}{email['id']}/").json()["code"] == "wrong_state"
    assert bob("patch", f"{HERE}{email['id']}/", is_active=False).json()["is_active"] is False


def test_an_address_is_never_told_again(cast: Cast) -> None:
    bob = Program(cast.bob)
    made = bob("post", HERE, **robot())
    for answer in (made, bob("get", HERE), bob("get", f"{HERE}{made.json()['id']}/")):
        told = answer.content.decode()
        assert TOKEN not in told and SECRET not in told and not {"address", "secret"} & set(made.json())


def test_what_is_wrong_is_named(cast: Cast) -> None:
    bob = Program(cast.bob)
    for body, field in (
        ({"address": "http://169.254.169.254/"}, "address"),
        (robot(topics=["weather"]), "topics.0"),
        (robot(quiet_from="22:00"), "quiet_until"),
        ({}, "address"),
    ):
        assert field in bob("post", HERE, **body).json()["errors"], body
    assert bob("get", f"{HERE}?member=1").status_code == 400


def test_channels_are_the_leads_and_hear_nothing_personal(cast: Cast) -> None:
    alice, there = Program(cast.alice), "/api/v1/channels/"
    assert "topics" in alice("post", there, **robot(topics=["digest"])).json()["errors"]
    made = alice("post", there, **robot(topics=["complaint"])).json()
    assert [row["id"] for row in alice.rows(there)] == [made["id"]]
    assert made["id"] not in [row["id"] for row in alice.rows(HERE)]
    assert Program(cast.bob)("get", there).json()["code"] == "forbidden"
    for who, path in ((Program(cast.bob), HERE), (Program(cast.mallory), there), (Program(cast.mallory), HERE)):
        assert who("get", f"{path}{made['id']}/").status_code == 404
    theirs = Program(cast.bob)("post", HERE, **robot()).json()
    assert alice("get", f"{HERE}{theirs['id']}/").status_code == 404, "nobody looks into another's"


def test_deliveries_are_listed_by_state_and_a_failed_one_goes_again(cast: Cast) -> None:
    place = actions.add(by=cast.bob, address=GOOD["dingtalk"][0], secret=SECRET)
    failed, sent = (Parcel.objects.create(destination=place, state=state, made_at=NOON, ended_at=NOON) for state in ("failed", "sent"))
    alice, there = Program(cast.alice), "/api/v1/deliveries/"
    assert {row["id"] for row in alice.rows(there)} == {str(failed.pk), str(sent.pk)}
    assert [row["member"] for row in alice.rows(f"{there}?state=failed")] == [cast.bob.pk]
    assert alice("get", f"{there}?state=lost").status_code == 400
    assert alice("post", f"{there}{sent.pk}/again/").json()["code"] == "wrong_state"
    assert alice("post", f"{there}{failed.pk}/again/").json()["state"] == "waiting"
    assert alice("post", f"{there}12/again/").status_code == 404
    assert Program(cast.mallory)("post", f"{there}{failed.pk}/again/").status_code == 404
    assert Program(cast.bob)("get", there).status_code == 403
    assert not Delivery.objects.exists()


def test_each_scope_lets_through_its_own(cast: Cast) -> None:
    place = Destination.objects.create(team=cast.team, member=cast.bob, kind="email", robot="x", created_at=NOON)
    one = f"{HERE}{place.pk}/"
    reads, writes = Program(cast.bob, "read"), Program(cast.bob, "write")
    assert (reads("get", HERE).status_code, writes("get", HERE).json()["scope"]) == (200, "read")
    assert (writes("patch", one, is_active=False).status_code, reads("patch", one, is_active=True).json()["scope"]) == (200, "write")
