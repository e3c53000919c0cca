"""Where matters are passed on is told by the shifts that people work: a duty that begins after its member took a matter over tells it late.

Several facts tell more than before (products of hops, refusals and promises, who made a promise, goods sent again): all is counted anew.
"""

from django.db import migrations

MARK = """
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
TRIGGERS = {
    "stale_begun_handover_duty": ("INSERT", "NEW TABLE AS fresh", BEGUN),
    "stale_ended_handover_duty": ("UPDATE", "OLD TABLE AS old NEW TABLE AS fresh", ENDED),
}
UP = "".join(
    f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {MARK.format(rows=rows)} RETURN NULL; END $$;"
    f"CREATE TRIGGER {name} AFTER {event} ON handover_duty REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {name}();"
    for name, (event, tables, rows) in TRIGGERS.items()
)
DOWN = "".join(f"DROP TRIGGER {name} ON handover_duty; DROP FUNCTION {name}();" for name in TRIGGERS)
ANEW = "INSERT INTO handover_staleday (team_id, source, day) SELECT id, 'all', NULL FROM tickets_team"


class Migration(migrations.Migration):
    dependencies = [("handover", "0020_hour_figures")]

    operations = [migrations.RunSQL(UP, DOWN), migrations.RunSQL(ANEW, ANEW)]
