"""What a duty makes stale: who was there on its days, and where matters were passed on, which is told by the shifts that people work.

A duty that begins after its member took a matter over tells it late.
"""

from handover.migrations.squashed_0027.triggers import after_statement, made

# Twice a day: so that no day is stepped over, be it an hour shorter. The last instant is before the end.
PRESENT = """
    INSERT INTO handover_staleday (team_id, source, day)
    SELECT DISTINCT r.team_id, 'present', (x.at AT TIME ZONE z.time_zone)::date FROM ({rows}) r JOIN tickets_team z ON z.id = r.team_id
    CROSS JOIN LATERAL (SELECT generate_series(r.started_at, COALESCE(r.ended_at, r.lapses_at), interval '12 hours')
        UNION ALL SELECT COALESCE(r.ended_at, r.lapses_at) - interval '1 microsecond') x (at);"""
SPAN = "team_id, member_id, started_at, lapses_at, ended_at"
CHANGED = " IS DISTINCT FROM ".join(f"({', '.join(f'{row}.{c}' for c in SPAN.split(', '))})" for row in ("n", "o"))
BOTH = " UNION ALL ".join(f"SELECT {row}.* FROM fresh n JOIN old o ON o.id = n.id WHERE {CHANGED}" for row in ("o", "n"))
ROWS = {"INSERT": "SELECT * FROM fresh", "UPDATE": BOTH, "DELETE": "SELECT * FROM old"}

PASSED_ON = """
    INSERT INTO handover_staleday (team_id, source, day)
    SELECT DISTINCT d.team_id, 'matters', (d.at AT TIME ZONE z.time_zone)::date + d.plus
    FROM ({rows}) d (team_id, at, plus) JOIN tickets_team z ON z.id = d.team_id;"""
# Whoever takes over begins within 12 hours: on that day, or the next. Whoever gave worked in the 14 days before, which matters only of
# a duty that is told late.
BEGUN = """
    SELECT r.team_id, r.started_at, x.plus FROM fresh r CROSS JOIN LATERAL generate_series(-1,
        CASE WHEN r.started_at BETWEEN now() - interval '1 hour' AND now() + interval '1 hour' THEN 0 ELSE 14 END) x (plus)"""
ENDED = """
    SELECT r.team_id, r.ended_at, 0 FROM fresh r JOIN old o ON o.id = r.id
    WHERE r.ended_at IS DISTINCT FROM o.ended_at AND r.ended_at IS NOT NULL"""

OPERATIONS = [
    made(
        after_statement(f"present_{event.lower()}_handover_duty", event, "handover_duty", PRESENT.format(rows=rows))
        for event, rows in ROWS.items()
    ),
    made(
        [
            after_statement("stale_begun_handover_duty", "INSERT", "handover_duty", PASSED_ON.format(rows=BEGUN)),
            after_statement("stale_ended_handover_duty", "UPDATE", "handover_duty", PASSED_ON.format(rows=ENDED)),
        ]
    ),
]
