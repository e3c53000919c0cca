"""Triggers that mark, in the transaction that changes a row, the days whose figures must be counted anew.

They stand here and not in the rooms below, which know nothing of reports. Statement triggers with transition tables: one INSERT a
statement, however many rows; both the old and the new place of a row are known, so that what moves to another day leaves the first.
"""

from django.db import migrations

SETTLED = "LEFT JOIN tickets_settlement s ON s.form_id = f.id CROSS JOIN LATERAL (VALUES (f.submitted_at), (s.changed_at)) x (at)"
TOLD = "CROSS JOIN LATERAL (VALUES (t.opened_at), (t.complained_at)) x (at)"

# table → (columns whose change matters, rows (team, source, instant, days after it) that a changed row r touches)
TABLES = {
    "tickets_order": (
        "paid_at, shop_id, sold_by_id, currency, paid, refunded, title",
        {
            "INSERT": "SELECT r.team_id, 'orders', r.paid_at, 0 FROM {rel} r",
            "UPDATE": f"""
            SELECT r.team_id, 'orders', r.paid_at, 0 FROM {{rel}} r
            UNION ALL SELECT t.team_id, 'matters', x.at, 0 FROM {{rel}} r JOIN tickets_ticketorder k ON k.order_id = r.id
                JOIN tickets_ticket t ON t.id = k.ticket_id {TOLD}
            UNION ALL SELECT f.team_id, 'matters', x.at, 0 FROM {{rel}} r JOIN tickets_returnform f ON f.order_id = r.id {SETTLED}""",
        },
    ),
    "tickets_orderline": (
        "title, quantity, price, paid",
        {
            "INSERT UPDATE DELETE": f"""
            SELECT o.team_id, 'orders', o.paid_at, 0 FROM (SELECT DISTINCT order_id FROM {{rel}} r) r JOIN tickets_order o ON o.id = r.order_id
            UNION ALL SELECT t.team_id, 'matters', x.at, 0 FROM (SELECT DISTINCT order_id FROM {{rel}} r) r
                JOIN tickets_ticketorder k ON k.order_id = r.order_id JOIN tickets_ticket t ON t.id = k.ticket_id {TOLD}""",
            "UPDATE": f"""
            SELECT f.team_id, 'matters', x.at, 0 FROM {{rel}} r JOIN tickets_returnline l ON l.order_line_id = r.id
                JOIN tickets_returnform f ON f.id = l.form_id {SETTLED}""",
        },
    ),
    "tickets_ticket": (
        "opened_at, complained_at, complaint, status, shop_id, reason_id, holder_id, touches, resolved_at, customer_id",
        {
            "INSERT UPDATE": """
            SELECT r.team_id, 'matters', x.at, x.plus FROM {rel} r CROSS JOIN LATERAL (VALUES (r.opened_at, 0), (r.complained_at, 0),
                (r.resolved_at, 0), (r.resolved_at, 1), (r.resolved_at, 2), (r.resolved_at, 3), (r.resolved_at, 4)) x (at, plus)""",
            "UPDATE": """
            SELECT o.team_id, 'orders', o.paid_at, 0 FROM {rel} r JOIN tickets_ticketorder k ON k.ticket_id = r.id
                JOIN tickets_order o ON o.id = k.order_id WHERE r.complaint <> ''
            UNION ALL SELECT r.team_id, 'matters', a.at, 0 FROM {rel} r JOIN tickets_activity a ON a.ticket_id = r.id
            UNION ALL SELECT r.team_id, 'matters', p.due_at, 0 FROM {rel} r JOIN tickets_promise p ON p.ticket_id = r.id
            UNION ALL SELECT r.team_id, 'matters', h.asked_at, 0 FROM {rel} r JOIN tickets_handlerrequest h ON h.ticket_id = r.id
            UNION ALL SELECT r.team_id, 'matters', f.offered_at, 0 FROM {rel} r JOIN handover_offer f ON f.ticket_id = r.id""",
        },
    ),
    "tickets_ticketorder": (
        "ticket_id, order_id",
        {
            "INSERT UPDATE DELETE": f"""
            SELECT t.team_id, 'matters', x.at, 0 FROM {{rel}} r JOIN tickets_ticket t ON t.id = r.ticket_id {TOLD}
            UNION ALL SELECT o.team_id, 'orders', o.paid_at, 0 FROM {{rel}} r JOIN tickets_order o ON o.id = r.order_id
            UNION ALL SELECT o.team_id, 'orders', o.paid_at, 0 FROM {{rel}} r JOIN tickets_ticketorder k ON k.ticket_id = r.ticket_id
                JOIN tickets_order o ON o.id = k.order_id""",
        },
    ),
    "tickets_promise": (
        "due_at, status, closed_at, owner_id, closed_by_id, ticket_id",
        {"INSERT UPDATE": "SELECT r.team_id, 'matters', r.due_at, 0 FROM {rel} r"},
    ),
    "tickets_activity": (
        "",
        {
            "INSERT": """
            SELECT r.team_id, 'matters', r.at, 0 FROM {rel} r WHERE r.code IN ('ticket.contacted', 'ticket.claimed', 'ticket.transferred',
                'ticket.taken_over', 'ticket.reopened', 'handler.refused')"""
        },
    ),
    "tickets_handlerrequest": (
        "state, ticket_id",
        {"INSERT UPDATE DELETE": "SELECT r.team_id, 'matters', r.asked_at, 0 FROM {rel} r"},
    ),
    "tickets_returnform": (
        "submitted_at, state, shop_id, filed_by_id",
        {"INSERT UPDATE": f"SELECT f.team_id, 'matters', x.at, 0 FROM {{rel}} f {SETTLED}"},
    ),
    "tickets_returnline": (
        "quantity, reason_id, order_line_id, fault, amount, place",
        {
            "INSERT UPDATE DELETE": f"""
            SELECT f.team_id, 'matters', x.at, 0 FROM {{rel}} r JOIN tickets_returnform f ON f.id = r.form_id {SETTLED}"""
        },
    ),
    "tickets_settlement": (
        "state, amount, changed_at",
        {"INSERT UPDATE": "SELECT r.team_id, 'matters', r.changed_at, 0 FROM {rel} r"},
    ),
    "handover_duty": ("ended_at, until, shift_id", {"INSERT UPDATE": "SELECT r.team_id, 'team', r.ended_at, 0 FROM {rel} r"}),
    "handover_note": (
        "signed_at, built_by_system",
        {"INSERT UPDATE": "SELECT r.team_id, 'team', d.ended_at, 0 FROM {rel} r JOIN handover_duty d ON d.id = r.duty_id"},
    ),
    "handover_receipt": ("", {"INSERT": "SELECT r.team_id, 'team', r.acknowledged_at, 0 FROM {rel} r"}),
    "handover_offer": ("state, escalated_at, ticket_id", {"INSERT UPDATE": "SELECT r.team_id, 'matters', r.offered_at, 0 FROM {rel} r"}),
    "handover_surprise": ("", {"INSERT": "SELECT r.team_id, 'team', r.at, 0 FROM {rel} r"}),
    "handover_shift": (
        "starts_at, ends_at, name",
        {
            "INSERT UPDATE DELETE": """
            SELECT r.team_id, x.source, r.starts_at, x.plus FROM {rel} r
            CROSS JOIN (SELECT s.source, p.plus FROM (VALUES ('orders'), ('matters'), ('team')) s (source), (VALUES (0), (1), (2)) p (plus)) x"""
        },
    ),
}  # fmt: skip

