"""Turns: what in a team must not happen at the same instant.

A note that is signed tells whoever is on duty, and whoever begins duty reads what was signed. Each looks for what the other writes,
so without turns both could look a moment too early, and a matter would be told to nobody.
"""

from __future__ import annotations

from django.db import connection

HANDOVER = 4711
"""The first half of the advisory lock's number; the second is the team."""


def take_turn(team: int, *, alone: bool = True) -> None:
    """Wait until no other handover moment of the team is in progress; ours ends with the transaction.

    `alone=False` lets others of that kind pass at the same time (people who begin duty do not concern each other). Call it inside a
    transaction, before the first row is locked, so that nobody who waits for a turn holds what another needs.
    """
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [HANDOVER, team])
