"""Dates as the heads of rosters write them. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

FULL = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*日)?(?:[T ]00:00(?::00)?)?")
SHORT = re.compile(r"(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号號]?")
DAY = re.compile(r"(\d{1,2})\s*[日号號]?")
MONTH = re.compile(r"(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*月|(\d{4})\s*[-/.]\s*(\d{1,2})(?!\d)")
WEEKDAY = re.compile(
    r"[(\[]?\s*(?:(?:周|週|星期|礼拜|禮拜)?[一二三四五六日天]|mon|tue|wed|thu|fri|sat|sun|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday)\s*[)\]]?",
    re.IGNORECASE,
)
EPOCH = date(1899, 12, 30)
SERIALS = range(36_526, 73_051)
"""Excel's numbers of the days from 2000 to 2099."""


def plain(value: Any) -> str:
    """A cell as text: half-width, without blanks at its ends; whole numbers without their point."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return unicodedata.normalize("NFKC", str(value if value is not None else "")).strip()


def is_weekday(value: Any) -> bool:
    return bool(WEEKDAY.fullmatch(plain(value)))


def month_in(texts: Iterable[Any], today: date) -> date | None:
    """The month that a title names (`2026年11月排班表`), as its first day; without a year, the one nearest to today."""
    for value in texts:
        if isinstance(value, datetime | date):
            return date(value.year, value.month, 1)
        if found := MONTH.search(plain(value)):
            year, month = found[1] or found[3], int(found[2] or found[4])
            if 1 <= month <= 12:
                return date(int(year), month, 1) if year else _nearest(month, 1, today)
    return None


def heads(cells: list[Any], today: date, month: date | None) -> dict[int, date]:
    """The columns of a row that are headed by a date. Bare days (`21`, `21日`) need the `month` of the title and count up from it."""
    found: dict[int, date] = {}
    last: date | None = None
    for column, value in enumerate(cells):
        day = _date(value, today) or _bare(value, last or month, counting=last is not None)
        if day is not None:
            found[column] = last = day
    return found if len(found) > 1 and len(set(found.values())) == len(found) else {}


def _date(value: Any, today: date) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, bool):
        return None
    text = plain(value)
    if text.isdigit() and int(text) in SERIALS:
        return EPOCH + timedelta(days=int(text))
    text = WEEKDAY.sub(" ", text).strip() if not WEEKDAY.fullmatch(text) else ""
    if full := FULL.fullmatch(text):
        return _made(int(full[1]), int(full[2]), int(full[3]))
    if short := SHORT.fullmatch(text):
        return _nearest(int(short[1]), int(short[2]), today)
    return None


def _bare(value: Any, near: date | None, *, counting: bool) -> date | None:
    """The day of the month `near` is in, or of the next one where the numbers begin again."""
    found = DAY.fullmatch(plain(value)) if near is not None and not isinstance(value, datetime | date) else None
    if found is None or near is None:
        return None
    day = int(found[1])
    following = (near.replace(day=1) + timedelta(days=32)).replace(day=1)
    month = following if counting and day < near.day else near
    return _made(month.year, month.month, day)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nearest(month: int, day: int, today: date) -> date | None:
    """That day of the year in which it lies nearest to today."""
    some = [found for year in (today.year - 1, today.year, today.year + 1) if (found := _made(year, month, day))]
    return min(some, key=lambda found: abs(found - today), default=None)
