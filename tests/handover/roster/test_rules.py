"""H1: wall clocks become instants; daylight saving neither loses nor repeats a handover."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.roster import rules

NEW_YORK, LORD_HOWE, SHANGHAI, SAO_PAULO, APIA = map(
    ZoneInfo, ("America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "America/Sao_Paulo", "Pacific/Apia")
)
ZONES = [
    "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Europe/London", "Asia/Kolkata", "America/Havana",
    "Pacific/Apia", "Africa/Cairo", "America/St_Johns", "Asia/Beirut", "Antarctica/Troll",
]  # fmt: skip


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_h1_night_crosses_midnight():
    assert rules.shift_span(date(2026, 11, 21), time(22), time(8), SHANGHAI) == (utc(2026, 11, 21, 14), utc(2026, 11, 22, 0))


def test_h1_start_is_inclusive_and_end_exclusive():
    start, end = rules.shift_span(date(2026, 11, 21), time(20), time(8), SHANGHAI)
    on = lambda at: start <= at < end  # noqa: E731
    assert on(utc(2026, 11, 21, 13)) and on(utc(2026, 11, 21, 23)), "21:00 and 07:00 the next day"
    assert not on(utc(2026, 11, 22, 1)), "09:00"
    assert on(start) and not on(end)


def test_h1_nonexistent_half_past_two_is_the_instant_of_the_leap():
    assert rules.instant(date(2026, 3, 8), time(2, 30), NEW_YORK) == utc(2026, 3, 8, 7)


def test_h1_nonexistent_half_past_two_gives_one_handover():
    evening = rules.shift_span(date(2026, 3, 7), time(18), time(2, 30), NEW_YORK)
    morning = rules.shift_span(date(2026, 3, 8), time(2, 30), time(10), NEW_YORK)
    assert evening[1] == morning[0] == utc(2026, 3, 8, 7)


def test_h1_repeated_half_past_one_is_its_first_and_gives_one_handover():
    evening = rules.shift_span(date(2026, 10, 31), time(18), time(1, 30), NEW_YORK)
    morning = rules.shift_span(date(2026, 11, 1), time(1, 30), time(10), NEW_YORK)
    assert evening[1] == morning[0] == utc(2026, 11, 1, 5, 30)


def test_h1_lord_howe_moves_by_half_an_hour():
    assert rules.instant(date(2026, 10, 4), time(2, 15), LORD_HOWE) == utc(2026, 10, 3, 15, 30), "leaps from 2:00 to 2:30"
    assert rules.instant(date(2026, 4, 5), time(1, 45), LORD_HOWE) == utc(2026, 4, 4, 14, 45), "1:45 comes twice"
    night = rules.shift_span(date(2026, 10, 3), time(22), time(6), LORD_HOWE)
    assert night[1] - night[0] == timedelta(hours=7, minutes=30)


@pytest.mark.parametrize("first", [date(2026, 3, 2), date(2026, 10, 26)])
def test_h1_weekly_shift_keeps_local_midnight_across_the_change(first):
    edges = [rules.instant(first + timedelta(weeks=number), time(), NEW_YORK) for number in range(4)]
    assert [edge.astimezone(NEW_YORK).time() for edge in edges] == [time()] * 4
    lengths = {later - earlier for earlier, later in itertools.pairwise(edges)}
    assert lengths == {timedelta(days=7), timedelta(days=7, hours=-1 if first.month == 3 else 1)}


def test_h1_midnight_that_does_not_exist():
    """São Paulo used to leap at midnight: the day began at one o'clock."""
    before = rules.shift_span(date(2018, 11, 3), time(16), time(0), SAO_PAULO)
    after = rules.shift_span(date(2018, 11, 4), time(0), time(8), SAO_PAULO)
    assert before[1] == after[0] == utc(2018, 11, 4, 3)


def test_h1_a_day_that_does_not_exist_has_no_shift():
    """Samoa went from 29 to 31 December 2011."""
    assert rules.shift_span(date(2011, 12, 30), time(9), time(17), APIA) is None
    night = rules.shift_span(date(2011, 12, 29), time(22), time(6), APIA)
    after = rules.shift_span(date(2011, 12, 30), time(22), time(6), APIA)
    assert night[1] == after[0] == rules.instant(date(2011, 12, 31), time(), APIA)


