"""/api/v1/scripts/ and /api/v1/campaigns/"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast, make_shop
from tests.tickets.script.conftest import campaign, script
from tickets.script import actions

pytestmark = pytest.mark.django_db
SPAN = {"starts_at": "2026-12-11T16:00:00Z", "ends_at": "2026-12-12T16:00:00Z"}


def send(client: Client, method: str, path: str, **data: Any) -> Any:
    return client.generic(method, f"/api/v1/{path}", json.dumps(data), content_type="application/json")


def test_a_reply_is_written_changed_and_ended(as_, cast: Cast) -> None:
    bob = as_(cast.bob)
    made = send(bob, "POST", "scripts/", shortcut="/Refund", title="Refunds", body="{customer}", shop=cast.shop.pk)
    assert (made.status_code, made.json()["shortcut"], made.json()["version"]) == (201, "refund", 1)
    path = f"scripts/{made.json()['id']}/"
    changed = send(bob, "PATCH", path, version=1, shop=None)
    assert (changed.status_code, changed.json()["shop"], changed.json()["version"]) == (200, None, 2)
    stale = send(bob, "PATCH", path, version=1, title="x")
    assert (stale.status_code, stale.json()["code"], stale.json()["current"]["version"]) == (409, "stale", 2)
    twice = send(bob, "POST", "scripts/", shortcut="refund", title="t", body="b")
    assert (twice.status_code, twice.json()["code"]) == (409, "duplicate")
    assert send(bob, "POST", f"{path}end/").json()["ended_at"]
    late = send(bob, "PATCH", path, version=2, title="x")
    assert (late.status_code, late.json()["code"]) == (409, "wrong_state")


def test_a_campaign_is_announced_changed_and_ended(as_, cast: Cast) -> None:
    alice = as_(cast.alice)
    made = send(alice, "POST", "campaigns/", name="Double 12", text="300 - 40", **SPAN)
    assert (made.status_code, made.json()["starts_at"]) == (201, "2026-12-11T16:00:00Z")
    path = f"campaigns/{made.json()['id']}/"
    wrong = send(alice, "PATCH", path, version=1, ends_at=SPAN["starts_at"])
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["ends_at"])
    assert send(alice, "PATCH", path, version=1, text="300 - 50").json()["version"] == 2
    assert send(alice, "PATCH", path, version=1, text="x").json()["code"] == "stale"
    assert send(alice, "POST", f"{path}end/").json()["ended_at"]
    assert send(as_(cast.bob), "POST", "campaigns/", name="n", text="t", **SPAN).status_code == 403


def test_lists_are_filtered_and_refuse_what_they_do_not_know(as_, cast: Cast) -> None:
    other = make_shop(cast.team, "Other")
    script(cast.bob, "here", shop=cast.shop)
    script(cast.bob, "there", shop=other)
    actions.end_script(script(cast.bob, "gone"), by=cast.bob)
    actions.end_campaign(campaign(cast.alice), by=cast.alice)
    bob = as_(cast.bob)

    def listed(query: str) -> list[str]:
        return [row["shortcut"] for row in bob.get(f"/api/v1/scripts/{query}").json()["results"]]

    assert listed("") == ["gone", "there", "here"]
    assert listed("?state=in_use") == ["there", "here"]
    assert listed("?state=ended") == ["gone"]
    assert listed(f"?shop={cast.shop.pk}&state=in_use&ordering=id") == ["here"]
    assert listed("?q=ther") == ["there"]
    assert len(bob.get("/api/v1/campaigns/?state=over").json()["results"]) == 1
    assert bob.get("/api/v1/campaigns/?state=running").json()["results"] == []
    for query in ("?state=x", "?shop=x", "?team__name=x", "?ordering=body"):
        assert bob.get(f"/api/v1/scripts/{query}").status_code == 400, query


def test_another_teams_rows_are_not_there(as_, cast: Cast) -> None:
    reply, sale = script(cast.bob), campaign(cast.alice)
    stranger = as_(cast.mallory)
    for path in (f"scripts/{reply.pk}/", f"campaigns/{sale.pk}/"):
        assert stranger.get(f"/api/v1/{path}").status_code == 404
        assert send(stranger, "PATCH", path, version=1, text="x", body="x").status_code == 404
        assert send(stranger, "POST", f"{path}end/").status_code == 404
    assert stranger.get("/api/v1/scripts/").json()["results"] == stranger.get("/api/v1/campaigns/").json()["results"] == []
    theirs = send(stranger, "POST", "scripts/", shortcut="s", title="t", body="b", shop=cast.shop.pk)
    assert (theirs.status_code, list(theirs.json()["errors"])) == (400, ["shop"])
    reply.refresh_from_db(), sale.refresh_from_db()
    assert reply.ended_at is None and sale.ended_at is None
