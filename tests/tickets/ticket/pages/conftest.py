"""Browsers of the cast, without JavaScript (plain) and as htmx asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import Cast
from tickets.customer.models import Customer
from tickets.people.models import Member
from tickets.ticket.actions import open_ticket
from tickets.ticket.models import Ticket

HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_REQUEST_TYPE": "partial"}


@pytest.fixture
def browser(cast: Cast) -> Callable[[Member], Client]:
    """A signed-in browser of a member."""

    def sign_in(member: Member) -> Client:
        client = Client()
        client.force_login(member.user)
        return client

    return sign_in


@pytest.fixture
def bob(cast: Cast, browser: Callable[[Member], Client]) -> Client:
    return browser(cast.bob)


@pytest.fixture
def held(cast: Cast, liu: Customer) -> Ticket:
    """Bob's, logged just now, with a promise due in two hours."""
    return open_ticket(by=cast.bob, customer=liu, subject="保温杯漏水", promise=("回电", timezone.now() + timedelta(hours=2)))


def body(response: Any) -> str:
    return response.content.decode()
