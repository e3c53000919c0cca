"""How often a test with two hands at the same instant is played: a few times in `make test`, `HANDOVER_RACES` times in `make soak`."""

from __future__ import annotations

import os


def turns(few: int) -> range:
    """`few` turns, or as many as HANDOVER_RACES says."""
    return range(int(os.environ.get("HANDOVER_RACES", few)))
