"""The cast, and a ticket that Bob logged for a customer of theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import NOON, Cast, make_cast, make_customer
from tickets.customer.models import Customer
from tickets.ticket.actions import open_ticket
from tickets.ticket.models import Reason, Resolution, Ticket


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def liu(cast: Cast) -> Customer:
    return make_customer(cast.team)


@pytest.fixture
def refund(cast: Cast) -> Resolution:
    return Resolution.objects.create(team=cast.team, name="Refunded")


@pytest.fixture
def leak(cast: Cast) -> Reason:
    quality = Reason.objects.create(team=cast.team, name="Quality")
    return Reason.objects.create(team=cast.team, parent=quality, name="Leaks", fault="ours")


@pytest.fixture
def ticket(cast: Cast, liu: Customer) -> Ticket:
    """Bob's, open since an hour."""
    return open_ticket(by=cast.bob, customer=liu, subject="保温杯漏水", at=NOON - timedelta(hours=1))


@pytest.fixture
def pooled(cast: Cast, liu: Customer) -> Ticket:
    """In the pool, logged by nobody's conversation."""
    return open_ticket(by=cast.alice, customer=liu, subject="差评待处理", channel="review", to_pool=True, at=NOON - timedelta(hours=1))
