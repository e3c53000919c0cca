"""The cast, Mrs Liu with an order, an open matter of Carol's with a promise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.cast import Cast, make_cast, make_customer
from tickets.customer.models import Customer
from tickets.order.actions import Line, log_order
from tickets.ticket.actions import open_ticket
from tickets.ticket.models import Ticket


@dataclass
class Chat:
    cast: Cast
    liu: Customer
    ticket: Ticket


@pytest.fixture
def chat(db: None) -> Chat:
    cast = make_cast()
    liu = make_customer(cast.team)
    order = log_order(by=cast.bob, shop=cast.shop, number="4021188000123456789", customer=liu, lines=[Line("保温杯", 2, 59)], paid=118)
    due = timezone.now() + timedelta(hours=2)
    ticket = open_ticket(by=cast.carol, customer=liu, subject="保温杯漏水", orders=[order], promise=("回电", due), next_action="打给顺丰")
    return Chat(cast, liu, ticket)
