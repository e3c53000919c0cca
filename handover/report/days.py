"""Days and months of a team's time zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def starts(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which a day of the zone begins; across a daylight-saving change a day has 23 or 25 hours."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def next_month(day: date) -> date:
    """The first of the month after."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def runs(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """Sorted days as stretches without a gap, first and last."""
    days = list(days)
    if not days:
        return
    first = days[0]
    for before, after in pairwise(days):
        if after != before + DAY:
            yield first, before
            first = after
    yield first, days[-1]
