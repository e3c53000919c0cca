"""The orders of a file, one after the other: the header found, rows parsed, rows of one order put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path

from . import cells
from .columns import Columns, header_names
from .reading import Numbered, Unreadable, read_rows
from .recognise import recognise
from .record import BadCell, Context, Problem, Source, SourceOrder
from .statuses import UNKNOWN

_HEADER_WITHIN = 15
_PEEK = 60
_TOTALS = frozenset({"汇总", "均值", "合计", "总计", "店铺汇总值", "店铺平均值", "小计"})
_CELL_SHOWN = 200
_KEY_CUT = 110  # a line's key has 120 characters; what is added must fit
SUMMARY_KEY = "0"
"""The key of a line that only sums an order up, until a file with the real lines comes."""


class Reading:
    """One file being read. `source` and `names` are known at once; iterating gives `SourceOrder`s and `Problem`s in file order.

    `rows` counts the data rows seen so far. Raises `Unreadable` (`layout_unknown`, `encoding_unknown`, …) where it is no order export.
    """

    def __init__(self, path: Path, context: Context, *, source: Source | None = None) -> None:
        self.rows = 0
        numbered = read_rows(path)
        self.source, self.names, self._peeked = _find_header(numbered, source)
        self._rest = self._until_broken(numbered)
        self._broken = ""
        self._context = context

    def _until_broken(self, numbered: Numbered) -> Numbered:
        """The rows up to where the file cannot be read any further."""
        try:
            yield from numbered
        except Unreadable as broken:
            self._broken = broken.code

    def __iter__(self) -> Iterator[SourceOrder | Problem]:
        peeked = self._peeked + list(islice(self._rest, _PEEK))
        context = Context(self._context.zone, self._context.currency, self._context.region, _ids_rounded(self.names, peeked, self.source))
        parse = self.source.binds(Columns(self.names, context), context)
        return self._together(self._parsed(chain(peeked, self._rest), parse))

    def _parsed(self, numbered: Numbered, parse) -> Iterator[SourceOrder | Problem]:
        width, names = len(self.names), self.names
        line = 0
        for line, row in numbered:
            have = len(row)
            if have < width:
                row = row + [""] * (width - have)
            if not _is_data(row, names):
                continue
            self.rows += 1
            if have > width and any(cells.text(cell) for cell in row[width:]):
                yield Problem(line, "too_many_cells", "", str(have), shown(row))
                continue
            try:
                order = parse(row)
                refuse_negative(order)
            except BadCell as bad:
                yield Problem(line, bad.code, bad.column, bad.value[:300], shown(row))
                continue
            order.line_no = line
            if order.status == UNKNOWN:
                yield Problem(line, "status_unknown", "", order.raw_status, shown(row))
            yield order
        if self._broken:
            yield Problem(line + 1, self._broken)

    def _together(self, found: Iterator[SourceOrder | Problem]) -> Iterator[SourceOrder | Problem]:
        """Rows of one order that follow each other become one order; a continuation without its order is a problem."""
        last: SourceOrder | None = None
        for item in found:
            if isinstance(item, Problem):
                yield item
            elif last is not None and item.number == last.number:
                if item.head and self.source.whole_rows:
                    last = item  # told once more: the last telling wins
                else:
                    merge(last, item, parts=self.source.money_per_line)
            else:
                if last is not None:
                    yield finish(last, self.source)
                last = item if item.head else None
                if not item.head:
                    yield Problem(item.line_no, "order_row_missing", self.names[0], item.number, [item.number])
        if last is not None:
            yield finish(last, self.source)


def read_orders(path: Path, context: Context, *, source: Source | None = None) -> Reading:
    """Open an export; its times are wall-clock times of `context.zone` unless the cells carry an offset."""
    return Reading(path, context, source=source)


def _find_header(numbered: Numbered, wanted: Source | None) -> tuple[Source, list[str], list[tuple[int, list]]]:
    for _line, row in islice(numbered, _HEADER_WITHIN):
        names = header_names(row)
        source = recognise(names)
        if wanted is not None and wanted.required <= set(names):
            source = wanted
        if source is not None:
            while names and not names[-1]:
                names.pop()
            return source, names, []
    raise Unreadable("layout_unknown")


def _is_data(row: list, names: list[str]) -> bool:
    """Not a blank row, not the header once more, not a total or mean under the table."""
    start = cells.text(row[0])
    first = start or next(filter(None, map(cells.text, row)), "")
    return bool(first) and first not in _TOTALS and (first != names[0] or first != start)


def _ids_rounded(names: list[str], rows: list[tuple[int, list]], source: Source) -> bool:
    """Whether Excel has cut this file's ids to fifteen digits: of at least three long ones half have only zeros behind the fifteenth."""
    column = source.id_column or next((name for name in ("订单编号", "主订单编号", "订单号") if name in names), None)
    if column is None:
        return False
    at = names.index(column)
    long = [found for found in (cells.text(row[at]) for _line, row in rows if at < len(row)) if found.isdigit() and len(found) > 15]
    return len(set(long)) >= 3 and sum(map(cells.looks_rounded, long)) * 2 > len(long)


