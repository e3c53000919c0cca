"""What is counted: one SELECT per fact, one row per thing counted, placed on an instant and along the dimensions.

The roll-up, the figures of unusual filters, the rows behind a figure and the recount all read these same SELECTs: a figure cannot
count other rows than it opens. Every SELECT gives `id` (of the subject), `at`, `shop`, `item`, `reason`, `member`, `shift`, `mark`,
`currency`, `n`, `amount`, none of them NULL but `at`; `%(team)s`, and the instants `%(start)s` (inclusive) and `%(end)s` (exclusive).

`item` is the product; of an order, the product most of its money went to, so that products add up to the whole. `shift` is the shift that
ran at the instant. The id of a payment is its form's; below zero, that of a payment which only the platform's sheet tells of. A merged
ticket is never counted: what it told is the other ticket's (D4).
"""

from __future__ import annotations

from dataclasses import dataclass

from handover.report.form_facts import COUNTED, FILED
from handover.report.service_facts import SERVICE

DIMS = ("shop", "item", "reason", "member", "shift", "hour")
"""The dimensions in the order of their bits: shop is 32, hour is 1."""


@dataclass(frozen=True)
class Fact:
    """`dims`: along which of `DIMS` it can be told apart; `subject`: what `id` names; `source`: what a change of which makes it stale;
    `items`: which words of the address its `item` answers."""

    code: str
    source: str
    subject: str
    dims: tuple[str, ...]
    sql: str
    items: tuple[str, ...] = ("product",)


def shift_at(at: str) -> str:
    return f"""
    LEFT JOIN LATERAL (SELECT s.name FROM handover_shift s WHERE s.team_id = %(team)s AND s.starts_at <= {at}
        AND s.starts_at > {at} - interval '2 days' AND s.ends_at > {at} ORDER BY s.starts_at DESC, s.id DESC LIMIT 1) shift ON true"""


def product_of(order: str) -> str:
    return f"""
    LEFT JOIN LATERAL (SELECT left(l.title, 120) AS title FROM tickets_orderline l WHERE l.order_id = {order} AND l.quantity > 0
        ORDER BY COALESCE(l.paid, l.price * l.quantity) DESC, l.id LIMIT 1) product ON true"""


ORDER = """
    LEFT JOIN LATERAL (SELECT o.id, o.shop_id, o.sold_by_id, o.title FROM tickets_ticketorder k JOIN tickets_order o ON o.id = k.order_id
        WHERE k.ticket_id = t.id ORDER BY k.id LIMIT 1) o ON true"""
ITEM = "COALESCE(product.title, left(o.title, 120), '') AS item"
SHOP = "COALESCE(t.shop_id, o.shop_id, 0) AS shop"
REASON = "COALESCE(t.reason_id, 0) AS reason"
_WHEN = "COALESCE(shift.name, '') AS shift"
NO_MONEY = "'' AS currency, 1 AS n"


def _of_orders(more: str, amount: str) -> str:
    return f"""
    SELECT o.id, o.paid_at AS at, o.shop_id AS shop, {ITEM}, 0 AS reason, COALESCE(o.sold_by_id, 0) AS member, {_WHEN}, '' AS mark,
           o.currency, 1 AS n, {amount} AS amount
    FROM tickets_order o {product_of("o.id")} {shift_at("o.paid_at")}
    WHERE o.team_id = %(team)s AND o.paid_at >= %(start)s AND o.paid_at < %(end)s {more}"""


def _of_tickets(at: str, member: str, mark: str, amount: str, more: str) -> str:
    return f"""
    SELECT t.id, t.{at} AS at, {SHOP}, {ITEM}, {REASON}, COALESCE({member}, 0) AS member, {_WHEN}, {mark} AS mark, {NO_MONEY},
           {amount} AS amount
    FROM tickets_ticket t {ORDER} {product_of("o.id")} {shift_at("t." + at)}
    WHERE t.team_id = %(team)s AND t.{at} >= %(start)s AND t.{at} < %(end)s AND t.status <> 'merged' {more}"""


_CONTACTS = f"""
    SELECT t.id, a.at, COALESCE(t.shop_id, 0) AS shop, '' AS item, {REASON}, COALESCE(a.actor_id, 0) AS member, {_WHEN},
           COALESCE(a.data ->> 'outcome', '') AS mark, {NO_MONEY}, 0 AS amount
    FROM tickets_activity a JOIN tickets_ticket t ON t.id = a.ticket_id {shift_at("a.at")}
    WHERE a.team_id = %(team)s AND a.at >= %(start)s AND a.at < %(end)s AND a.code = 'ticket.contacted'"""

