"""R6 and R7 over whole orders: one question over all that live forms claim."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from tickets.return_form.models.guards import USED_UNITS
from tickets.return_form.proof.checks import Finding

OVERDRAWN = f"""
WITH shipped AS MATERIALIZED (SELECT form_id FROM tickets_settlement WHERE kind = 'ship' AND state = 'succeeded'),
claims AS MATERIALIZED (
    SELECT f.order_id, r.order_line_id, sum({USED_UNITS}) AS used,
        sum(r.approved_quantity) FILTER (WHERE r.granted IN ('exchange', 'reship') AND f.id IN (SELECT form_id FROM shipped)) AS replaced,
        sum(r.amount) FILTER (WHERE r.granted <> 'compensation') AS given
    FROM tickets_returnform f JOIN tickets_returnline r ON r.form_id = f.id WHERE f.state <> 'cancelled' GROUP BY 1, 2),
orders AS (
    SELECT order_id, sum(given) AS given FROM (
        SELECT order_id, given FROM claims UNION ALL
        SELECT order_id, freight_amount FROM tickets_returnform WHERE state <> 'cancelled' AND freight_amount > 0) x GROUP BY 1)
SELECT o.number, 'more_than_bought', l.title FROM claims c JOIN tickets_orderline l ON l.id = c.order_line_id
    JOIN tickets_order o ON o.id = c.order_id WHERE c.used > l.quantity + coalesce(c.replaced, 0)
UNION ALL
SELECT o.number, 'more_than_paid', x.given || ' / ' || o.paid FROM orders x JOIN tickets_order o ON o.id = x.order_id WHERE x.given > o.paid
"""  # noqa: S608 - our own constants


def findings_of_orders() -> Iterator[Finding]:
    """Every order of which live forms claim more than was bought (R6) or were granted more than was paid (R7)."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(OVERDRAWN)
        yield from (Finding(f"order {number}", code, detail) for number, code, detail in cursor)
