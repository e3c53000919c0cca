"""What a figure says: shares, limits, whether a change is real. Pure."""

from __future__ import annotations

from math import sqrt

SIGMAS = 3
"""Control limits of a p-chart (Shewhart): a stable process leaves them in about 3 of 1,000 points."""
Z = 1.96
"""Two shares differ really, not by noise, from here on: chance alone does that in 1 of 20 comparisons."""
EXPECTED = 5
"""Fewer expected cases than this in either period: the test does not apply, and we say that nothing can be told. A chart's mean stands on
as many."""


def share(top: float, bottom: float) -> float | None:
    """`top` ÷ `bottom`, None where there is nothing to divide by."""
    return top / bottom if bottom else None


def limits(mean: float, size: float) -> tuple[float, float] | None:
    """Lower and upper control limit of a share of `size` things around `mean` (p-chart: p̄ ± 3·√(p̄(1−p̄)/n)), within 0…1.

    None where the mean says nothing of chance: of things that never or always happened no spread is known.
    """
    if not size or not 0 < mean < 1:
        return None
    spread = SIGMAS * sqrt(mean * (1 - mean) / size)
    return max(0.0, mean - spread), min(1.0, mean + spread)


def verdict(top: float, bottom: float, before_top: float, before_bottom: float) -> str:
    """`real`, `noise`, or `few`: the pooled two-proportion z-test at the 5 % level of two periods' shares.

    `few` where one period has nothing, the shares are no shares (more cases than things), or fewer than five cases are expected.
    """
    if not bottom or not before_bottom:
        return "few"
    pooled = (top + before_top) / (bottom + before_bottom)
    if not 0 < pooled < 1 or min(bottom, before_bottom) * min(pooled, 1 - pooled) < EXPECTED:
        return "few"
    spread = sqrt(pooled * (1 - pooled) * (1 / bottom + 1 / before_bottom))
    return "real" if abs(top / bottom - before_top / before_bottom) >= Z * spread else "noise"


def heat(value: float, most: float) -> int:
    """How much of the most: 0 for nothing, else 1 to 4; the tint of a table's cell."""
    return 0 if not value or not most else min(4, 1 + int(4 * value / most - 1e-9))


def drivers(tops: list[float]) -> tuple[int, float] | None:
    """How few of the largest make up more than half of the whole, and which share: (2, 0.61). None where more than three are needed."""
    whole = sum(tops)
    running = 0.0
    for count, top in enumerate(sorted(tops, reverse=True)[:3], start=1):
        running += top
        if whole and running / whole > 0.5:
            return count, running / whole
    return None