_REFUSALS = f"""
    SELECT t.id, a.at, {SHOP}, {ITEM}, {REASON}, COALESCE((a.data ->> 'member')::bigint, 0) AS member, {_WHEN}, '' AS mark, {NO_MONEY},
           0 AS amount
    FROM tickets_activity a JOIN tickets_ticket t ON t.id = a.ticket_id {ORDER} {product_of("o.id")} {shift_at("a.at")}
    WHERE a.team_id = %(team)s AND a.at >= %(start)s AND a.at < %(end)s AND a.code = 'handler.refused'"""


_HOP = "a.code IN ('ticket.claimed', 'ticket.transferred', 'ticket.taken_over', 'ticket.reopened')"
_FROM, _TO = "(a.data ->> 'from')::bigint", "(a.data ->> 'to')::bigint"


def _of_hops(item: str, mark: str, joins: str) -> str:
    """Every time a matter went from one person to another; of the one who gave it."""
    return f"""
    SELECT t.id, a.at, {SHOP}, {item} AS item, {REASON}, {_FROM} AS member, {_WHEN}, {mark} AS mark, {NO_MONEY}, 0 AS amount
    FROM tickets_activity a JOIN tickets_ticket t ON t.id = a.ticket_id {ORDER} {shift_at("a.at")} {joins}
    WHERE a.team_id = %(team)s AND a.at >= %(start)s AND a.at < %(end)s AND {_HOP}
      AND a.data ->> 'from' IS NOT NULL AND a.data ->> 'to' IS NOT NULL"""


SHIFT_PAIR = "\x1f"
"""Between the two names of a pair of shifts: a character that nobody types."""

_PAIRS = _of_hops(f"{_FROM} || '>' || {_TO}", "''", "")

# Whoever hands over is at work, or was last; whoever takes over is, or will be next: a digest may be answered before its shift begins.
_MOVES = _of_hops(
    f"COALESCE(gave.name, '') || chr({ord(SHIFT_PAIR)}) || COALESCE(took.name, '')",
    "''",
    f"""
    LEFT JOIN LATERAL (SELECT s.name FROM handover_duty d LEFT JOIN handover_shift s ON s.id = d.shift_id WHERE d.member_id = {_FROM}
        AND d.started_at <= a.at AND d.started_at > a.at - interval '14 days' ORDER BY d.started_at DESC LIMIT 1) gave ON true
    LEFT JOIN LATERAL (SELECT s.name FROM handover_duty d LEFT JOIN handover_shift s ON s.id = d.shift_id WHERE d.member_id = {_TO}
        AND d.started_at > a.at - interval '2 days' AND d.started_at < a.at + interval '12 hours'
        AND (d.ended_at IS NULL OR d.ended_at > a.at) ORDER BY d.started_at LIMIT 1) took ON true""",
)

_COHORT = f"""
    SELECT t.id, o.paid_at AS at, o.shop_id AS shop, {ITEM}, {REASON}, COALESCE(o.sold_by_id, 0) AS member, {_WHEN},
           t.complaint AS mark, {NO_MONEY}, 0 AS amount
    FROM tickets_order o JOIN tickets_ticketorder k ON k.order_id = o.id
    JOIN tickets_ticket t ON t.id = k.ticket_id AND t.complaint <> '' AND t.status <> 'merged' {product_of("o.id")} {shift_at("o.paid_at")}
    WHERE o.team_id = %(team)s AND o.paid_at >= %(start)s AND o.paid_at < %(end)s AND NOT EXISTS (
        SELECT 1 FROM tickets_ticketorder e JOIN tickets_order p ON p.id = e.order_id
        WHERE e.ticket_id = t.id AND e.id < k.id AND p.paid_at IS NOT NULL)"""

_RETURNS = f"""
    SELECT f.id, f.submitted_at AS at, f.shop_id AS shop, left(ol.title, 120) AS item, l.reason_id AS reason, f.filed_by_id AS member,
           {_WHEN}, r.fault AS mark, o.currency, 1 AS n, l.quantity AS amount
    FROM tickets_returnform f JOIN tickets_returnline l ON l.form_id = f.id JOIN tickets_orderline ol ON ol.id = l.order_line_id
    JOIN tickets_order o ON o.id = f.order_id JOIN tickets_reason r ON r.id = l.reason_id {shift_at("f.submitted_at")}
    WHERE f.team_id = %(team)s AND f.submitted_at >= %(start)s AND f.submitted_at < %(end)s AND f.state <> 'cancelled'"""

