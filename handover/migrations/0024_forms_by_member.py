"""What makes the forms by member stale (see 0006_stale_days), and their days so far as marks: the job counts them, the newest first.

A form marks its day where it is filed, sent back for the first time or cancelled, a signature where it says that goods were counted: few
of the changes to either, told by the triggers' conditions before a function is called.
"""

from django.db import migrations

MARK = """
    INSERT INTO handover_staleday (team_id, source, day)
    SELECT DISTINCT r.team_id, 'forms', (r.at AT TIME ZONE z.time_zone)::date
    FROM ({rows}) r (team_id, at) JOIN tickets_team z ON z.id = r.team_id WHERE r.at IS NOT NULL;"""
COUNTS = ", ".join(f"{{row}}.{column}" for column in ("submitted_at", "filed_by_id", "sent_backs > 0", "state = 'cancelled'"))
CHANGED = f"({COUNTS.format(row='OLD')}) IS DISTINCT FROM ({COUNTS.format(row='NEW')})"
BOTH = "VALUES (OLD.team_id, OLD.submitted_at), (NEW.team_id, NEW.submitted_at)"
# A signature that comes late, as out of a restored file, takes the place of one that was the first.
SIGNED = """SELECT m.team_id, s.at FROM tickets_signature s JOIN tickets_member m ON m.id = s.member_id
        WHERE s.form_id = NEW.form_id AND s.member_id = NEW.member_id AND s.meaning = 'counted'"""

# name, table, event and for each of what, rows (team, instant)
TRIGGERS = (
    ("stale_forms_filed", "tickets_returnform", "INSERT ON {table} REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT",
     "SELECT team_id, submitted_at FROM fresh"),
    ("stale_forms_changed", "tickets_returnform", f"UPDATE ON {{table}} FOR EACH ROW WHEN ({CHANGED})", BOTH),
    ("stale_forms_counted", "tickets_signature", "INSERT ON {table} FOR EACH ROW WHEN (NEW.meaning = 'counted')", SIGNED),
)  # fmt: skip
UP = "".join(
    f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {MARK.format(rows=rows)} RETURN NULL; END $$;"
    f"CREATE OR REPLACE TRIGGER {name} AFTER {event.format(table=table)} EXECUTE FUNCTION {name}();"
    for name, table, event, rows in TRIGGERS
)
DOWN = "".join(f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();" for name, table, _event, _rows in TRIGGERS)
FILL = MARK.format(
    rows="""SELECT team_id, submitted_at FROM tickets_returnform UNION ALL
        SELECT m.team_id, s.at FROM tickets_signature s JOIN tickets_member m ON m.id = s.member_id WHERE s.meaning = 'counted'"""
)


class Migration(migrations.Migration):
    dependencies = [("handover", "0023_fewer_indexes"), ("tickets", "0025_fewer_indexes")]

    operations = [
        migrations.RunSQL(UP, DOWN),
        migrations.RunSQL(FILL, "DELETE FROM handover_staleday WHERE source = 'forms'"),
    ]
