"""What makes the forms by member stale.

A form marks its day where it is filed, sent back for the first time or cancelled, a signature where it says that goods were counted: few
of the changes to either, told by the triggers' conditions before a function is called.
"""

from handover.migrations.squashed_0027.triggers import after_row, after_statement, made

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

OPERATIONS = [
    made(
        [
            after_statement(
                "stale_forms_filed", "INSERT", "tickets_returnform", MARK.format(rows="SELECT team_id, submitted_at FROM fresh")
            ),
            after_row("stale_forms_changed", f"UPDATE ON tickets_returnform FOR EACH ROW WHEN ({CHANGED})", MARK.format(rows=BOTH)),
            after_row(
                "stale_forms_counted",
                "INSERT ON tickets_signature FOR EACH ROW WHEN (NEW.meaning = 'counted')",
                MARK.format(rows=SIGNED),
            ),
        ]
    ),
]