_LINE = """
    JOIN LATERAL (SELECT left(ol.title, 120) AS title, l.reason_id, l.fault FROM tickets_returnline l
        JOIN tickets_orderline ol ON ol.id = l.order_line_id WHERE l.form_id = f.id ORDER BY l.amount DESC NULLS LAST, l.place LIMIT 1
    ) line ON true"""


# What was sent again without anything coming back costs what the customer had paid for it; an exchange brings its goods back.
_SENT_AGAIN = """(SELECT COALESCE(sum(round(COALESCE(ol.paid / NULLIF(ol.quantity, 0), ol.price) * l.approved_quantity, 2)), 0)
        FROM tickets_returnline l JOIN tickets_orderline ol ON ol.id = l.order_line_id WHERE l.form_id = f.id AND l.granted = 'reship')"""


def _of_settlements(mark: str, more: str, amount: str = "x.amount") -> str:
    return f"""
    SELECT f.id, x.changed_at AS at, f.shop_id AS shop, line.title AS item, line.reason_id AS reason, f.filed_by_id AS member,
           {_WHEN}, {mark} AS mark, o.currency, 1 AS n, {amount} AS amount
    FROM tickets_settlement x JOIN tickets_returnform f ON f.id = x.form_id JOIN tickets_order o ON o.id = f.order_id {_LINE}
    {shift_at("x.changed_at")}
    WHERE x.team_id = %(team)s AND x.changed_at >= %(start)s AND x.changed_at < %(end)s AND x.state = 'succeeded' {more}"""


def _of_payments(mark: str) -> str:
    """Compensations that only the platform's own sheet tells of: what is a form's settlement as well is told by the form."""
    return f"""
    UNION ALL
    SELECT -x.id, x.paid_at AS at, x.shop_id AS shop, COALESCE(line.title, product.title, left(o.title, 120), '') AS item,
           COALESCE(line.reason_id, 0) AS reason, COALESCE(f.filed_by_id, 0) AS member, {_WHEN}, {mark} AS mark,
           COALESCE(o.currency, s.currency) AS currency, 1 AS n, x.amount
    FROM tickets_platformcompensation x JOIN tickets_shop s ON s.id = x.shop_id LEFT JOIN tickets_order o ON o.id = x.order_id
    LEFT JOIN tickets_returnform f ON f.id = x.form_id LEFT {_LINE.lstrip()} {product_of("x.order_id")} {shift_at("x.paid_at")}
    WHERE x.team_id = %(team)s AND x.paid_at >= %(start)s AND x.paid_at < %(end)s AND x.state = 'paid' AND x.is_ours
      AND x.settlement_id IS NULL"""


def _of_promises(member: str) -> str:
    return f"""
    SELECT t.id, p.due_at AS at, {SHOP}, {ITEM}, {REASON}, COALESCE({member}, 0) AS member, {_WHEN},
           CASE WHEN p.status = 'kept' AND p.closed_at > p.due_at THEN 'late' ELSE p.status END AS mark, {NO_MONEY}, 0 AS amount
    FROM tickets_promise p JOIN tickets_ticket t ON t.id = p.ticket_id {ORDER} {product_of("o.id")} {shift_at("p.due_at")}
    WHERE p.team_id = %(team)s AND p.due_at >= %(start)s AND p.due_at < %(end)s"""


_REQUESTS = f"""
    SELECT t.id, h.asked_at AS at, {SHOP}, {ITEM}, {REASON}, h.member_id AS member, {_WHEN}, h.state AS mark, {NO_MONEY}, 0 AS amount
    FROM tickets_handlerrequest h JOIN tickets_ticket t ON t.id = h.ticket_id {ORDER} {product_of("o.id")} {shift_at("h.asked_at")}
    WHERE h.team_id = %(team)s AND h.asked_at >= %(start)s AND h.asked_at < %(end)s"""

DUTY_SHIFT = "COALESCE(s.name, '') AS shift"
_TEAM = "0 AS shop, '' AS item, 0 AS reason"

