"""Times as people type them: `19:30`, `1930`, `+2h`, `30m`, `tomorrow 10`, `明天10点`, `11-24 09:00`.

Pure: the instant now and the zone come in as arguments; what goes out is an aware instant in UTC.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

UNREADABLE = _("Write a time such as 19:30, +2h, tomorrow 10:00 or 24.11. 09:00.")
PAST = _("This time has passed.")

EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Whatever a person, a program or a file means lies in between; what lies outside is a slip, and at the ends of the calendar an instant
that exists in one zone does not in the next: a page that shows it would fail for everybody."""

_SPAN = re.compile(
    r"\+?\s*(?:(\d{1,3})\s*(?:d|天|日))?\s*(?:(\d{1,3})\s*(?:h|hr|hrs|小时|小時|个小时|個小時))?\s*(?:(\d{1,4})\s*(?:m|min|mins|分钟|分鐘))?$"
)
_CLOCK = re.compile(r"(\d{1,2})(?:[:.点點时時h]\s*(\d{2})?\s*分?|(\d{2}))?\s*(am|pm)?$")
_AHEAD = {
    "today": 0, "今天": 0, "今晚": 0, "今日": 0, "tonight": 0, "tomorrow": 1, "tmr": 1, "明天": 1, "明日": 1, "明早": 1, "明晚": 1,
    "后天": 2, "後天": 2,
}  # fmt: skip
_WEEKDAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6, "周一": 0, "周二": 1, "周三": 2, "周四": 3, "周五": 4,
             "周六": 5, "周日": 6, "週一": 0, "週二": 1, "週三": 2, "週四": 3, "週五": 4, "週六": 5, "週日": 6}  # fmt: skip
_EVENING = {"tonight", "今晚", "明晚"}
_ISO = re.compile(r"(?:(\d{4})[-/.年])?(\d{1,2})[-/月](\d{1,2})日?(?:[t\s]+|$)")
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(?:(\d{4}))?(?:\s+|$)")
OPENING = time(9)


def in_reach(found: datetime) -> bool:
    """Whether an aware instant lies between `EARLIEST` and `LATEST`."""
    try:
        return EARLIEST <= found < LATEST
    except OverflowError:
        return False


def read_when(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The instant meant by `text`, after `now` wherever the writing leaves it open; None where it cannot be read or is out of reach.

    A clock time alone is its next occurrence in `zone`; a day alone is 09:00 of it; `24:00` is the midnight that ends the day.
    """
    try:
        found = _read(text, now, zone)
    except OverflowError:  # the last day of the year 9999, and the first of the year 1
        return None
    return found if found is not None and in_reach(found) else None


def written(at: datetime | None) -> str:
    """An instant in the active zone, to the minute, written so that it reads back as itself; empty for none."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def _read(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    wanted = unicodedata.normalize("NFKC", text).strip().casefold()
    if not wanted:
        return None
    full = _full(wanted, zone)
    if full is not None:
        return full
    span = _span(wanted)
    if span is not None:
        return now + span
    here = now.astimezone(zone)
    day, rest, evening = _day(wanted, here.date())
    clock = _clock(rest, evening) if rest else (OPENING, 0) if day else None
    if clock is None:
        return None
    at, over = clock
    if day is not None:
        return _instant(day + timedelta(days=over), at, zone)
    found = _instant(here.date() + timedelta(days=over), at, zone)
    return found if found > now else _instant(here.date() + timedelta(days=over + 1), at, zone)


def _full(wanted: str, zone: ZoneInfo) -> datetime | None:
    """What a date-time field of a browser or a program sends."""
    if not re.match(r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d", wanted):
        return None
    try:
        found = datetime.fromisoformat(wanted.upper().replace("Z", "+00:00"))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _span(wanted: str) -> timedelta | None:
    match = _SPAN.match(wanted)
    if not match or not any(match.groups()):
        return None
    days, hours, minutes = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def _day(wanted: str, today: date) -> tuple[date | None, str, bool]:
    """The day named at the start, what is left, and whether the evening is meant."""
    for word, ahead in _AHEAD.items():
        if wanted.startswith(word):
            return today + timedelta(days=ahead), wanted.removeprefix(word).strip(), word in _EVENING
    for word, weekday in _WEEKDAYS.items():
        if wanted.startswith(word):
            ahead = (weekday - today.weekday()) % 7 or 7
            return today + timedelta(days=ahead), wanted.removeprefix(word).strip(" ."), False
    for pattern, order in ((_ISO, (1, 2, 3)), (_GERMAN, (3, 2, 1))):
        match = pattern.match(wanted)
        if match:
            year, month, day = (match.group(place) for place in order)
            found = _date(int(year), int(month), int(day)) if year else _next(int(month), int(day), today)
            return found, wanted[match.end() :].strip() if found else wanted, False
    return None, wanted, False


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _next(month: int, day: int, today: date) -> date | None:
    """The next such day from today on; 29 February may be years ahead."""
    days = (_date(year, month, day) for year in range(today.year, today.year + 9))
    return next((found for found in days if found and found >= today), None)


def _clock(rest: str, evening: bool) -> tuple[time, int] | None:
    """The wall-clock time and how many days it lies over (1 for 24:00)."""
    match = _CLOCK.match(rest)
    if not match:
        return None
    hour, minute = int(match.group(1)), int(match.group(2) or match.group(3) or 0)
    if match.group(4):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match.group(4) == "pm" else 0)
    elif evening and hour < 12:
        hour += 12
    if (hour, minute) == (24, 0):
        return time(0), 1
    return (time(hour, minute), 0) if hour < 24 and minute < 60 else None


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


class DayField(forms.DateField):
    """A day that a list begins or ends with; one out of reach is no day."""

    widget = forms.DateInput(attrs={"type": "date"})

    def clean(self, value: Any) -> date | None:
        found = super().clean(value)
        if found is not None and not EARLIEST.date() <= found < LATEST.date():
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class WhenField(forms.CharField):
    """A time as people type it, read in the active time zone; cleans to an aware instant or None. Refuses what has passed."""

    def __init__(self, *, past_allowed: bool = False, **kwargs: Any) -> None:
        self.past_allowed = past_allowed
        super().__init__(max_length=60, **kwargs)

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if not text:
            return None
        now = timezone.now()
        found = read_when(text, now, timezone.get_current_timezone())
        if found is None:
            raise forms.ValidationError(UNREADABLE, code="unreadable")
        if found <= now and not self.past_allowed:
            raise forms.ValidationError(PAST, code="past")
        return found
