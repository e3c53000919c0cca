"""H5: what is offered and not taken over: the lead is told, and in the end it lies in the pool."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handover.note import actions as notes
from handover.note.models import Offer
from tests.handover.conftest import Plan
from tests.handover.matters import FIVE, FOUR, MIDNIGHT, begin, hand_over, open_ticket
from tests.handover.plans import rostered
from tickets.activity.models import Alert
from tickets.people.models import Presence
from tickets.ticket import actions as tickets
from tickets.ticket.models import Resolution, Ticket

pytestmark = pytest.mark.django_db
SOON = FIVE - timedelta(minutes=5)


def test_h5_nobody_next_means_the_pool_and_nobody_is_stuck(plan: Plan) -> None:
    cast = plan.cast
    rostered(plan.day, cast.bob)
    begin(cast.bob, FOUR - timedelta(hours=5))
    ticket = open_ticket(cast.bob, next_action="call")
    hand_over(cast.bob, SOON)
    assert Offer.objects.get().to_member is None
    counts = notes.escalate(at=MIDNIGHT + timedelta(minutes=1))
    assert counts["pool"] == 1
    ticket.refresh_from_db()
    assert (ticket.holder, Offer.objects.get().state) == (None, "pooled")
    assert Alert.objects.filter(member=cast.alice, code="handover.not_taken").count() == 1


def test_h5_an_offer_nobody_takes_alarms_the_lead_once_and_then_goes_to_the_pool(day: Plan) -> None:
    cast = day.cast
    ticket = open_ticket(cast.bob, next_action="call")
    hand_over(cast.bob, SOON, to=cast.carol)
    assert notes.escalate(at=FIVE + timedelta(minutes=14)) == {"tell": 0, "pool": 0, "wait": 1}
    assert notes.escalate(at=FIVE + timedelta(minutes=15))["tell"] == 1
    assert notes.escalate(at=FIVE + timedelta(minutes=16))["tell"] == 0, "told once"
    ticket.refresh_from_db()
    assert ticket.holder == cast.bob, "Carol is only late"
    assert notes.escalate(at=FIVE + timedelta(minutes=30))["pool"] == 1
    ticket.refresh_from_db()
    assert ticket.holder is None
    assert Alert.objects.filter(member=cast.alice, code="handover.not_taken").count() == 1


def test_h5_who_is_at_work_keeps_the_offer(day: Plan) -> None:
    cast = day.cast
    open_ticket(cast.bob, next_action="call")
    hand_over(cast.bob, SOON, to=cast.carol)
    Presence.objects.filter(member=cast.carol).update(on_since=SOON)
    notes.escalate(at=FIVE + timedelta(hours=3))
    assert Offer.objects.get().state == "open"


def test_an_offer_ends_when_the_matter_goes_another_way(day: Plan) -> None:
    cast = day.cast
    ticket = open_ticket(cast.bob, next_action="call")
    hand_over(cast.bob, SOON, to=cast.carol)
    tickets.take_over(ticket, to=cast.eve, by=cast.alice, at=SOON)
    assert notes.close_settled(at=FIVE) == 1
    assert Offer.objects.get().state == "closed"


@pytest.mark.parametrize("how", ["taken over", "resolved"])
def test_h5_the_clock_puts_away_nothing_that_went_another_way(day: Plan, how: str) -> None:
    """Even where that happened after the settled offers were closed, in the same run of the clock."""
    cast = day.cast
    ticket, other = open_ticket(cast.bob, next_action="call"), open_ticket(cast.bob, "other", next_action="call")
    hand_over(cast.bob, SOON, to=cast.carol)
    assert notes.close_settled(at=MIDNIGHT) == 0
    if how == "taken over":
        tickets.take_over(ticket, to=cast.eve, by=cast.alice, at=FIVE)
    else:
        tickets.resolve(ticket, by=cast.bob, resolution=Resolution.objects.create(team=cast.team, name="Done"), at=FIVE)
    holder = Ticket.objects.get(pk=ticket.pk).holder
    assert notes.escalate(at=MIDNIGHT) == {"tell": 0, "pool": 1, "wait": 1}
    assert Ticket.objects.get(pk=ticket.pk).holder == holder
    assert Ticket.objects.get(pk=other.pk).holder is None
