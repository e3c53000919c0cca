"""Which tickets are one matter by now."""

from __future__ import annotations

from django.db import connection


def merged_below(pk: int) -> list[int]:
    """The ids of all tickets that were merged into this one, directly or through others; a corrupt cycle ends. Not the ticket itself."""
    with connection.cursor() as cursor:
        cursor.execute(BELOW, {"pk": pk})
        return [found for (found,) in cursor.fetchall()]


BELOW = """
    WITH RECURSIVE below AS (
        SELECT id FROM tickets_ticket WHERE merged_into_id = %(pk)s
        UNION SELECT t.id FROM tickets_ticket t JOIN below b ON t.merged_into_id = b.id
    )
    SELECT id FROM below WHERE id <> %(pk)s ORDER BY id
"""
