"""The pieces of a large proof, over several processes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import django
from django.db import connection

from tickets.return_form.proof.checks import Finding, findings_of
from tickets.return_form.proof.reading import Bounds, read

Proved = tuple[int, list[Finding]]


def prove(piece: Bounds) -> Proved:
    """Prove one piece: how many forms it has, and what was found."""
    cases = read(*piece)
    return len(cases), [finding for case in cases for finding in findings_of(case)]


def spread(pieces: list[Bounds], processes: int) -> Iterator[Proved]:
    """Prove pieces in fresh processes, each with a connection of its own; what they find comes in the order of the pieces.

    Django is set up there before anything of ours is read, and a process that dies ends the proof with an error.
    """
    with ProcessPoolExecutor(processes, get_context("spawn"), django.setup) as pool:
        yield from pool.map(partial(_prove_in, str(connection.settings_dict["NAME"])), pieces)


def _prove_in(database: str, piece: Bounds) -> Proved:
    connection.settings_dict["NAME"] = database  # the caller's, whatever the settings say: a test's is not the configured one
    return prove(piece)
