"""Where the lines of a chart go: from values to SVG coordinates. No style, no colour, no words."""

from collections.abc import Callable, Sequence
from math import ceil, floor, log10
from typing import Any

Value = float | None


def _runs(points: Sequence[tuple[float, Value]]) -> list[str]:
    """SVG polylines of the points; a missing value breaks the line instead of pretending a zero."""
    runs: list[list[str]] = [[]]
    for x, y in points:
        if y is None:
            runs.append([])
        else:
            runs[-1].append(f"{x:.1f},{y:.1f}")
    return [" ".join(run) for run in runs if run]


def spark(values: Sequence[Value], width: int = 96, height: int = 24, pad: int = 3) -> dict:
    """The line of a sparkline, from its own least to its own greatest value; a flat line lies in the middle."""
    known = [float(v) for v in values if v is not None]
    if not known:
        return {"lines": [], "area": "", "end": None}
    low, high = min(known), max(known)
    step = (width - 2 * pad) / max(len(values) - 1, 1)

    def y(value: float) -> float:
        return height / 2 if high == low else height - pad - (float(value) - low) / (high - low) * (height - 2 * pad)

    points = [(pad + i * step, None if v is None else y(v)) for i, v in enumerate(values)]
    drawn = [(x, p) for x, p in points if p is not None]
    area = "M" + " L".join(f"{x:.1f},{p:.1f}" for x, p in drawn) + f" L{drawn[-1][0]:.1f},{height} L{drawn[0][0]:.1f},{height} Z"
    end = (round(drawn[-1][0], 1), round(drawn[-1][1], 1))
    return {"lines": _runs(points), "area": area if len(drawn) == len(points) and len(drawn) > 1 else "", "end": end}


def share(value: Value, most: Value) -> float:
    """`value` as a percentage of `most`, 0 to 100, with one digit; 0 where there is nothing."""
    return round(100 * float(value) / float(most), 1) if value and most else 0.0


def nice_ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round figures (1, 2, 5 × a power of ten) that enclose low…high."""
    if high <= low:
        high = low + 1
    raw = (high - low) / about
    power = 10 ** floor(log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.999)
    first, last = floor(low / step), ceil(high / step)
    return [round(i * step, 10) for i in range(first, last + 1)]


def line_chart(
    points: Sequence[tuple[Any, ...]],
    width: int = 720,
    height: int = 200,
    low: Value | Sequence[Value] = None,
    high: Value | Sequence[Value] = None,
    mean: Value = None,
    target: Value = None,
) -> dict:
    """Coordinates of a time line with its axis ticks, mean, target and control limits; `out` marks what lies outside the limits.

    A point is its label, its value, and, where known, what it links to, whether so few stand behind it that it is drawn as a doubt, and
    how its value reads.

    `low` and `high` may be one value each, or one for every point (limits that follow the size of a sample).
    """
    lows, highs = _limits(low, len(points)), _limits(high, len(points))
    mean = None if mean is None else float(mean)
    target = None if target is None else float(target)
    values = [None if p[1] is None else float(p[1]) for p in points]
    seen = [v for v in [*values, *lows, *highs, mean, target] if v is not None] or [0.0]
    ticks = nice_ticks(min(0.0, *seen), max(seen))
    left, right, top, bottom = 52, width - 12, 10, height - 26
    step = (right - left) / max(len(points) - 1, 1)

    def y(value: float) -> float:
        return round(bottom - (value - ticks[0]) / (ticks[-1] - ticks[0]) * (bottom - top), 1)

    xs = [round(left + i * step, 1) for i in range(len(points))]
    every = max(1, ceil(len(points) / 8))
    return {
        "left": left,
        "linked": any(len(p) > 2 and p[2] for p in points),
        "right": right,
        "digits": 1 if ticks[-1] - ticks[0] >= 0.02 else 2,
        "ticks": [{"value": t, "y": y(t)} for t in ticks],
        "lines": _runs([(x, None if v is None else y(v)) for x, v in zip(xs, values, strict=True)]),
        "bands": _bands(xs, lows, highs, y),
        "mean": None if mean is None else y(mean),
        "target": None if target is None else y(target),
        "dots": [
            {
                "x": x,
                "y": y(v),
                "value": v,
                "label": p[0],
                "href": p[2] if len(p) > 2 else None,
                "out": _outside(v, least, most),
                "few": len(p) > 3 and p[3],
                "text": p[4] if len(p) > 4 else "",
            }
            for x, v, p, least, most in zip(xs, values, points, lows, highs, strict=True)
            if v is not None
        ],
        "labels": [{"x": min(x, width - 16), "label": p[0]} for i, (x, p) in enumerate(zip(xs, points, strict=True)) if i % every == 0],
    }


def _limits(limit: Value | Sequence[Value], count: int) -> list[Value]:
    if limit is None or isinstance(limit, int | float):
        return [None if limit is None else float(limit)] * count
    return [None if v is None else float(v) for v in limit] if isinstance(limit, Sequence) else [float(limit)] * count


def _bands(xs: Sequence[float], lows: Sequence[Value], highs: Sequence[Value], y: Callable[[float], float]) -> list[str]:
    """SVG polygons between the limits, in steps halfway between the points; a point without limits interrupts them."""
    half = (xs[1] - xs[0]) / 2 if len(xs) > 1 else 4
    found: list[str] = []
    upper: list[str] = []
    lower: list[str] = []
    for x, low, high in [*zip(xs, lows, highs, strict=True), (0.0, None, None)]:
        if low is None or high is None:
            if upper:
                found.append(" ".join([*upper, *reversed(lower)]))
            upper, lower = [], []
            continue
        left, right = max(xs[0], x - half), min(xs[-1], x + half)
        upper += [f"{left:.1f},{y(high)}", f"{right:.1f},{y(high)}"]
        lower += [f"{left:.1f},{y(low)}", f"{right:.1f},{y(low)}"]
    return found


def _outside(value: float, low: Value, high: Value) -> bool:
    return (low is not None and value < low) or (high is not None and value > high)
