"""Where the team's open forms stand: how many in each stage, since when the oldest, and how many are late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tickets.people.models import Member
from tickets.return_form.models.words import OPEN, State
from tickets.return_form.queries.desks import DUE
from tickets.web.prepared import prepared_cursor

MOST = 300
"""How many of a stage are looked at, the longest there first: beyond that they are too many, and how many is a matter for reports."""


@dataclass(frozen=True)
class Stage:
    """`since` is when the oldest came into it (UTC); `late` counts those past the due time of their stage. With `more` there are more
    than `count`, and there may be more late ones."""

    state: State
    count: int
    since: datetime
    late: int
    more: bool


def stages(member: Member, at: datetime, *, most: int = MOST) -> list[Stage]:
    """The stages that have forms, in the order a form goes through them. One query, as long however many forms there are."""
    with prepared_cursor() as cursor:
        cursor.execute(STAGES, {"team": member.team_id, "at": at, "most": most})
        rows = [row for row in cursor.fetchall() if row[1]]
    return [Stage(State(state), min(count, most), since, min(late, most), count > most) for state, count, since, late in rows]


STAGE = """
SELECT '{state}', count(*), min(since), count(*) FILTER (WHERE due < %(at)s) FROM (
    SELECT coalesce(decided_at, inspected_at, submitted_at, filed_at) AS since, {due} AS due FROM tickets_returnform
    WHERE team_id = %(team)s AND state = '{state}' ORDER BY since LIMIT %(most)s + 1) oldest
"""
"""Of one stage, by the index `return_form_by_stage`."""
STAGES = " UNION ALL ".join(STAGE.format(state=state.value, due=DUE.get(state, "NULL::timestamptz")) for state in State if state in OPEN)
