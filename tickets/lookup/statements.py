"""The look-up's SQL: one statement finds what an exact text names, one finds words, one each tells the rows that are shown.

They are written by hand because this runs at every key: four statements instead of eleven, and only the columns a row shows.
"""

EXACT = """
WITH known AS (
    SELECT DISTINCT c.id FROM tickets_handle h JOIN tickets_customer c ON c.id = h.customer_id
     WHERE h.team_id = %(team)s AND h.key = ANY(%(keys)s) AND c.merged_into_id IS NULL ORDER BY c.id DESC LIMIT %(limit)s),
bought AS (
    (SELECT 1 AS rank, id, customer_id FROM tickets_order WHERE team_id = %(team)s AND number = ANY(%(numbers)s)
      ORDER BY placed_at DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT 2, id, customer_id FROM tickets_order WHERE team_id = %(team)s AND tracking = %(text)s AND tracking <> ''
      ORDER BY placed_at DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT 3, id, customer_id FROM tickets_order WHERE team_id = %(team)s AND phone = %(phone)s AND phone <> ''
      ORDER BY placed_at DESC LIMIT %(limit)s))
SELECT 'ticket', 0, id, customer_id FROM tickets_ticket WHERE team_id = %(team)s AND id = %(ticket)s
UNION ALL SELECT 'customer', 0, id, id FROM known
UNION ALL SELECT 'order', rank, id, customer_id FROM bought
"""
"""(what, rank, id, customer): of orders only those of the lowest rank count: by number, by tracking, by phone."""

# Common words are found among the newest rows, which are read through first; only where those do not suffice the index is asked
# (a one-time condition, so it costs nothing otherwise). Its match is materialised, so that no planner walks a million rows
# backwards instead.
WORDS = """
WITH needle AS MATERIALIZED (
    SELECT string_agg(quote_literal(w.lexeme) || ':*', ' & ')::tsquery AS q FROM unnest(handover_bigrams(%(text)s)) w),
tickets_new AS MATERIALIZED (
    SELECT ticket_id AS id FROM (
        SELECT ticket_id, text FROM tickets_tickettext WHERE team_id = %(team)s ORDER BY ticket_id DESC LIMIT %(newest)s) n
     WHERE text ILIKE %(like)s LIMIT %(limit)s),
tickets_old AS MATERIALIZED (
    SELECT t.ticket_id AS id, t.text FROM tickets_tickettext t, needle
     WHERE (SELECT count(*) FROM tickets_new) < %(limit)s AND t.search @@ needle.q AND t.team_id = %(team)s),
customers_begin AS MATERIALIZED (
    SELECT h.customer_id AS id FROM tickets_handle h
     WHERE %(begins)s <> '' AND h.team_id = %(team)s AND h.key LIKE %(begins)s LIMIT %(limit)s),
customers_new AS MATERIALIZED (
    SELECT id FROM (
        SELECT id, name, note FROM tickets_customer
         WHERE team_id = %(team)s AND merged_into_id IS NULL ORDER BY id DESC LIMIT %(newest)s) n
     WHERE NOT EXISTS (SELECT FROM customers_begin) AND (name ILIKE %(like)s OR note ILIKE %(like)s) LIMIT %(limit)s),
customers_old AS MATERIALIZED (
    SELECT c.id, c.name, c.note FROM tickets_customer c, needle
     WHERE NOT EXISTS (SELECT FROM customers_begin) AND (SELECT count(*) FROM customers_new) < %(limit)s
       AND c.search @@ needle.q AND c.team_id = %(team)s AND c.merged_into_id IS NULL LIMIT 20000)
(SELECT 'ticket', id FROM tickets_new UNION SELECT 'ticket', id FROM tickets_old WHERE text ILIKE %(like)s ORDER BY 2 DESC LIMIT %(limit)s)
UNION ALL SELECT 'customer', id FROM customers_begin
UNION ALL (SELECT 'customer', id FROM customers_new
     UNION SELECT 'customer', id FROM customers_old WHERE name ILIKE %(like)s OR note ILIKE %(like)s ORDER BY 2 DESC LIMIT %(limit)s)
"""

TICKETS = """
SELECT t.id, t.subject, t.severity, t.status, t.customer_id, c.name AS customer, m.display_name AS holder,
       p.on_since, p.on_until, p.admitted_until, p.next_on, p.next_until
  FROM tickets_ticket t JOIN tickets_customer c ON c.id = t.customer_id
  LEFT JOIN tickets_member m ON m.id = t.holder_id LEFT JOIN tickets_presence p ON p.member_id = t.holder_id
 WHERE t.team_id = %(team)s
"""
TICKETS_BY_ID = TICKETS + " AND t.id = ANY(%(ids)s) ORDER BY t.id DESC"
MATTERS_OF = TICKETS + (
    " AND t.customer_id = ANY(%(people)s) AND t.status IN ('open', 'waiting') ORDER BY t.due_at, t.id DESC LIMIT %(limit)s"
)

