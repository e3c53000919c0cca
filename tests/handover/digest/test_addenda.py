"""H10: what arrives after the acknowledgement is numbered, told once, and asks for its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from handover.digest import actions
from handover.digest.models import Addendum
from handover.note import actions as notes
from handover.notice import actions as notices
from handover.notice.models import NoticeRead
from handover.roster.actions import refresh_next
from tests.handover.conftest import Plan
from tests.handover.matters import FIVE, FOUR, again, begin, fill, open_ticket
from tests.handover.plans import rostered
from tickets.people.models import Member, Presence
from tickets.ticket import actions as tickets
from tickets.web.refusals import Refused

pytestmark = pytest.mark.django_db
LATE = FIVE + timedelta(minutes=10)


@pytest.fixture
def night(plan: Plan) -> Plan:
    """Carol and Dan have started; Bob is still there and signs late."""
    cast = plan.cast
    for shift, member in ((plan.day, cast.bob), (plan.night, cast.carol), (plan.night, cast.dan)):
        rostered(shift, member)
    refresh_next([cast.bob.pk, cast.carol.pk, cast.dan.pk], FOUR - timedelta(hours=6))
    begin(cast.bob, FOUR - timedelta(hours=5))
    begin(cast.carol, FIVE)
    begin(cast.dan, FIVE)
    return plan


def sign(plan: Plan, to: Member | None, **parts: str) -> None:
    note = notes.open_draft(again(plan.cast.bob), at=LATE)
    for item in note.items.select_related("note"):
        notes.save_item(item, by=plan.cast.bob, version=item.version, at=LATE, to_member=to)
    notes.save_parts(note, by=plan.cast.bob, at=LATE, **parts)
    note = fill(note, plan.cast.bob, LATE)
    notes.sign(note, by=plan.cast.bob, version=note.version, at=LATE)


def told(member: Member) -> list[tuple[int, str]]:
    rows = Addendum.objects.filter(duty__member=member, acknowledged_at__isnull=True).order_by("number")
    return [(a.number, a.content["kind"]) for a in rows]


def test_h10_a_note_signed_later_comes_as_an_addendum_to_its_receiver(night: Plan) -> None:
    ticket = open_ticket(night.cast.bob, next_action="call")
    sign(night, night.cast.carol, news="coupons from 22:00")
    assert told(night.cast.carol) == [(1, "offer"), (2, "news")]
    assert told(night.cast.dan) == [(1, "news")]
    addendum = Addendum.objects.get(duty__member=night.cast.carol, number=1)
    actions.answer_addendum(addendum, by=night.cast.carol, given={"answer": "take"}, at=LATE)
    ticket.refresh_from_db()
    assert ticket.holder == night.cast.carol
    assert told(night.cast.carol) == [(2, "news")]


def test_h10_what_one_takes_from_the_pool_no_longer_asks_the_other(night: Plan) -> None:
    open_ticket(night.cast.bob, next_action="call")
    sign(night, None)
    assert told(night.cast.carol) == told(night.cast.dan) == [(1, "offer")]
    addendum = Addendum.objects.get(duty__member=night.cast.dan, number=1)
    actions.answer_addendum(addendum, by=night.cast.dan, given={"answer": "take"}, at=LATE)
    assert told(night.cast.carol) == []


def test_h10_a_matter_settled_otherwise_asks_nobody(night: Plan) -> None:
    cast = night.cast
    ticket = open_ticket(cast.bob, next_action="call")
    sign(night, None)
    tickets.take_over(ticket, to=cast.eve, by=cast.alice, at=LATE)
    notes.close_settled(at=LATE)
    assert actions.forget_settled(at=LATE) == 2
    assert told(cast.carol) == told(cast.dan) == []


def test_h10_an_addendum_can_go_to_somebody_else_or_back_as_a_question(night: Plan) -> None:
    cast = night.cast
    first = open_ticket(cast.bob, "first", next_action="call")
    open_ticket(cast.bob, "second", next_action="call")
    sign(night, cast.carol)
    one, two = Addendum.objects.filter(duty__member=cast.carol).order_by("number")
    given, asked = (one, two) if one.content["ticket"] == first.pk else (two, one)
    actions.answer_addendum(given, by=cast.carol, given={"answer": "owner", "owner": cast.dan.user.username}, at=LATE)
    assert [kind for _n, kind in told(cast.dan)] == ["offer"]
    actions.answer_addendum(asked, by=cast.carol, given={"answer": "ask", "text": "Which courier?"}, at=LATE)
    question = cast.bob.pk and actions.answer_question(_question(), by=cast.bob, text="YTO", at=LATE)
    assert question and told(cast.carol)[-1][1] == "answer"


def _question():  # type: ignore[no-untyped-def]
    from handover.digest.models import Question

    return Question.objects.get()


def test_h10_notices_corrections_and_answers_are_told_once(night: Plan) -> None:
    cast = night.cast
    notice = notices.publish(by=cast.alice, text="YTO is slow", at=LATE)
    notices.change(notice, by=cast.alice, version=1, text="YTO is very slow", at=LATE)
    assert told(cast.carol) == [(1, "notice"), (2, "notice")]
    sign(night, None, news="n")
    from handover.note.models import Note

    notes.add_addendum(Note.objects.get(member=cast.bob), by=cast.bob, text="not 22:00 but 21:00", at=LATE)
    assert [kind for _n, kind in told(cast.carol)] == ["notice", "notice", "news", "correction"]
    for addendum in Addendum.objects.filter(duty__member=cast.carol):
        actions.answer_addendum(addendum, by=cast.carol, given={}, at=LATE)
    assert told(cast.carol) == []
    assert NoticeRead.objects.filter(member=cast.carol, version=2).exists()


def test_h10_a_notice_ended_by_mistake_is_told_again_to_whoever_has_not_read_it(night: Plan) -> None:
    cast = night.cast
    notice = notices.publish(by=cast.bob, text="YTO is slow", at=LATE - timedelta(hours=2))
    notices.read([notice], by=cast.carol, at=LATE)
    Addendum.objects.all().delete()  # Dan came on duty after it was ended
    ended = notices.end(notice, by=cast.bob, at=LATE).ended_at
    assert ended
    notices.resume(notice, by=cast.bob, ended=ended.isoformat(), at=LATE)
    assert (told(cast.carol), told(cast.dan)) == ([], [(1, "notice")])


def test_h10_answering_twice_changes_nothing_and_only_ones_own(night: Plan) -> None:
    cast = night.cast
    notices.publish(by=cast.alice, text="YTO is slow", at=LATE)
    addendum = Addendum.objects.get(duty__member=cast.carol)
    with pytest.raises(Refused, match="forbidden"):
        actions.answer_addendum(addendum, by=cast.dan, given={}, at=LATE)
    first = actions.answer_addendum(addendum, by=cast.carol, given={}, at=LATE)
    second = actions.answer_addendum(addendum, by=cast.carol, given={}, at=LATE + timedelta(minutes=5))
    assert first.acknowledged_at == second.acknowledged_at == LATE


def test_an_offer_needs_a_real_answer(night: Plan) -> None:
    open_ticket(night.cast.bob, next_action="call")
    sign(night, night.cast.carol)
    addendum = Addendum.objects.get(duty__member=night.cast.carol)
    for given in ({}, {"answer": "read"}, {"answer": "owner", "owner": "mallory"}, {"answer": "ask", "text": " "}):
        with pytest.raises(Refused, match="invalid"):
            actions.answer_addendum(addendum, by=night.cast.carol, given=given, at=LATE)


def test_the_banner_shows_them_on_every_page_and_takes_the_answer(night: Plan) -> None:
    cast = night.cast
    Presence.objects.filter(member=cast.carol).update(admitted_until=timezone.now() + timedelta(hours=1))
    notices.publish(by=cast.alice, text="YTO is slow", at=LATE)
    client = Client()
    client.force_login(cast.carol.user)
    assert b'data-live="/digest/addenda/"' in client.get("/notices/").content
    found = client.get("/digest/addenda/", headers={"HX-Request": "true"})
    assert "YTO is slow" in found.content.decode()
    addendum = Addendum.objects.get(duty__member=cast.carol)
    left = client.post(f"/digest/addenda/{addendum.pk}/", {"answer": "read"}, headers={"HX-Request": "true"})
    assert left.status_code == 200 and "YTO is slow" not in left.content.decode()
