"""The SQL of an import, one constant per step, with `%(name)s` for values. Everything works on one wave of staged orders.

`batch` is what would be written: for each staged order the row as it should be, what it is now, and whether that differs. A dry run
stops there, so it says exactly what a real run would do. Rules that need words:

* a file never erases: an empty cell leaves what is stored;
* an older export changes nothing (`older`); the same instant may be repeated;
* a masked phone does not replace a readable one;
* `weak_money` / `weak_status` layouts give way to what a fuller layout has told.

What is stored is looked up by `LATERAL (… OFFSET 0)`: each staged row asks the index for its own. As a plain join it would be one hash
of all orders of the shop, read again for every wave, wherever the statistics do not know the shop yet.
"""

from __future__ import annotations

_TEXTS = ("buyer", "recipient", "address", "courier", "tracking", "title", "buyer_message", "memo")
_TIMES = ("placed_at", "paid_at", "shipped_at", "completed_at")
_MONEY = ("total", "paid", "refunded", "freight")
_STATUS = ("status", "status_text", "close_reason")
COLUMNS = (*_STATUS, "currency", *_MONEY, *_TIMES, *_TEXTS, "phone", "layout")

_OTHER = "(o.id IS NOT NULL AND o.layout NOT IN ('', %(layout)s))"
_KEEP_MONEY = f"(%(weak_money)s AND {_OTHER})"
_KEEP_STATUS = f"(s.status = '' OR (%(weak_status)s AND {_OTHER} AND s.status <> 'refunded'))"


def _targets() -> str:
    found = [
        f"CASE WHEN {_KEEP_STATUS} THEN COALESCE(o.{name}, '{'unknown' if name == 'status' else ''}') ELSE s.{name} END AS {name}"
        for name in _STATUS
    ]
    found.append("COALESCE(NULLIF(s.currency, ''), o.currency, %(currency)s) AS currency")
    found += [f"CASE WHEN {_KEEP_MONEY} THEN o.{name} ELSE COALESCE(s.{name}, o.{name}, 0) END AS {name}" for name in _MONEY]
    found += [f"COALESCE(s.{name}, o.{name}) AS {name}" for name in _TIMES]
    found += [f"COALESCE(NULLIF(s.{name}, ''), o.{name}, '') AS {name}" for name in _TEXTS]
    found.append("CASE WHEN s.phone = '' OR (s.phone LIKE '%%*%%' AND o.phone > '') THEN COALESCE(o.phone, '') ELSE s.phone END AS phone")
    found.append(f"CASE WHEN (%(weak_money)s OR %(weak_status)s) AND {_OTHER} THEN o.layout ELSE %(layout)s END AS layout")
    return ",\n".join(found)


LOCK_TEAM = "SELECT pg_advisory_xact_lock(%(lock)s, %(lock_of_team)s)"

LOCK_ORDERS = """
SELECT o.id FROM tickets_order o WHERE o.id = ANY (ARRAY(
    SELECT (SELECT x.id FROM tickets_order x WHERE x.shop_id = %(shop)s AND x.number = s.number) FROM stage_order s))
 ORDER BY o.id FOR UPDATE
"""

FORGET = "DROP TABLE IF EXISTS pg_temp.batch; DROP TABLE IF EXISTS pg_temp.batch_line"

COMPARE_ORDERS = f"""
CREATE TEMP TABLE batch AS
SELECT t.was_id IS NULL AS is_new, false AS lines_changed,
       t.was_id IS NOT NULL AND NOT t.older AND (t.customer_id IS NULL AND t.key <> '' OR
           ({", ".join("t.was_" + name for name in COLUMNS)}) IS DISTINCT FROM ({", ".join("t." + name for name in COLUMNS)})) AS changed,
       COALESCE(t.was_id, CASE WHEN %(for_real)s THEN
           nextval((SELECT pg_get_serial_sequence('tickets_order', 'id')::regclass)) END) AS order_id,
       t.*
  FROM (
    SELECT COALESCE(o.exported_at > %(exported_at)s, false) AS older,
           s.again, s.seq, s.line, o.id AS was_id, o.customer_id, s.number, s.kind, s.key, s.email_key, s.phone_key, s.name, s.email,
           {", ".join(f"o.{name} AS was_{name}" for name in COLUMNS)},
           {_targets()}
      FROM stage_order s
      LEFT JOIN LATERAL (
        SELECT * FROM tickets_order x WHERE %(may_be_stored)s AND x.shop_id = %(shop)s AND x.number = s.number OFFSET 0) o ON true
  ) t
"""

