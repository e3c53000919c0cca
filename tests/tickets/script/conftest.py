"""The cast, a ticket of Bob's with an order on it, and signed-in browsers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from tests.cast import NOON, Cast, make_cast, make_customer
from tickets.order.actions import Line, log_order
from tickets.people.models import Member
from tickets.script.actions import create_campaign, create_script
from tickets.script.models import Campaign, Script
from tickets.ticket.actions import open_ticket
from tickets.ticket.models import Ticket


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def as_(cast: Cast) -> Callable[[Member], Client]:
    """A signed-in browser of a member."""

    def sign_in(member: Member) -> Client:
        client = Client()
        client.force_login(member.user)
        return client

    return sign_in


@pytest.fixture
def held(cast: Cast) -> Ticket:
    customer = make_customer(cast.team)
    order = log_order(by=cast.bob, shop=cast.shop, number="4021188000123456789", customer=customer, lines=[Line("保温杯")])
    return open_ticket(by=cast.bob, customer=customer, subject="保温杯漏水", orders=[order])


def script(by: Member, shortcut: str = "refund", **values: object) -> Script:
    return create_script(by=by, **{"shortcut": shortcut, "title": f"About {shortcut}", "body": f"We see to your {shortcut}."} | values)


def campaign(by: Member, name: str = "Double 12", **values: object) -> Campaign:
    """From an hour before noon for a day."""
    span = {"starts_at": NOON - timedelta(hours=1), "ends_at": NOON + timedelta(hours=23)}
    return create_campaign(by=by, **{"name": name, "text": f"{name}: 300 - 40", **span} | values)
