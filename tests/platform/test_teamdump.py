"""A team as a file: everything of it, restored elsewhere with equal rows and signatures that hold; a damaged file not at all."""

from __future__ import annotations

import gzip
import hashlib
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from handover.server.teamdump import tables as lists
from handover.server.teamdump.reading import import_team, statement_of
from handover.server.teamdump.tables import DERIVED, LEFT_BEHIND, TABLES, file_fields, tables
from handover.server.teamdump.writing import export_team
from tests.cast import make_customer, make_member, make_team
from tests.tickets.return_form.scene import all_ok, make_scene
from tickets.people.models import Member, Role, Team, User
from tickets.return_form import actions as forms
from tickets.return_form.models import Signature, Voiding
from tickets.ticket import actions as tickets
from tickets.ticket.models import Attachment, Ticket

ours = [model for app in ("tickets", "handover") for model in apps.get_app_config(app).get_models()]


def unlisted() -> set[str]:
    return {model._meta.label for model in ours} - {*lists.TABLES, *DERIVED, *LEFT_BEHIND}


def test_every_table_is_in_exactly_one_list() -> None:
    """A new table says in `handover/server/teamdump/tables.py` whether it travels with its team; forgetting it would lose it silently."""
    assert unlisted() == set()
    named = [*TABLES, *DERIVED, *LEFT_BEHIND]
    assert len(named) == len(set(named)) == len(ours)


def test_the_way_to_the_team_is_one_of_foreign_keys_that_are_never_empty() -> None:
    for label, path in TABLES.items():
        model: Any = apps.get_model(label)
        for step in path.split("__") if path else []:
            field = model._meta.get_field(step)
            assert not field.null, f"{label}: rows without {step} would be left out"
            model = field.related_model
        assert path == "" or model is Team, label


def test_a_forgotten_table_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = unlisted()
    monkeypatch.setattr(lists, "TABLES", {label: path for label, path in TABLES.items() if label != "tickets.Promise"})
    assert unlisted() - before == {"tickets.Promise"}


def test_what_is_written_needs_only_what_was_written_before() -> None:
    """In the order of loading every foreign key leads to an earlier table (or to its own, or waits for the end as all do)."""
    place = {label: number for number, label in enumerate(TABLES)}
    for label in TABLES:
        for field in apps.get_model(label)._meta.concrete_fields:
            above = field.related_model._meta.label if field.is_relation else None  # type: ignore[union-attr]
            if above in place and (label, field.name) != ("tickets.Team", "lead"):
                assert place[above] <= place[label], f"{label}.{field.name} needs {above} first"


pytest_db = pytest.mark.django_db(transaction=True)


@pytest.mark.django_db
@pytest.mark.parametrize("table", tables(), ids=lambda table: table.label)
def test_what_writes_a_table_back_is_understood_whatever_its_columns_are_called(table: lists.Table) -> None:
    """The problems of an import have a column `line`, which the statement's own names once took for theirs."""
    with connection.cursor() as cursor:
        cursor.execute(statement_of(table), [[]])
        assert cursor.rowcount == 0


def rows_of(file: Path) -> dict[str, list[str]]:
    """The rows by table, without what another installation numbers by itself: the accounts."""
    found: dict[str, list[str]] = {}
    with gzip.open(file) as lines:
        for line in lines:
            row = json.loads(line)
            if "table" in row and "columns" in row:
                found[label := row["table"]] = []
            elif "handover" not in row and "end" not in row and not {"file", "piece"} & row.keys():
                row.pop("user_id", None)
                if label == "tickets.User":
                    row.pop("id")
                found[label].append(json.dumps(row, sort_keys=True))
    return found


def elsewhere() -> None:
    """An installation in which nothing is yet."""
    call_command("flush", interactive=False, verbosity=0)


