"""`manage.py verify`: rows changed by hand, with every trigger asleep, are found and named."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.tickets.return_form.scene import all_ok, make_scene
from tickets.return_form import actions, proof
from tickets.return_form.models import Evidence
from tickets.return_form.proof import reading
from tickets.ticket.actions import claim, open_ticket

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def verify(*options: str) -> tuple[bool, str]:
    said = io.StringIO()
    try:
        call_command("verify", *options, stdout=said, no_color=True)
    except CommandError:
        return False, said.getvalue()
    return True, said.getvalue()


def tamper(sql: str, *values: object) -> None:
    """What somebody with the database's password can do: no trigger stands in the way."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what was done honestly is checked now, as a commit would
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'")
        tables = [table for (table,) in cursor.fetchall()]
        for table in tables:  # as the tables' owner may, who need not be a superuser
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture
def full(scene):
    """Forms in every state, with void signatures, a recount, a failed settlement, a successor, and a ticket that moved."""
    ticket = open_ticket(by=scene.cast.bob, customer=scene.customer, subject="Pot leaks", to_pool=True)
    claim(ticket, by=scene.cast.carol)
    closed = scene.closed(scene.ask(scene.lid, resolution="exchange"))
    actions.reopen(closed, by=scene.dora, reason="broken as well")
    form = scene.inspected(scene.ask(), scene.ask(resolution="compensation", amount=5), ticket=ticket)
    actions.inspect(form, by=scene.wen, counts=[actions.Counted(1, damaged=1, disposition="scrap")], recount=True)
    actions.cosign(form, by=scene.wen)
    back = actions.send_back(form, by=scene.alice, question="photo?")
    actions.edit(back, by=scene.dora, revision=back.revision, words="It leaks.")
    actions.submit(form, by=scene.dora)
    actions.cosign(form, by=scene.wen)
    actions.decide(form, by=scene.alice, rationale="ok")
    actions.settle(form, by=scene.dora, kind="refund", outcome="failed", failure="closed account")
    actions.comment(form, by=scene.cast.bob, text="She called.")
    actions.receive(scene.submitted(tracking="SF1"), by=scene.wen)
    return form, closed


def test_an_honest_database_agrees(full):
    assert verify() == (True, "Everything agrees with what was signed and written down.\n")


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("UPDATE tickets_returnline SET quantity = 2 WHERE form_id = %s AND place = 2", "content_changed"),
        ("UPDATE tickets_returnform SET words = 'other' WHERE id = %s", "content_changed"),
        ("UPDATE tickets_returnline SET ok = 1, damaged = 0 WHERE form_id = %s AND place = 1", "content_changed"),
        ("UPDATE tickets_returnline SET amount = 12 WHERE form_id = %s AND place = 1", "content_changed"),
        ("UPDATE tickets_returnline SET fault = 'supplier' WHERE form_id = %s AND place = 1", "content_changed"),
        ("UPDATE tickets_returnform SET state = 'closed' WHERE id = %s", "state_not_as_in_the_ledger"),
        ("UPDATE tickets_returnform SET compensation = 9 WHERE id = %s", "settlements_are_not_what_was_decided"),
        ("UPDATE tickets_signature SET name = 'Eve' WHERE form_id = %s AND stage = 'manager'", "hash_differs"),
        ("UPDATE tickets_signature SET hash = repeat('0', 64) WHERE form_id = %s AND stage = 'initiator'", "not_as_in_the_ledger"),
        ("UPDATE tickets_signature SET at = at - interval '1 day' WHERE form_id = %s", "hash_differs"),
        ("UPDATE tickets_settlement SET amount = 1 WHERE form_id = %s AND kind = 'refund'", "settlement"),
        (
            "UPDATE tickets_settlement SET state = 'succeeded', reference = 'x' WHERE form_id = %s AND kind = 'refund'",
            "settlement_not_as_in",
        ),
        ("DELETE FROM tickets_settlement WHERE form_id = %s AND kind = 'refund'", "settlement_is_gone"),
        ("DELETE FROM tickets_voiding v USING tickets_signature s WHERE s.id = v.signature_id AND s.form_id = %s", "signature_of_another"),
        ("UPDATE tickets_formrevision SET content = '{}' WHERE form_id = %s", "content_not_as_in_its_revision"),
        ("UPDATE tickets_orderline SET quantity = 1 WHERE %s > 0", "more_than_bought"),
        ("UPDATE tickets_order SET paid = 1 WHERE %s > 0", "more_than_paid"),
        ("DELETE FROM tickets_activity WHERE return_form_id = %s AND code = 'return_form.sent_back'", "ledger_does_not_join"),
        ("UPDATE tickets_activity SET actor_id = NULL WHERE return_form_id = %s AND code = 'return_form.decided'", "not_as_in_the_ledger"),
        ("UPDATE tickets_ticket SET holder_id = NULL WHERE %s > 0", "holder_is_not_the_last_assignment"),
        ("UPDATE tickets_ticket SET touches = 7 WHERE %s > 0", "touches_are_miscounted"),
    ],
)
def test_what_was_changed_by_hand_is_named(full, sql, code):
    form, _closed = full
    tamper(sql, form.pk)
    agrees, said = verify()
    assert not agrees
    assert code in said


