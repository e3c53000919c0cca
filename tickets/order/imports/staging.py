"""The orders of a file, a wave at a time, as temporary tables of this connection. They vanish with it: a killed run leaves nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from tickets.customer.models import KIND_OF_PLATFORM, handle_key
from tickets.order.imports.copytext import copy_text
from tickets.order.models import ImportProblem
from tickets.order.sources import Problem, Reading, Source, SourceOrder

FIRST_WAVE, WAVE = 1_000, 8_000  # orders; they grow by and by, so that the database does not wait long for the first one
TABLES = ("stage_order", "stage_line", "stage_seen", "stage_fresh", "repeated", "batch", "batch_line")

_CREATE = """
CREATE TEMP TABLE stage_order (
    seq integer, line bigint, number text, status text, status_text text, close_reason text, currency text,
    total numeric(14,2), paid numeric(14,2), refunded numeric(14,2), freight numeric(14,2),
    placed_at timestamptz, paid_at timestamptz, shipped_at timestamptz, completed_at timestamptz,
    buyer text, recipient text, phone text, address text, courier text, tracking text, title text, buyer_message text, memo text,
    kind text, key text, name text, email text, email_key text, phone_key text, again boolean DEFAULT false
);
CREATE TEMP TABLE stage_line (
    seq integer, place integer, number text, key text, title text, sku text, spec text, quantity integer,
    price numeric(14,2), paid numeric(14,2), due numeric(14,2), refunded numeric(14,2), freight numeric(14,2)
);
CREATE TEMP TABLE stage_seen (number text PRIMARY KEY);
CREATE TEMP TABLE stage_fresh (kind text, key text, PRIMARY KEY (kind, key));
"""


_HEAD_COLUMNS = (
    "stage_order (seq, line, number, status, status_text, close_reason, currency, total, paid, refunded, freight,"
    " placed_at, paid_at, shipped_at, completed_at, buyer, recipient, phone, address, courier, tracking, title,"
    " buyer_message, memo, kind, key, name, email, email_key, phone_key)"
)
_SEEN = """
UPDATE stage_order s SET again = true WHERE (SELECT e.number FROM stage_seen e WHERE e.number = s.number) IS NOT NULL
"""
"""Each row asks the index for its own number, since the numbers seen so far become ever more."""
_TOLD_TWICE = "SELECT EXISTS (SELECT FROM stage_order GROUP BY number HAVING count(*) > 1 OR bool_or(again))"
_SEE = "INSERT INTO stage_seen SELECT number FROM stage_order WHERE NOT again"
_REPEATED = """
CREATE TEMP TABLE repeated AS SELECT number, max(seq) AS seq FROM stage_order GROUP BY number HAVING count(*) > 1 OR bool_or(again)
"""
_LINE_COLUMNS = "stage_line (seq, place, number, key, title, sku, spec, quantity, price, paid, due, refunded, freight)"


@dataclass
class Wave:
    """Some thousand orders of a file as rows for the tables, what was found amiss on the way, and how far the reading has come.

    `upto` is the place in the file of the last order, counting orders from 1.
    """

    upto: int = 0
    rows: int = 0
    heads: bytes = b""
    lines: bytes = b""
    problems: list[Problem] = field(default_factory=list)


def waves(reading: Reading, region: str) -> Iterator[Wave]:
    """The file in waves. The same file always gives the same waves, so that a run can be taken up where it stopped."""
    identity = _identity(reading.source)
    heads: list[tuple[Any, ...]] = []
    lines: list[tuple[Any, ...]] = []
    problems: list[Problem] = []
    place, size = 0, min(FIRST_WAVE, WAVE)
    for item in reading:
        if isinstance(item, Problem):
            problems.append(item)
        else:
            place += 1
            heads.append(_head(place, item, identity, region))
            lines += _lines(place, item)
        if len(heads) >= size or len(problems) >= size:
            yield Wave(place, reading.rows, copy_text(heads), copy_text(lines), problems)
            heads, lines, problems = [], [], []
            size = min(2 * size, WAVE)
    yield Wave(place, reading.rows, copy_text(heads), copy_text(lines), problems)


def wave_of(orders: Sequence[SourceOrder], source: Source, region: str) -> Wave:
    """These orders as a wave of their own."""
    identity = _identity(source)
    heads = [_head(place, order, identity, region) for place, order in enumerate(orders, 1)]
    lines = [line for place, order in enumerate(orders, 1) for line in _lines(place, order)]
    return Wave(len(heads), len(heads), copy_text(heads), copy_text(lines))


def _identity(source: Source) -> str:
    return source.identity or KIND_OF_PLATFORM.get(source.platform, source.platform)


def _head(place: int, order: SourceOrder, identity: str, region: str) -> tuple[Any, ...]:
    email = order.buyer_email
    email_key = handle_key("email", email, region) if email else ""
    phone_key = handle_key("phone", order.buyer_phone, region) if order.buyer_phone else ""
    if order.handle and "**" not in order.handle:  # a masked handle is that of many different people
        kind, key = identity, handle_key(identity, order.handle, region)
    elif phone_key:
        kind, key = "phone", phone_key
    else:
        kind, key = ("email", email_key) if email_key else ("", "")
    first = order.lines[0].title if order.lines else ""
    title = first if len(order.lines) < 2 else "; ".join(line.title for line in order.lines[:4])[:300]
    return (
        place,
        order.line_no,
        order.number,
        order.status,
        order.raw_status,
        order.close_reason,
        order.currency,
        order.total,
        order.paid,
        order.refunded,
        order.freight,
        order.placed_at,
        order.paid_at,
        order.shipped_at,
        order.completed_at,
        order.handle,
        order.receiver,
        order.phone,
        order.address,
        order.carrier,
        order.tracking,
        title,
        order.buyer_note,
        order.seller_note,
        kind,
        key,
        (order.buyer_name or order.receiver or order.handle)[:120],
        email,
        "" if kind == "email" else email_key,
        "" if kind == "phone" else phone_key,
    )


def _lines(place: int, order: SourceOrder) -> list[tuple[Any, ...]]:
    return [
        (
            place,
            nth,
            order.number,
            line.key,
            line.title or line.sku or line.key,
            line.sku,
            line.variant,
            line.quantity,
            line.price,
            line.amount,
            line.due,
            line.refunded,
            line.freight,
        )
        for nth, line in enumerate(order.lines, 1)
    ]


class Stage:
    """The tables a wave lies in. Use it as a context; `load` fills it anew."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def __enter__(self) -> Stage:
        self._drop()
        with connection.cursor() as cursor:
            cursor.execute(_CREATE)
            if self.source.money_per_line:
                cursor.execute("CREATE INDEX ON stage_line (number)")
        return self

    def __exit__(self, *reason: object) -> None:
        if connection.connection is not None and not connection.connection.broken and not connection.needs_rollback:
            self._drop()

    def _drop(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("".join(f"DROP TABLE IF EXISTS pg_temp.{name};" for name in TABLES))

    def load(self, wave: Wave) -> None:
        """Put the wave into the tables, each order once: of an order told twice the last telling wins, its parts are added up.

        Where a file spreads the parts of an order (sub-orders with money of their own), all parts told so far are kept at hand.
        """
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE stage_order" if self.source.money_per_line else "TRUNCATE stage_order, stage_line")
            _copy(cursor, _HEAD_COLUMNS, wave.heads)
            _copy(cursor, _LINE_COLUMNS, wave.lines)
            at_once(cursor, [_SEEN, _TOLD_TWICE])
            if cursor.fetchone()[0]:
                self._join_repeated(cursor)
            at_once(cursor, [_SEE, "ANALYZE stage_order (seq)", "ANALYZE stage_line (number)"])

    def _join_repeated(self, cursor: Any) -> None:
        at_once(cursor, ["DROP TABLE IF EXISTS pg_temp.repeated", _REPEATED])
        if not self.source.keyed_lines:
            cursor.execute("DELETE FROM stage_line l USING repeated d WHERE l.number = d.number AND l.seq <> d.seq")
        cursor.execute(
            "DELETE FROM stage_line l USING stage_line n, repeated d"
            " WHERE l.number = d.number AND n.number = l.number AND n.key = l.key AND (n.seq, n.place) > (l.seq, l.place)"
        )
        cursor.execute("DELETE FROM stage_order s USING repeated d WHERE s.number = d.number AND s.seq <> d.seq")
        if self.source.money_per_line:
            cursor.execute(
                "UPDATE stage_order s SET total = t.due, paid = t.paid, refunded = t.refunded, freight = t.freight FROM ("
                " SELECT l.number, sum(l.due) AS due, sum(l.paid) AS paid, sum(l.refunded) AS refunded, sum(l.freight) AS freight"
                " FROM stage_line l JOIN repeated USING (number) GROUP BY l.number) t WHERE s.number = t.number"
            )


def at_once(cursor: Any, statements: Iterable[str], values: dict[str, Any] | None = None) -> int:
    """Carry out the statements in one exchange with the database: after each exchange the reading thread is to be waited for.

    The cursor is left at the last one's rows; returns how many rows the first one touched.
    """
    cursor.execute(";\n".join(statements), values)
    touched: int = cursor.rowcount
    while cursor.nextset():
        pass
    return touched


def _copy(cursor: Any, table: str, rows: bytes) -> None:
    if rows:
        with cursor.copy(f"COPY {table} FROM STDIN") as copy:
            copy.write(rows)


def write_problems(run_id: int, found: Iterable[Problem]) -> None:
    """Keep findings about rows for the report."""
    ImportProblem.objects.bulk_create(
        [
            ImportProblem(run_id=run_id, line=each.line, column=each.column[:80], code=each.code, value=each.value[:300], row=each.row)
            for each in found
        ],
        batch_size=1_000,
    )
