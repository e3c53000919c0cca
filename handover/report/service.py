"""Reading what 赤兔 and 生意参谋 export: one row per account and day, columns found by name, every quirk of the files. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any

from tickets.order.sources import cells
from tickets.order.sources.record import Problem

COLUMNS: dict[str, tuple[str, ...]] = {
    "day": ("日期", "date"),
    "account": ("旺旺", "旺旺昵称", "客服", "客服昵称"),
    "asked": ("咨询人数", "聊天人数(原咨询人数)", "聊天人数"),
    "received": ("接待人数",),
    "unanswered": ("未回复人数",),
    "reply": ("回复率", "旺旺回复率", "客服回复率"),
    "moved_in": ("转入人数",),
    "moved_out": ("转出人数",),
    "first": ("首次响应(秒)", "首次响应时间", "首次响应时长"),
    "average": ("平均响应(秒)", "平均响应时间", "平均响应时长"),
    "very": ("很满意",),
    "good": ("满意",),
    "fair": ("一般",),
    "bad": ("不满意", "不满"),
    "worst": ("很不满意", "很不满"),
    "inquired": ("询单人数",),
    "ordered": ("询单->最终下单人数",),
    "paid": ("询单->最终付款人数", "最终付款人数"),
    "paid_share": ("询单->最终付款成功率", "询单最终付款转化率"),
}
_DAYS = frozenset(COLUMNS["day"])
_TELLING = frozenset(name for code, names in COLUMNS.items() if code not in ("day", "account") for name in names) | {"总", "邀请", "自主"}
NOT_FINAL = "延迟统计"
NOTHING = frozenset({"", "-", "--", "#VALUE!", "#DIV/0!", "#N/A", "null"})
NOBODY = frozenset({"", "0"})
"""What a formula leaves in the account's column where it found nobody."""
NOT_DATA = frozenset({"汇总", "均值", "合计", "店铺汇总值", "店铺平均值"})
SPAN = re.compile(r"(?:(\d+)小时)?(?:(\d+)分钟?)?(?:([\d.]+)秒)?")
VALUES = (
    "asked", "received", "reply", "moved_in", "moved_out", "first", "average", "satisfied", "rated", "inquired", "ordered", "paid",
    "paid_share",
)  # fmt: skip
SHARES = ("reply", "paid_share")
HUGE = Decimal(10**9)


@dataclass
class Line:
    """One account's day. `values` by the names of `VALUES`: missing where the file does not say."""

    day: date
    account: str
    values: dict[str, Decimal] = field(default_factory=dict)
    pending: bool = False


@dataclass
class Read:
    """A row of data: its number in the sheet (from 1), the account's day or None, and what of it could not be read."""

    number: int
    line: Line | None
    problems: list[Problem] = field(default_factory=list)


class Unreadable(ValueError):
    """A cell that holds no figure."""


def columns(head: Sequence[Any]) -> dict[str, int]:
    """Which column tells what; by name without spaces, never by position."""
    places: dict[str, int] = {}
    names = [_plain(cell) for cell in head]
    for code, known in COLUMNS.items():
        found = next((names.index(name) for name in known if name in names), None)
        if found is not None:
            places[code] = found
    return places


def fits(names: Iterable[Any]) -> bool:
    """Whether a header is of such an export: it has a day, and two columns (or groups of them) that we know."""
    plain = {_plain(name) for name in names}
    return not plain.isdisjoint(_DAYS) and len(plain & _TELLING) > 1


def _plain(cell: Any) -> str:
    return re.sub(r"\s", "", str(cell)).replace("（", "(").replace("）", ")").replace("－>", "->").lower()


def figure(cell: Any) -> Decimal | None:
    """A number, a share (`100%`, `6,25%`), a duration in seconds (`16分3秒`); None for nothing. Raises Unreadable, also for 延迟统计."""
    if isinstance(cell, bool):
        raise Unreadable(cell)
    if isinstance(cell, int | float):
        return _bounded(Decimal(str(cell)))
    text = str(cell).strip()
    if text in NOTHING:
        return None
    span = SPAN.fullmatch(text)
    if span and any(span.groups()):
        hours, minutes, seconds = (Decimal(part or 0) for part in span.groups())
        return _bounded(hours * 3600 + minutes * 60 + seconds)
    try:
        if text.endswith("%"):
            return _bounded(Decimal(text.rstrip("%").replace(",", ".")) / 100)
        return _bounded(Decimal(text.replace(",", "")))
    except InvalidOperation as error:
        raise Unreadable(text) from error


