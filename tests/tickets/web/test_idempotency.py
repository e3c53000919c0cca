"""What counts as the same request under one Idempotency-Key (D2). Two at once: tests/tickets/ticket/test_races.py."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import make_cast
from tickets.people.models import Member, Presence
from tickets.script.models import Script

pytestmark = pytest.mark.django_db
SAID = {"shortcut": "refund", "title": "Refunds", "body": "Within three days."}


def test_d2_the_same_words_to_another_team_are_another_request(client: Client) -> None:
    """Somebody of two teams gets nothing of the one told as an answer of the other, and nothing is passed over unsaid."""
    cast = make_cast()
    there = Member.objects.create(team=cast.other_team, user=cast.bob.user, display_name="Bob", roles=["agent"])
    Presence.objects.create(member=there, on_since=cast.bob.presence.on_since)
    client.force_login(cast.bob.user)

    def write(team: str) -> int:
        headers = {"Idempotency-Key": "k-1", "X-Team": team}
        return client.post("/api/v1/scripts/", SAID, content_type="application/json", headers=headers).status_code

    assert [write("lotus"), write("lotus"), write("orchid")] == [201, 201, 422]
    assert list(Script.objects.values_list("team__slug", flat=True)) == ["lotus"]