_NOTES = f"""
    SELECT d.id, d.ended_at AS at, {_TEAM}, d.member_id AS member, {DUTY_SHIFT},
           CASE WHEN n.signed_at IS NULL THEN 'missing' WHEN n.built_by_system THEN 'system'
                WHEN n.signed_at <= COALESCE(d.until, d.ended_at) + interval '15 minutes' THEN 'on_time' ELSE 'late' END AS mark,
           {NO_MONEY}, CASE WHEN n.signed_at IS NULL THEN 0 ELSE COALESCE(parts.share, 1) END AS amount
    FROM handover_duty d LEFT JOIN handover_note n ON n.duty_id = d.id LEFT JOIN handover_shift s ON s.id = d.shift_id
    LEFT JOIN LATERAL (
        SELECT round(avg(1 + (i.state <> '')::int + (i.next_action <> '')::int + (i.due_at IS NOT NULL)::int
                   + (i.if_then <> '' OR i.severity = 'stable')::int) / 5, 4) AS share
        FROM handover_noteitem i WHERE i.note_id = n.id AND n.signed_at IS NOT NULL
    ) parts ON true
    WHERE d.team_id = %(team)s AND d.ended_at >= %(start)s AND d.ended_at < %(end)s"""

_RECEIPTS = f"""
    SELECT r.id, r.acknowledged_at AS at, {_TEAM}, r.member_id AS member, {DUTY_SHIFT}, '' AS mark, {NO_MONEY},
           round(GREATEST(0, EXTRACT(epoch FROM r.acknowledged_at - s.starts_at)) / 60, 2) AS amount
    FROM handover_receipt r JOIN handover_shift s ON s.id = r.shift_id
    WHERE r.team_id = %(team)s AND r.acknowledged_at >= %(start)s AND r.acknowledged_at < %(end)s"""

# One answer each; the matter is what its item is called after.
ANSWERS = """handover_receipt r CROSS JOIN LATERAL jsonb_each(r.answers) x LEFT JOIN handover_shift s ON s.id = r.shift_id"""
ANSWERED = """r.team_id = %(team)s AND r.acknowledged_at >= %(start)s AND r.acknowledged_at < %(end)s
      AND x.value ->> 'answer' IN ('take', 'owner', 'ask')"""
OF_ITEM = "COALESCE(substring(x.key FROM '^t([0-9]+)$')::bigint, 0)"

_READBACKS = f"""
    SELECT {OF_ITEM} AS id, r.acknowledged_at AS at, {_TEAM}, r.member_id AS member, {DUTY_SHIFT}, x.value ->> 'answer' AS mark, {NO_MONEY},
           0 AS amount
    FROM {ANSWERS} WHERE {ANSWERED}"""

LATE = """CASE WHEN x.escalated_at IS NOT NULL THEN 'late' WHEN x.state = 'taken' THEN 'in_time' ELSE x.state END"""

_OFFERS = f"""
    SELECT t.id, x.offered_at AS at, COALESCE(t.shop_id, 0) AS shop, '' AS item, {REASON},
           COALESCE(x.from_member_id, 0) AS member, {_WHEN},
           {LATE} AS mark, {NO_MONEY}, 0 AS amount
    FROM handover_offer x JOIN tickets_ticket t ON t.id = x.ticket_id {shift_at("x.offered_at")}
    WHERE x.team_id = %(team)s AND x.offered_at >= %(start)s AND x.offered_at < %(end)s"""

_SURPRISES = f"""
    SELECT x.id, x.at, {_TEAM}, x.member_id AS member, {_WHEN}, '' AS mark, {NO_MONEY}, 0 AS amount
    FROM handover_surprise x {shift_at("x.at")}
    WHERE x.team_id = %(team)s AND x.at >= %(start)s AND x.at < %(end)s"""

_REPEAT = """AND EXISTS (SELECT 1 FROM tickets_ticket e WHERE e.customer_id = t.customer_id AND e.id <> t.id AND e.status <> 'merged'
        AND e.resolved_at <= t.opened_at AND e.resolved_at > t.opened_at - interval '72 hours')"""

ORDER_DIMS = ("shop", "item", "member", "shift")
TICKET_DIMS = ("shop", "item", "reason", "member", "shift", "hour")
MATTER_DIMS = ("shop", "reason", "member", "shift")
DUTY_DIMS = ("member", "shift")

