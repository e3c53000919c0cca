"""Wall clocks and instants, ranges and their overlaps. Pure: no database, no clock.

A range is a pair of aware UTC instants `(start, end)`: start inclusive, end exclusive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Span = tuple[datetime, datetime]
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The UTC instant at which the zone's clocks show `wall` on `day`.

    A repeated time is its first occurrence. A time that the clocks leap over is the instant of the leap, so that of two wall
    times the later one never comes first: neighbouring shifts can then neither overlap nor leave a hole between them.
    """
    naive = datetime.combine(day, wall)
    found = naive.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == naive:
        return found
    return _leap(naive.replace(tzinfo=zone, fold=1).astimezone(UTC), found, zone)


def _leap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant in `(before, after]` at which the zone's offset changes, to the second."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + SECOND * ((after - before) // SECOND // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def shift_span(day: date, starts: time, ends: time, zone: ZoneInfo) -> Span | None:
    """The instants of a shift that starts on `day`; an end at or before the start is on the next day.

    None where the clocks leap over the whole of it: that day there is no such shift.
    """
    start = instant(day, starts, zone)
    end = instant(day if ends > starts else day + timedelta(days=1), ends, zone)
    return (start, end) if end > start else None


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """The calendar day in the zone."""
    return at.astimezone(zone).date()


def monday(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def overlap(first: Span, second: Span) -> Span | None:
    """What two ranges have in common. Touching ones have nothing: ends are exclusive."""
    start, end = max(first[0], second[0]), min(first[1], second[1])
    return (start, end) if start < end else None


def subtract(span: Span, taken: Iterable[Span]) -> list[Span]:
    """What is left of a range without the others, in order."""
    left = [span]
    for other in taken:
        left = [piece for part in left for piece in ((part[0], min(part[1], other[0])), (max(part[0], other[1]), part[1])) if _is(piece)]
    return left


def _is(span: Span) -> bool:
    return span[0] < span[1]


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time as few ranges: overlapping and touching ones become one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def split(entry: Span, override: Span) -> tuple[list[Span], Span | None]:
    """An override inside an entry: what stays with the one before (none to two pieces), and what the stand-in gets.

    One wider than the entry takes only the entry; one beside it takes nothing (None).
    """
    taken = overlap(entry, override)
    return (subtract(entry, [taken]), taken) if taken else ([entry], None)


def gaps(shift: Span, rostered: Sequence[Span]) -> list[Span]:
    """When nobody at all is rostered on the shift."""
    return subtract(shift, rostered)


def empty_times(shift: Span, rostered: Sequence[Span], suitable: Sequence[Span]) -> list[Span]:
    """When somebody is rostered but nobody of them can do the work: away, gone, or without the role."""
    found = [piece for span in merged(rostered) for piece in subtract(span, suitable)]
    return [piece for span in found if (piece := overlap(span, shift))]


def fewest(shift: Span, suitable: Sequence[Span]) -> int:
    """The smallest number of people there at any instant of the shift."""
    edges = {shift[0]} | {edge for span in suitable for edge in span if shift[0] <= edge < shift[1]}
    return min(sum(start <= at < end for start, end in suitable) for at in edges)


def letters(patterns: Sequence[tuple[int, str, str]]) -> dict[int, str]:
    """What to type in the week's grid for each pattern of `(id, letter, name)`: its letter, else the first free ones of its name."""
    found = {key: letter for key, letter, _name in patterns if letter}
    taken = {letter.casefold() for letter in found.values()}
    for key, letter, name in patterns:
        if letter:
            continue
        choices = [name[:length] for length in range(1, len(name) + 1)] + [f"{name[:1]}{number}" for number in range(2, 99)]
        found[key] = next(choice for choice in choices if choice.casefold() not in taken and " " not in choice)
        taken.add(found[key].casefold())
    return found
