"""H3-H5: what a note asks for, what it fills in itself, and what signing does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from handover.duty import actions as duty
from handover.duty.models import Duty
from handover.note import actions as notes
from handover.note.actions.signing import content
from handover.note.models import Note, NoteItem, Offer
from handover.note.rules import content_hash
from handover.roster.actions import refresh_next
from tests.handover.conftest import Plan
from tests.handover.matters import FIVE, FOUR, again, begin, fill, hand_over, open_ticket
from tests.handover.plans import rostered
from tickets.activity.models import Activity, Alert
from tickets.people.actions import deactivate
from tickets.people.models import Presence
from tickets.ticket import actions as tickets
from tickets.ticket.models import Reason
from tickets.web.refusals import Refused

pytestmark = pytest.mark.django_db
SOON = FIVE - timedelta(minutes=5)


def draft(plan: Plan) -> Note:
    return notes.open_draft(again(plan.cast.bob), at=SOON)


def test_h3_the_draft_covers_every_ticket_held_and_fills_in_what_is_known(day: Plan) -> None:
    bob = day.cast.bob
    ticket = open_ticket(bob, "Thermos", next_action="call SF", next_at=FIVE + timedelta(hours=2))
    tickets.promise(ticket, by=bob, text="call her back", due_at=FIVE + timedelta(hours=3), at=FOUR)
    tickets.contact(ticket, by=bob, text="photo checked", at=FOUR)
    open_ticket(day.cast.carol, "not mine")
    note = draft(day)
    item = note.items.get()
    assert (item.ticket, item.severity, item.state, item.next_action) == (ticket, "act_now", "photo checked", "call SF")
    assert (item.due_at, item.to_member) == (FIVE + timedelta(hours=2), day.cast.carol)
    due = (FIVE + timedelta(hours=3)).astimezone(bob.team.zone)
    assert item.promise == f"call her back ({due:%Y-%m-%d %H:%M})", "in the team's zone, whoever's clock writes it"
    assert item.typed == []
    assert note.next_shift == day.night


def test_h3_a_chosen_reason_is_no_word_of_how_it_stands(day: Plan) -> None:
    leaks = Reason.objects.create(team=day.cast.team, name="Leaks")
    open_ticket(day.cast.bob, "Thermos", reason=leaks, body="the lid drips")
    assert draft(day).items.get().state == "the lid drips"


def test_h3_what_a_person_typed_is_never_overwritten(day: Plan) -> None:
    bob = day.cast.bob
    ticket = open_ticket(bob, next_action="call SF")
    item = draft(day).items.select_related("note").get()
    notes.save_item(item, by=bob, version=1, at=SOON, next_action="write instead", state="")
    tickets.contact(ticket, by=bob, text="she called", at=SOON)
    ticket.refresh_from_db()
    tickets.edit(ticket, by=bob, version=ticket.version, next_action="call YTO", at=SOON)
    item = draft(day).items.get()
    assert (item.next_action, item.state, item.typed) == ("write instead", "", ["next_action", "state"])


def test_h3_an_earlier_if_then_is_not_typed_again(day: Plan) -> None:
    bob, carol = day.cast.bob, day.cast.carol
    open_ticket(bob, next_action="call")
    item = draft(day).items.select_related("note").get()
    notes.save_item(item, by=bob, version=1, at=SOON, if_then="courier denies → reship", to_member=carol)
    hand_over(bob, SOON)
    begin(carol, FIVE)
    again_drafted = notes.open_draft(again(carol), at=FIVE + timedelta(hours=1))
    assert again_drafted.items.get().if_then == "courier denies → reship"


def test_h3_signing_what_is_not_ready_is_refused_and_says_which(day: Plan) -> None:
    ticket = open_ticket(day.cast.bob)
    note = draft(day)
    with pytest.raises(Refused) as refused:
        notes.sign(note, by=day.cast.bob, version=note.version, at=SOON)
    assert refused.value.errors == {str(ticket.pk): ["state", "next_action", "due_at", "if_then"]}
    assert Duty.objects.running().filter(member=day.cast.bob).exists()


def test_h3_stable_matters_are_handed_over_together_without_typing(day: Plan) -> None:
    ticket = open_ticket(day.cast.bob)
    tickets.wait(ticket, by=day.cast.bob, on="customer", at=FOUR)
    note = draft(day)
    assert note.items.get().severity == "stable"
    notes.sign(note, by=day.cast.bob, version=note.version, at=SOON)
    assert Offer.objects.get().to_member == day.cast.carol


def test_h3_a_ticket_that_comes_while_signing_is_not_left_out(day: Plan) -> None:
    bob = day.cast.bob
    open_ticket(bob, next_action="call")
    note = fill(draft(day), bob, SOON)
    late = open_ticket(bob, "late", at=SOON)
    with pytest.raises(Refused) as refused:
        notes.sign(note, by=bob, version=note.version, at=SOON)
    assert list(refused.value.errors or {}) == [str(late.pk)]


def test_a_draft_survives_when_somebody_else_changes_the_holder(day: Plan) -> None:
    bob = day.cast.bob
    ticket = open_ticket(bob, next_action="call")
    item = draft(day).items.select_related("note").get()
    notes.save_item(item, by=bob, version=1, at=SOON, state="what I know")
    tickets.release(ticket, by=bob, at=SOON)
    note = draft(day)
    assert note.items.get().state == "what I know"
    notes.sign(note, by=bob, version=note.version, at=SOON)
    assert not Offer.objects.exists(), "it is no longer Bob's to hand over"


def test_h4_two_windows_do_not_overwrite_each_other(day: Plan) -> None:
    open_ticket(day.cast.bob)
    item = draft(day).items.select_related("note").get()
    notes.save_item(item, by=day.cast.bob, version=1, at=SOON, state="first")
    with pytest.raises(Refused) as refused:
        notes.save_item(item, by=day.cast.bob, version=1, at=SOON, state="second")
    assert (refused.value.code, refused.value.extra["current"]["state"]) == ("stale", "first")


def test_h4_a_signed_note_does_not_change_not_even_by_sql(day: Plan) -> None:
    open_ticket(day.cast.bob, next_action="call")
    note = hand_over(day.cast.bob, SOON)
    assert note.content_hash == content_hash(content(note, list(note.items.all())))
    for statement in (
        "UPDATE handover_note SET news = 'x'",
        "DELETE FROM handover_note",
        "UPDATE handover_noteitem SET state = 'x'",
        "DELETE FROM handover_noteitem",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_h4_corrections_are_numbered_addenda(day: Plan) -> None:
    cast = day.cast
    ticket = open_ticket(cast.bob, next_action="call")
    note = draft(day)
    with pytest.raises(Refused, match="wrong_state"):
        notes.add_addendum(note, by=cast.bob, text="too early", at=SOON)
    note = hand_over(cast.bob, SOON)
    numbers = [notes.add_addendum(note, by=by, text="it was YTO", ticket=ticket, at=FIVE).number for by in (cast.bob, cast.alice)]
    assert numbers == [1, 2]
    with pytest.raises(Refused, match="invalid"):
        notes.add_addendum(note, by=cast.bob, text=" ", at=FIVE)
    with pytest.raises(Refused, match="not_found"):
        notes.add_addendum(note, by=cast.mallory, text="x", at=FIVE)


def test_signing_is_one_transaction_offers_and_ends_the_duty(day: Plan) -> None:
    bob = day.cast.bob
    ticket = open_ticket(bob, next_action="call", next_at=FIVE + timedelta(hours=1))
    note = hand_over(bob, SOON)
    running = Duty.objects.get(pk=note.duty_id)
    assert (running.end, running.ended_at, note.signed_by, note.signed_at) == ("signed", SOON, bob, SOON)
    offer = Offer.objects.get()
    assert (offer.ticket, offer.from_member, offer.to_member, offer.state) == (ticket, bob, day.cast.carol, "open")
    codes = list(Activity.objects.filter(at=SOON).values_list("code", flat=True))
    assert {"note.signed", "handover.offered", "duty.ended"} <= set(codes)
    with pytest.raises(Refused, match="wrong_state"):
        notes.sign(note, by=bob, version=note.version, at=SOON)


def test_only_its_author_writes_a_note(day: Plan) -> None:
    note = draft(day)
    for other in (day.cast.alice, day.cast.carol):
        with pytest.raises(Refused, match="forbidden"):
            notes.sign(note, by=other, version=note.version, at=SOON)
        with pytest.raises(Refused, match="forbidden"):
            notes.save_parts(note, by=other, at=SOON, news="x")
    with pytest.raises(Refused, match="not_found"):
        notes.save_parts(note, by=day.cast.mallory, at=SOON, news="x")


def test_a_receiver_must_be_here_or_coming(day: Plan) -> None:
    open_ticket(day.cast.bob)
    item = draft(day).items.select_related("note").get()
    for member in (day.cast.dan, day.cast.mallory):
        with pytest.raises(Refused, match="invalid"):
            notes.save_item(item, by=day.cast.bob, version=1, at=SOON, to_member=member)


def test_c10_who_touched_it_before_is_proposed_first(day: Plan) -> None:
    cast = day.cast
    rostered(day.night, cast.dan)
    refresh_next([cast.dan.pk], FOUR)
    known = open_ticket(cast.bob, "known")
    tickets.contact(known, by=cast.dan, text="hello", at=FOUR)
    spread = [open_ticket(cast.bob, f"fresh {n}") for n in range(3)]
    to = {i.ticket_id: i.to_member for i in draft(day).items.select_related("to_member")}
    assert to[known.pk] == cast.dan
    assert {to[t.pk] for t in spread} == {cast.carol, cast.dan}, "the others are spread over the least loaded"


@pytest.mark.parametrize("how", ["lapse", "on behalf"])
def test_h7_a_duty_without_a_note_leaves_one_built_from_the_ledger(day: Plan, how: str) -> None:
    cast = day.cast
    ticket = open_ticket(cast.bob, next_action="call SF")
    running = Duty.objects.get(member=cast.bob)
    if how == "lapse":
        duty.lapse_overdue(running.lapses_at)
    else:
        duty.end_on_behalf(running, by=cast.alice, reason="went to hospital", at=SOON)
    note = Note.objects.get(duty=running)
    assert note.built_by_system and note.signed_at and note.signed_by is None
    assert NoteItem.objects.get(note=note).next_action == "call SF"
    assert (Offer.objects.get().ticket, Offer.objects.get().to_member) == (ticket, None)
    assert Alert.objects.filter(member=cast.alice, code="note.missing").count() == 1


def test_c1_who_leaves_the_team_leaves_nothing_behind(day: Plan) -> None:
    cast = day.cast
    ticket = open_ticket(cast.bob, next_action="call")
    deactivate(cast.bob, by=cast.alice, at=SOON)
    ticket.refresh_from_db()
    assert ticket.holder is None
    notes.close_settled(at=FIVE)
    assert not Offer.objects.filter(state="open", from_member=cast.bob).exists()


def test_signing_writes_severity_and_next_step_on_the_ticket(day: Plan) -> None:
    bob = day.cast.bob
    ticket = open_ticket(bob)
    item = draft(day).items.select_related("note").get()
    due = FIVE + timedelta(days=1)
    notes.save_item(item, by=bob, version=1, at=SOON, severity="act_now", state="s", next_action="call SF", due_at=due, if_then="x")
    note = Note.objects.get()
    notes.sign(note, by=bob, version=note.version, at=SOON)
    ticket.refresh_from_db()
    assert (ticket.severity, ticket.next_action, ticket.due_at) == ("act_now", "call SF", due)


def test_off_duty_there_is_nothing_to_write(plan: Plan) -> None:
    with pytest.raises(Refused, match="wrong_state"):
        notes.open_draft(again(plan.cast.bob), at=FOUR)


def test_twenty_matters_cost_no_more_queries_than_four(day: Plan) -> None:
    bob = day.cast.bob
    client = Client()
    Presence.objects.filter(member=bob).update(admitted_until=None)
    client.force_login(bob.user)

    def cost() -> int:
        client.get("/handover/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/handover/").status_code == 200
        return len(captured)

    for n in range(4):
        open_ticket(bob, f"a{n}", next_action="call")
    few = cost()
    for n in range(16):
        open_ticket(bob, f"b{n}", next_action="call")
    assert cost() == few


def test_h4_saving_the_same_again_is_no_new_version(day: Plan) -> None:
    """Leaving a field sends it once more; whoever signs then has no older note before them."""
    bob, note = day.cast.bob, draft(day)
    once = notes.save_parts(note, by=bob, at=SOON, unmet_wish="a 55 cm wok")
    again_saved = notes.save_parts(note, by=bob, at=SOON, unmet_wish="a 55 cm wok")
    assert (once.version, again_saved.version) == (note.version + 1, note.version + 1)
    assert notes.sign(note, by=bob, version=once.version, at=SOON).unmet_wish == "a 55 cm wok"
