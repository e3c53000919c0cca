"""Times as people type them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tickets.web.when import read_when

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # Sat 12:00 in Shanghai


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("19:30", "2026-11-21 19:30"),
        ("1930", "2026-11-21 19:30"),
        ("9:05", "2026-11-22 09:05"),
        ("0905", "2026-11-22 09:05"),
        ("12:00", "2026-11-22 12:00"),
        ("24:00", "2026-11-22 00:00"),
        ("7pm", "2026-11-21 19:00"),
        ("12am", "2026-11-22 00:00"),
        ("18点", "2026-11-21 18:00"),
        ("18点30分", "2026-11-21 18:30"),
        ("１８：３０", "2026-11-21 18:30"),
        ("+2h", "2026-11-21 14:00"),
        ("30m", "2026-11-21 12:30"),
        ("1h30m", "2026-11-21 13:30"),
        ("2小时", "2026-11-21 14:00"),
        ("3d", "2026-11-24 12:00"),
        ("tomorrow", "2026-11-22 09:00"),
        ("tomorrow 10", "2026-11-22 10:00"),
        ("明天10点", "2026-11-22 10:00"),
        ("明晚8点", "2026-11-22 20:00"),
        ("今晚 8:30", "2026-11-21 20:30"),
        ("后天 14:00", "2026-11-23 14:00"),
        ("mon 9:00", "2026-11-23 09:00"),
        ("sat 9:00", "2026-11-28 09:00"),
        ("周一 9点", "2026-11-23 09:00"),
        ("11-24 09:00", "2026-11-24 09:00"),
        ("11月24日 9点", "2026-11-24 09:00"),
        ("24.11. 09:00", "2026-11-24 09:00"),
        ("1-5", "2027-01-05 09:00"),
        ("2026-11-24T09:00", "2026-11-24 09:00"),
        ("2026-11-24 09:00", "2026-11-24 09:00"),
    ],
)
def test_reads_what_people_type(typed, meant):
    assert read_when(typed, NOW, SHANGHAI).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") == meant


@pytest.mark.parametrize("typed", ["", "soon", "25:00", "19:75", "13pm", "13-45 09:00", "later 19:30", "+", "1:2:3", "99999999999999"])
def test_leaves_what_it_cannot_read(typed):
    assert read_when(typed, NOW, SHANGHAI) is None


def test_a_program_may_name_its_offset():
    assert read_when("2026-11-24T09:00:00Z", NOW, SHANGHAI) == datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
@pytest.mark.parametrize("typed", ["0001-01-01 00:00", "0001/1/1 00:30", "9999-12-31 23:59", "9999-12-31 24:00", "31.12.9999 24:00"])
def test_the_ends_of_the_calendar_are_no_time(typed: str, zone: str) -> None:
    assert read_when(typed, NOW, ZoneInfo(zone)) is None


def test_29_february_is_the_next_one_there_is() -> None:
    assert read_when("2-29", NOW, SHANGHAI) == datetime(2028, 2, 29, 1, tzinfo=UTC)
    assert read_when("2-30", NOW, SHANGHAI) is None
