"""Quiet hours on wall clocks, and when to try again."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.message.rules import FIRST_WAIT, LONGEST_WAIT, TOPIC_OF, after_quiet, backoff
from tickets.activity.telling import SENTENCES

SHANGHAI, LONDON = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/London")


def at(zone: ZoneInfo, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=zone).astimezone(UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ((22, 59), (21, 22, 59)),
        ((23, 0), (22, 7, 30)),
        ((23, 59), (22, 7, 30)),
        ((0, 0), (21, 7, 30)),
        ((7, 29), (21, 7, 30)),
        ((7, 30), (21, 7, 30)),
    ],
)
def test_quiet_hours_cross_midnight_begin_inclusive_and_end_exclusive(now: tuple[int, int], then: tuple[int, int, int]) -> None:
    found = after_quiet(at(SHANGHAI, 2026, 11, 21, *now), SHANGHAI, time(23), time(7, 30))
    assert found == at(SHANGHAI, 2026, 11, *then)


def test_within_a_day_and_none() -> None:
    noon = at(SHANGHAI, 2026, 11, 21, 12, 30)
    assert after_quiet(noon, SHANGHAI, time(12), time(14)) == at(SHANGHAI, 2026, 11, 21, 14)
    assert after_quiet(noon, SHANGHAI, None, None) == noon
    assert after_quiet(noon, SHANGHAI, time(9), time(9)) == noon


def test_quiet_until_a_time_that_summer_time_leaves_out_or_repeats() -> None:
    spring = after_quiet(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), LONDON, time(23), time(1, 30))
    assert spring == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 01:30 does not exist; the clock then shows 02:30
    autumn = after_quiet(datetime(2026, 10, 24, 23, 30, tzinfo=UTC), LONDON, time(23), time(1, 30))
    assert autumn == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # the first 01:30


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.times(), st.times())  # noqa: DTZ001
def test_it_is_never_earlier_nor_more_than_a_day_and_an_hour_later(naive: datetime, start: time, end: time) -> None:
    now = naive.replace(tzinfo=UTC)
    found = after_quiet(now, LONDON, start, end)
    assert now <= found <= now + timedelta(hours=25)


@given(st.integers(1, 500), st.floats(0, 0.999))
def test_waits_grow_and_stay_within_a_minute_and_half_an_hour(attempts: int, chance: float) -> None:
    assert FIRST_WAIT <= backoff(attempts, chance) <= LONGEST_WAIT
    assert backoff(attempts + 1, chance) >= backoff(attempts, chance)


def test_every_code_that_is_told_outside_has_words() -> None:
    from handover.message.wording import composers

    assert {code for code in TOPIC_OF if code not in SENTENCES and code not in composers} <= {"report.ready", "webhook.disabled"}