FACTS: dict[str, Fact] = {
    fact.code: fact
    for fact in (
        Fact("orders", "orders", "order", ORDER_DIMS, _of_orders("", "o.paid")),
        Fact("refunds", "orders", "order", ORDER_DIMS, _of_orders("AND o.refunded > 0", "o.refunded")),
        Fact("cohort", "orders", "ticket", (*ORDER_DIMS, "reason"), _COHORT),
        Fact("matters", "matters", "ticket", TICKET_DIMS,
             _of_tickets("opened_at", "t.holder_id", "LEAST(t.touches, 4)::text", "t.touches", "")),
        Fact("repeats", "matters", "ticket", TICKET_DIMS, _of_tickets("opened_at", "t.holder_id", "''", "0", _REPEAT)),
        Fact(
            "complaints", "matters", "ticket", TICKET_DIMS,
            _of_tickets("complained_at", "o.sold_by_id", "t.complaint", "0", "AND t.complaint <> ''"),
        ),
        Fact("contacts", "matters", "ticket", MATTER_DIMS, _CONTACTS),
        Fact("hops", "matters", "ticket", TICKET_DIMS,
             _of_hops("COALESCE(product.title, left(o.title, 120), '')", "substr(a.code, 8)", product_of("o.id"))),
        Fact("pairs", "matters", "ticket", ("item", *MATTER_DIMS), _PAIRS, ("pair",)),
        Fact("moves", "matters", "ticket", ("item", *MATTER_DIMS), _MOVES, ("moves",)),
        Fact("refusals", "matters", "ticket", ("item", *MATTER_DIMS), _REFUSALS),
        Fact("requests", "matters", "ticket", ("item", *MATTER_DIMS), _REQUESTS),
        Fact("promises", "matters", "ticket", ("item", *MATTER_DIMS), _of_promises("p.closed_by_id, p.owner_id")),
        Fact("made", "matters", "ticket", ("item", *MATTER_DIMS), _of_promises("p.made_by_id")),
        Fact("returns", "matters", "form", ("shop", "item", "reason", "member", "shift"), _RETURNS),
        Fact("compensated", "matters", "payment", ("shop", "item", "reason", "member", "shift"),
             _of_settlements("line.fault", "AND x.kind = 'compensation'") + _of_payments("COALESCE(line.fault, '')")),
        Fact("settled", "matters", "payment", ("shop", "item", "reason", "member", "shift"),
             _of_settlements(
                 "CASE x.kind WHEN 'ship' THEN 'reship' ELSE x.kind END",
                 f"AND (x.kind IN ('refund', 'freight', 'compensation') OR x.kind = 'ship' AND {_SENT_AGAIN} > 0)",
                 f"CASE x.kind WHEN 'ship' THEN {_SENT_AGAIN} ELSE x.amount END",
             ) + _of_payments("'compensation'")),
        Fact("filed", "forms", "form", ("member",), FILED),
        Fact("counted", "forms", "form", ("member",), COUNTED),
        Fact("offers", "matters", "ticket", MATTER_DIMS, _OFFERS),
        Fact("notes", "team", "duty", DUTY_DIMS, _NOTES),
        Fact("receipts", "team", "receipt", DUTY_DIMS, _RECEIPTS),
        Fact("readbacks", "team", "ticket", DUTY_DIMS, _READBACKS),
        Fact("service", "team", "service", ("shop", "item", "member"), SERVICE, ("account",)),
        Fact("surprises", "team", "surprise", DUTY_DIMS, _SURPRISES),
    )
}  # fmt: skip


def bit(dim: str) -> int:
    """The bit of a dimension in a cut, as PostgreSQL's GROUPING counts them (the last one is 1)."""
    return 1 << (len(DIMS) - 1 - DIMS.index(dim))


def mask(dims: tuple[str, ...] | set[str] | frozenset[str]) -> int:
    """The cut that tells these dimensions apart."""
    return sum(bit(dim) for dim in dims)


def cuts(fact: Fact) -> list[tuple[str, ...]]:
    """Which dimensions are rolled up together: none, each, and each pair. What asks for more is counted from the rows."""
    single = [(dim,) for dim in fact.dims]
    pairs = [(a, b) for place, a in enumerate(fact.dims) for b in fact.dims[place + 1 :]]
    return [(), *single, *pairs]


def placed(fact: Fact) -> str:
    """The fact's SELECT with `day` and `hour`, both of the team's wall clock (`%(zone)s`)."""
    return f"""
    SELECT x.*, (x.at AT TIME ZONE %(zone)s)::date AS day, EXTRACT(hour FROM x.at AT TIME ZONE %(zone)s)::smallint AS hour
    FROM ({fact.sql}) x"""
