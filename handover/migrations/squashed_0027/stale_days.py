"""What marks, in the transaction that changes a row, the days whose figures must be counted anew; a row tells its own days at once."""

from collections.abc import Iterator

from django.db import migrations

from handover.migrations.squashed_0027.triggers import Trigger, after_statement, made

SETTLED = "LEFT JOIN tickets_settlement s ON s.form_id = f.id CROSS JOIN LATERAL (VALUES (f.submitted_at), (s.changed_at)) x (at)"

# table → (columns whose change matters, events, rows (team, source, instant, days after it) that a changed row r touches)
TABLES = {
    "tickets_order": ("", "INSERT", "SELECT r.team_id, 'orders', r.paid_at, 0 FROM {rel} r"),
    "tickets_ticket": (
        "",
        "INSERT", """
            SELECT r.team_id, 'matters', x.at, x.plus FROM {rel} r CROSS JOIN LATERAL (VALUES (r.opened_at, 0), (r.complained_at, 0),
                (r.resolved_at, 0), (r.resolved_at, 1), (r.resolved_at, 2), (r.resolved_at, 3), (r.resolved_at, 4)) x (at, plus)""",
    ),
    "tickets_promise": (
        "due_at, status, closed_at, owner_id, closed_by_id, ticket_id",
        "INSERT UPDATE", "SELECT r.team_id, 'matters', r.due_at, 0 FROM {rel} r",
    ),
    "tickets_activity": (
        "",
        "INSERT", """
            SELECT r.team_id, 'matters', r.at, 0 FROM {rel} r WHERE r.code IN ('ticket.contacted', 'ticket.claimed', 'ticket.transferred',
                'ticket.taken_over', 'ticket.reopened', 'handler.refused')""",
    ),
    "tickets_handlerrequest": (
        "state, ticket_id",
        "INSERT UPDATE DELETE", "SELECT r.team_id, 'matters', r.asked_at, 0 FROM {rel} r",
    ),
    "tickets_returnform": (
        "submitted_at, state, shop_id, filed_by_id",
        "INSERT UPDATE", f"SELECT f.team_id, 'matters', x.at, 0 FROM {{rel}} f {SETTLED}",
    ),
    "tickets_returnline": (
        "quantity, reason_id, order_line_id, fault, amount, place",
        "INSERT UPDATE DELETE", f"""
            SELECT f.team_id, 'matters', x.at, 0 FROM {{rel}} r JOIN tickets_returnform f ON f.id = r.form_id {SETTLED}""",
    ),
    "tickets_settlement": (
        "state, amount, changed_at",
        "INSERT UPDATE", "SELECT r.team_id, 'matters', r.changed_at, 0 FROM {rel} r",
    ),
    "handover_duty": ("ended_at, until, shift_id", "INSERT UPDATE", "SELECT r.team_id, 'team', r.ended_at, 0 FROM {rel} r"),
    "handover_note": (
        "signed_at, built_by_system",
        "INSERT UPDATE", "SELECT r.team_id, 'team', d.ended_at, 0 FROM {rel} r JOIN handover_duty d ON d.id = r.duty_id",
    ),
    "handover_receipt": ("", "INSERT", "SELECT r.team_id, 'team', r.acknowledged_at, 0 FROM {rel} r"),
    "handover_offer": ("state, escalated_at, ticket_id", "INSERT UPDATE", "SELECT r.team_id, 'matters', r.offered_at, 0 FROM {rel} r"),
    "handover_surprise": ("", "INSERT", "SELECT r.team_id, 'team', r.at, 0 FROM {rel} r"),
    "handover_shift": (
        "starts_at, ends_at, name",
        "INSERT UPDATE DELETE", """
            SELECT r.team_id, x.source, r.starts_at, x.plus FROM {rel} r
            CROSS JOIN (SELECT s.source, p.plus FROM (VALUES ('orders'), ('matters'), ('team')) s (source), (VALUES (0), (1), (2)) p (plus)) x""",
    ),
}  # fmt: skip

MARK = """
    INSERT INTO handover_staleday (team_id, source, day)
    SELECT DISTINCT d.team_id, d.source, (d.at AT TIME ZONE z.time_zone)::date + d.plus
    FROM ({rows}) d (team_id, source, at, plus) JOIN tickets_team z ON z.id = d.team_id WHERE d.at IS NOT NULL;"""


def both(columns: str, snippet: str) -> str:
    """What an UPDATE touches: the rows in which one of the columns changed, as they were and as they are."""
    different = " IS DISTINCT FROM ".join(f"({', '.join(f'{row}.{c.strip()}' for c in columns.split(','))})" for row in ("n", "o"))
    rels = [f"(SELECT {row}.* FROM fresh n JOIN old o ON o.id = n.id WHERE {different})" for row in ("o", "n")]
    return " UNION ALL ".join(f"SELECT * FROM ({snippet.format(rel=rel)}) x{place}" for place, rel in enumerate(rels))


def rows(event: str, columns: str, snippet: str) -> str:
    if event == "UPDATE":
        return both(columns, snippet)
    return f"SELECT * FROM ({snippet.format(rel='fresh' if event == 'INSERT' else 'old')}) y0"


def triggers() -> Iterator[Trigger]:
    for table, (columns, events, snippet) in TABLES.items():
        for event in events.split():
            yield after_statement(f"stale_{event.lower()}_{table}", event, table, MARK.format(rows=rows(event, columns, snippet)))


# Another time zone of the team, another fault of a reason: all is counted anew.
EVERYTHING = """
CREATE FUNCTION stale_everything() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO handover_staleday (team_id, source, day) VALUES (NEW.id, 'all', NULL); RETURN NULL; END $$;
CREATE TRIGGER stale_time_zone AFTER UPDATE OF time_zone ON tickets_team FOR EACH ROW
    WHEN (OLD.time_zone IS DISTINCT FROM NEW.time_zone) EXECUTE FUNCTION stale_everything();
CREATE FUNCTION stale_fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO handover_staleday (team_id, source, day) VALUES (NEW.team_id, 'all', NULL); RETURN NULL; END $$;
CREATE TRIGGER stale_fault AFTER UPDATE OF fault ON tickets_reason FOR EACH ROW
    WHEN (OLD.fault IS DISTINCT FROM NEW.fault) EXECUTE FUNCTION stale_fault();
"""
NOTHING = """
DROP TRIGGER stale_time_zone ON tickets_team; DROP FUNCTION stale_everything();
DROP TRIGGER stale_fault ON tickets_reason; DROP FUNCTION stale_fault();
"""

OPERATIONS = [made(triggers()), migrations.RunSQL(EVERYTHING, NOTHING)]
