"""One worker at a time at a piece of work that outlasts its transactions: an import, a move-in, a mailbox."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

log = logging.getLogger(__name__)


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


def carry_out(
    kind: int, rows: QuerySet[Any], pk: int, *, work: Callable[[Any], None], tell: Callable[[Any], None], unreadable: type[Exception]
) -> Any | None:
    """Do `work` at a row that waits or was left by a dead worker, and end it: done, or failed with an error. None: another worker is at
    it, or it has ended already.

    `unreadable` (with a `code`) is what a file does to us: the code is the error. What we do ourselves is `broken`, and raised. `tell`
    writes the ledger's entry of what ended; a dry run has none.
    """
    with alone(kind, pk) as only:
        row = rows.filter(pk=pk).first()
        if not only or row is None or not row.is_running:
            return None
        row.state = row.State.RUNNING
        row.save(update_fields=["state"])
        try:
            work(row)
            _end(row, row.State.DONE, "", tell)
        except unreadable as found:
            _end(row, row.State.FAILED, getattr(found, "code", "broken"), tell)
        except Exception:
            _end(row, row.State.FAILED, "broken", tell)
            name = row._meta.model_name
            log.exception("%s failed", name, extra={name: pk})
            raise
        return row


def _end(row: Any, state: str, error: str, tell: Callable[[Any], None]) -> None:
    row.state, row.error, row.finished_at = state, error, timezone.now()
    row.save(update_fields=["state", "error", "finished_at"])
    if not row.dry_run:
        tell(row)