"""What most statements ask comes first: a row is unpacked from its beginning, and this one has some sixty columns."""

WHAT_IS_TOLD = """
SELECT COALESCE(bool_or(NOT is_new), false), COALESCE(bool_or(email_key <> '' OR phone_key <> ''), false) FROM batch
"""
"""Whether any of the orders is stored already, and whether any names a phone or an e-mail of the buyer."""

UNKNOWN_ORDERS = "DELETE FROM batch WHERE is_new RETURNING line, number"
"""For files that only bring lines: what cannot be placed."""

LINES_ONLY = "UPDATE batch SET changed = false, older = false"
"""For files that only bring lines: they say nothing of the order itself."""

TWO_CUSTOMERS = """
SELECT b.line, b.number, x.key FROM batch b
 CROSS JOIN LATERAL (VALUES ('email', b.email_key), ('phone', b.phone_key)) x (kind, key)
 CROSS JOIN LATERAL (SELECT h.customer_id FROM tickets_handle h WHERE h.team_id = %(team)s AND h.kind = b.kind AND h.key = b.key OFFSET 0) h
 CROSS JOIN LATERAL (
    SELECT h.customer_id FROM tickets_handle h WHERE h.team_id = %(team)s AND h.kind = x.kind AND h.key = x.key OFFSET 0) other
 WHERE x.key <> '' AND other.customer_id <> h.customer_id
 ORDER BY b.line
"""

COUNT_NEW_CUSTOMERS = """
INSERT INTO stage_fresh SELECT DISTINCT b.kind, b.key FROM batch b WHERE b.key <> '' AND b.customer_id IS NULL AND (
    SELECT h.id FROM tickets_handle h WHERE h.team_id = %(team)s AND h.kind = b.kind AND h.key = b.key) IS NULL
ON CONFLICT DO NOTHING
"""
"""For a dry run: the customers that no earlier wave has named."""

ADD_CUSTOMERS = """
WITH fresh AS (
    SELECT DISTINCT ON (b.kind, b.key) b.kind, b.key, COALESCE(NULLIF(b.buyer, ''), NULLIF(b.email, ''), b.key) AS value, b.name
      FROM batch b
     WHERE b.key <> '' AND b.customer_id IS NULL AND (
        SELECT h.id FROM tickets_handle h WHERE h.team_id = %(team)s AND h.kind = b.kind AND h.key = b.key) IS NULL
     ORDER BY b.kind, b.key, b.seq
), numbered AS (
    SELECT *, nextval((SELECT pg_get_serial_sequence('tickets_customer', 'id')::regclass)) AS id FROM fresh
), customers AS (
    INSERT INTO tickets_customer (id, team_id, name, note, created_at)
    SELECT id, %(team)s, name, '', %(now)s FROM numbered
)
INSERT INTO tickets_handle (team_id, customer_id, kind, value, key, created_at)
SELECT %(team)s, id, kind, left(value, 160), key, %(now)s FROM numbered
"""

"""Each row asks the index for its own handle. As NOT EXISTS it is a join, and in a team that no statistics know yet the planner goes
through all the team's handles for each row: 6 s a wave instead of 0.1 s."""

