"""Return forms by the member who did something to them, as facts (see `facts`). Each form is counted once for whoever counted its goods, on
the day of the first time: days add up to months."""

FILED = """
    SELECT f.id, f.submitted_at AS at, f.shop_id AS shop, '' AS item, 0 AS reason, f.filed_by_id AS member, '' AS shift,
           CASE WHEN f.sent_backs > 0 THEN 'bounced' ELSE 'passed' END AS mark, '' AS currency, 1 AS n, 0 AS amount
    FROM tickets_returnform f
    WHERE f.team_id = %(team)s AND f.submitted_at >= %(start)s AND f.submitted_at < %(end)s AND f.state <> 'cancelled'"""

COUNTED = """
    SELECT s.form_id AS id, s.at, 0 AS shop, '' AS item, 0 AS reason, s.member_id AS member, '' AS shift, '' AS mark,
           '' AS currency, 1 AS n, 0 AS amount
    FROM tickets_signature s JOIN tickets_member m ON m.id = s.member_id
    WHERE m.team_id = %(team)s AND s.meaning = 'counted' AND s.at >= %(start)s AND s.at < %(end)s AND NOT EXISTS (
        SELECT 1 FROM tickets_signature e
        WHERE e.form_id = s.form_id AND e.member_id = s.member_id AND e.meaning = 'counted' AND (e.at, e.id) < (s.at, s.id))"""
