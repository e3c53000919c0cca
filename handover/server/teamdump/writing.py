"""A team to JSON Lines: everything as of one instant, in bounded memory."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from handover.server.teamdump.tables import Table, file_fields, tables
from tickets.people.models import Team

VERSION = 1
AT_ONCE = 1000
PIECE = 96 * 1024
"""Bytes of an attachment in one line."""


class Lines:
    """Lines to a file, with their number and the hash that the last one states."""

    def __init__(self, to: IO[bytes]) -> None:
        self.to, self.hash = to, hashlib.sha256()

    def text(self, line: str) -> None:
        data = line.encode() + b"\n"
        self.hash.update(data)
        self.to.write(data)

    def say(self, **what: Any) -> None:
        self.text(json.dumps(what, ensure_ascii=False, separators=(",", ":")))


def export_team(team: Team, to: Path, *, files: bool = False) -> dict[str, int]:
    """Write the team to `to` (gzip where it ends in `.gz`); returns the number of rows by table. `files`: the attachments too.

    One transaction that sees one instant, whatever is changed meanwhile. The file appears under its name when it is whole.
    """
    unfinished = to.with_name(f".{to.name}.unfinished")
    try:
        with unfinished.open("wb") as raw, _packed(raw, to) as packed:
            counts = _write(team, Lines(packed), files)
        unfinished.replace(to)
    finally:
        unfinished.unlink(missing_ok=True)
    return counts


def _packed(raw: IO[bytes], to: Path) -> IO[bytes]:
    return gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) if to.suffix == ".gz" else raw  # type: ignore[return-value]


@transaction.atomic
def _write(team: Team, lines: Lines, files: bool) -> dict[str, int]:
    with connection.cursor() as cursor:
        if not connection.savepoint_ids:  # it is ours to begin
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    lines.say(handover=VERSION, team=team.slug, at=timezone.now().isoformat(), files=files)
    counts = {}
    for table in tables():
        lines.say(table=table.label, columns=list(table.columns))
        counts[table.label] = 0
        for row in _rows(table, team):
            lines.text(row)
            counts[table.label] += 1
    if files:
        for name in _names(team):
            _write_file(name, lines)
    lines.say(end=True, rows=counts, sha256=lines.hash.hexdigest())
    return counts


def _rows(table: Table, team: Team) -> Iterator[str]:
    """Each row as PostgreSQL writes it in JSON: no number or instant passes through Python."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT row_to_json(row_)::text {table.rows}", {"team": team.pk})
        while some := cursor.fetchmany(AT_ONCE):
            for (text,) in some:
                yield text


def _names(team: Team) -> Iterator[str]:
    by_label = {table.label: table for table in tables()}
    for label, column in file_fields():
        with connection.chunked_cursor() as cursor:
            cursor.execute(f'SELECT "{column}" {by_label[label].rows}', {"team": team.pk})
            while some := cursor.fetchmany(AT_ONCE):
                yield from (name for (name,) in some if name)


def _write_file(name: str, lines: Lines) -> None:
    """A file that has gone from the disk is told as missing; its row stays."""
    if not default_storage.exists(name):
        lines.say(file=name, missing=True)
        return
    with default_storage.open(name) as file:
        lines.say(file=name, size=file.size)
        while piece := file.read(PIECE):
            lines.say(piece=base64.b64encode(piece).decode())
