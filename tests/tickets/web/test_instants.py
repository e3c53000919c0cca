"""Pages speak in the team's time, the API in UTC, whatever the team's zone."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import NOON, make_cast, make_customer
from tickets.ticket.actions import open_ticket

pytestmark = pytest.mark.django_db


def test_the_api_answers_in_utc_and_the_page_in_shanghai() -> None:
    cast = make_cast()
    ticket = open_ticket(by=cast.bob, customer=make_customer(cast.team), subject="Leaks", next_action="call", next_at=NOON)
    client = Client()
    client.force_login(cast.bob.user)
    told = client.get(f"/api/v1/tickets/{ticket.pk}/").json()
    assert told["next_at"] == "2026-11-21T04:00:00Z"
    assert "12:00" in client.get(f"/tickets/{ticket.pk}/").content.decode()