MARK = """
    INSERT INTO handover_staleday (team_id, source, day)
    SELECT DISTINCT d.team_id, d.source, (d.at AT TIME ZONE z.time_zone)::date + d.plus
    FROM ({rows}) d (team_id, source, at, plus) JOIN tickets_team z ON z.id = d.team_id WHERE d.at IS NOT NULL;"""

TRANSITION = {"INSERT": "NEW TABLE AS fresh", "UPDATE": "OLD TABLE AS old NEW TABLE AS fresh", "DELETE": "OLD TABLE AS old"}


def both(columns: str, snippet: str) -> str:
    """What an UPDATE touches: the rows in which one of the columns changed, as they were and as they are."""
    different = " IS DISTINCT FROM ".join(f"({', '.join(f'{row}.{c.strip()}' for c in columns.split(','))})" for row in ("n", "o"))
    rels = [f"(SELECT {row}.* FROM fresh n JOIN old o ON o.id = n.id WHERE {different})" for row in ("o", "n")]
    return " UNION ALL ".join(f"SELECT * FROM ({snippet.format(rel=rel)}) x{place}" for place, rel in enumerate(rels))


def triggers(table: str) -> tuple[list[str], list[str]]:
    columns, snippets = TABLES[table]
    up, down = [], []
    for event in TRANSITION:
        found = [snippet for events, snippet in snippets.items() if event in events.split()]
        if not found:
            continue
        rel = {"INSERT": "fresh", "DELETE": "old"}.get(event)
        rows = " UNION ALL ".join(f"SELECT * FROM ({s.format(rel=rel)}) y{i}" if rel else both(columns, s) for i, s in enumerate(found))
        name = f"stale_{event.lower()}_{table}"
        up.append(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {MARK.format(rows=rows)} RETURN NULL; END $$;"
            f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {TRANSITION[event]} FOR EACH STATEMENT EXECUTE FUNCTION {name}();"
        )
        down.append(f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();")
    return up, down


EVERYTHING = """
CREATE FUNCTION stale_everything() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO handover_staleday (team_id, source, day) VALUES ({team}, 'all', NULL); RETURN NULL; END $$;
CREATE TRIGGER stale_time_zone AFTER UPDATE OF time_zone ON tickets_team FOR EACH ROW
    WHEN (OLD.time_zone IS DISTINCT FROM NEW.time_zone) EXECUTE FUNCTION stale_everything();
CREATE FUNCTION stale_fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO handover_staleday (team_id, source, day) VALUES (NEW.team_id, 'all', NULL); RETURN NULL; END $$;
CREATE TRIGGER stale_fault AFTER UPDATE OF fault ON tickets_reason FOR EACH ROW
    WHEN (OLD.fault IS DISTINCT FROM NEW.fault) EXECUTE FUNCTION stale_fault();
INSERT INTO handover_staleday (team_id, source, day) SELECT id, 'all', NULL FROM tickets_team;
""".format(team="NEW.id")
NOTHING = """
DROP TRIGGER stale_time_zone ON tickets_team; DROP FUNCTION stale_everything();
DROP TRIGGER stale_fault ON tickets_reason; DROP FUNCTION stale_fault();
"""


class Migration(migrations.Migration):
    dependencies = [("handover", "0005_report_figures"), ("tickets", "0008_read_by_reports")]

    operations = [
        *[migrations.RunSQL("".join(up), "".join(down)) for up, down in map(triggers, TABLES)],
        migrations.RunSQL(EVERYTHING, NOTHING),
    ]
