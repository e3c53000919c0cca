"""Facts that are not rolled up; see `facts`. Return forms by who did something to them are few: counted from the rows, by the SELECT that
opens them. Contacts by weekday and hour are counted by `hours`, of the same rows."""

from __future__ import annotations

from handover.report.facts import FACTS, MATTER_DIMS, Fact

DIMS = ("member",)

_FILED = """
    SELECT f.id, f.submitted_at AS at, f.shop_id AS shop, '' AS item, 0 AS reason, f.filed_by_id AS member, '' AS shift,
           CASE WHEN f.sent_backs > 0 THEN 'bounced' ELSE 'passed' END AS mark, '' AS currency, 1 AS n, 0 AS amount
    FROM tickets_returnform f
    WHERE f.team_id = %(team)s AND f.submitted_at >= %(start)s AND f.submitted_at < %(end)s AND f.state <> 'cancelled'"""

_COUNTED = """
    SELECT s.form_id AS id, max(s.at) AS at, 0 AS shop, '' AS item, 0 AS reason, s.member_id AS member, '' AS shift, '' AS mark,
           '' AS currency, 1 AS n, 0 AS amount
    FROM tickets_signature s JOIN tickets_member m ON m.id = s.member_id
    WHERE m.team_id = %(team)s AND s.meaning = 'counted' AND s.at >= %(start)s AND s.at < %(end)s GROUP BY s.form_id, s.member_id"""

_CALLS = f"""
    SELECT y.*, EXTRACT(isodow FROM y.at AT TIME ZONE %(zone)s)::int AS weekday, t.channel
    FROM ({FACTS["contacts"].sql}) y JOIN tickets_ticket t ON t.id = y.id"""

LOOSE_FACTS: dict[str, Fact] = {
    "filed": Fact("filed", "matters", "form", DIMS, _FILED),
    "counted": Fact("counted", "matters", "form", DIMS, _COUNTED),
    "calls": Fact("calls", "matters", "ticket", (*MATTER_DIMS, "weekday", "hour", "channel"), _CALLS, ()),
}
