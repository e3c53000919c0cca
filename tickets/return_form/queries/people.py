"""Evidence for performance: what each person filed, got back, counted, found otherwise, decided, and how long it took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from tickets.people.models import Member, Team

FIGURES = """
SELECT s.member_id,
    count(DISTINCT s.form_id) FILTER (WHERE s.stage = 'initiator'),
    count(*) FILTER (WHERE s.stage = 'initiator' AND v.cause = 'sent_back'),
    count(DISTINCT s.form_id) FILTER (WHERE s.stage = 'warehouse'),
    count(DISTINCT s.form_id) FILTER (WHERE s.stage = 'warehouse' AND (f.excess <> '[]' OR EXISTS (
        SELECT 1 FROM tickets_returnline l WHERE l.form_id = f.id AND l.damaged + l.wrong + l.missing > 0))),
    count(DISTINCT s.form_id) FILTER (WHERE s.stage = 'manager'),
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM s.at - coalesce(b.at, f.filed_at)) / 86400))::numeric, 2)::float
FROM tickets_signature s JOIN tickets_returnform f ON f.id = s.form_id
    LEFT JOIN tickets_signature b ON b.id = s.base_id LEFT JOIN tickets_voiding v ON v.signature_id = s.id
WHERE f.team_id = %(team)s AND s.at >= %(start)s AND s.at < %(end)s AND (%(only)s::bigint IS NULL OR s.member_id = %(only)s)
GROUP BY s.member_id
"""


@dataclass(frozen=True)
class PersonFigures:
    """One person's figures. `median_days` is over the stages they signed: after-sale from filing to signing, warehouse from S1 to S2,
    manager from S2 to S3."""

    member: Member
    filed: int
    bounced: int
    counted: int
    disagreed: int
    decided: int
    median_days: float


def performance(team: Team, start: datetime, end: datetime, *, only: Member | None = None) -> list[PersonFigures]:
    """Per person, of signatures given in `[start, end)`: S1 filed, S1 voided by sending back, S2 counted and of these with damaged,
    wrong, missing or excess goods, S3 decided. A form counts once per person and stage, however often it was signed. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, {"team": team.pk, "start": start, "end": end, "only": only.pk if only else None})
        rows = cursor.fetchall()
    people = Member.objects.in_bulk([row[0] for row in rows])
    found = [PersonFigures(people[pk], *figures) for pk, *figures in rows]
    return sorted(found, key=lambda person: person.member.display_name)