@pytest_db
def test_the_demo_team_is_restored_row_by_row(tmp_path: Path) -> None:
    call_command("demo", verbosity=0)
    call_command("recount", verbosity=0)
    counts = {label: apps.get_model(label).objects.count() for label in ("tickets.Goods", "handover.Figure")}
    first, second = tmp_path / "first.jsonl.gz", tmp_path / "second.jsonl.gz"
    call_command("export_team", "demo", to=first, verbosity=0)
    before = rows_of(first)
    assert sum(map(len, before.values())) > 2000 and before["tickets.Voiding"] and before["tickets.Signature"]

    elsewhere()
    call_command("import_team", first, verbosity=0)
    call_command("verify", verbosity=0)
    call_command("export_team", "demo", to=second, verbosity=0)
    assert rows_of(second) == before
    assert not User.objects.get(username="agent").has_usable_password()
    call_command("recount", verbosity=0)
    assert {label: apps.get_model(label).objects.count() for label in counts} == counts, "made again from the rows"

    wang = Member.objects.select_related("team", "user").get(user__username="agent")
    made = tickets.open_ticket(by=wang, customer=make_customer(wang.team, "新顾客", "tb_fresh"), subject="搬家之后")
    assert made.pk > max(json.loads(row)["id"] for row in before["tickets.Ticket"]), "new rows are numbered after the old"


