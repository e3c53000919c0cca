"""Who works when: now and next. Instants are aware; a range's start is inclusive, its end exclusive."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from handover.roster import rules
from handover.roster.models import RosterEntry, RosterEntryQuerySet, Shift
from tickets.people.models import Member, Team
from tickets.web.kept import Written
from tickets.web.prepared import prepared_cursor

EARLY = timedelta(hours=6)
"""So long before a shift may one begin with its digest; earlier than that it is extra work without a shift."""

UNROSTERED = timedelta(hours=8)
"""How long a duty without a shift is thought to be, where no shift of the team is running either."""

AHEAD = timedelta(days=8)
"""How far ahead the next people are looked for."""

FAR = timedelta(days=62)
"""How far ahead one person's next work is looked for; longer than anybody's leave is usual."""


def _told(entries: RosterEntryQuerySet) -> RosterEntryQuerySet:
    return entries.select_related("shift", "member__presence", "member__user").order_by("during", "member__display_name")


def who_is_on(team: Team, at: datetime) -> list[RosterEntry]:
    """Rostered at the instant, without those away or signed off."""
    return list(_told(RosterEntry.objects.filter(team=team).there_at(at)))


def who_is_next(team: Team, at: datetime) -> list[RosterEntry]:
    """Rostered at the next instant at which somebody begins, without those away; empty if nobody does within eight days."""
    coming = _told(RosterEntry.objects.filter(team=team, during__startswith__gt=at, during__startswith__lte=at + AHEAD).to_work(at))
    first = coming.first()
    return list(coming.filter(during__startswith=first.during.lower)) if first else []


def next_shift(team: Team, at: datetime) -> Shift | None:
    """The team's next shift to begin, staffed or not."""
    return Shift.objects.filter(team=team, starts_at__gt=at).order_by("starts_at", "id").first()


def entries_of(member: Member, at: datetime) -> RosterEntryQuerySet:
    """What the person still has to work: neither over, signed off, nor on leave; earliest first."""
    return RosterEntry.objects.filter(member=member).to_work(at).select_related("shift").order_by("during")


Window = tuple[Shift | None, datetime, datetime]
"""A shift, and from when to when it is worked."""


def shift_window(member: Member, at: datetime) -> Window:
    """What a duty begun at the instant is for: the shift and from when to when the person works.

    Rostered now, or within `EARLY`: that entry (pieces of the same shift that touch count as one). Otherwise there is no shift: from
    now to the end of whichever shift of the team runs longest, or `UNROSTERED`.
    """
    values = {"member": member.pk, "team": member.team_id, "at": at, "soon": at + EARLY}
    found: list[Any] = WINDOW.all(**values)
    worked = [shift for shift in found if shift.worked is not None]
    if worked:
        start, end = rules.merged((s.worked.lower, s.worked.upper) for s in worked if s.pk == worked[0].pk)[0]
        return worked[0], start, end
    return None, at, found[0].ends_at if found else at + UNROSTERED


WINDOW: Written[Shift] = Written(
    Shift,
    """
    WITH mine AS (
        SELECT e.shift_id, e.during FROM handover_rosterentry e
        WHERE e.member_id = %(member)s AND e.during && tstzrange(%(at)s, %(soon)s, '[]') AND e.left_at IS NULL
            AND (SELECT is_active FROM tickets_member WHERE id = %(member)s)
            AND NOT EXISTS (SELECT 1 FROM handover_absence a WHERE a.member_id = %(member)s
                AND a.during @> tstzrange(greatest(lower(e.during), %(at)s), upper(e.during)))
    ), running AS (
        SELECT id FROM handover_shift WHERE team_id = %(team)s AND starts_at <= %(at)s AND ends_at > %(at)s ORDER BY ends_at DESC LIMIT 1
    )
    SELECT {columns}, mine.during AS worked FROM mine JOIN handover_shift s ON s.id = mine.shift_id
    UNION ALL SELECT {columns}, NULL FROM running JOIN handover_shift s ON s.id = running.id
    ORDER BY worked
""",
    "s",
    "worked",
)
"""`RosterEntry.to_work` for one person, until soon, and whichever shift runs longest now. By hand, as every digest asks it:
composing it costs five times its running."""


def last_duty_end(member: Member) -> datetime | None:
    """Until when the person was last really at work; None for somebody who never was.

    A duty that the clock closed ended with its shift: what came between that and the closing, nobody had read.
    """
    ended = member.duties.filter(ended_at__isnull=False).order_by("-started_at")
    found: Any = ended.values("started_at", "until", "ended_at", "end").first()
    if found is None:
        return None
    if found["end"] == "lapsed" and found["until"]:
        return max(found["started_at"], min(found["until"], found["ended_at"]))  # type: ignore[no-any-return]
    return found["ended_at"]  # type: ignore[no-any-return]


def next_spans(members: Iterable[int], at: datetime, *, busy_until: datetime | None = None) -> dict[int, rules.Span]:
    """Of each person, the next stretch of rostered work without leave: what runs now if they are not at it, or what comes.

    While a person is on duty, what begins before that duty's end is what they are doing now; `busy_until` is the end of a duty that is
    just beginning. One query, however many people.
    """
    with prepared_cursor() as cursor:
        cursor.execute(TO_COME, {"members": list(members), "at": at, "far": at + FAR})
        rows = cursor.fetchall()
    found: dict[int, rules.Span] = {}
    for member, start, end, on_until, away in rows:
        busy = busy_until or on_until
        left = [piece for piece in rules.subtract((start, end), [(a.lower, a.upper) for a in away]) if piece[1] > at]
        if member not in found and left and (busy is None or start >= busy):
            found[member] = left[0]
    return found


TO_COME = """
    SELECT e.member_id, lower(e.during), upper(e.during), CASE WHEN p.on_since IS NOT NULL THEN p.on_until END,
        ARRAY(SELECT a.during FROM handover_absence a WHERE a.member_id = e.member_id AND a.during && tstzrange(%(at)s, %(far)s))
    FROM handover_rosterentry e JOIN tickets_member m ON m.id = e.member_id LEFT JOIN tickets_presence p ON p.member_id = e.member_id
    WHERE e.member_id = ANY(%(members)s) AND e.during && tstzrange(%(at)s, %(far)s, '[]') AND upper(e.during) > %(at)s
        AND m.is_active AND e.left_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM handover_absence a WHERE a.member_id = e.member_id
            AND a.during @> tstzrange(greatest(lower(e.during), %(at)s), upper(e.during)))
    ORDER BY e.during
"""
"""`RosterEntry.to_work` for the next two months, with when its person is busy until, and away."""
