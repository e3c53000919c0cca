"""Contacts and tickets per hour and weekday, who was on duty, and how many it takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from handover.report.asking import Asked
from handover.report.counting import starts
from handover.report.erlang import people_needed
from handover.report.facts import FACTS, mask, placed
from handover.report.queries import DAY, _rows, narrow

LOOK_BACK = timedelta(days=92)
"""People on duty are the mean of at most this much of the period, its end."""

ROLLED = """
    SELECT EXTRACT(isodow FROM x.day)::int, x.hour, sum(x.n)::bigint FROM handover_figure x
    WHERE x.team_id = %(team)s AND x.fact = %(fact)s AND x.grain = 'd' AND x.cut = %(cut)s
      AND x.day >= %(first)s AND x.day <= %(last)s {more} GROUP BY 1, 2"""

COUNTED = """
    SELECT EXTRACT(isodow FROM x.day)::int, x.hour, sum(x.n)::bigint FROM ({rows}) x
    JOIN tickets_ticket t ON t.id = x.id AND (%(channel)s = '' OR t.channel = %(channel)s) WHERE true {more} GROUP BY 1, 2"""

PRESENT = """
    SELECT EXTRACT(isodow FROM h.at AT TIME ZONE %(zone)s)::int, EXTRACT(hour FROM h.at AT TIME ZONE %(zone)s)::int,
           sum(EXTRACT(epoch FROM LEAST(COALESCE(d.ended_at, d.lapses_at), h.at + interval '1 hour') - GREATEST(d.started_at, h.at))) / 3600
    FROM handover_duty d
    CROSS JOIN LATERAL generate_series(date_trunc('hour', GREATEST(d.started_at, %(start)s)),
        LEAST(COALESCE(d.ended_at, d.lapses_at), %(end)s) - interval '1 microsecond', interval '1 hour') h (at)
    JOIN tickets_member m ON m.id = d.member_id AND m.roles && ARRAY['agent', 'after_sale']::varchar[]
    WHERE d.team_id = %(team)s AND d.started_at < %(end)s AND COALESCE(d.ended_at, d.lapses_at) > %(start)s
      AND (%(members)s::bigint[] IS NULL OR d.member_id = ANY(%(members)s)) GROUP BY 1, 2"""


@dataclass(frozen=True)
class Service:
    """What is wanted: `share` of the contacts answered within `seconds`; a contact is `minutes` of work, `at_once` customers at a time."""

    share: float = 0.8
    seconds: int = 30
    minutes: float = 6
    at_once: int = 3


@dataclass(frozen=True)
class Hour:
    """One hour of one weekday, means over the period's days of that weekday. `short`: fewer people than it takes."""

    weekday: int
    hour: int
    contacts: float
    tickets: float
    present: float
    needed: int
    heat: int

    @property
    def short(self) -> bool:
        return self.needed > 0 and self.present + 0.5 < self.needed


def week(asked: Asked, service: Service) -> list[list[Hour]]:
    """Seven rows (Monday first) of 24 hours. Three queries."""
    coming, present = _coming(asked), _present(asked)
    days = _weekdays(asked.first, asked.last)
    seen = _weekdays(max(asked.first, asked.last - LOOK_BACK + DAY), asked.last)
    most = max((coming.get((w, h, "contacts"), 0) / days[w] for w in days if days[w] for h in range(24)), default=0.0)

    def one(weekday: int, hour: int) -> Hour:
        contacts = coming.get((weekday, hour, "contacts"), 0) / days[weekday] if days[weekday] else 0.0
        tickets = coming.get((weekday, hour, "matters"), 0) / days[weekday] if days[weekday] else 0.0
        there = present.get((weekday, hour), 0.0) / seen[weekday] if seen[weekday] else 0.0
        needed = people_needed(
            contacts, handling=service.minutes * 60, seconds=service.seconds, share=service.share, at_once=service.at_once
        )
        return Hour(weekday, hour, contacts, tickets, there, needed, _heat(contacts, most))

    return [[one(weekday, hour) for hour in range(24)] for weekday in range(1, 8)]


def _heat(value: float, most: float) -> int:
    return 0 if not value or not most else min(4, 1 + int(4 * value / most - 1e-9))


def _weekdays(first: date, last: date) -> dict[int, int]:
    """How many of each weekday (1 Monday … 7 Sunday) lie between the two days."""
    whole, rest = divmod((last - first).days + 1, 7)
    return {w: whole + ((w - first.isoweekday()) % 7 < rest) for w in range(1, 8)}


def _coming(asked: Asked) -> dict[tuple[int, int, str], int]:
    """(weekday, hour, fact) → how many. From the roll-up where at most one filter besides the hour is asked for, else from the rows: only
    they know the channel. One query per fact."""
    found: dict[tuple[int, int, str], int] = {}
    channel = asked.values.get("channel", "")
    for code in ("contacts", "matters"):
        fact = FACTS[code]
        filters = {name: values for name, values in asked.filters.items() if name in fact.dims}
        more, values = narrow(filters)
        values |= {"team": asked.member.team_id, "fact": code, "first": asked.first, "last": asked.last}
        if len(filters) <= 1 and not channel:
            sql = ROLLED.format(more=more)
            values["cut"] = mask({"hour", *filters})
        else:
            sql = COUNTED.format(rows=placed(fact), more=more)
            values |= {"channel": channel, "zone": asked.member.team.time_zone}
            values |= {"start": starts(asked.first, asked.member.team.zone), "end": starts(asked.last + DAY, asked.member.team.zone)}
        found |= {(weekday, hour, code): n for weekday, hour, n in _rows(sql, values)}
    return found


def _present(asked: Asked) -> dict[tuple[int, int], float]:
    zone = asked.member.team.zone
    first = max(asked.first, asked.last - LOOK_BACK + DAY)
    values: dict[str, Any] = {"team": asked.member.team_id, "zone": asked.member.team.time_zone, "members": asked.filters.get("member")}
    values |= {"start": starts(first, zone), "end": starts(asked.last + DAY, zone)}
    return {(weekday, hour): float(hours) for weekday, hour, hours in _rows(PRESENT, values)}
