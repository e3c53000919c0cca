"""The one thing: what the day shift learned, the night shift knows before its first chat."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handover.digest import actions, queries
from handover.digest.models import Receipt
from handover.note.models import Offer
from handover.roster.actions import refresh_next
from tests.handover.conftest import Plan
from tests.handover.matters import FIVE, FOUR, MIDNIGHT, again, begin, hand_over, open_ticket
from tests.handover.plans import rostered
from tickets.ticket.models import Assignment, Touch

pytestmark = pytest.mark.django_db


@pytest.fixture
def evening(plan: Plan) -> Plan:
    """Bob works the day, Carol the night."""
    rostered(plan.day, plan.cast.bob)
    rostered(plan.night, plan.cast.carol)
    refresh_next([plan.cast.bob.pk, plan.cast.carol.pk], FOUR - timedelta(hours=6))
    begin(plan.cast.bob, FOUR - timedelta(hours=5))
    return plan


def test_h5_custody_passes_when_the_receiver_acknowledges(evening: Plan) -> None:
    bob, carol = evening.cast.bob, evening.cast.carol
    ticket = open_ticket(bob, promise=("call back with the courier's answer", FIVE + timedelta(hours=2)), next_action="call SF")
    hand_over(bob, FIVE - timedelta(minutes=5), to=carol)
    ticket.refresh_from_db()
    assert ticket.holder == bob, "until somebody acknowledges, it stays with the signer"

    begin(carol, FIVE)
    ticket.refresh_from_db()
    assert ticket.holder == carol
    assert Offer.objects.get().state == Offer.State.TAKEN
    last = Assignment.objects.filter(ticket=ticket).latest("id")
    assert (last.cause, last.from_member, last.to_member) == ("takeover", bob, carol)
    assert list(Touch.objects.filter(ticket=ticket).values_list("member", flat=True)) == [bob.pk], "custody is not yet a touch (C3)"
    assert ticket.promises.get().owner == carol


def test_h8_the_digest_tells_what_must_be_done_by_when(evening: Plan) -> None:
    bob, carol = evening.cast.bob, evening.cast.carol
    due = open_ticket(bob, "Thermos leaks", promise=("call back", FIVE + timedelta(hours=2)), next_action="call SF")
    waits = open_ticket(bob, "Parcel on its way", at=FOUR - timedelta(hours=3))
    from tickets.ticket import actions as tickets

    tickets.wait(waits, by=bob, on="logistics", at=FOUR)
    hand_over(bob, FIVE - timedelta(minutes=5), to=carol)
    reading = actions.open_digest(again(carol), at=FIVE - timedelta(minutes=2))
    assert [(m.ticket_id, m.severity) for m in reading.matters] == [(due.pk, "act_now"), (waits.pk, "stable")]
    matter = reading.matters[0]
    assert (matter.author.name, matter.do, matter.if_then) == ("Bob", "call SF", f"if_then of {due.pk}")
    assert reading.until == MIDNIGHT


def test_h9_the_receipt_says_what_was_read_and_answered(evening: Plan) -> None:
    bob, carol = evening.cast.bob, evening.cast.carol
    ticket = open_ticket(bob, next_action="call SF", next_at=FIVE + timedelta(hours=1))
    hand_over(bob, FIVE - timedelta(minutes=5), to=carol)
    actions.open_digest(again(carol), at=FIVE - timedelta(minutes=3))
    begin(carol, FIVE)
    receipt = Receipt.objects.get(member=carol)
    assert (receipt.shift, receipt.version, receipt.acknowledged_at, receipt.actor) == (evening.night, 1, FIVE, carol)
    assert receipt.opened_at == FIVE - timedelta(minutes=3)
    assert receipt.answers[f"t{ticket.pk}"]["answer"] == "take"
    assert len(receipt.content_hash) == 64


def test_a_second_acknowledgement_is_the_first(evening: Plan) -> None:
    carol = evening.cast.carol
    begin(carol, FIVE)
    first = Receipt.objects.get(member=carol)
    done = actions.acknowledge(again(carol), by=carol, version=1, at=FIVE + timedelta(seconds=3))
    assert done.receipt == first
    assert Receipt.objects.filter(member=carol).count() == 1


def test_the_same_person_on_two_shifts_in_a_row_acknowledges_twice(evening: Plan) -> None:
    bob = evening.cast.bob
    rostered(evening.night, bob)
    ticket = open_ticket(bob, next_action="call SF")
    hand_over(bob, FIVE, to=None)
    reading = queries.read(again(bob), at=FIVE + timedelta(minutes=1))
    assert reading.receipt is None
    assert [m.ticket_id for m in reading.matters] == [ticket.pk]
    begin(bob, FIVE + timedelta(minutes=2))
    assert Receipt.objects.filter(member=bob).count() == 2
