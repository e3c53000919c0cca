"""What the platforms' own exports tell of an account's day, as a fact (see `facts`)."""

# What an export gives as a mean per day is weighed by the customers received that day: Σ cost ÷ Σ times, never a mean of means.
# Where only the share of payers is told, it is weighed by those who asked to buy, or, failing that, by those received.
# The shop's own row counts only where no account of the shop has one for that day.
SERVICE = """
    SELECT s.id, (s.day + time '12:00') AT TIME ZONE %(zone)s AS at, s.shop_id AS shop, s.account AS item, 0 AS reason,
           COALESCE(s.member_id, 0) AS member, '' AS shift, x.mark, '' AS currency, 1 AS n, x.amount
    FROM handover_serviceday s CROSS JOIN LATERAL (VALUES
        ('asked', s.asked), ('received', s.received), ('answered', s.reply * COALESCE(s.asked, s.received)),
        ('answered_of', COALESCE(s.asked, s.received) + 0 * s.reply),
        ('in', s.moved_in), ('out', s.moved_out),
        ('first_cost', s.first * s.received), ('first_times', s.received + 0 * s.first),
        ('average_cost', s.average * s.received), ('average_times', s.received + 0 * s.average),
        ('satisfied', s.satisfied), ('rated', s.rated + 0 * s.satisfied), ('inquired', s.inquired),
        ('ordered', s.ordered), ('ordered_of', s.inquired + 0 * s.ordered),
        ('paid', COALESCE(s.paid + 0 * s.inquired, s.paid_share * COALESCE(s.inquired, s.received))),
        ('paid_of', COALESCE(s.inquired + 0 * s.paid, COALESCE(s.inquired, s.received) + 0 * s.paid_share)),
        ('pending', s.pending::int)) x (mark, amount)
    WHERE s.team_id = %(team)s AND x.amount <> 0
      AND s.day >= (%(start)s AT TIME ZONE %(zone)s)::date AND s.day < (%(end)s AT TIME ZONE %(zone)s)::date
      AND (s.account <> '' OR NOT EXISTS (SELECT 1 FROM handover_serviceday a
           WHERE a.team_id = s.team_id AND a.shop_id = s.shop_id AND a.day = s.day AND a.account <> ''))"""