@given(
    zone=st.sampled_from(ZONES),
    start=st.dates(date(2005, 1, 1), date(2035, 12, 1)),
    cuts=st.lists(st.times().map(lambda t: t.replace(microsecond=0)), min_size=1, max_size=5, unique=True),
)
def test_h1_patterns_that_fill_a_day_fill_every_day_without_hole_or_overlap(zone, start, cuts):
    """Whatever the zone and the day: each end is the next start, so one handover each."""
    cuts, tz = sorted(cuts), ZoneInfo(zone)
    spans = []
    for number in range(5):
        day = start + timedelta(days=number)
        for place, cut in enumerate(cuts):
            spans.append(rules.shift_span(day, cut, cuts[(place + 1) % len(cuts)], tz))
    real = [span for span in spans if span]
    assert all(earlier[1] == later[0] for earlier, later in itertools.pairwise(real))
    assert all(span[0] < span[1] for span in real)


@given(zone=st.sampled_from(ZONES), day=st.dates(date(2005, 1, 1), date(2035, 12, 1)), walls=st.lists(st.times(), min_size=2, max_size=6))
def test_h1_a_later_wall_time_never_comes_first(zone, day, walls):
    instants = [rules.instant(day, wall.replace(microsecond=0), ZoneInfo(zone)) for wall in sorted(walls)]
    assert instants == sorted(instants)


@given(zone=st.sampled_from(ZONES), day=st.dates(date(2005, 1, 1), date(2035, 12, 1)), wall=st.times())
def test_h1_an_existing_wall_time_is_what_the_clock_then_shows(zone, day, wall):
    asked, tz = datetime.combine(day, wall.replace(microsecond=0)), ZoneInfo(zone)
    found = rules.instant(day, asked.time(), tz)
    shown, before = (at.astimezone(tz).replace(tzinfo=None) for at in (found, found - timedelta(seconds=1)))
    assert shown == asked or before < asked < shown, "the wall time, or else the instant at which the clocks leap over it"


def at(hour: float) -> datetime:
    return utc(2026, 11, 21) + timedelta(hours=hour)


def test_overlap_of_22_02_and_21_23_but_not_of_15_20_and_20_01():
    assert rules.overlap((at(22), at(26)), (at(21), at(23))) == (at(22), at(23))
    assert rules.overlap((at(15), at(20)), (at(20), at(25))) is None


def test_override_inside_splits_in_three():
    stays, taken = rules.split((at(9), at(17)), (at(12), at(13)))
    assert (stays, taken) == ([(at(9), at(12)), (at(13), at(17))], (at(12), at(13)))


def test_override_wider_than_the_shift_takes_only_the_shift():
    assert rules.split((at(9), at(17)), (at(8), at(20))) == ([], (at(9), at(17)))


def test_override_beside_the_shift_takes_nothing():
    assert rules.split((at(9), at(17)), (at(17), at(20))) == ([(at(9), at(17))], None)


HOURS = st.tuples(st.integers(0, 48), st.integers(1, 24)).map(lambda pair: (at(pair[0]), at(pair[0] + pair[1])))


@given(entry=HOURS, override=HOURS)
def test_a_split_covers_exactly_what_was_there(entry, override):
    stays, taken = rules.split(entry, override)
    assert rules.merged([*stays, *([taken] if taken else [])]) == [entry]
    assert all(rules.overlap(piece, taken) is None for piece in stays if taken)


@given(span=HOURS, taken=st.lists(HOURS, max_size=5))
def test_subtracting_leaves_no_instant_of_the_others(span, taken):
    left = rules.subtract(span, taken)
    hours = {h for h in range(72) if span[0] <= at(h) < span[1] and not any(a <= at(h) < b for a, b in taken)}
    assert {h for h in range(72) if any(a <= at(h) < b for a, b in left)} == hours


def test_nobody_rostered_is_a_gap_and_an_unsuitable_person_an_empty_shift():
    shift = (at(9), at(17))
    assert (rules.gaps(shift, []), rules.empty_times(shift, [], [])) == ([shift], [])
    assert (rules.gaps(shift, [shift]), rules.empty_times(shift, [shift], [])) == ([], [shift])
    assert (rules.gaps(shift, [shift]), rules.empty_times(shift, [shift], [shift])) == ([], [])
    half = (at(9), at(13))
    assert rules.gaps(shift, [half]) == [(at(13), at(17))]
    assert rules.fewest(shift, [shift, half]) == 1
    assert rules.fewest(shift, [half]) == 0


def test_letters_are_those_of_the_names_and_never_two_the_same():
    found = rules.letters([(1, "", "Day"), (2, "", "Dusk"), (3, "N", "Night"), (4, "", "早班"), (5, "", "Day")])
    assert found == {1: "D", 2: "Du", 3: "N", 4: "早", 5: "Da"}