def refuse_negative(order: SourceOrder) -> None:
    """An order's money is never below zero; refunds have their own column."""
    for column, amount in (("total", order.total), ("paid", order.paid), ("refunded", order.refunded), ("freight", order.freight)):
        if amount is not None and amount < 0:
            raise BadCell("money_negative", column, amount)
    for line in order.lines:
        for amount in (line.price, line.amount, line.due, line.refunded, line.freight):
            if amount is not None and amount < 0:
                raise BadCell("money_negative", "price", amount)


def shown(row: list) -> list[str]:
    """The row as a person reads it, for the report."""
    return [cells.text(cell)[:_CELL_SHOWN] for cell in row]


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return other if one is None else one if other is None else max(one, other)


_FURTHEST = {code: place for place, code in enumerate(("unknown", "closed", "refunded", "completed", "shipped", "paid", "pending"))}


def merge(order: SourceOrder, other: SourceOrder, *, parts: bool) -> None:
    """Add another row of the same order. `parts`: each row is a part of the order with a state of its own.

    An order stands where its least advanced open part stands; it is refunded or closed only when every part is.
    """
    order.lines.extend(other.lines)
    if not parts or not other.head:
        return
    order.completed_at, order.shipped_at = _latest(order.completed_at, other.completed_at), _latest(order.shipped_at, other.shipped_at)
    order.paid_at = order.paid_at or other.paid_at
    if _FURTHEST.get(other.status, 0) > _FURTHEST.get(order.status, 0):
        order.status, order.raw_status = other.status, other.raw_status
    if other.tracking and other.tracking not in order.tracking:
        order.tracking = f"{order.tracking} {other.tracking}".strip()[:120]
    order.carrier = order.carrier or other.carrier


def finish(order: SourceOrder, source: Source) -> SourceOrder:
    """Give every line its key, keep the last of a line told twice, and sum the money where it is told per line (never for JD)."""
    if source.provisional_lines:
        for line in order.lines:
            line.key = SUMMARY_KEY
        return order
    if source.money_per_line:
        if len(order.lines) > 1:
            order.lines = list({line.key: line for line in order.lines}.values())
        order.total = _total(line.due for line in order.lines)
        order.paid = _total(line.amount for line in order.lines)
        order.refunded = _total(line.refunded for line in order.lines)
        order.freight = _total(line.freight for line in order.lines)
        return order
    seen: dict[str, int] = {}
    for place, line in enumerate(order.lines, 1):
        key = line.key or str(place)
        seen[key] = seen.get(key, 0) + 1
        line.key = key if seen[key] == 1 else f"{key[:_KEY_CUT]}#{seen[key]}"
    return order


def _total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    told = [amount for amount in amounts if amount is not None]
    return sum(told, Decimal(0)) if told else None
