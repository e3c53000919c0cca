"""Evidence for performance: what each person filed, got back, counted, found otherwise, decided, and how long it took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from tickets.people.models import Member, Team

FIGURES = """
WITH given AS MATERIALIZED (
    SELECT s.member_id, s.stage, s.form_id,
        s.stage = 'initiator' AND (SELECT v.cause = 'sent_back' FROM tickets_voiding v WHERE v.signature_id = s.id) AS bounced,
        s.stage = 'warehouse' AND ((SELECT f.excess <> '[]' FROM tickets_returnform f WHERE f.id = s.form_id) OR EXISTS (
            SELECT FROM tickets_returnline l WHERE l.form_id = s.form_id AND l.damaged + l.wrong + l.missing > 0)) AS otherwise,
        extract(epoch FROM s.at - CASE s.stage
            WHEN 'initiator' THEN (SELECT f.filed_at FROM tickets_returnform f WHERE f.id = s.form_id)
            ELSE (SELECT b.at FROM tickets_signature b WHERE b.id = s.base_id) END) / 86400 AS days
    FROM tickets_signature s JOIN tickets_member m ON m.id = s.member_id
    WHERE m.team_id = %(team)s AND s.at >= %(start)s AND s.at < %(end)s AND (%(only)s::bigint IS NULL OR s.member_id = %(only)s))
SELECT member_id,
    count(DISTINCT form_id) FILTER (WHERE stage = 'initiator'),
    count(*) FILTER (WHERE bounced),
    count(DISTINCT form_id) FILTER (WHERE stage = 'warehouse'),
    count(DISTINCT form_id) FILTER (WHERE otherwise),
    count(DISTINCT form_id) FILTER (WHERE stage = 'manager'),
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE stage = 'initiator'))::numeric, 2)::float,
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE stage = 'warehouse'))::numeric, 2)::float,
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE stage = 'manager'))::numeric, 2)::float
FROM given GROUP BY member_id
"""
"""The signatures of the days are found by `signature_by_time`; what each was about is looked up by its id: joins would have the planner
read every form and signature there is, however few days are asked for."""


@dataclass(frozen=True)
class PersonFigures:
    """One person's figures; of each stage they signed the median days it took: from filing to S1, from S1 to S2, from S2 to S3."""

    member: Member
    filed: int
    bounced: int
    counted: int
    disagreed: int
    decided: int
    filing_days: float | None
    counting_days: float | None
    deciding_days: float | None


def performance(team: Team, start: datetime, end: datetime, *, only: Member | None = None) -> list[PersonFigures]:
    """Per person, of signatures given in `[start, end)`: S1 filed, S1 voided by sending back, S2 counted and of these with damaged,
    wrong, missing or excess goods, S3 decided. A form counts once per person and stage, however often it was signed. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, {"team": team.pk, "start": start, "end": end, "only": only.pk if only else None})
        rows = cursor.fetchall()
    people = Member.objects.in_bulk([row[0] for row in rows])
    found = [PersonFigures(people[pk], *figures) for pk, *figures in rows]
    return sorted(found, key=lambda person: person.member.display_name)
