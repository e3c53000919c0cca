"""What a figure says, with answers known from elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.report import rules


def test_control_limits_of_a_textbook_p_chart():
    """p̄ = 0.10, n = 100: limits 0.01 and 0.19 (0.1 ± 3·0.03)."""
    low, high = rules.limits(0.10, 100)
    assert (low, high) == (pytest.approx(0.01), pytest.approx(0.19))
    assert rules.limits(0.02, 50)[0] == 0.0
    assert rules.limits(0.1, 0) is None
    assert rules.limits(0.0, 100) is None, "what never happened has no known spread: its first case is not out of control"


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        ((18, 1000), (24, 1000), "noise"),
        ((180, 10_000), (240, 10_000), "real"),
        ((1, 60), (3, 60), "few"),
        ((0, 0), (3, 60), "few"),
        ((50, 1000), (50, 1000), "noise"),
    ],
)
def test_a_change_is_real_noise_or_too_small_to_tell(now, before, said):
    assert rules.verdict(*now, *before) == said


def test_the_test_is_wrong_in_one_of_twenty():
    """Two periods of one and the same process: called real in about 5 % of draws."""
    import random

    draw = random.Random(4)
    wrong = sum(
        rules.verdict(sum(draw.random() < 0.05 for _ in range(400)), 400, sum(draw.random() < 0.05 for _ in range(400)), 400) == "real"
        for _ in range(600)
    )
    assert 0.02 < wrong / 600 < 0.08


def test_what_drives_it():
    assert rules.drivers([30, 31, 20, 19]) == (2, pytest.approx(0.61))
    assert rules.drivers([9, 1]) == (1, pytest.approx(0.9))
    assert rules.drivers([1] * 10) is None
    assert rules.drivers([]) is None


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.data())
def test_swapping_the_periods_changes_no_verdict(size, other, data):
    top, before = data.draw(st.integers(0, size)), data.draw(st.integers(0, other))
    assert rules.verdict(top, size, before, other) == rules.verdict(before, other, top, size)
