"""A team from JSON Lines, whole or not at all."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pgtrigger
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from handover.server.teamdump.tables import Table, tables
from handover.server.teamdump.writing import AT_ONCE, VERSION
from tickets.people.models import Team, User

OF_THE_MOMENT = (
    "tickets.Reason:reason_has_two_levels_at_most",
    "tickets.Ticket:ticket_reason_is_a_leaf",
    "tickets.Ticket:ticket_merges_into_a_living_one_of_its_team",
    "tickets.Touch:touch_beyond_the_limit_is_approved",
    "tickets.ReturnLine:return_line_reason_is_a_leaf_of_its_team",
    "tickets.Signature:return_form_signed_by_different_people",
)
"""Guards that judge a deed by what there was at its moment (a signature before the earlier one was void, a merge into what was itself
merged later, a limit that was lowered since). They rest while history is written back; `verify` judges what has come in.
Everything that judges a state stays in force: checks, unique and exclusion constraints, foreign keys, the deferred triggers."""


class Refused(CommandError):
    """The file is not taken. Nothing was written."""


@dataclass
class Dump:
    """What the file says of itself, found by reading it through once."""

    slug: str
    rows: dict[str, int]
    columns: dict[str, list[str]] = field(default_factory=dict)


def import_team(file: Path, *, link_accounts: bool = False) -> dict[str, int]:
    """Restore the team of a file; returns the number of rows by table. `link_accounts`: sign-in names that exist here already are the
    same people; without it they refuse the file.

    Refuses a damaged file, another version's, a team that is here, any row whose number is taken, and whatever `verify` finds. The
    rows keep their numbers, since signatures are hashes over them (docs/decisions/restoring-a-team.md).
    """
    dump = check(file)
    if Team.objects.filter(slug=dump.slug).exists():
        raise Refused(f"There is a team “{dump.slug}” here already.")
    written: list[str] = []
    try:
        with transaction.atomic():
            counts = _load(file, link_accounts, written)
            _prove(counts, dump)
    except DatabaseError as failure:
        _forget(written)
        raise Refused(f"Refused by the database: {str(failure).strip().splitlines()[0]}") from failure
    except BaseException:
        _forget(written)
        raise
    return counts


def check(file: Path) -> Dump:
    """Read the file through and compare it with its own last line. Refuses what is damaged, cut off, or of another version."""
    seen, told, columns, label, end = hashlib.sha256(), {}, {}, "", None
    slug = ""
    for place, line in enumerate(_lines(file)):
        if end is not None:
            raise Refused("Damaged: something follows the last line.")
        first = line[:12]
        if place == 0 or first.startswith((b'{"table":', b'{"file":', b'{"end":')):
            what = _parsed(line)
            if place == 0:
                slug = _slug(what)
            elif "table" in what:
                label = what["table"]
                columns[label], told[label] = what["columns"], 0
            elif "file" in what:
                label = ""
            else:
                end = what
                continue
        elif label:
            told[label] += 1
        seen.update(line)
    if end is None:
        raise Refused("Damaged: the file is cut off.")
    if end.get("sha256") != seen.hexdigest() or end.get("rows") != told:
        raise Refused("Damaged: the file is not what was written.")
    return _known(Dump(slug, told, columns))


def _slug(head: dict[str, Any]) -> str:
    if head.get("handover") != VERSION:
        raise Refused("This is no team's file of this version.")
    return str(head["team"])


def _known(dump: Dump) -> Dump:
    ours = {table.label: sorted(table.columns) for table in tables()}
    theirs = {label: sorted(columns) for label, columns in dump.columns.items()}
    if ours != theirs:
        other = sorted(label for label in ours.keys() | theirs.keys() if ours.get(label) != theirs.get(label))
        raise Refused(f"The file is of another version of Handover: {', '.join(other)}. Import it there, then update.")
    return dump


def _lines(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as raw, _unpacked(raw) as lines:
            yield from lines
    except (OSError, EOFError, zlib.error) as failure:
        raise Refused(f"Damaged: {failure}") from failure


def _unpacked(raw: IO[bytes]) -> IO[bytes]:
    packed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    return io.BufferedReader(gzip.GzipFile(fileobj=raw)) if packed else raw


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError as failure:
        raise Refused("Damaged: a line is no JSON.") from failure
    if not isinstance(found, dict):
        raise Refused("Damaged: a line is no object.")
    return found


def _load(file: Path, link_accounts: bool, written: list[str]) -> dict[str, int]:
    """Every section in turn; the file was checked, so that it holds nothing but what it says."""
    by_label, accounts = {table.label: table for table in tables()}, {}
    counts: dict[str, int] = {}
    lines = _lines(file)
    slug = str(_parsed(next(lines))["team"])
    ahead = next(lines, None)
    with pgtrigger.ignore(*OF_THE_MOMENT), transaction.atomic():  # a savepoint: a refusal leaves through `ignore` with its own words
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL handover.restoring = 'on'")  # what was told there is not told again here
        while ahead is not None and ahead.startswith(b'{"table":'):
            table = by_label[_parsed(ahead)["table"]]
            section = _Section(lines)
            if table.label == "tickets.User":
                accounts = _accounts(section, link_accounts)
                counts[table.label] = len(accounts)
            else:
                counts[table.label] = _insert(table, section, accounts)
            ahead = section.after
        _told_already(slug)
        _deferred_now()
    while ahead is not None and ahead.startswith(b'{"file":'):
        section = _Section(lines)
        _write_file(_parsed(ahead), section, written)
        ahead = section.after
    return counts


class _Section:
    """The lines up to the next heading, which is then `after`."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self.lines, self.after = lines, None

    def __iter__(self) -> Iterator[bytes]:
        for line in self.lines:
            if line.startswith((b'{"table":', b'{"file":', b'{"end":')):
                self.after = line
                return
            yield line


