"""Readers and signers at the same instant, with real connections, again and again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handover.digest import actions
from handover.digest.models import Receipt
from handover.duty.models import Duty
from handover.note import actions as notes
from handover.note.models import NoteItem, Offer
from handover.roster.actions import refresh_next
from tests.cast import make_cast
from tests.handover.conftest import Plan
from tests.handover.matters import FIVE, FOUR, again, begin, fill, open_ticket
from tests.handover.plans import make_pattern, make_shift, rostered
from tests.tickets.ticket.test_races import at_once, refusals
from tests.turns import turns
from tickets.people.models import Presence
from tickets.ticket.models import Assignment, Ticket

pytestmark = pytest.mark.django_db(transaction=True)
SOON = FIVE - timedelta(minutes=5)


@pytest.fixture
def evening() -> Plan:
    cast = make_cast()
    Presence.objects.update(on_since=None)
    day, night = make_pattern(cast.team, "Day", "09:00", "17:00"), make_pattern(cast.team, "Night", "17:00", "00:00")
    plan = Plan(cast, day, night, make_shift(day), make_shift(night))
    for shift, member in ((plan.day, cast.bob), (plan.night, cast.carol), (plan.night, cast.dan)):
        rostered(shift, member)
    refresh_next([cast.bob.pk, cast.carol.pk, cast.dan.pk], FOUR - timedelta(hours=6))
    begin(cast.bob, FOUR - timedelta(hours=5))
    return plan


@pytest.mark.parametrize("turn", turns(4))
def test_two_readers_take_one_pool_matter(evening: Plan, turn: int) -> None:
    cast = evening.cast
    ticket = open_ticket(cast.bob, to_pool=True)
    mine = open_ticket(cast.bob, "another", to_pool=True)
    take = [{"item": f"t{t.pk}", "answer": "take"} for t in (ticket, mine)]
    for reader in (cast.carol, cast.dan):
        actions.open_digest(again(reader), at=SOON)
    found = at_once(
        lambda: actions.acknowledge(cast.carol, by=cast.carol, version=1, answers=take, at=FIVE),
        lambda: actions.acknowledge(cast.dan, by=cast.dan, version=1, answers=take, at=FIVE),
    )
    assert refusals(found) == []
    holders = set(Ticket.objects.values_list("holder", flat=True))
    assert len(holders) == 1 and holders <= {cast.carol.pk, cast.dan.pk}, "one of them took both"
    assert Assignment.objects.filter(ticket=ticket, cause="takeover").count() == 1
    assert sorted(len(done.taken) for done in found) == [0, 2], "the other was told of both"
    assert Duty.objects.running().filter(member__in=[cast.carol, cast.dan]).count() == 2


@pytest.mark.parametrize("turn", turns(4))
def test_a_double_click_is_one_receipt_and_one_duty(evening: Plan, turn: int) -> None:
    carol = evening.cast.carol
    ticket = open_ticket(evening.cast.bob, to_pool=True)
    actions.open_digest(again(carol), at=SOON)
    take = [{"item": f"t{ticket.pk}", "answer": "take"}]

    def press() -> object:
        return actions.acknowledge(again(carol), by=carol, version=1, answers=take, at=FIVE)

    found = at_once(press, press)
    assert refusals(found) == []
    assert found[0].receipt == found[1].receipt
    assert Receipt.objects.filter(member=carol).count() == Duty.objects.filter(member=carol).count() == 1


@pytest.mark.parametrize("turn", turns(4))
def test_h9_signing_while_the_reader_acknowledges(evening: Plan, turn: int) -> None:
    """Either the reader came first and hears of the matter as an addendum, or the digest is stale and says so. Never is it missed."""
    cast = evening.cast
    ticket = open_ticket(cast.bob, next_action="call")
    note = notes.open_draft(again(cast.bob), at=SOON)
    for item in NoteItem.objects.filter(note=note).select_related("note"):
        notes.save_item(item, by=cast.bob, version=item.version, at=SOON, to_member=cast.carol)
    note = fill(note, cast.bob, SOON)
    actions.open_digest(again(cast.carol), at=SOON)
    found = at_once(
        lambda: notes.sign(note, by=cast.bob, version=note.version, at=FIVE),
        lambda: actions.acknowledge(again(cast.carol), by=cast.carol, version=1, at=FIVE),
    )
    assert refusals(found) in ([], ["stale"])
    assert Offer.objects.get(ticket=ticket).state == "open"
    duty = Duty.objects.running().filter(member=cast.carol).first()
    told = duty is not None and duty.addenda.filter(source__startswith="offer:").exists()
    refused = refusals(found) == ["stale"]
    assert told != refused, "one of the two, exactly"


@pytest.mark.parametrize("turn", range(3))
def test_two_who_name_each_other_do_not_block_each_other(evening: Plan, turn: int) -> None:
    cast = evening.cast
    one, two = open_ticket(cast.bob, "one", to_pool=True), open_ticket(cast.bob, "two", to_pool=True)
    for reader in (cast.carol, cast.dan):
        actions.open_digest(again(reader), at=SOON)

    def answers(mine: Ticket, theirs: Ticket, other: int) -> list[dict[str, object]]:
        return [{"item": f"t{mine.pk}", "answer": "take"}, {"item": f"t{theirs.pk}", "answer": "owner", "owner": other}]

    found = at_once(
        lambda: actions.acknowledge(cast.carol, by=cast.carol, version=1, answers=answers(one, two, cast.dan.pk), at=FIVE),
        lambda: actions.acknowledge(cast.dan, by=cast.dan, version=1, answers=answers(two, one, cast.carol.pk), at=FIVE),
    )
    assert refusals(found) in ([], ["stale"], ["invalid"])
    assert Duty.objects.running().filter(member__in=[cast.carol, cast.dan]).count() == 2 - len(refusals(found))
