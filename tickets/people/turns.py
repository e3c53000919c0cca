"""Turns: what in a team must not happen at the same instant.

A note that is signed tells whoever is on duty, and whoever begins duty reads what was signed. Each looks for what the other writes,
so without turns both could look a moment too early, and a matter would be told to nobody.
"""

from __future__ import annotations

from typing import Any

from tickets.web.prepared import prepared_cursor

HANDOVER = 4711
"""The first half of the advisory lock's number; the second is the team."""


def take_turn(team: int) -> None:
    """Wait until no other handover moment of the team is in progress; ours ends with the transaction.

    Call it inside a transaction, before the first row is locked, so that nobody who waits for a turn holds what another needs.
    """
    take_turn_alone_if("true", team)


def take_turn_alone_if(condition: str, team: int, **values: Any) -> bool:
    """`take_turn` where the SQL condition on `values` holds; otherwise others for whom it does not hold either pass at the same time
    (people who begin duty do not concern each other). Whether it held. `condition` is a constant of ours."""
    with prepared_cursor() as cursor:
        cursor.execute(TAKE.format(condition=condition), values | {"handover": HANDOVER, "team": team})
        (alone, _waited) = cursor.fetchone()
    return bool(alone)


TAKE = """
    SELECT alone, CASE WHEN alone THEN pg_advisory_xact_lock(%(handover)s::int, %(team)s::int)
        ELSE pg_advisory_xact_lock_shared(%(handover)s::int, %(team)s::int) END
    FROM (SELECT {condition} AS alone) turn
"""
