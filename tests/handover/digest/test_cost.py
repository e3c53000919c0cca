"""A digest costs the same few indexed queries whatever is in it, and whatever the team has besides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from handover.digest import actions
from handover.note import actions as notes
from handover.roster.actions import refresh_next
from tests.handover.conftest import Plan
from tests.handover.matters import FIVE, FOUR, again, begin, hand_over, open_ticket
from tests.handover.plans import rostered
from tickets.people.models import Member
from tickets.ticket import actions as tickets

pytestmark = pytest.mark.django_db
SOON = FIVE - timedelta(minutes=5)


@pytest.fixture
def evening(plan: Plan) -> Plan:
    rostered(plan.day, plan.cast.bob)
    rostered(plan.night, plan.cast.carol)
    refresh_next([plan.cast.bob.pk, plan.cast.carol.pk], FOUR - timedelta(hours=6))
    begin(plan.cast.bob, FOUR - timedelta(hours=5))
    return plan


def fill_up(plan: Plan, count: int) -> None:
    for n in range(count):
        ticket = open_ticket(plan.cast.bob, f"m{n}", next_action="call")
        tickets.contact(ticket, by=plan.cast.bob, text="said", at=FOUR)
        if n % 2:
            tickets.promise(ticket, by=plan.cast.bob, text="p", due_at=FIVE + timedelta(hours=2), at=FOUR)


def reads(plan: Plan) -> int:
    reader = again(plan.cast.carol)
    actions.open_digest(reader, at=SOON)
    with CaptureQueriesContext(connection) as captured:
        actions.open_digest(again(plan.cast.carol), at=SOON)
    return len(captured) - 1  # the one that loads the reader


def test_a_digest_of_twenty_costs_as_many_queries_as_one_of_four(evening: Plan) -> None:
    fill_up(evening, 4)
    hand_over(evening.cast.bob, SOON, to=evening.cast.carol)
    few = reads(evening)
    refresh_next([evening.cast.bob.pk], SOON)
    begin(evening.cast.bob, SOON)
    fill_up(evening, 16)
    hand_over(evening.cast.bob, SOON, to=evening.cast.carol)
    assert reads(evening) == few
    assert few <= 6, "one of them for each section of a higher or lower room"


def test_acknowledging_sixteen_costs_no_more_queries_than_four(evening: Plan) -> None:
    bob, carol, dan = evening.cast.bob, evening.cast.carol, evening.cast.dan
    rostered(evening.night, dan)
    refresh_next([dan.pk], FOUR)
    fill_up(evening, 20)
    note = notes.open_draft(again(bob), at=SOON)
    for place, item in enumerate(note.items.select_related("note")):
        notes.save_item(item, by=bob, version=item.version, at=SOON, to_member=carol if place < 4 else dan)
    hand_over(bob, SOON)

    def cost(reader: Member) -> int:
        reading = actions.open_digest(again(reader), at=SOON)
        answers = [{"item": m.item, "answer": "take"} for m in reading.asked]
        with CaptureQueriesContext(connection) as captured:
            actions.acknowledge(again(reader), by=reader, version=1, answers=answers, at=SOON)
        return len(captured)

    first, second = cost(carol), cost(dan)
    # Whoever comes first also looks for the people whom the others' matters wait for.
    assert second <= first <= 18
    assert (carol.held.count(), dan.held.count()) == (4, 16)


def test_the_addenda_poll_is_one_query_and_304_while_nothing_is_new(evening: Plan) -> None:
    client = Client()
    client.force_login(evening.cast.bob.user)
    part = {"HX-Request": "true"}
    first = client.get("/digest/addenda/", headers=part)
    with CaptureQueriesContext(connection) as captured:
        second = client.get("/digest/addenda/", headers=part | {"If-None-Match": first["ETag"]})
    assert (second.status_code, len(captured)) == (304, 4), "session, user, membership, addenda"
    assert client.get("/digest/addenda/", headers={"If-None-Match": first["ETag"]}).status_code == 200, "the whole page is another answer"