@pytest_db
def test_a_history_that_would_not_be_allowed_today_is_restored(tmp_path: Path) -> None:
    """A chain of merges, a limit lowered afterwards, a signature given again after it was void."""
    scene = make_scene()
    form = scene.inspected()
    form = forms.edit(form, by=scene.dora, lines=[scene.ask(quantity=2)], revision=form.revision)
    form = forms.submit(form, by=scene.dora)
    forms.inspect(form, by=scene.wen, counts=all_ok(form))
    forms.cosign(form, by=scene.wen)
    assert Voiding.objects.count() == 2 and Signature.objects.count() == 4
    cast = scene.cast
    customer = make_customer(cast.team, "陈小姐", "tb_chen")
    one, two, three = (tickets.open_ticket(by=cast.bob, customer=customer, subject=f"{n}") for n in range(3))
    for member in (cast.carol, cast.dan):
        tickets.contact(three, by=member, text="我来")
    tickets.merge(one, two, by=cast.bob)
    tickets.merge(two, three, by=cast.bob)
    Team.objects.filter(pk=cast.team.pk).update(max_handlers=2)
    file = tmp_path / "team.jsonl.gz"
    export_team(cast.team, file)
    before = rows_of(file)
    elsewhere()
    import_team(file)
    export_team(Team.objects.get(slug="lotus"), file)
    assert rows_of(file) == before
    assert Ticket.objects.get(subject="0").merged_into_id == Ticket.objects.get(subject="1").pk
    assert not Team.objects.filter(slug="orchid").exists(), "another team's rows are not in the file"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A team with one signed form and a photo-less attachment, written packed, with files."""
    scene = make_scene()
    form = scene.closed()
    name = default_storage.save("attachments/2026/11/leak.png", ContentFile(b"\x89PNG" + bytes(200_000)))
    ticket = tickets.open_ticket(by=scene.cast.bob, customer=scene.customer, subject="漏水")
    Attachment.objects.create(
        team=scene.cast.team,
        ticket=ticket,
        by=scene.cast.bob,
        file=name,
        name="leak.png",
        content_type="image/png",
        size=200_004,
        at=timezone.now(),
    )
    file = tmp_path / "team.jsonl.gz"
    export_team(form.team, file, files=True)
    return file


@pytest_db
def test_attachments_travel_when_asked(small: Path) -> None:
    name = Attachment.objects.get().file.name
    with default_storage.open(name) as kept:
        content = kept.read()
    default_storage.delete(name)
    elsewhere()
    import_team(small)
    with default_storage.open(Attachment.objects.get().file.name) as file:
        assert file.read() == content
    assert [("tickets.Attachment", "file") in file_fields()] == [True]


def nothing_was_written() -> bool:
    return not any(model.objects.exists() for model in (Team, Member, User, Ticket, Signature))


def rewritten(file: Path, change: Callable[[list[bytes]], list[bytes]], *, sealed: bool) -> None:
    """The file with other lines; `sealed`: with a last line that agrees with them, as a forger would write it."""
    lines = change(gzip.decompress(file.read_bytes()).splitlines(keepends=True))
    if sealed:
        end = json.loads(lines[-1]) | {"sha256": hashlib.sha256(b"".join(lines[:-1])).hexdigest()}
        lines[-1] = json.dumps(end).replace(" ", "").encode() + b"\n"
    file.write_bytes(gzip.compress(b"".join(lines)))


DAMAGES: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "cut off": lambda lines: lines[:-1],
    "a row is gone": lambda lines: lines[:20] + lines[21:],
    "a letter is another": lambda lines: [line.replace("刘女士".encode(), "王女士".encode()) for line in lines],
    "something follows": lambda lines: [*lines, b'{"id":1}\n'],
    "no JSON": lambda lines: [lines[0], b'{"table":\n', *lines[1:]],
    "not ours": lambda lines: [b'{"handover":99,"team":"lotus"}\n', *lines[1:]],
    "empty": lambda lines: [],
}


@pytest_db
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused_whole(small: Path, damage: str) -> None:
    elsewhere()
    rewritten(small, DAMAGES[damage], sealed=False)
    with pytest.raises(CommandError):
        import_team(small)
    assert nothing_was_written()


@pytest_db
def test_a_half_written_archive_is_refused_whole(small: Path) -> None:
    elsewhere()
    small.write_bytes(small.read_bytes()[:-200])
    with pytest.raises(CommandError, match="Damaged"):
        import_team(small)
    assert nothing_was_written()


FORGERIES: dict[str, tuple[str, Callable[[list[bytes]], list[bytes]]]] = {
    "what was signed": ("do not agree|database", lambda lines: [line.replace(b'"quantity":1', b'"quantity":2') for line in lines]),
    "another holder": ("do not agree|last_assignment|last assignment", lambda lines: [_rule(line, "holder_id", None) for line in lines]),
    "a signature by one hand": ("database.*signature", lambda lines: [_rule(line, "stage", "initiator") for line in lines]),
    "more than was paid": ("database|do not agree", lambda lines: [line.replace(b'"paid":110.00', b'"paid":1.00') for line in lines]),
}


def _rule(line: bytes, name: str, value: Any) -> bytes:
    row = json.loads(line)
    if name in row and "columns" not in row:
        row[name] = value
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


@pytest_db
@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_was_changed_on_the_way_is_refused_whole(small: Path, forgery: str) -> None:
    """The guards and `verify` find what a well-made file says wrongly."""
    elsewhere()
    why, change = FORGERIES[forgery]
    rewritten(small, change, sealed=True)
    with pytest.raises(CommandError, match=why):
        import_team(small)
    assert nothing_was_written()


@pytest_db
def test_another_versions_file_is_refused(small: Path) -> None:
    elsewhere()
    rewritten(small, lambda lines: [line.replace(b'"max_handlers"', b'"most_handlers"') for line in lines], sealed=True)
    with pytest.raises(CommandError, match="another version"):
        import_team(small)
    assert nothing_was_written()


@pytest_db
def test_numbers_that_are_taken_and_names_that_exist_refuse_it(small: Path) -> None:
    with pytest.raises(CommandError, match="here already"):
        import_team(small)
    taken = Team.objects.get(slug="lotus").pk
    elsewhere()
    make_member(make_team("other", pk=taken), "Somebody", Role.AGENT)
    with pytest.raises(CommandError, match="database"):
        import_team(small)
    assert Team.objects.count() == 1
    elsewhere()
    User.objects.create_user("alice", password="kept-as-it-is")
    with pytest.raises(CommandError, match="--link-accounts"):
        import_team(small)
    import_team(small, link_accounts=True)
    assert Member.objects.get(display_name="Alice").user.check_password("kept-as-it-is")


@pytest_db
def test_the_file_holds_no_credentials(small: Path) -> None:
    text = gzip.decompress(small.read_bytes()).decode()
    assert "password" not in text and "token" not in text.lower().replace("tokens", "")
    assert not {"tickets.TokenGrant", "tickets.PushDoor", "handover.CalendarLink"} & {table.label for table in tables()}


@pytest_db
def test_it_streams_in_bounded_memory(tmp_path: Path) -> None:
    """40,000 ledger rows, some 40 MB of JSON, in a few MB of memory, there and back."""
    team = make_team()
    make_member(team, "Bob", Role.AGENT)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_activity (team_id, at, code, data)"
            " SELECT %s, now(), 'ticket.noted', jsonb_build_object('text', repeat('保温杯漏水 ', 60)) FROM generate_series(1, 40000)",
            [team.pk],
        )
    file = tmp_path / "team.jsonl.gz"
    tracemalloc.start()
    export_team(team, file)
    written = tracemalloc.get_traced_memory()[1]
    elsewhere()
    tracemalloc.reset_peak()
    assert import_team(file)["tickets.Activity"] == 40000
    read = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert written < 12_000_000 and read < 24_000_000, (written, read)