def test_a_deleted_signature_and_a_sleeping_trigger_are_named(scene):
    form = scene.submitted()
    tamper("DELETE FROM tickets_signature WHERE form_id = %s", form.pk)
    assert "signature_is_gone" in verify()[1]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_signature DISABLE TRIGGER USER")
    assert "trigger_is_off" in verify()[1]


def test_the_same_hand_put_in_by_sql_is_named(scene):
    form = scene.submitted()
    actions.inspect(form, by=scene.wen, counts=all_ok(form))
    actions.cosign(form, by=scene.wen)
    tamper("UPDATE tickets_signature SET member_id = %s WHERE form_id = %s", scene.dora.pk, form.pk)
    said = verify()[1]
    assert "same_hand" in said
    assert "editor_countersigned" in said


def test_proving_costs_the_same_few_queries_for_any_number_of_forms_of_a_piece(scene, django_assert_num_queries):
    scene.closed(scene.ask(scene.lid))
    told = []
    with CaptureQueriesContext(connection) as captured:
        assert list(proof.findings(told.append)) == []
    few = len(captured)
    for _more in range(2):
        scene.inspected()
    with django_assert_num_queries(few):
        assert list(proof.findings(told.append)) == []
    assert told == [1, 3], "how far it is, after each piece"


def test_more_forms_than_a_piece_are_all_proved(scene, monkeypatch):
    monkeypatch.setattr(reading, "PIECE", 2)
    forms = [scene.submitted(), scene.submitted(), scene.submitted(scene.ask(scene.lid))]
    for form in forms:
        tamper("UPDATE tickets_returnform SET words = 'other' WHERE id = %s", form.pk)
    said = verify()[1]
    assert all(form.number in said for form in forms)


@pytest.mark.django_db(transaction=True)
def test_several_processes_find_what_one_finds(transactional_db, monkeypatch):
    monkeypatch.setattr(reading, "PIECE", 1)
    scene = make_scene()
    forms = [scene.submitted(), scene.submitted(), scene.submitted(scene.ask(scene.lid))]
    with transaction.atomic():
        tamper("UPDATE tickets_returnform SET words = 'other' WHERE id = %s", forms[1].pk)
    told = []
    found = [str(finding) for finding in proof.findings(told.append, processes=2)]
    assert found == [str(finding) for finding in proof.findings()]
    assert len(found) == 2, "what the signature covers, and what the revision kept"
    assert told == [1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_a_deed_done_while_a_piece_is_read_is_not_half_seen(transactional_db, monkeypatch):
    scene = make_scene()
    form = scene.submitted()
    read_lines = reading._lines

    def meanwhile(*piece):
        with ThreadPoolExecutor(1) as another:
            another.submit(edited_elsewhere, scene, form).result()
        return read_lines(*piece)

    monkeypatch.setattr(reading, "_lines", meanwhile)
    assert list(proof.findings()) == []
    form.refresh_from_db()
    assert form.revision == 2, "it was edited between the form's row and its lines"


def edited_elsewhere(scene, form):
    try:
        actions.edit(form, by=scene.dora, revision=1, lines=[scene.ask(quantity=2)])
    finally:
        connection.close()


def test_a_photo_that_was_exchanged_on_the_disk_is_named(scene):
    photo = SimpleUploadedFile("leak.png", PNG, content_type="image/png")
    form = scene.submitted(files=[photo])
    assert verify("--files")[0]
    kept = Evidence.objects.get(form=form)
    Path(kept.file.path).write_bytes(b"another")
    assert f"evidence {kept.pk} “leak.png”: file_differs" in verify("--files")[1]
    assert verify()[0], "the disk is read only where it is asked for"
    Path(kept.file.path).unlink()
    assert "file_is_gone" in verify("--files")[1]
