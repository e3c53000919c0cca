"""H4 on the pages: times as people write them, two windows of one note, and corrections once it is signed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from handover.note import actions as notes
from handover.note.models import Note, NoteAddendum, NoteItem
from tests.cast import Cast, make_cast
from tests.handover.matters import begin, fill, open_ticket
from tickets.people.models import Presence
from tickets.web.refusals import Refused

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def cast() -> Cast:
    """Bob is on duty with one matter in his draft."""
    found, now = make_cast(), timezone.now()
    Presence.objects.update(on_since=None)
    begin(found.bob, now - timedelta(hours=7))
    open_ticket(found.bob, "Thermos leaks", next_action="call SF", body="second leak", at=now)
    notes.open_draft(found.bob, at=now)
    return found


@pytest.fixture
def client(cast: Cast) -> Client:
    found = Client()
    found.force_login(cast.bob.user)
    return found


def save(client: Client, **typed: str) -> tuple[int, NoteItem]:
    """The row as the page sends it: with its version, and the time that was saved last."""
    item = NoteItem.objects.get()
    answer = client.post(f"/handover/items/{item.pk}/", {"version": item.version, **typed}, headers=FRAGMENT)
    item.refresh_from_db()
    return answer.status_code, item


def signed(cast: Cast) -> Note:
    note = fill(Note.objects.get(), cast.bob, timezone.now())
    notes.sign(note, by=cast.bob, version=note.version)
    return note


def test_h3_a_time_is_typed_as_people_write_it_and_read_once(cast: Cast, client: Client) -> None:
    before = timezone.now()
    status, item = save(client, due_at="+2h", due_seen="")
    assert status == 200 and item.due_at is not None
    assert before + timedelta(hours=2) <= item.due_at <= timezone.now() + timedelta(hours=2)
    due = item.due_at
    _status, item = save(client, due_at="+2h", due_seen="+2h", state="leaks again")
    assert (item.state, item.due_at) == ("leaks again", due), "the rest of the row does not move the time"
    _status, item = save(client, due_at="", due_seen="+2h")
    assert item.due_at is None


def test_h4_a_time_that_cannot_be_read_keeps_what_else_was_typed(cast: Cast, client: Client) -> None:
    item = NoteItem.objects.get()
    sent = {"version": item.version, "due_at": "lunch", "due_seen": "", "state": "leaks again"}
    answer = client.post(f"/handover/items/{item.pk}/", sent, headers=FRAGMENT)
    item.refresh_from_db()
    assert (answer.status_code, item.state, item.due_at) == (400, "leaks again", None)
    assert "19:30, +2h" in answer.content.decode()
    assert f'name="version" value="{item.version}"' in answer.content.decode(), "the next save is no stale one"


def test_h4_two_windows_write_different_parts(cast: Cast, client: Client) -> None:
    client.post("/handover/parts/", {"news": "coupons from 22:00", "seen_news": ""}, headers=FRAGMENT)
    older = {"stock_outs": "40 cm pot", "seen_stock_outs": "", "news": "", "seen_news": ""}
    assert client.post("/handover/parts/", older, headers=FRAGMENT).status_code == 200
    note = Note.objects.get()
    assert (note.stock_outs, note.news) == ("40 cm pot", "coupons from 22:00")


def test_c6_a_part_that_another_window_changed_is_refused_and_shown(cast: Cast, client: Client) -> None:
    client.post("/handover/parts/", {"news": "theirs", "seen_news": ""}, headers=FRAGMENT)
    answer = client.post("/handover/parts/", {"news": "mine", "seen_news": ""}, headers=FRAGMENT)
    assert answer.status_code == 409 and '<q dir="auto">theirs</q>' in answer.content.decode()
    assert Note.objects.get().news == "theirs"
    assert client.post("/handover/parts/", {"news": "mine", "seen_news": "theirs"}, headers=FRAGMENT).status_code == 200
    assert Note.objects.get().news == "mine", "knowing theirs, it is a decision"


def test_h4_the_author_corrects_the_note_although_duty_is_over(cast: Cast, client: Client) -> None:
    note = signed(cast)
    path = f"/handover/notes/{note.pk}/signed/"
    assert client.post(path, {"text": "it was YTO"})["Location"] == path
    assert list(NoteAddendum.objects.values_list("note", "number", "text", "by")) == [(note.pk, 1, "it was YTO", cast.bob.pk)]
    assert "it was YTO" in client.get(path).content.decode()


def test_h4_only_the_author_and_managers_correct_a_note(cast: Cast) -> None:
    note = signed(cast)
    begin(cast.carol, timezone.now())
    others = Client()
    others.force_login(cast.carol.user)
    assert 'name="text"' not in others.get(f"/handover/notes/{note.pk}/").content.decode()
    assert others.post(f"/handover/notes/{note.pk}/", {"text": "x"}).status_code == 403
    assert others.post(f"/handover/notes/{note.pk}/signed/", {"text": "x"}).status_code == 404
    with pytest.raises(Refused, match="forbidden"):
        notes.add_addendum(note, by=cast.carol, text="x")
    assert not NoteAddendum.objects.exists()


def test_h3_signing_too_early_leads_to_the_first_cell_that_is_missing(cast: Cast, client: Client) -> None:
    note = Note.objects.get()
    answer = client.post(f"/handover/notes/{note.pk}/sign/", {"version": note.version}, headers=FRAGMENT)
    body = answer.content.decode()
    assert answer.status_code == 400 and "Some matters are not ready" in body
    asked = [line for line in body.splitlines() if "data-focus" in line]
    assert len(asked) == 1 and 'name="due_at"' in asked[0]
    assert Note.objects.get().signed_at is None


@pytest.mark.parametrize("number", ["x", "²", "9" * 5000])
def test_a_number_that_is_none_is_no_failure_of_ours(cast: Cast, client: Client, number: str) -> None:
    """`int` refuses some thousand digits with an exception of its own."""
    note = Note.objects.get()
    assert client.post(f"/handover/notes/{note.pk}/sign/", {"version": number}, headers=FRAGMENT).status_code == 409
    note = signed(cast)
    assert client.post(f"/handover/notes/{note.pk}/signed/", {"text": "x", "ticket": number}).status_code == 404
