"""The normal form every source is turned into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise as LazyText


class BadCell(Exception):
    """A cell that cannot be read. `code` is one of `problems.REASONS`, `column` the header as the file writes it."""

    def __init__(self, code: str, column: str, value: object = "") -> None:
        super().__init__(code, column, value)
        self.code, self.column, self.value = code, column, "" if value is None else str(value)


@dataclass(slots=True)
class Problem:
    """One finding about one row: `line` counts from 1 as an editor or a spreadsheet shows it; `row` are its cells."""

    line: int
    code: str
    column: str = ""
    value: str = ""
    row: list[str] = field(default_factory=list)


@dataclass(slots=True)
class SourceLine:
    """One bought item. `key` is the platform's own id of the line ("" where the export names none).

    `amount` is what was paid for it, `due` and `freight` its part of the order's total, where the export states them per line.
    """

    key: str = ""
    title: str = ""
    sku: str = ""
    variant: str = ""
    quantity: int = 1
    price: Decimal | None = None
    amount: Decimal | None = None
    refunded: Decimal | None = None
    status: str = ""
    due: Decimal | None = None
    freight: Decimal | None = None


@dataclass(slots=True)
class SourceOrder:
    """One order as an export tells it. Money in `currency`; instants aware; None = the export does not say.

    `head` is False for a row that only adds a line to the order above it (a continuation).
    `line_no` is the file's line of the first row; `raw_status` the platform's own word.
    """

    number: str
    line_no: int = 0
    head: bool = True
    status: str = ""
    raw_status: str = ""
    close_reason: str = ""
    handle: str = ""
    buyer_name: str = ""
    buyer_phone: str = ""
    buyer_email: str = ""
    receiver: str = ""
    phone: str = ""
    address: str = ""
    currency: str = ""
    total: Decimal | None = None
    paid: Decimal | None = None
    refunded: Decimal | None = None
    freight: Decimal | None = None
    placed_at: datetime | None = None
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    completed_at: datetime | None = None
    tracking: str = ""
    carrier: str = ""
    buyer_note: str = ""
    seller_note: str = ""
    lines: list[SourceLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Context:
    """What the shop adds to a row: where its clock stands and what its money is when the file does not say."""

    zone: ZoneInfo
    currency: str = "CNY"
    region: str = "CN"
    ids_rounded: bool = False


Parser = Callable[[list], SourceOrder]


@dataclass(frozen=True)
class Source:
    """A layout family of one platform.

    `required` are the columns (stripped) that tell it from the others; `binds` makes the row parser for one header.
    `kind`: "orders" rows carry the whole order, "lines" rows only items of orders that came with another file,
    "suborders" rows are items that also carry the order's status and times.
    `whole_rows`: a row with the order's own facts tells the whole order, so a second one replaces the first.
    `money_per_line`: the order's money is the sum over its rows (never so for JD, which repeats it on each).
    `whole`: the export always lists every line of an order, so a line it no longer lists was taken out of the order.
    `keyed_lines`: the platform names each line, so rows of one order may stand apart in the file.
    `provisional_lines`: its lines are a summary only, used until a file with the real lines comes.
    `weak_money`, `weak_status`: what it says of an order's money or status gives way to what another layout has said.
    `identity`: the kind of handle that a buyer's name is (a `customer.models.HandleKind`), the platform's own by default.
    `id_column`: where the order's number stands, for a layout that calls it differently than the platforms do.
    """

    code: str
    platform: str
    title: str | LazyText
    required: frozenset[str]
    binds: Callable[[Any, Context], Parser]
    kind: str = "orders"
    whole_rows: bool = False
    money_per_line: bool = False
    whole: bool = False
    provisional_lines: bool = False
    keyed_lines: bool = False
    weak_money: bool = False
    weak_status: bool = False
    identity: str = ""
    id_column: str = ""
