"""What the bell says of a deed: the sentence of the ledger, with its names."""

from __future__ import annotations

import pytest

from tests.cast import NOON, Cast
from tickets.activity.telling import tell_alerts
from tickets.customer.models import Customer
from tickets.people.actions import set_presence
from tickets.people.models import Member
from tickets.ticket.actions import approve_handler, ask_handler, contact, merge, open_ticket, resolve, transfer
from tickets.ticket.models import Resolution, Ticket


@pytest.fixture
def full(cast: Cast, ticket: Ticket) -> Ticket:
    """Bob logged it, Carol and Dan answered: three so far."""
    contact(ticket, by=cast.carol, at=NOON)
    return contact(ticket, by=cast.dan, at=NOON)


def last(member: Member) -> str:
    """The newest line of the member's bell."""
    told = tell_alerts(member, size=1)[0]
    return f"{told.who} {told.text}".strip()


def test_an_alert_says_as_much_as_the_ledger(cast: Cast, ticket: Ticket, liu: Customer, refund: Resolution) -> None:
    transfer(ticket, to=cast.dan, by=cast.bob, reason="sold it", next_step="call back")
    assert last(cast.dan) == "Bob passed it on to Dan"
    other = open_ticket(by=cast.bob, customer=liu, subject="还是那个杯子")
    merge(other, ticket, by=cast.carol)
    assert last(cast.dan) == f"Carol merged #{other.pk} into this"
    resolve(ticket, by=cast.carol, resolution=refund)
    assert last(cast.dan) == f"Carol resolved it: {refund.name}"


def test_whoever_asked_to_be_one_more_handler_is_named_in_the_answer(cast: Cast, full: Ticket) -> None:
    approve_handler(ask_handler(full, by=cast.eve, reason="I know her"), by=cast.alice, reason="once")
    assert last(cast.eve) == "Alice let Eve handle it too"
    cast.eve.alerts.update(data={"by_name": "Alice", "subject": full.subject})
    assert last(cast.eve) == "Alice let Eve handle it too", "an older alert did not say who"


def test_the_lead_reads_who_went_beyond_the_limit(cast: Cast, full: Ticket) -> None:
    set_presence(cast.alice, on_since=None)
    contact(full, by=cast.eve, override_reason="nobody else is here")
    assert last(cast.alice) == "Eve went beyond the limit, no manager being on duty"
