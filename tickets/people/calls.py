"""How many calls a token makes: one row a token, counted by whichever process answers, in one statement a call.

What is counted is the minute that runs and, of the minute before, the part that lies within the last sixty seconds: nobody gets twice as
many through by calling around the full minute. A refused call is not counted. The table is unlogged: a count is worth no write-ahead log.
"""

from __future__ import annotations

import math

from django.conf import settings
from django.db import connection

from tickets.people.models import TokenGrant

COUNT = """
    INSERT INTO tickets_tokencalls AS c (grant_id, minute, calls, before)
    SELECT %(grant)s, floor(x.now / 60), 1, 0 FROM (SELECT extract(epoch FROM statement_timestamp()) AS now) x
    ON CONFLICT (grant_id) DO UPDATE SET minute = EXCLUDED.minute,
        calls = CASE WHEN c.minute = EXCLUDED.minute THEN c.calls + 1 ELSE 1 END,
        before = CASE c.minute WHEN EXCLUDED.minute THEN c.before WHEN EXCLUDED.minute - 1 THEN c.calls ELSE 0 END
    WHERE CASE c.minute
        WHEN EXCLUDED.minute THEN c.calls + c.before * (60 - mod(extract(epoch FROM statement_timestamp()), 60)) / 60
        WHEN EXCLUDED.minute - 1 THEN c.calls * (60 - mod(extract(epoch FROM statement_timestamp()), 60)) / 60
        ELSE 0 END < %(limit)s
    RETURNING c.calls"""
WAIT = "SELECT 60 - mod(extract(epoch FROM statement_timestamp()), 60)"


def count_call(grant: TokenGrant) -> int:
    """Count one call, or say in how many seconds (1 to 60) to try again; 0: it may pass. The token's own rate, else the setting's."""
    limit = grant.per_minute or settings.TOKEN_CALLS_PER_MINUTE
    if not limit:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"grant": grant.pk, "limit": limit})
        if cursor.fetchone() is not None:
            return 0
        cursor.execute(WAIT)
        return max(1, math.ceil(cursor.fetchone()[0]))