CUSTOMERS_BY_ID = """
SELECT c.id, c.name, (SELECT json_agg(json_build_array(h.kind, h.value) ORDER BY h.id) FROM (
        SELECT id, kind, value FROM tickets_handle WHERE customer_id = c.id ORDER BY id LIMIT 3) h) AS handles
  FROM tickets_customer c WHERE c.team_id = %(team)s AND c.id = ANY(%(ids)s) AND c.merged_into_id IS NULL ORDER BY c.id DESC
"""

ORDERS = """
SELECT o.id, o.number, o.title, o.status, o.total, o.currency, o.placed_at FROM tickets_order o WHERE o.team_id = %(team)s
"""
ORDERS_BY_ID = ORDERS + " AND o.id = ANY(%(ids)s) ORDER BY array_position(%(ids)s, o.id)"
ORDERS_OF = ORDERS + " AND o.customer_id = ANY(%(people)s) ORDER BY o.placed_at DESC, o.id DESC LIMIT %(limit)s"

MATTERS_IN_FULL = """
SELECT t.id, t.subject, t.severity, t.due_at, t.next_action, m.display_name AS holder,
       p.on_since, p.on_until, p.admitted_until, p.next_on, p.next_until
  FROM tickets_ticket t LEFT JOIN tickets_member m ON m.id = t.holder_id LEFT JOIN tickets_presence p ON p.member_id = t.holder_id
 WHERE t.team_id = %(team)s AND t.customer_id = %(customer)s AND t.status IN ('open', 'waiting') ORDER BY t.id DESC LIMIT 50
"""

PERSON = """
WITH RECURSIVE selves(id) AS (
    SELECT %(customer)s::bigint UNION SELECT c.id FROM tickets_customer c JOIN selves s ON c.merged_into_id = s.id)
SELECT c.id, c.name, c.note, c.merged_into_id AS merged_into, ARRAY(SELECT id FROM selves ORDER BY id) AS selves,
       (SELECT json_agg(json_build_array(h.id, h.kind, h.value) ORDER BY h.id) FROM tickets_handle h WHERE h.customer_id = c.id) AS handles
  FROM tickets_customer c WHERE c.team_id = %(team)s AND c.id = %(customer)s
"""

BOUGHT = """
SELECT o.id AS pk, o.number, o.title, o.status, o.total, o.currency, o.placed_at, s.name AS shop, m.display_name AS sold_by,
       CASE WHEN o.place <= %(detailed)s THEN (
           SELECT json_agg(json_build_array(l.title, l.quantity) ORDER BY l.id) FROM tickets_orderline l
            WHERE l.order_id = o.id AND l.quantity > 0) END AS lines
  FROM (SELECT *, row_number() OVER () AS place FROM (
        SELECT * FROM tickets_order WHERE customer_id = %(customer)s AND team_id = %(team)s
         ORDER BY placed_at DESC, id DESC LIMIT %(limit)s) newest) o
  JOIN tickets_shop s ON s.id = o.shop_id LEFT JOIN tickets_member m ON m.id = o.sold_by_id ORDER BY o.place
"""

PANEL_PEOPLE = """
WITH named AS (
    SELECT customer_id, bool_or(%(kind)s = '' OR kind = %(kind)s OR kind IN ('phone', 'email')) AS same
      FROM tickets_handle WHERE team_id = %(team)s AND key = ANY(%(keys)s) GROUP BY customer_id
    UNION ALL SELECT %(customer)s, false WHERE %(customer)s IS NOT NULL)
SELECT c.id, c.name, c.note, bool_or(n.same) AS same,
       (SELECT json_agg(json_build_array(h.kind, h.value) ORDER BY h.id) FROM (
            SELECT id, kind, value FROM tickets_handle WHERE customer_id = c.id ORDER BY id LIMIT 4) h) AS handles
  FROM named n JOIN tickets_customer c ON c.id = n.customer_id
 WHERE c.team_id = %(team)s AND c.merged_into_id IS NULL
 GROUP BY c.id ORDER BY (c.id = %(customer)s) IS TRUE DESC, bool_or(n.same) DESC, c.id DESC LIMIT %(limit)s
"""

PANEL_MATTERS = """
SELECT t.id, t.subject, t.severity, t.status, t.held_since, t.due_at, t.next_action, t.holder_id, m.display_name AS holder,
       p.on_since, p.on_until, p.admitted_until, p.next_on, p.next_until
  FROM tickets_ticket t LEFT JOIN tickets_member m ON m.id = t.holder_id LEFT JOIN tickets_presence p ON p.member_id = t.holder_id
 WHERE t.team_id = %(team)s AND t.customer_id = %(customer)s AND t.status IN ('open', 'waiting')
 ORDER BY array_position(ARRAY['act_now', 'watch', 'stable'], t.severity::text), t.due_at NULLS LAST, t.id DESC LIMIT %(limit)s
"""

PANEL_PROMISES = """
SELECT p.id, p.text, p.due_at, p.ticket_id, m.display_name AS owner
  FROM tickets_promise p JOIN tickets_ticket t ON t.id = p.ticket_id LEFT JOIN tickets_member m ON m.id = p.owner_id
 WHERE t.team_id = %(team)s AND t.customer_id = %(customer)s AND p.status IN ('open', 'broken') ORDER BY p.due_at, p.id LIMIT %(limit)s
"""
