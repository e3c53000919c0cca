"""What a change costs its writer: a row tells its own days at once; what hangs on it is named by id, and looked up by the job.

Were the triggers to look up the order of every product line and, for every changed order, its tickets and forms, 50,000 changed orders would
take 29 % longer, 50,000 product lines twice as long. So an UPDATE compares its old and new rows once.
"""

from handover.migrations.squashed_0027.triggers import after_row, after_statement, made

MARK_DAYS = """
    INSERT INTO handover_staleday (team_id, source, day)
    SELECT DISTINCT d.team_id, '{source}', (d.at AT TIME ZONE z.time_zone)::date + d.plus
    FROM ({rows}) d (team_id, at, plus) JOIN tickets_team z ON z.id = d.team_id WHERE d.at IS NOT NULL;"""
IDS = "INSERT INTO handover_stalerow (kind, ids) SELECT '{kind}', array_agg(DISTINCT {column}) FROM {rows} HAVING count(*) > 0"

# An instant that did not change is told once. What tickets and forms count of an order is its place, not its money.
ORDER_UPDATE = f"""
    WITH pair AS MATERIALIZED (
        SELECT n.id, n.team_id, o.paid_at AS was, CASE WHEN n.paid_at IS DISTINCT FROM o.paid_at THEN n.paid_at END AS now,
               (n.shop_id, n.sold_by_id, n.currency, n.title, n.paid_at IS NULL) IS DISTINCT FROM
               (o.shop_id, o.sold_by_id, o.currency, o.title, o.paid_at IS NULL) AS placed
        FROM fresh n JOIN old o ON o.id = n.id
        WHERE (n.paid_at, n.shop_id, n.sold_by_id, n.currency, n.paid, n.refunded, n.title) IS DISTINCT FROM
              (o.paid_at, o.shop_id, o.sold_by_id, o.currency, o.paid, o.refunded, o.title)
    ), named AS ({IDS.format(kind="order", column="id", rows="pair WHERE placed")})
    {MARK_DAYS.format(source="orders", rows="SELECT p.team_id, x.at, 0 FROM pair p CROSS JOIN LATERAL (VALUES (p.was), (p.now)) x (at)")}"""

LINE_UPDATE = IDS.format(
    kind="order",
    column="x.order_id",
    rows="fresh n JOIN old o ON o.id = n.id CROSS JOIN LATERAL (VALUES (n.order_id), (o.order_id)) x (order_id)"
    " WHERE (n.order_id, n.title, n.quantity, n.price, n.paid) IS DISTINCT FROM (o.order_id, o.title, o.quantity, o.price, o.paid)",
)

# Four days after a matter's end another one of the customer may count as coming back within 72 hours.
PLACES = """
    SELECT p.team_id, x.at, x.plus FROM pair p CROSS JOIN LATERAL (VALUES
        (p.opened_was, 0), (p.opened_now, 0), (p.told_was, 0), (p.told_now, 0), (p.done_was, 0), (p.done_was, 1), (p.done_was, 2),
        (p.done_was, 3), (p.done_was, 4), (p.done_now, 0), (p.done_now, 1), (p.done_now, 2), (p.done_now, 3), (p.done_now, 4)) x (at, plus)"""
TICKET_UPDATE = f"""
    WITH pair AS MATERIALIZED (
        SELECT n.id, n.team_id, o.opened_at AS opened_was, o.complained_at AS told_was, o.resolved_at AS done_was,
               CASE WHEN n.opened_at IS DISTINCT FROM o.opened_at THEN n.opened_at END AS opened_now,
               CASE WHEN n.complained_at IS DISTINCT FROM o.complained_at THEN n.complained_at END AS told_now,
               CASE WHEN n.resolved_at IS DISTINCT FROM o.resolved_at THEN n.resolved_at END AS done_now,
               (n.shop_id, n.reason_id) IS DISTINCT FROM (o.shop_id, o.reason_id) AS placed,
               n.complaint <> '' OR o.complaint <> '' AS complains
        FROM fresh n JOIN old o ON o.id = n.id
        WHERE (n.opened_at, n.complained_at, n.complaint, n.status, n.shop_id, n.reason_id, n.holder_id, n.touches, n.resolved_at,
               n.customer_id) IS DISTINCT FROM (o.opened_at, o.complained_at, o.complaint, o.status, o.shop_id, o.reason_id, o.holder_id,
               o.touches, o.resolved_at, o.customer_id)
    ), named AS (
        {IDS.format(kind="ticket", column="id", rows="pair WHERE placed")}
    ), linked AS (
        {IDS.format(kind="link", column="id", rows="pair WHERE complains AND NOT placed")}
    )
    {MARK_DAYS.format(source="matters", rows=PLACES)}"""

LINKS = "handover_stalerow (kind, ids) SELECT x.kind, array_agg(DISTINCT x.id) FROM ({rows}) x GROUP BY x.kind"
BOTH = "SELECT 'link' AS kind, ticket_id AS id FROM {rel} UNION ALL SELECT 'order', order_id FROM {rel}"

FUNCTIONS = {
    ("update", "tickets_order"): (ORDER_UPDATE, "SET work_mem = '32MB'"),
    ("insert", "tickets_orderline"): (IDS.format(kind="order", column="order_id", rows="fresh") + ";", ""),
    ("update", "tickets_orderline"): (LINE_UPDATE + ";", "SET work_mem = '32MB'"),
    ("delete", "tickets_orderline"): (IDS.format(kind="order", column="order_id", rows="old") + ";", ""),
    ("update", "tickets_ticket"): (TICKET_UPDATE, ""),
    ("insert", "tickets_ticketorder"): (IDS.format(kind="link", column="ticket_id", rows="fresh") + ";", ""),
    ("update", "tickets_ticketorder"): (
        f"INSERT INTO {LINKS.format(rows=BOTH.format(rel='fresh') + ' UNION ALL ' + BOTH.format(rel='old'))};",
        "",
    ),
    ("delete", "tickets_ticketorder"): (f"INSERT INTO {LINKS.format(rows=BOTH.format(rel='old'))};", ""),
}

# table, column, what of it counts, kind of mark
NAMED = (
    ("tickets_ticket", "channel", "{row}.channel", "ticket"),
    ("tickets_member", "roles", "({row}.roles && ARRAY['agent', 'after_sale']::varchar[])", "member"),
)

OPERATIONS = [
    made(
        after_statement(f"stale_{event}_{table}", event.upper(), table, body, setting)
        for (event, table), (body, setting) in FUNCTIONS.items()
    ),
    made(
        after_row(
            f"stale_{column}_{table}",
            f"UPDATE OF {column} ON {table} FOR EACH ROW WHEN ({counts.format(row='OLD')} IS DISTINCT FROM {counts.format(row='NEW')})",
            f"INSERT INTO handover_stalerow (kind, ids) VALUES ('{kind}', ARRAY[NEW.id]);",
        )
        for table, column, counts, kind in NAMED
    ),
]