def _bounded(value: Decimal) -> Decimal:
    if not value.is_finite() or abs(value) >= HUGE or value < 0:
        raise Unreadable(value)
    return value


def day_of(cell: Any) -> date:
    """A date, an instant's date, `2024-01-05` or `2024/1/5`. Raises Unreadable: a span of days is no day."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    found = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T].*)?", str(cell).strip())
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise Unreadable(cell)


def head_of(first: Sequence[Any], below: Sequence[Any]) -> tuple[list[Any], int]:
    """The names of the columns and how many rows they take: one, or two as in 接待评价, whose groups (总, 邀请, 自主) stand above the same
    names. Of the groups only 总, the whole, is read: the others are parts of it and would be counted twice."""
    names = {_plain(cell) for cell in below}
    if "很满意" not in names or not names.isdisjoint(_DAYS):
        return list(first), 1
    found: list[Any] = []
    group = ""
    for place, lower in enumerate(below):
        upper = str(first[place]).strip() if place < len(first) else ""
        group = upper or group
        if not str(lower).strip():
            found.append(upper)
        else:
            found.append(lower if _plain(group).startswith("总") else "")
    return found, 2


def lines(rows: Iterable[tuple[int, Sequence[Any]]]) -> Iterator[Read]:
    """Every row of data below the names of the columns (one row of names, or two: `head_of`); totals and means are left out. `rows` are
    numbered. Nothing where no row names such columns."""
    numbered = iter(rows)
    first = next((row for _number, row in numbered if fits(row)), None)
    second = next(numbered, None)
    if first is None or second is None:
        return
    head, depth = head_of(first, second[1])
    places = columns(head)
    for number, row in chain([second] if depth == 1 else [], numbered):
        told = {code: row[place] if place < len(row) else "" for code, place in places.items()}
        account = cells.text(told.get("account", ""))
        if NOT_DATA.isdisjoint((account, cells.text(told["day"]))) and any(cells.text(cell) for cell in row):
            yield _read(number, row, told, account, head, places)


def _read(number: int, row: Sequence[Any], told: dict[str, Any], account: str, head: Sequence[Any], places: dict[str, int]) -> Read:
    """One row. A cell that is no figure is left out and said; a row without a day or an account stays out."""

    def problem(code: str, of: str) -> Problem:
        cell = cells.text(told[of])[:300]
        return Problem(number, code, cells.text(head[places[of]]), cell, [cells.text(each) for each in row])

    if "account" in told and account in NOBODY:
        return Read(number, None, [problem("account_missing", "account")])
    try:
        line = Line(day_of(told["day"]), account[:80])
    except Unreadable:
        return Read(number, None, [problem("day_unreadable", "day")])
    found, known = Read(number, line), dict[str, Decimal]()
    for code in told.keys() - {"day", "account"}:
        if str(told[code]).strip() == NOT_FINAL:
            line.pending = True
            continue
        try:
            value = figure(told[code])
        except Unreadable:
            found.problems.append(problem("figure_unreadable", code))
            continue
        if value is not None:
            known[code] = value
    line.values = _values(known)
    return found


def _values(cells: dict[str, Decimal]) -> dict[str, Decimal]:
    """What is kept of a row's cells."""
    found = {name: cells[name] for name in VALUES if name in cells}
    if "reply" not in found and found.get("asked") and "unanswered" in cells:
        found["reply"] = max(Decimal(0), 1 - cells["unanswered"] / found["asked"])
    for name in SHARES:
        if name in found:
            found[name] = min(Decimal(1), found[name])
    if "very" in cells and "good" in cells:
        found["satisfied"] = cells["very"] + cells["good"]
        found["rated"] = sum((cells.get(name, Decimal(0)) for name in ("very", "good", "fair", "bad", "worst")), Decimal(0))
    return found
