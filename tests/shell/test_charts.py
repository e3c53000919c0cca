"""Chart geometry: what is missing is a gap, what is out of limits is marked, nothing leaves the frame."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.shell.charts import line_chart, nice_ticks, share, spark


def test_a_missing_value_breaks_the_line() -> None:
    assert len(spark([1, 2, None, 3, 4])["lines"]) == 2


def test_a_flat_line_lies_in_the_middle_and_nothing_draws_nothing() -> None:
    assert spark([5, 5], 100, 20)["end"] == (97, 10)
    assert spark([None, None])["lines"] == []


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=40))
def test_a_sparkline_stays_in_its_frame(values: list[float | None]) -> None:
    for line in spark(values, 96, 24)["lines"]:
        for point in line.split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= 96 and 0 <= y <= 24


@given(st.floats(0, 1e6), st.floats(0.001, 1e6))
def test_ticks_enclose_the_values_and_are_few(low: float, width: float) -> None:
    ticks = nice_ticks(low, low + width)
    assert ticks[0] <= low * 1.000001 and ticks[-1] >= (low + width) * 0.999999
    assert 2 <= len(ticks) <= 12


def test_a_value_outside_its_limits_is_marked() -> None:
    chart = line_chart([("Mon", 0.02, None), ("Tue", 0.05, "/day/"), ("Wed", None, None)], low=0.01, high=0.03, mean=0.02)
    assert [dot["out"] for dot in chart["dots"]] == [False, True]
    assert chart["linked"] is True
    ys = {float(corner.split(",")[1]) for corner in chart["bands"][0].split()}
    assert chart["mean"] == pytest.approx(sum(ys) / len(ys), abs=0.1) and len(ys) == 2


def test_limits_may_follow_each_point_and_stop_where_there_are_none() -> None:
    points = [("Mon", 0.02, None), ("Tue", 0.05, None), ("Wed", 0.05, None), ("Thu", 0.01, None)]
    chart = line_chart(points, low=[0.01, 0.0, None, 0.0], high=[0.03, 0.06, None, 0.02], mean=0.02)
    assert [dot["out"] for dot in chart["dots"]] == [False, False, False, False]
    assert len(chart["bands"]) == 2
    assert [dot["out"] for dot in line_chart(points, low=[0.03] * 4, high=[0.04] * 4)["dots"]] == [True] * 4


def test_share_of_nothing_is_nothing() -> None:
    assert (share(3, 12), share(3, 0), share(None, 5)) == (25.0, 0.0, 0.0)