ADD_HANDLES = """
INSERT INTO tickets_handle (team_id, customer_id, kind, value, key, created_at)
SELECT DISTINCT ON (x.kind, x.key) %(team)s, h.customer_id, x.kind, left(x.value, 160), x.key, %(now)s
  FROM batch b
 CROSS JOIN LATERAL (VALUES ('email', b.email, b.email_key), ('phone', b.phone_key, b.phone_key)) x (kind, value, key)
 CROSS JOIN LATERAL (SELECT h.customer_id FROM tickets_handle h WHERE h.team_id = %(team)s AND h.kind = b.kind AND h.key = b.key OFFSET 0) h
 WHERE x.key <> ''
 ORDER BY x.kind, x.key, b.seq
ON CONFLICT (team_id, kind, key) DO NOTHING
"""

_CUSTOMER = "(SELECT h.customer_id FROM tickets_handle h WHERE h.team_id = %(team)s AND h.kind = b.kind AND h.key = b.key)"

INSERT_ORDERS = f"""
INSERT INTO tickets_order (id, team_id, shop_id, number, customer_id, {", ".join(COLUMNS)}, request, source, exported_at,
                           created_at, updated_at, version)
SELECT b.order_id, %(team)s, %(shop)s, b.number, CASE WHEN b.key <> '' THEN {_CUSTOMER} END,
       {", ".join("b." + name for name in COLUMNS)}, '', %(source)s,
       %(exported_at)s, %(now)s, %(now)s, 1
  FROM batch b WHERE b.is_new
"""
"""New orders have their ids from the comparison: writing them back into the wave would cost as much as a tenth of all the rest.

Without ON CONFLICT, which would look each number up once more: one that was logged by hand meanwhile ends the transaction."""

UPDATE_ORDERS = f"""
UPDATE tickets_order o
   SET {", ".join(f"{name} = b.{name}" for name in COLUMNS)},
       customer_id = COALESCE(o.customer_id, CASE WHEN b.key <> '' THEN {_CUSTOMER} END),
       exported_at = %(exported_at)s, updated_at = %(now)s, version = o.version + 1
  FROM batch b WHERE o.id = b.order_id AND b.changed
"""

_DIFFERENCE = ", ".join(
    f"'{name}', CASE WHEN b.{name} <> b.was_{name} THEN jsonb_build_array(b.was_{name}::text, b.{name}::text) END"
    for name in ("status", "total", "paid", "refunded")
)

LEDGER = f"""
INSERT INTO tickets_activity (team_id, at, actor_id, code, data, customer_id, order_id)
SELECT %(team)s, %(now)s, %(actor)s, 'order.changed',
       jsonb_strip_nulls(jsonb_build_object('import', %(run)s::bigint, 'number', b.number, {_DIFFERENCE})), o.customer_id, o.id
  FROM batch b JOIN tickets_order o ON o.id = b.order_id
 WHERE b.changed AND (b.status, b.total, b.paid, b.refunded) IS DISTINCT FROM (b.was_status, b.was_total, b.was_paid, b.was_refunded)
 ORDER BY b.seq
"""
"""One row per order whose status or money changed; what a first import brings is told by the orders themselves."""

NEVER = "false"
SUMMARY_WAITS = "x.key <> '0'"
DETAILS_WAIT = "x.key !~ '^[0-9]{1,3}$'"
"""Which stored lines (x) make a layout's lines unwelcome: a summary gives way to any real line, details to named sub-orders."""

