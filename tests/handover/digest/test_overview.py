"""The manager's view: who has read what and when, what nobody has taken, who was let in."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from handover.digest import actions, queries
from handover.duty import actions as duty
from handover.note import actions as notes
from handover.roster.actions import refresh_next
from tests.handover.conftest import Plan
from tests.handover.matters import FIVE, FOUR, again, begin, hand_over, open_ticket
from tests.handover.plans import rostered

pytestmark = pytest.mark.django_db
SOON = FIVE - timedelta(minutes=5)


@pytest.fixture
def evening(plan: Plan) -> Plan:
    cast = plan.cast
    for shift, member in ((plan.day, cast.bob), (plan.night, cast.carol), (plan.night, cast.dan), (plan.night, cast.eve)):
        rostered(shift, member)
    refresh_next([m.pk for m in (cast.bob, cast.carol, cast.dan, cast.eve)], FOUR - timedelta(hours=6))
    begin(cast.bob, FOUR - timedelta(hours=5))
    return plan


def test_it_tells_who_has_read_who_reads_and_who_was_let_in(evening: Plan) -> None:
    cast = evening.cast
    actions.open_digest(again(cast.dan), at=SOON)
    begin(cast.carol, FIVE)
    duty.let_in(cast.eve, by=cast.alice, reason="queue of forty", at=FIVE)
    found = queries.overview(cast.team, at=FIVE)
    assert {row.member.display_name: row.state for row in found["readers"]} == {
        "Bob": "read",
        "Carol": "read",
        "Dan": "reading",
        "Eve": "let_in",
    }


def test_it_lists_what_nobody_has_taken_most_urgent_first(evening: Plan) -> None:
    cast = evening.cast
    calm = open_ticket(cast.bob, "calm", next_action="x", next_at=FIVE + timedelta(days=2))
    urgent = open_ticket(cast.bob, "urgent", next_action="x", next_at=FIVE + timedelta(hours=1))
    hand_over(cast.bob, SOON, to=cast.carol)
    assert [offer.ticket_id for offer in queries.overview(cast.team, at=SOON)["offers"]] == [urgent.pk, calm.pk]


def test_what_customers_asked_for_in_vain_reaches_the_manager(evening: Plan) -> None:
    """In the view of who has read what, and in the list of notes; a note that tells nothing is not named."""
    cast = evening.cast
    begin(cast.carol, SOON)
    for member, wish in ((cast.bob, "a wok of 55 cm"), (cast.carol, "")):
        draft = notes.open_draft(again(member), at=FIVE)
        draft = notes.save_parts(draft, by=member, at=FIVE, unmet_wish=wish)
        notes.sign(draft, by=member, version=draft.version, at=FIVE)
    assert [note.member for note in queries.overview(cast.team, at=FIVE)["told"]] == [cast.bob]
    client = Client()
    client.force_login(cast.alice.user)
    with time_machine.travel(FIVE + timedelta(hours=1), tick=False):
        for path in ("/digest/team/", "/handover/notes/"):
            assert "a wok of 55 cm" in client.get(path).content.decode(), path


def test_more_matters_cost_no_more_queries(evening: Plan) -> None:
    cast = evening.cast
    client = Client()
    client.force_login(cast.alice.user)

    def cost() -> int:
        client.get("/digest/team/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/digest/team/").status_code == 200
        return len(captured)

    none = cost()
    for n in range(4):
        open_ticket(cast.bob, f"m{n}", next_action="x")
    hand_over(cast.bob, SOON, to=cast.carol)
    assert cost() == none
    text = client.get("/digest/team/").content.decode()
    assert "m3" in text and "Carol" in text


@pytest.mark.parametrize(("name", "status"), [("olga", 200), ("bob", 302), ("mallory", 200)])
def test_operations_reads_it_agents_do_not_and_other_teams_see_their_own(evening: Plan, name: str, status: int) -> None:
    cast = evening.cast
    from tickets.people.models import Presence

    Presence.objects.filter(member=cast.mallory).update(on_since=FOUR)
    client = Client()
    client.force_login(getattr(cast, name).user)
    response = client.get("/digest/team/")
    assert response.status_code == status
    assert "Carol" not in response.content.decode()[response.content.decode().find("<main") :] or name == "olga"
