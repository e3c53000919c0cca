"""Which tickets hold a text: two-character Chinese words too, in milliseconds at a million tickets."""

from __future__ import annotations

from typing import Any

from django.db import connection

NEWEST = 5_000
NEWEST_SQL = """
SELECT ticket_id FROM (SELECT ticket_id, text FROM tickets_tickettext WHERE team_id = %(team)s ORDER BY ticket_id DESC LIMIT %(newest)s) n
WHERE text ILIKE %(like)s LIMIT %(limit)s
"""
INDEXED_SQL = """
WITH needle AS (SELECT string_agg(quote_literal(w.lexeme) || ':*', ' & ')::tsquery AS q FROM unnest(handover_bigrams(%(text)s)) w),
found AS MATERIALIZED (
    SELECT t.ticket_id, t.text FROM tickets_tickettext t, needle WHERE t.search @@ needle.q AND t.team_id = %(team)s)
SELECT ticket_id FROM found WHERE text ILIKE %(like)s ORDER BY ticket_id DESC LIMIT %(limit)s
"""


def matching(team_id: int, text: str, *, limit: int = 1000) -> list[int]:
    """The ids of the newest tickets of a team whose text holds `text`, at most `limit`, the newest first.

    The newest rows are read through first, since common words are found there; only rare ones need the index, whose match is
    materialised so that no planner walks a million rows backwards instead. (The index knows pairs of characters: a single one is
    found through it only where it begins a pair.)
    """
    text = text.strip()
    if not text:
        return []
    like = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    what: dict[str, Any] = {"team": team_id, "text": text, "like": like, "limit": limit, "newest": NEWEST}
    with connection.cursor() as cursor:
        cursor.execute(NEWEST_SQL, what)
        found = [pk for (pk,) in cursor.fetchall()]
        if len(found) < limit:
            cursor.execute(INDEXED_SQL, what)
            found = sorted({*found, *(pk for (pk,) in cursor.fetchall())}, reverse=True)[:limit]
    return found
