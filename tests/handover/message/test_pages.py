"""Choosing where messages go; the lead's view of what became of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from handover.message import actions
from handover.message.models import Destination, Message, Parcel, Topic
from tests.cast import Cast
from tests.handover.message.platforms import SECRET, TOKEN, Platforms
from tests.handover.message.test_robots import GOOD
from tickets.activity.actions import alert
from tickets.people.models import Member, Presence


def client_of(member: Member) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def entry(**changes: object) -> dict[str, object]:
    address, secret = GOOD["dingtalk"]
    given: dict[str, object] = {"address": address, "secret": secret, "name": "晚班群", "topics": [Topic.COMPLAINT, Topic.DIGEST]}
    return {**given, "quiet_from": "23:00", "quiet_until": "07:30", **changes}


def test_a_person_adds_a_robot_is_sent_a_test_and_sees_the_address_never_again(cast: Cast, world: Platforms) -> None:
    bob = client_of(cast.bob)
    assert bob.post("/me/messages/add/", entry()).status_code == 303
    actions.deliver()
    assert len(world.taken) == 1 and "Bob" in world.taken[0]
    found = Destination.objects.get(kind="dingtalk")
    for path in ("/me/messages/", f"/me/messages/{found.pk}/"):
        body = bob.get(path).content.decode()
        assert "晚班群" in body and TOKEN not in body and SECRET not in body
    assert "23:00" in bob.get("/me/messages/").content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"address": "http://10.0.0.1/x"}, "address"), ({"quiet_until": ""}, "quiet_until"), ({"topics": ["nonsense"]}, "topics")],
)
def test_what_is_wrong_is_said_beside_its_field(cast: Cast, changes: dict[str, object], field: str) -> None:
    answer = client_of(cast.bob).post("/me/messages/add/", entry(**changes), headers={"HX-Request": "true"})
    assert answer.status_code == 422 and b"error" in answer.content
    assert not Destination.objects.exclude(kind="email").exists()


def test_the_same_robot_twice_is_refused(cast: Cast, world: Platforms) -> None:
    bob = client_of(cast.bob)
    assert [bob.post("/me/messages/add/", entry()).status_code for _ in range(2)] == [303, 409]


def test_nobody_touches_anothers_destination(cast: Cast) -> None:
    actions.use_email([cast.bob])
    place = Destination.objects.get(member=cast.bob)
    for other in (cast.carol, cast.alice, cast.mallory):
        client = client_of(other)
        for path in ("", "test/", "remove/"):
            assert client.post(f"/me/messages/{place.pk}/{path}").status_code == 404, (other, path)
    channel = actions.add(by=cast.alice, address=GOOD["slack"][0], for_team=True)
    assert client_of(cast.bob).get(f"/me/messages/{channel.pk}/").status_code == 404
    assert client_of(cast.alice).get(f"/me/messages/{channel.pk}/").status_code == 200


def test_email_can_be_switched_off_and_not_removed(cast: Cast) -> None:
    bob = client_of(cast.bob)
    assert "bob@example.com" in bob.get("/me/messages/").content.decode()
    place = Destination.objects.get(member=cast.bob)
    assert bob.post(f"/me/messages/{place.pk}/remove/").status_code == 409
    assert bob.post(f"/me/messages/{place.pk}/", {"topics": [Topic.DIGEST]}).status_code == 303
    place.refresh_from_db()
    assert (place.is_active, place.topics) == (False, ["digest"])


def test_off_duty_ones_own_messages_can_be_chosen(cast: Cast) -> None:
    Presence.objects.filter(member=cast.bob).update(on_since=None)
    assert client_of(cast.bob).get("/me/messages/").status_code == 200


def test_the_lead_sees_failures_and_sends_again(cast: Cast, world: Platforms) -> None:
    channel = actions.add(by=cast.alice, address=GOOD["dingtalk"][0], secret="SECwrong", name="值班群", for_team=True)
    actions.send_test(channel, by=cast.alice)
    actions.deliver()
    lead = client_of(cast.alice)
    body = lead.get("/team/messages/?state=failed").content.decode()
    assert "值班群" in body and "310000" in body
    failed = Parcel.objects.get(state="failed")
    assert lead.post(f"/team/messages/{failed.pk}/again/").status_code == 303
    assert Parcel.objects.get(pk=failed.pk).state == "waiting"
    assert client_of(cast.bob).get("/team/messages/").status_code == 403
    assert client_of(cast.mallory).post(f"/team/messages/{failed.pk}/again/").status_code == 404
    assert "值班群" not in client_of(cast.mallory).get("/team/messages/").content.decode()


def test_the_pages_cost_the_same_however_much_was_sent(cast: Cast, django_assert_max_num_queries: Callable[[int], object]) -> None:
    def fill(count: int) -> None:
        for number in range(count):
            alert([cast.alice], "promise.due", key=f"{Message.objects.count()}-{number}", subject="x")
            actions.deliver(timezone.now() + timedelta(seconds=number))

    lead = client_of(cast.alice)
    for count in (3, 12):
        fill(count)
        for path, most in (("/me/messages/", 11), ("/team/messages/", 14)):
            with django_assert_max_num_queries(most):  # type: ignore[attr-defined]
                assert lead.get(path).status_code == 200
