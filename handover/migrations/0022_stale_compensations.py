"""What the platforms' sheets of compensations make stale: the day a payment was paid, as it was and as it is; see 0006_stale_days."""

from django.db import migrations

TABLE = "tickets_platformcompensation"
MARK = """
    INSERT INTO handover_staleday (team_id, source, day)
    SELECT DISTINCT r.team_id, 'matters', (r.paid_at AT TIME ZONE z.time_zone)::date
    FROM ({rows}) r JOIN tickets_team z ON z.id = r.team_id WHERE r.paid_at IS NOT NULL;"""


def statement(event: str, transition: str, rows: str) -> str:
    name = f"stale_{event.lower()}_{TABLE}"
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {MARK.format(rows=rows)} RETURN NULL; END $$;"
        f"CREATE TRIGGER {name} AFTER {event} ON {TABLE} REFERENCING {transition} FOR EACH STATEMENT EXECUTE FUNCTION {name}();"
    )


FRESH, OLD = "SELECT team_id, paid_at FROM fresh", "SELECT team_id, paid_at FROM old"
UP = (
    statement("INSERT", "NEW TABLE AS fresh", FRESH)
    + statement("UPDATE", "OLD TABLE AS old NEW TABLE AS fresh", f"{FRESH} UNION ALL {OLD}")
    + statement("DELETE", "OLD TABLE AS old", OLD)
)
DOWN = "".join(
    f"DROP TRIGGER stale_{event}_{TABLE} ON {TABLE}; DROP FUNCTION stale_{event}_{TABLE}();" for event in ("insert", "update", "delete")
)


class Migration(migrations.Migration):
    dependencies = [("handover", "0021_shifts_of_passing_on"), ("tickets", "0019_platform_compensations")]

    operations = [migrations.RunSQL(UP, DOWN)]
