"""Statements that the database parses and plans once for each connection, instead of at each use.

For wide statements, whose planning takes longer than their running, of which every request says the same text: what differs is passed
as a parameter. A kept plan is made without looking at the parameters, so it suits statements whose every part stands on an index,
whoever asks. Without our own pool (`HANDOVER_POOL=0`) nothing is kept: a pooler in between may lose what a connection has prepared.
"""

from __future__ import annotations

from typing import Any, Self

import psycopg
from django.db import connection
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


def prepared_cursor() -> CursorWrapper:
    """As `connection.cursor()`. One statement a time, with explicit columns: a `*` would change under a prepared statement."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = _Cursor(connection.connection)
    return connection._prepare_cursor(cursor)  # type: ignore[attr-defined]
