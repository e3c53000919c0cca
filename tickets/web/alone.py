"""One worker at a time at a piece of work that outlasts its transactions: an import, a move-in, a mailbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def alone(kind: int, pk: int) -> Iterator[bool]:
    """Whether we are the only one at row `pk` of a kind of work (any number, one for each kind). The lock ends with this connection:
    whoever holds it is alive."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [kind, pk % 2**31])
        got = bool(cursor.fetchone()[0])
    try:
        yield got
    finally:
        if got and connection.connection is not None and not connection.connection.broken and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [kind, pk % 2**31])
