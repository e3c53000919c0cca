"""Telling the planner how large the tables are before much is counted.

Right after a large import PostgreSQL may still believe a table to be empty: its own ANALYZE comes up to a minute later, and one that ran
while the import had not committed saw no rows at all. A plan for no rows joins by going through all of one table for each row of the
other: minutes for what takes a second.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db import connection

PAGES = 64
"""Smaller tables (half a megabyte) are quickly read in any order."""

# Unknown (-1) or empty as the planner was last told, or grown by more than a fifth since.
_MISJUDGED = """
    SELECT c.relname FROM pg_class c
    CROSS JOIN LATERAL (SELECT pg_relation_size(c.oid) / current_setting('block_size')::int) x (pages)
    WHERE c.oid = ANY(%(tables)s::regclass[]) AND x.pages >= %(pages)s AND (c.reltuples <= 0 OR x.pages > c.relpages * 1.2)"""


def named(*statements: str) -> list[str]:
    """The tables that these statements read."""
    return sorted({table for sql in statements for table in re.findall(r"\b(?:FROM|JOIN)\s+((?:tickets|handover)_\w+)", sql)})


def tell_planner(tables: Iterable[str]) -> list[str]:
    """Have those looked at whose size is misjudged, and give them. Outside of a transaction the locks last no longer than the look.

    What another session is looking at or cleaning up already is left to it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MISJUDGED, {"tables": list(tables), "pages": PAGES})
        misjudged = sorted(row[0] for row in cursor.fetchall())
        if misjudged:
            cursor.execute(f"ANALYZE (SKIP_LOCKED) {', '.join(connection.ops.quote_name(table) for table in misjudged)}")
    return misjudged
