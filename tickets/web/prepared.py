"""Statements that the database parses and plans once for each connection, instead of at each use.

For wide statements, whose planning takes longer than their running, of which every request says the same text: what differs is passed
as a parameter. A kept plan is made without looking at the parameters, so it suits statements whose every part stands on an index,
whoever asks. Without our own pool (`HANDOVER_POOL=0`) nothing is kept: a pooler in between may lose what a connection has prepared.
"""

from __future__ import annotations

from typing import Any, Self

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorWrapper
from psycopg._queries import PostgresQuery
from psycopg.abc import Params
from psycopg.types.numeric import Int8Dumper


class _Cursor(psycopg.Cursor[Any]):
    """Prepares at the first use. Every integer is a bigint: else a statement would be prepared again for each width of its ids."""

    def __init__(self, of: psycopg.Connection[Any]) -> None:
        super().__init__(of)
        self.adapters.register_dumper(int, Int8Dumper)

    def execute(self, query: Any, params: Params | None = None, **_options: Any) -> Self:
        return super().execute(query, params, prepare=True)

    def _send_query_prepared(self, name: bytes, pgq: PostgresQuery, *, binary: bool | None = None) -> None:
        self._query = pgq  # where Django's log of queries looks for the text
        super()._send_query_prepared(name, pgq, binary=binary)

    def forget(self) -> None:
        """Let go of the rows, but not of how this statement's parameters are written and its columns read."""
        self._reset(reset_query=False)
        self._tx.set_pgresult(None, set_loaders=False)


class _Statements:
    """Runs each statement on the cursor that the connection keeps for it: making one takes longer than running a small statement."""

    def __init__(self, of: psycopg.Connection[Any]) -> None:
        self._of = of
        self._cursor: _Cursor | None = None

    def execute(self, sql: str, params: Params | None = None) -> _Cursor:
        kept: dict[str, tuple[str, _Cursor]] = self._of.__dict__.setdefault("_kept_cursors", {})
        if sql not in kept:
            if len(kept) >= MOST:
                kept.clear()
            kept[sql] = sql, _Cursor(self._of)
        text, self._cursor = kept[sql]
        return self._cursor.execute(text, params)  # psycopg knows a statement again by its very string

    def close(self) -> None:
        if self._cursor is not None:
            self._cursor.forget()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


MOST = 200
"""How many cursors a connection keeps; statements that are composed, such as a search by chosen fields, could become more and more."""


def prepared_cursor() -> CursorWrapper:
    """As `connection.cursor()`. One statement a time, with explicit columns: a `*` would change under a prepared statement. Read what it
    found before the same statement runs again, and before the `with` ends."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    return database._prepare_cursor(_Statements(database.connection))