def statement_of(table: Table) -> str:
    """What writes rows of a table back; takes their JSON as a list. All names are qualified: a table may have a column of any name."""
    columns = [f'"{column}"' for column in table.columns]
    return (
        f'INSERT INTO "{table.name}" ({", ".join(columns)}) SELECT {", ".join(f"row_.{column}" for column in columns)} '
        f'FROM unnest(%s::jsonb[]) told (one), LATERAL jsonb_populate_record(NULL::"{table.name}", told.one) row_'
    )


def _insert(table: Table, section: _Section, accounts: dict[int, int]) -> int:
    """The rows as PostgreSQL wrote them, a thousand in a statement."""
    rows, count, statement = iter(section), 0, statement_of(table)
    with connection.cursor() as cursor:
        while some := [line.decode() for line in islice(rows, AT_ONCE)]:
            if table.label == "tickets.Member":
                some = [_with_account(row, accounts) for row in some]
            cursor.execute(statement, [some])
            count += len(some)
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table.name, table.key])
        (sequence,) = cursor.fetchone()
        if sequence and count:
            top = f'(SELECT max("{table.key}") FROM "{table.name}")'
            cursor.execute(f"SELECT setval(%s, greatest({top}, nextval(%s)))", [sequence, sequence])
    return count


def _with_account(row: str, accounts: dict[int, int]) -> str:
    member = json.loads(row)
    return json.dumps(member | {"user_id": accounts[member["user_id"]]})


def _accounts(section: _Section, link: bool) -> dict[int, int]:
    """The account here for each account there. New ones cannot sign in until somebody gives them a password."""
    found: dict[int, int] = {}
    for line in section:
        said = _parsed(line)
        there = said.pop("id")
        known = User.objects.filter(username=said["username"]).first()
        if known is not None and not link:
            raise Refused(f"There is an account “{known.username}” here already. If it is the same person: --link-accounts.")
        if known is None:
            known = User(**said)
            known.set_unusable_password()
            known.save(force_insert=True)
        found[there] = known.pk
    return found


def _told_already(slug: str) -> None:
    """A trigger makes a message of every alert; these were told where they arose, and nobody is told again."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM handover_message WHERE team_id = (SELECT id FROM tickets_team WHERE slug = %s)", [slug])


def _deferred_now() -> None:
    """What waits for the end of a transaction is judged now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _write_file(head: dict[str, Any], section: _Section, written: list[str]) -> None:
    """A file under the name it had. Refuses a name that is taken by something else."""
    name = str(head["file"])
    with tempfile.SpooledTemporaryFile(max_size=AT_ONCE * 1024) as content:
        for line in section:
            content.write(base64.b64decode(_parsed(line)["piece"]))
        if head.get("missing"):
            return
        content.seek(0)
        if default_storage.exists(name):
            _same(name, content)
            return
        kept = default_storage.save(name, File(content))
    written.append(kept)
    if kept != name:
        raise Refused(f"The file “{name}” cannot be kept under its name.")


def _same(name: str, content: IO[bytes]) -> None:
    with default_storage.open(name) as there:
        if hashlib.file_digest(there, "sha256").digest() != hashlib.file_digest(content, "sha256").digest():
            raise Refused(f"There is another file “{name}” here.")


def _forget(written: list[str]) -> None:
    for name in written:
        default_storage.delete(name)


def _prove(counts: dict[str, int], dump: Dump) -> None:
    """As many rows as the file has, of this team; and every signature and the ledger agree with them."""
    team = Team.objects.get(slug=dump.slug)
    for table in tables():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) {table.rows}", {"team": team.pk})
            (here,) = cursor.fetchone()
        if not here == counts[table.label] == dump.rows[table.label]:
            raise Refused(f"{table.label}: {here} rows here, {dump.rows[table.label]} in the file.")
    said = io.StringIO()
    try:
        call_command("verify", stdout=said)
    except CommandError as failure:
        raise Refused(f"The rows do not agree with what was signed:\n{said.getvalue()}{failure}") from failure
