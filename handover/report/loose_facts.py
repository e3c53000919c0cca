"""Facts that are not rolled up; see `facts`. Contacts by weekday and hour are counted by `hours`, of the rows that this SELECT opens."""

from __future__ import annotations

from handover.report.facts import (
    ANSWERED,
    ANSWERS,
    DUTY_SHIFT,
    FACTS,
    ITEM,
    LATE,
    MATTER_DIMS,
    NO_MONEY,
    OF_ITEM,
    ORDER,
    REASON,
    SHOP,
    TICKET_DIMS,
    Fact,
    product_of,
    shift_at,
)

_NOWHERE = "0 AS shop, '' AS item, 0 AS reason"

# Seconds on duty of those who now serve customers. In steps that end wherever an hour of any time zone begins.
PIECES = """
    SELECT d.id, d.member_id AS member, GREATEST(d.starts_at, q.at) AS at,
           EXTRACT(epoch FROM LEAST(d.ends_at, q.at + interval '15 minutes') - GREATEST(d.starts_at, q.at)) AS seconds
    FROM (SELECT y.id, y.member_id, GREATEST(y.started_at, %(start)s) AS starts_at,
                 LEAST(COALESCE(y.ended_at, y.lapses_at), %(end)s) AS ends_at FROM handover_duty y
          JOIN tickets_member m ON m.id = y.member_id AND m.roles && ARRAY['agent', 'after_sale']::varchar[]
          WHERE y.team_id = %(team)s AND y.started_at < %(end)s AND COALESCE(y.ended_at, y.lapses_at) > %(start)s) d
    CROSS JOIN LATERAL generate_series(date_bin('15 minutes', d.starts_at, timestamptz 'epoch'), d.ends_at - interval '1 microsecond',
                                       interval '15 minutes') q (at)"""

_CALLS = f"""
    SELECT y.*, EXTRACT(isodow FROM y.at AT TIME ZONE %(zone)s)::int AS weekday, t.channel
    FROM ({FACTS["contacts"].sql}) y JOIN tickets_ticket t ON t.id = y.id"""

_CAME = f"""
    SELECT y.*, t.channel FROM ({FACTS["matters"].sql}) y JOIN tickets_ticket t ON t.id = y.id"""

# Who served customers, hour by hour of the wall clock: the rows of `hours`' people on duty, minutes in the place of the amount.
_ATTENDED = f"""
    SELECT p.id, min(p.at) AS at, {_NOWHERE}, p.member, '' AS shift, '' AS mark, '' AS currency, 1 AS n,
           round(sum(p.seconds) / 60, 2) AS amount,
           EXTRACT(isodow FROM min(p.at) AT TIME ZONE %(zone)s)::int AS weekday
    FROM ({PIECES}) p GROUP BY p.id, p.member, date_trunc('hour', p.at AT TIME ZONE %(zone)s)"""

# What a digest asked and what was handed over are of matters: these rows know what the roll-up, which needs none of it, does not.
_OFFERED = f"""
    SELECT t.id, x.offered_at AS at, COALESCE(t.shop_id, 0) AS shop, {ITEM}, {REASON}, COALESCE(x.from_member_id, 0) AS member,
           COALESCE(shift.name, '') AS shift, {LATE} AS mark, {NO_MONEY}, 0 AS amount
    FROM handover_offer x JOIN tickets_ticket t ON t.id = x.ticket_id {ORDER} {product_of("o.id")} {shift_at("x.offered_at")}
    WHERE x.team_id = %(team)s AND x.offered_at >= %(start)s AND x.offered_at < %(end)s"""

_ANSWERED = f"""
    SELECT {OF_ITEM} AS id, r.acknowledged_at AS at, {SHOP}, {ITEM}, {REASON}, r.member_id AS member, {DUTY_SHIFT},
           x.value ->> 'answer' AS mark, {NO_MONEY}, 0 AS amount
    FROM {ANSWERS} LEFT JOIN tickets_ticket t ON t.id = {OF_ITEM} {ORDER} {product_of("o.id")}
    WHERE {ANSWERED}"""

KNOWING_MORE: dict[str, tuple[str, frozenset[str]]] = {
    "contacts": ("calls", frozenset({"channel"})),
    "matters": ("came", frozenset({"channel"})),
    "offers": ("offered", frozenset({"product"})),
    "readbacks": ("answered", frozenset({"product", "reason", "shop", "platform"})),
}
"""Rolled-up facts, those of the same rows that know more, and which words of an address ask for these."""

LOOSE_FACTS: dict[str, Fact] = {
    "calls": Fact("calls", "matters", "ticket", (*MATTER_DIMS, "weekday", "hour", "channel"), _CALLS, ()),
    "came": Fact("came", "matters", "ticket", (*TICKET_DIMS, "channel"), _CAME),
    "offered": Fact("offered", "matters", "ticket", ("item", *MATTER_DIMS), _OFFERED),
    "answered": Fact("answered", "team", "ticket", ("item", *MATTER_DIMS), _ANSWERED),
    "attended": Fact("attended", "present", "duty", ("member", "weekday", "hour"), _ATTENDED, ()),
}
