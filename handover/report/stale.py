"""From rows that changed to the days that must be counted anew: the look-ups that the triggers leave to the job.

The marks are taken and their days written in one transaction: killed in the middle, all is as before. What changes once the marks are
taken leaves marks of its own, and the days are looked up in a later snapshot than the one the marks were read in, so none is missed.
"""

from __future__ import annotations

from django.db import connection, transaction

AT_ONCE = 20
"""Marks taken in one transaction; each may name some ten thousand rows."""

TAKE = """
    DELETE FROM handover_stalerow WHERE id IN (SELECT id FROM handover_stalerow ORDER BY id LIMIT %(size)s FOR UPDATE SKIP LOCKED)
    RETURNING kind, ids"""

_TOLD = "CROSS JOIN LATERAL (VALUES (t.opened_at), (t.complained_at)) x (at)"
_FORM = "LEFT JOIN tickets_settlement s ON s.form_id = f.id CROSS JOIN LATERAL (VALUES (f.submitted_at), (s.changed_at)) x (at)"
# Twice a day: so that no day is stepped over, be it an hour shorter. The last instant is before the end.
_DUTY = """CROSS JOIN LATERAL (SELECT generate_series(y.started_at, COALESCE(y.ended_at, y.lapses_at), interval '12 hours')
            UNION ALL SELECT COALESCE(y.ended_at, y.lapses_at) - interval '1 microsecond') x (at)"""

# `links`: tickets of which counts what has a product or an order; `whole`: tickets of which everything does. A complaint is counted on
# the day of the first of its orders that was paid: which one that is may depend on any of them.
DAYS = f"""
    WITH named AS (SELECT DISTINCT unnest(%(order)s::bigint[]) AS id),
    whole AS (SELECT DISTINCT unnest(%(ticket)s::bigint[]) AS id),
    links AS (
        SELECT unnest(%(link)s::bigint[]) AS id UNION SELECT id FROM whole
        UNION SELECT k.ticket_id FROM named r JOIN tickets_ticketorder k ON k.order_id = r.id
    )
    INSERT INTO handover_staleday (team_id, source, day)
    SELECT DISTINCT d.team_id, d.source, (d.at AT TIME ZONE z.time_zone)::date FROM (
        SELECT o.team_id, 'orders', o.paid_at FROM named r JOIN tickets_order o ON o.id = r.id
        UNION ALL SELECT f.team_id, 'matters', x.at FROM named r JOIN tickets_returnform f ON f.order_id = r.id {_FORM}
        UNION ALL SELECT t.team_id, 'matters', x.at FROM links r JOIN tickets_ticket t ON t.id = r.id {_TOLD}
        UNION ALL SELECT o.team_id, 'orders', o.paid_at FROM links r JOIN tickets_ticketorder k ON k.ticket_id = r.id
            JOIN tickets_order o ON o.id = k.order_id
        UNION ALL SELECT a.team_id, 'matters', a.at FROM whole r JOIN tickets_activity a ON a.ticket_id = r.id
        UNION ALL SELECT a.team_id, 'matters', a.at FROM links r JOIN tickets_activity a ON a.ticket_id = r.id AND a.code IN (
            'ticket.claimed', 'ticket.transferred', 'ticket.taken_over', 'ticket.reopened', 'handler.refused')
        UNION ALL SELECT p.team_id, 'matters', p.due_at FROM links r JOIN tickets_promise p ON p.ticket_id = r.id
        UNION ALL SELECT h.team_id, 'matters', h.asked_at FROM links r JOIN tickets_handlerrequest h ON h.ticket_id = r.id
        UNION ALL SELECT f.team_id, 'matters', f.offered_at FROM whole r JOIN handover_offer f ON f.ticket_id = r.id
        UNION ALL SELECT y.team_id, 'present', x.at FROM handover_duty y {_DUTY} WHERE y.member_id = ANY(%(member)s)
    ) d (team_id, source, at) JOIN tickets_team z ON z.id = d.team_id WHERE d.at IS NOT NULL"""


def look_up() -> None:
    """Turn every mark that names rows into the days of these rows. Safe with several workers: no mark is taken twice."""
    while _some():
        pass


@transaction.atomic
def _some() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"size": AT_ONCE})
        marks = cursor.fetchall()
        if not marks:
            return False
        named: dict[str, list[int]] = {"order": [], "link": [], "ticket": [], "member": []}
        for kind, ids in marks:
            named[kind] += ids
        cursor.execute(DAYS, named)
    return True
