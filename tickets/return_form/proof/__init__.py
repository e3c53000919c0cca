"""What `manage.py verify` proves about return forms: every signature still covers what it was given for, and every row agrees with the
ledger and with the signed decision. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tickets.return_form.proof.checks import Finding
from tickets.return_form.proof.files import findings_of_files
from tickets.return_form.proof.orders import findings_of_orders
from tickets.return_form.proof.reading import bounds
from tickets.return_form.proof.spread import prove, spread

__all__ = ["Finding", "findings", "findings_of_files"]


def findings(progress: Callable[[int], None] | None = None, *, processes: int = 1) -> Iterator[Finding]:
    """Every return form of every team, then every order that has one. `progress` is told after each piece how many forms are proved.

    Memory is bounded by the piece (`reading.PIECE` forms), whatever their number. With several `processes` each proves pieces of its own
    through a connection of its own: what the caller's transaction has not committed they do not see. What is written meanwhile is
    proved as of some instant during the call.
    """
    pieces = bounds()
    proved = 0
    for forms, found in spread(pieces, processes) if processes > 1 else map(prove, pieces):
        yield from found
        proved += forms
        if progress:
            progress(proved)
    yield from findings_of_orders()
