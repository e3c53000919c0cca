"""Notices: told once, read by everybody, read again when they change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from handover.digest import actions as digest
from handover.digest import queries
from handover.notice import actions
from handover.notice import queries as notices
from handover.notice.models import Notice
from tests.cast import NOON, Cast, make_cast
from tests.handover.matters import again
from tickets.activity.models import Activity
from tickets.web.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_h8_every_standing_notice_is_in_the_digest_until_it_is_read(cast: Cast) -> None:
    stands = actions.publish(by=cast.alice, text="40cm pot out of stock", kind="stock_out", at=NOON)
    actions.publish(by=cast.alice, text="over", valid_until=NOON + timedelta(minutes=1), at=NOON)
    actions.publish(by=cast.alice, text="next month", valid_from=NOON + timedelta(days=30), at=NOON)
    at = NOON + timedelta(hours=1)
    assert [n.pk for n in queries.read(again(cast.bob), at=at).notices] == [stands.pk]
    digest.mark_notices_read(again(cast.bob), at=at)
    assert queries.read(again(cast.bob), at=at).notices == []
    assert len(queries.read(again(cast.carol), at=at).notices) == 1, "one reader does not silence the other"


def test_a_changed_notice_is_read_again(cast: Cast) -> None:
    notice = actions.publish(by=cast.alice, text="until 25 Nov", at=NOON)
    actions.read([notice], by=cast.bob, at=NOON)
    changed = actions.change(notice, by=cast.carol, version=1, text="until 27 Nov", at=NOON)
    assert changed.version == 2
    assert [n.text for n in notices.unread(cast.bob, NOON)] == ["until 27 Nov"]
    same = actions.change(changed, by=cast.carol, version=2, text="until 27 Nov", at=NOON)
    assert same.version == 2, "nothing different is no change"


def test_a_stale_change_is_refused_with_what_is_there(cast: Cast) -> None:
    notice = actions.publish(by=cast.alice, text="a", at=NOON)
    actions.change(notice, by=cast.alice, version=1, text="b", at=NOON)
    with pytest.raises(Refused) as refused:
        actions.change(notice, by=cast.bob, version=1, text="c", at=NOON)
    assert (refused.value.code, refused.value.extra["current"]["text"]) == ("stale", "b")


def test_an_ended_notice_is_in_no_digest_and_does_not_change(cast: Cast) -> None:
    notice = actions.publish(by=cast.alice, text="a", at=NOON)
    actions.end(notice, by=cast.alice, at=NOON)
    actions.end(notice, by=cast.alice, at=NOON)
    assert Activity.objects.filter(code="notice.ended").count() == 1
    assert queries.read(again(cast.bob), at=NOON).notices == []
    with pytest.raises(Refused, match="wrong_state"):
        actions.change(notice, by=cast.alice, version=1, text="b", at=NOON)


@pytest.mark.parametrize("wrong", [{"text": "  "}, {"text": "x", "kind": "gossip"}, {"text": "x", "valid_until": NOON}])
def test_a_notice_must_make_sense(cast: Cast, wrong: dict[str, object]) -> None:
    with pytest.raises(Refused, match="invalid"):
        actions.publish(by=cast.alice, at=NOON, **wrong)  # type: ignore[arg-type]


def test_another_teams_shop_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="invalid"):
        actions.publish(by=cast.mallory, text="x", shop=cast.shop, at=NOON)


def test_the_api_publishes_changes_and_ends(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.bob.user)
    made = client.post("/api/v1/notices/", {"text": "YTO slow", "kind": "courier", "shop": cast.shop.pk}, content_type="application/json")
    assert made.status_code == 201
    path = f"/api/v1/notices/{made.json()['id']}/"
    changed = client.patch(path, {"version": 1, "text": "YTO very slow"}, content_type="application/json")
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    stale = client.patch(path, {"version": 1, "text": "x"}, content_type="application/json")
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert [row["text"] for row in client.get("/api/v1/notices/?state=standing").json()["results"]] == ["YTO very slow"]
    assert client.post(f"{path}end/").json()["ended_at"]
    assert client.get("/api/v1/notices/?state=standing").json()["results"] == []
    assert client.get("/api/v1/notices/?state=gone").status_code == 400
    other = Client()
    other.force_login(cast.mallory.user)
    assert other.get(path).status_code == 404


def test_the_page_publishes_and_says_who_has_read(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.bob.user)
    assert client.post("/notices/", {"text": "", "kind": "other"}).status_code == 422
    assert client.post("/notices/", {"text": "Coupons from 22:00", "kind": "campaign"}).status_code == 303
    notice = Notice.objects.get()
    page = client.get(f"/notices/{notice.pk}/").content.decode()
    assert "Coupons from 22:00" in page and page.count("not yet") == 5, "all who work in shifts but Bob"
    assert "Coupons from 22:00" in client.get("/notices/").content.decode()
