"""One wave of staged orders: compared with what is stored and, unless it is a dry run, written; all in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from tickets.order.imports import statements as sql
from tickets.order.imports.staging import at_once, write_problems
from tickets.order.models import Import, Order
from tickets.order.sources import Problem, Source

_LOCK_CLASS = 7_401  # advisory locks of imports: one batch at a time per team, so that two files cannot wait for each other


class Collision(Exception):
    """Somebody logged one of these orders by hand at the same moment; compare again."""


@dataclass
class Counts:
    """What a wave did, in orders; `customers` are new ones."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    older: int = 0
    customers: int = 0

    def add_to(self, run: Import) -> list[str]:
        """Add these to the run's counters; returns their names."""
        for each in fields(self):
            setattr(run, each.name, getattr(run, each.name) + getattr(self, each.name))
        return [each.name for each in fields(self)]


def write_wave(run: Import, source: Source, upto: int, *, rows: int, now: datetime) -> Counts:
    """Bring in the staged orders, which end at the file's order `upto` and at its data row `rows`.

    The counters move with the orders in one transaction, so a kill in between repeats nothing.
    """
    for attempt in range(5):
        try:
            with transaction.atomic():
                counts = write_staged(run, source, now)
                names = counts.add_to(run)
                run.done, run.orders, run.rows = upto, upto, rows
                run.save(update_fields=[*names, "done", "orders", "rows"])
                return counts
        except Collision:
            if attempt == 4:
                raise
            run.refresh_from_db()
    raise AssertionError("unreachable")


def write_staged(run: Import, source: Source, now: datetime) -> Counts:
    """Compare the staged orders and, unless it is a dry run, write them; in the caller's transaction.

    A `run` that was never saved stands for what a platform pushed: there is nobody to show findings to. Raises `Collision`.
    """
    values = _values(run, source, now)
    counts = Counts()
    with connection.cursor() as cursor:
        stored, named = _compare(cursor, run, source, values)
        if named and run.pk is not None:
            _report_two_customers(cursor, run, values)
        writing = [sql.COUNT_NEW_CUSTOMERS] if run.dry_run else _writing(stored, named)
        counts.customers = _write(cursor, [*writing, AS_USUAL, sql.COUNT], values)
        counts.created, counts.updated, counts.unchanged, counts.older = cursor.fetchone()
    return counts


BY_INDEX = "SET LOCAL enable_seqscan = off; SET LOCAL jit = off"
AS_USUAL = "SET LOCAL enable_seqscan TO DEFAULT; SET LOCAL jit TO DEFAULT"
"""A wave looks up some thousand rows by their keys. Tables that a first import has just filled have no statistics yet, or those of
empty tables: going by these, each of the thousands would read a table from end to end. Until PostgreSQL 17 a forbidden scan counts as
so dear that the statement would also be compiled, which takes longer than running it."""


def _values(run: Import, source: Source, now: datetime) -> dict[str, Any]:
    summary = source.provisional_lines
    return {
        "team": run.team_id,
        "lock": _LOCK_CLASS,
        "lock_of_team": run.team_id % 2**31,
        "shop": run.shop_id,
        "run": run.pk,
        "actor": run.by_id,
        "now": now,
        "for_real": not run.dry_run,
        "exported_at": run.exported_at or now,
        "currency": run.shop.currency if run.shop else "CNY",
        "layout": source.code,
        "weak_money": source.weak_money,
        "weak_status": source.weak_status,
        "source": Order.Source.IMPORT if run.pk else Order.Source.PUSH,
        "by_goods": source.kind == "suborders" and source.weak_money,
        "replaceable": "^$" if summary else "^[0-9]{1,3}$" if source.whole else "^0$",
    }


def _compare(cursor: Any, run: Import, source: Source, values: dict[str, Any]) -> tuple[bool, bool]:
    """Make `batch` and `batch_line`. Returns whether any order is stored already and whether any names the buyer's phone or e-mail."""
    locks = [] if run.dry_run else [sql.LOCK_TEAM, sql.LOCK_ORDERS]
    at_once(cursor, [BY_INDEX, sql.FORGET, *locks], values)
    look = {"may_be_stored": run.dry_run or cursor.rowcount > 0}  # those that are stored were found to be locked
    at_once(cursor, [sql.COMPARE_ORDERS, "ANALYZE batch (number)", sql.WHAT_IS_TOLD], values | look)
    stored, named = cursor.fetchone()
    if source.kind == "lines":
        _report_unknown_orders(cursor, run)
        cursor.execute(sql.LINES_ONLY)
    if stored:
        waits = sql.SUMMARY_WAITS if source.provisional_lines else sql.DETAILS_WAIT if source.kind == "lines" else sql.NEVER
        lines = [sql.COMPARE_LINES.format(waits=waits), "ANALYZE batch_line (number, line_id)", sql.MARK_LINES, sql.MARK_GONE_LINES]
        at_once(cursor, lines, values)
    return stored, named


def _report_unknown_orders(cursor: Any, run: Import) -> None:
    cursor.execute(sql.UNKNOWN_ORDERS)
    found = cursor.fetchall()
    write_problems(run.pk, (Problem(line, "order_unknown", "", number, [number]) for line, number in found))


def _report_two_customers(cursor: Any, run: Import, values: dict[str, Any]) -> None:
    cursor.execute(sql.TWO_CUSTOMERS, values)
    found = cursor.fetchall()
    write_problems(run.pk, (Problem(line, "two_customers", "", key, [number, key]) for line, number, key in found))


def _writing(stored: bool, named: bool) -> list[str]:
    """The statements that bring a wave in; those that could find nothing to do are left out. The first adds the customers."""
    orders = [sql.INSERT_ORDERS, sql.INSERT_LINES_OF_NEW]
    if stored:
        orders += [sql.UPDATE_ORDERS, sql.LEDGER, sql.TAKE_OUT_LINES, sql.UPDATE_LINES, sql.INSERT_LINES]
    return [sql.ADD_CUSTOMERS, *([sql.ADD_HANDLES] if named else []), *orders]


def _write(cursor: Any, statements: list[str], values: dict[str, Any]) -> int:
    """How many customers were new.

    Raises `Collision` where one of the numbers was logged since the comparison; the transaction is to be taken back then.
    """
    try:
        return at_once(cursor, statements, values)
    except IntegrityError as error:
        transaction.set_rollback(True)
        if "order_number_is_unique_in_its_shop" in str(error):
            raise Collision from error
        raise