# The lines of orders that are stored (those of new orders are all new). A staged line meets the stored line with its key; failing
# that the one it replaces: the summary line; in an order that was only logged by hand so far (layout ''), the line typed in that
# place; for sub-order files, the line that a detail file knew by its goods. No stored line is met twice.
COMPARE_LINES = """
CREATE TEMP TABLE batch_line AS
WITH told AS (
    SELECT l.*, b.was_id, b.was_layout, row_number() OVER (PARTITION BY b.seq ORDER BY l.seq, l.place) AS rank
      FROM stage_line l JOIN batch b USING (number)
     WHERE NOT b.is_new AND NOT b.older
       AND NOT EXISTS (SELECT FROM tickets_orderline x WHERE x.order_id = b.was_id AND {waits} OFFSET 0)
), met AS (
    SELECT DISTINCT ON (t.seq, t.place) t.*, COALESCE(k.id, f.id) AS met_id
      FROM told t
      LEFT JOIN tickets_orderline k ON k.order_id = t.was_id AND k.key = t.key
      LEFT JOIN tickets_orderline f ON k.id IS NULL AND f.order_id = t.was_id AND (f.key = '0' AND t.rank = 1
           OR t.was_layout = '' AND f.key = t.rank::text
           OR %(by_goods)s AND f.key ~ '^[0-9]{{1,3}}$' AND (f.title, f.sku, f.spec) = (left(t.title, 300), t.sku, t.spec))
     ORDER BY t.seq, t.place, f.id
), once AS (
    SELECT met.*, CASE WHEN row_number() OVER (PARTITION BY met_id ORDER BY seq, place) = 1 THEN met_id END AS line_id FROM met
)
SELECT o.*, o.line_id IS NULL OR (x.key, x.title, x.sku, x.spec, x.quantity, x.price, x.paid) IS DISTINCT FROM
       (o.key, left(o.title, 300), o.sku, o.spec, o.quantity, COALESCE(o.price, x.price), COALESCE(o.paid, x.paid)) AS changed
  FROM once o LEFT JOIN tickets_orderline x ON x.id = o.line_id
"""

_LINE = "key, sku, title, spec, quantity, price, paid"
_TOLD_LINE = "l.key, l.sku, left(l.title, 300), l.spec, l.quantity, COALESCE(l.price, 0), l.paid"

INSERT_LINES_OF_NEW = f"""
INSERT INTO tickets_orderline (order_id, {_LINE})
SELECT b.order_id, {_TOLD_LINE} FROM stage_line l JOIN batch b USING (number) WHERE b.is_new ORDER BY l.seq, l.place
ON CONFLICT (order_id, key) DO NOTHING
"""

INSERT_LINES = f"""
INSERT INTO tickets_orderline (order_id, {_LINE})
SELECT l.was_id, {_TOLD_LINE} FROM batch_line l WHERE l.line_id IS NULL ORDER BY l.seq, l.place
ON CONFLICT (order_id, key) DO NOTHING
"""

UPDATE_LINES = """
UPDATE tickets_orderline x
   SET key = l.key, sku = l.sku, title = left(l.title, 300), spec = l.spec, quantity = l.quantity, price = COALESCE(l.price, x.price),
       paid = COALESCE(l.paid, x.paid)
  FROM batch_line l WHERE x.id = l.line_id AND l.changed
"""

# Lines that are no longer told stay, since a return form may name them, with a quantity of 0: taken out of the order.
_GONE = """
SELECT x.id, b.number FROM batch b JOIN tickets_orderline x ON x.order_id = b.order_id
 WHERE NOT b.is_new AND NOT b.older AND x.quantity > 0 AND (x.key ~ %(replaceable)s OR b.was_layout = '' AND x.key ~ '^[0-9]{1,3}$')
   AND EXISTS (SELECT 1 FROM batch_line l WHERE l.number = b.number) AND NOT EXISTS (SELECT 1 FROM batch_line l WHERE l.line_id = x.id)
"""
MARK_GONE_LINES = f"UPDATE batch b SET lines_changed = true FROM ({_GONE}) gone WHERE b.number = gone.number"
TAKE_OUT_LINES = f"UPDATE tickets_orderline x SET quantity = 0 FROM ({_GONE}) gone WHERE x.id = gone.id"

MARK_LINES = """
UPDATE batch b SET lines_changed = true
  FROM (SELECT DISTINCT number FROM batch_line WHERE changed) l WHERE b.number = l.number
"""

COUNT = """
SELECT count(*) FILTER (WHERE is_new AND NOT again),
       count(*) FILTER (WHERE NOT is_new AND NOT older AND (changed OR lines_changed) AND NOT again),
       count(*) FILTER (WHERE NOT is_new AND NOT older AND NOT changed AND NOT lines_changed AND NOT again),
       count(*) FILTER (WHERE older AND NOT again)
  FROM batch
"""
