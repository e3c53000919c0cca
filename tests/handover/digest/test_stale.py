"""What makes a digest old, what does not, and what must then be answered again (H9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handover.digest import actions, queries
from handover.digest.models import Digest, Question, Receipt
from handover.note.models import Offer
from handover.notice import actions as notices
from handover.notice.models import NoticeRead
from handover.roster.actions import refresh_next
from tests.handover.conftest import Plan
from tests.handover.matters import FIVE, FOUR, MIDNIGHT, again, begin, hand_over, open_ticket
from tests.handover.plans import rostered
from tickets.activity.models import Activity, Alert
from tickets.people.actions import deactivate
from tickets.people.models import Member
from tickets.ticket import actions as tickets
from tickets.ticket.models import Resolution, Ticket
from tickets.web.refusals import Refused

pytestmark = pytest.mark.django_db
SOON = FIVE - timedelta(minutes=5)


@pytest.fixture
def evening(plan: Plan) -> Plan:
    """Bob works the day; Carol and Dan come for the night."""
    for shift, member in ((plan.day, plan.cast.bob), (plan.night, plan.cast.carol), (plan.night, plan.cast.dan)):
        rostered(shift, member)
    refresh_next([plan.cast.bob.pk, plan.cast.carol.pk, plan.cast.dan.pk], FOUR - timedelta(hours=6))
    begin(plan.cast.bob, FOUR - timedelta(hours=5))
    return plan


def opened(member: Member) -> int:
    latest = actions.open_digest(again(member), at=SOON).latest
    assert latest is not None
    return latest.version


def take_all(member: Member) -> list[dict[str, str]]:
    return [{"item": m.item, "answer": "take"} for m in queries.read(again(member), at=SOON).asked]


def test_starting_notes_that_the_standing_notices_are_read(evening: Plan) -> None:
    carol = evening.cast.carol
    told = notices.publish(by=evening.cast.alice, text="40cm pot out of stock", at=FOUR)
    later = notices.publish(by=evening.cast.alice, text="campaign", valid_from=FIVE + timedelta(days=7), at=FOUR)
    actions.acknowledge(carol, by=carol, version=opened(carol), answers=take_all(carol), at=FIVE)
    read = NoticeRead.objects.filter(member=carol, notice__in=[told, later]).values_list("notice", "version", "at")
    assert list(read) == [(told.pk, 1, FIVE)]


def test_h9_version_1_is_refused_once_version_2_exists_and_says_what_is_new(evening: Plan) -> None:
    bob, carol = evening.cast.bob, evening.cast.carol
    first = open_ticket(bob, "first", to_pool=True)
    version, answers = opened(carol), take_all(carol)
    second = open_ticket(bob, "second", to_pool=True)
    with pytest.raises(Refused) as refused:
        actions.acknowledge(carol, by=carol, version=version, answers=answers, at=FIVE)
    assert refused.value.code == "stale"
    assert refused.value.extra["current"] == {"version": 2}
    assert [row["ticket"] for row in refused.value.extra["delta"]["added"]] == [second.pk]
    assert refused.value.extra["unanswered"] == [f"t{second.pk}"], "what did not change is answered already"
    assert not Receipt.objects.filter(member=carol).exists()
    first.refresh_from_db()
    assert first.holder is None, "nothing was taken"

    done = actions.acknowledge(carol, by=carol, version=2, answers=[{"item": f"t{second.pk}", "answer": "take"}], at=FIVE)
    assert done.duty is not None
    assert set(Ticket.objects.filter(holder=carol).values_list("pk", flat=True)) == {first.pk, second.pk}


def test_h9_a_changed_item_must_be_answered_again(evening: Plan) -> None:
    bob, carol = evening.cast.bob, evening.cast.carol
    ticket = open_ticket(bob, to_pool=True)
    version = opened(carol)
    actions.answer(again(carol), f"t{ticket.pk}", {"answer": "take"}, at=SOON)
    tickets.contact(ticket, by=bob, text="She wrote again, angrily", at=SOON)
    with pytest.raises(Refused) as refused:
        actions.acknowledge(carol, by=carol, version=version, at=FIVE)
    assert [row["ticket"] for row in refused.value.extra["delta"]["changed"]] == [ticket.pk]
    assert refused.value.extra["unanswered"] == [f"t{ticket.pk}"]


def test_what_another_takes_disappears_without_making_the_digest_old(evening: Plan) -> None:
    bob, carol, dan = evening.cast.bob, evening.cast.carol, evening.cast.dan
    ticket = open_ticket(bob, to_pool=True)
    other = open_ticket(bob, "other", to_pool=True)
    version = opened(carol)
    answers = take_all(carol)
    opened(dan)
    mixed = [{"item": f"t{ticket.pk}", "answer": "take"}, {"item": f"t{other.pk}", "answer": "ask", "text": "Is it urgent?"}]
    actions.acknowledge(dan, by=dan, version=1, answers=mixed, at=SOON)
    done = actions.acknowledge(carol, by=carol, version=version, answers=answers, at=FIVE)
    assert [(row["ticket"], row["holder"]["name"]) for row in done.taken] == [(ticket.pk, "Dan")]
    assert done.receipt.version == 1


def test_one_readers_acknowledgement_does_not_silence_the_other(evening: Plan) -> None:
    bob, carol, dan = evening.cast.bob, evening.cast.carol, evening.cast.dan
    ticket = open_ticket(bob, to_pool=True)
    opened(carol)
    opened(dan)
    ask = [{"item": f"t{ticket.pk}", "answer": "ask", "text": "Is this urgent?"}]
    actions.acknowledge(carol, by=carol, version=1, answers=ask, at=FIVE)
    assert [m.ticket_id for m in queries.read(again(dan), at=FIVE).asked] == [ticket.pk]


def test_h9_act_now_and_watch_need_an_answer(evening: Plan) -> None:
    bob, carol = evening.cast.bob, evening.cast.carol
    ticket = open_ticket(bob, to_pool=True)
    opened(carol)
    with pytest.raises(Refused) as refused:
        actions.acknowledge(carol, by=carol, version=1, at=FIVE)
    assert (refused.value.code, list(refused.value.errors or {})) == ("invalid", [f"t{ticket.pk}"])


@pytest.mark.parametrize(
    "answer", [{"answer": "owner"}, {"answer": "owner", "owner": "mallory"}, {"answer": "owner", "owner": "eve"}, {"answer": "ask"}, {}]
)
def test_h9_an_answer_must_say_something(evening: Plan, answer: dict[str, str]) -> None:
    ticket = open_ticket(evening.cast.bob, to_pool=True)
    with pytest.raises(Refused, match="invalid"):
        actions.answer(again(evening.cast.carol), f"t{ticket.pk}", answer, at=SOON)


def test_an_answer_to_what_is_not_in_the_digest_is_refused(evening: Plan) -> None:
    with pytest.raises(Refused, match="not_found"):
        actions.answer(again(evening.cast.carol), "t999999", {"answer": "take"}, at=SOON)


def test_h9_naming_an_owner_offers_it_to_that_person(evening: Plan) -> None:
    bob, carol, dan = evening.cast.bob, evening.cast.carol, evening.cast.dan
    ticket = open_ticket(bob, next_action="call")
    hand_over(bob, SOON, to=carol)
    opened(carol)
    actions.acknowledge(carol, by=carol, version=1, answers=[{"item": f"t{ticket.pk}", "answer": "owner", "owner": dan.pk}], at=FIVE)
    offer = Offer.objects.get(state="open")
    assert (offer.to_member, offer.from_member) == (dan, bob)
    ticket.refresh_from_db()
    assert ticket.holder == bob, "until Dan acknowledges"
    assert [m.where for m in queries.read(again(dan), at=FIVE).matters] == ["offered"]
    assert Alert.objects.filter(member=dan, code="handover.named").exists()


def test_h9_who_was_named_and_has_left_is_named_no_more(evening: Plan) -> None:
    """Answers are kept while one reads on: the person can leave in between, and would see to nothing (C1, C9)."""
    bob, carol, dan = evening.cast.bob, evening.cast.carol, evening.cast.dan
    ticket, over = open_ticket(bob, to_pool=True), open_ticket(bob, "over", to_pool=True)
    word = tickets.promise(over, by=bob, text="refund by nine", due_at=FIVE + timedelta(hours=1), at=SOON)
    tickets.resolve(over, by=bob, resolution=Resolution.objects.create(team=evening.cast.team, name="Done"), at=SOON)
    version, items = opened(carol), [f"t{ticket.pk}", f"t{over.pk}"]
    for item in items:
        actions.answer(again(carol), item, {"answer": "owner", "owner": dan.pk}, at=SOON)
    deactivate(dan, by=evening.cast.alice, at=SOON)
    with pytest.raises(Refused, match="invalid") as refused:
        actions.acknowledge(carol, by=carol, version=version, at=FIVE)
    assert set(refused.value.errors or {}) == set(items)
    assert queries.read(again(carol), at=FIVE).answers == {}, "and the page asks again"
    actions.acknowledge(carol, by=carol, version=version, answers=[{"item": item, "answer": "take"} for item in items], at=FIVE)
    word.refresh_from_db()
    ticket.refresh_from_db()
    assert (word.owner, ticket.holder) == (carol, carol)


def test_h9_a_question_goes_to_the_author_and_the_matter_stays(evening: Plan) -> None:
    cast = evening.cast
    ticket = open_ticket(cast.bob, next_action="call")
    hand_over(cast.bob, SOON, to=cast.carol)
    opened(cast.carol)
    ask = [{"item": f"t{ticket.pk}", "answer": "ask", "text": "Which courier?"}]
    actions.acknowledge(cast.carol, by=cast.carol, version=1, answers=ask, at=FIVE)
    question = Question.objects.get()
    assert (question.author, question.text) == (cast.bob, "Which courier?")
    assert set(Alert.objects.filter(code="question.asked").values_list("member", flat=True)) == {cast.bob.pk, cast.alice.pk}
    ticket.refresh_from_db()
    assert (ticket.holder, Offer.objects.get().state) == (cast.bob, "open")


def test_taking_confirms_the_next_step_and_its_time(evening: Plan) -> None:
    ticket = open_ticket(evening.cast.bob, to_pool=True)
    carol = evening.cast.carol
    opened(carol)
    said = {"item": f"t{ticket.pk}", "answer": "take", "next_action": "call SF", "next_at": (FIVE + timedelta(hours=1)).isoformat()}
    actions.acknowledge(carol, by=carol, version=1, answers=[said], at=FIVE)
    ticket.refresh_from_db()
    assert (ticket.holder, ticket.next_action, ticket.due_at) == (carol, "call SF", FIVE + timedelta(hours=1))


def test_a_crash_in_between_loses_no_answer(evening: Plan) -> None:
    ticket = open_ticket(evening.cast.bob, to_pool=True)
    carol = evening.cast.carol
    actions.answer(again(carol), f"t{ticket.pk}", {"answer": "take"}, at=SOON)
    kept = actions.open_digest(again(carol), at=FIVE).latest
    assert kept is not None and kept.answers[f"t{ticket.pk}"]["answer"] == "take"
    done = actions.acknowledge(carol, by=carol, version=kept.version, at=FIVE)
    assert done.duty is not None


def test_a_failure_while_starting_undoes_everything(evening: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = open_ticket(evening.cast.bob, to_pool=True)
    carol = evening.cast.carol
    opened(carol)

    def fails(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr("handover.duty.actions._begin", fails)
    with pytest.raises(RuntimeError):
        actions.acknowledge(carol, by=carol, version=1, answers=take_all(carol), at=FIVE)
    ticket.refresh_from_db()
    assert ticket.holder is None
    assert not Receipt.objects.filter(member=carol).exists()
    assert not Activity.objects.filter(code="digest.acknowledged", actor=carol).exists()


def test_h7_a_week_away_is_one_digest(evening: Plan) -> None:
    """Dan was here a week ago; what is still open comes once, with the newest facts."""
    cast = evening.cast
    old = open_ticket(cast.bob, "since Monday", at=FOUR - timedelta(days=6), to_pool=True)
    tickets.edit(old, by=cast.bob, version=old.version, next_action="newest step", at=FOUR)
    reading = actions.open_digest(again(cast.dan), at=SOON)
    assert [(m.ticket_id, m.do) for m in reading.matters] == [(old.pk, "newest step")]
    assert Digest.objects.filter(member=cast.dan).count() == 1


def test_h7_no_note_is_told_from_the_ledger_and_marked(evening: Plan) -> None:
    from handover.duty import actions as duty
    from handover.duty.models import Duty

    bob, carol = evening.cast.bob, evening.cast.carol
    ticket = open_ticket(bob, next_action="call SF")
    lapses = Duty.objects.get(member=bob).lapses_at
    assert duty.lapse_overdue(lapses) == 1
    refresh_next([carol.pk], lapses)
    reading = queries.read(again(carol), at=lapses + timedelta(minutes=1))
    assert [(m.ticket_id, m.where, m.from_ledger, m.do) for m in reading.matters] == [(ticket.pk, "pool", True, "call SF")]
    assert Alert.objects.filter(member=evening.cast.alice, code="note.missing").count() == 1


def test_h7_an_unstaffed_shift_leaves_no_hole(evening: Plan) -> None:
    """Nobody works the night: whoever comes next morning still gets what the day left."""
    cast = evening.cast
    ticket = open_ticket(cast.bob, next_action="call", next_at=MIDNIGHT + timedelta(hours=2))
    hand_over(cast.bob, SOON, to=None)
    reading = queries.read(again(cast.eve), at=MIDNIGHT + timedelta(hours=8))
    assert [(m.ticket_id, m.severity) for m in reading.matters] == [(ticket.pk, "act_now")]


def test_h5_whoever_was_let_in_can_still_acknowledge(evening: Plan) -> None:
    from handover.duty import actions as duty

    cast = evening.cast
    ticket = open_ticket(cast.bob, to_pool=True)
    running = duty.let_in(cast.carol, by=cast.alice, reason="queue of forty", at=FIVE)
    reading = actions.open_digest(again(cast.carol), at=FIVE + timedelta(minutes=1))
    assert reading.receipt is None and [m.ticket_id for m in reading.asked] == [ticket.pk]
    done = actions.acknowledge(
        cast.carol, by=cast.carol, version=1, answers=[{"item": f"t{ticket.pk}", "answer": "take"}], at=FIVE + timedelta(minutes=2)
    )
    assert done.duty == running
    assert queries.read(again(cast.carol), at=FIVE + timedelta(minutes=3)).receipt == done.receipt


def test_h8_without_a_shift_the_digest_reaches_to_the_end_of_the_one_that_runs_now(evening: Plan) -> None:
    """Opened five minutes before the day ends, read on into the night: the night's end counts, and what was told meanwhile is in it."""
    cast = evening.cast
    ticket = open_ticket(cast.bob, to_pool=True, next_action="call", next_at=MIDNIGHT - timedelta(hours=1))
    before = actions.open_digest(again(cast.eve), at=SOON)
    assert (before.until, before.levels[f"t{ticket.pk}"]) == (FIVE, "watch")
    told = notices.publish(by=cast.alice, kind="courier", text="YTO is slow", at=FIVE + timedelta(minutes=10))
    late = actions.open_digest(again(cast.eve), at=FIVE + timedelta(minutes=20))
    assert (late.until, late.levels[f"t{ticket.pk}"]) == (MIDNIGHT, "act_now")
    assert [notice.pk for notice in late.notices] == [told.pk]
