"""What the platforms' own figures, and their sheets of compensations, make stale: the day of a row as it was and as it is."""

from collections.abc import Iterator

from handover.migrations.squashed_0027.triggers import Trigger, after_statement, made

MARK_FIGURES = """
    INSERT INTO handover_staleday (team_id, source, day) SELECT DISTINCT r.team_id, 'team', r.day FROM ({rows}) r;"""
MARK_PAID = """
    INSERT INTO handover_staleday (team_id, source, day)
    SELECT DISTINCT r.team_id, 'matters', (r.paid_at AT TIME ZONE z.time_zone)::date
    FROM ({rows}) r JOIN tickets_team z ON z.id = r.team_id WHERE r.paid_at IS NOT NULL;"""

# table, column with the day or instant, what marks it
SHEETS = (("handover_serviceday", "day", MARK_FIGURES), ("tickets_platformcompensation", "paid_at", MARK_PAID))


def triggers() -> Iterator[Trigger]:
    for table, column, mark in SHEETS:
        fresh, old = f"SELECT team_id, {column} FROM fresh", f"SELECT team_id, {column} FROM old"
        for event, rows in {"INSERT": fresh, "UPDATE": f"{fresh} UNION ALL {old}", "DELETE": old}.items():
            yield after_statement(f"stale_{event.lower()}_{table}", event, table, mark.format(rows=rows))


OPERATIONS = [made(triggers())]
