"""What the platform's figures make stale; see 0006_stale_days."""

from django.db import migrations

MARK = """
    INSERT INTO handover_staleday (team_id, source, day) SELECT DISTINCT r.team_id, 'team', r.day FROM ({rows}) r;"""


def statement(event: str, transition: str, rows: str) -> str:
    name = f"stale_{event.lower()}_handover_serviceday"
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {MARK.format(rows=rows)} RETURN NULL; END $$;"
        f"CREATE TRIGGER {name} AFTER {event} ON handover_serviceday REFERENCING {transition} FOR EACH STATEMENT EXECUTE FUNCTION {name}();"
    )


UP = (
    statement("INSERT", "NEW TABLE AS fresh", "SELECT team_id, day FROM fresh")
    + statement("UPDATE", "OLD TABLE AS old NEW TABLE AS fresh", "SELECT team_id, day FROM fresh UNION ALL SELECT team_id, day FROM old")
    + statement("DELETE", "OLD TABLE AS old", "SELECT team_id, day FROM old")
)
DOWN = "".join(
    f"DROP TRIGGER stale_{event}_handover_serviceday ON handover_serviceday; DROP FUNCTION stale_{event}_handover_serviceday();"
    for event in ("insert", "update", "delete")
)


class Migration(migrations.Migration):
    dependencies = [("handover", "0007_service_days")]

    operations = [migrations.RunSQL(UP, DOWN)]
