"""The roster's writer: the week's cells, stand-ins, leave, last week again, patterns; what is over stays as it was."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from handover.roster import actions
from handover.roster.models import RosterEntry, Shift
from handover.roster.queries import entries_of, next_shift, shift_window, who_is_next, who_is_on
from handover.roster.week import week_of
from tests.handover.plans import SATURDAY, local, make_pattern, make_shift, rostered
from tests.handover.races import race
from tests.turns import turns
from tickets.activity.models import Activity
from tickets.people.actions import deactivate
from tickets.people.models import Member, Presence
from tickets.web.refusals import Refused

SUNDAY = SATURDAY + timedelta(days=1)


def refused(code):
    return pytest.raises(Refused, match=f"^{code}")


@pytest.fixture
def noon(plan):
    return local(plan.cast.team, "2026-11-21 12:00")


def on(member, day=SATURDAY):
    return sorted(RosterEntry.objects.filter(member=member, shift__business_date=day).values_list("shift__name", flat=True))


def test_a_cell_rosters_and_frees_and_tells_presence(plan, noon):
    alice, bob = plan.cast.alice, plan.cast.bob
    actions.set_day(bob, SUNDAY, [plan.day_pattern, plan.night_pattern], by=alice, at=noon, was=[])
    assert on(bob, SUNDAY) == ["Day", "Night"]
    sunday = Shift.objects.get(pattern=plan.day_pattern, business_date=SUNDAY)
    assert Presence.objects.get(member=bob).next_on == sunday.starts_at
    actions.set_day(bob, SUNDAY, [], by=alice, at=noon)
    assert on(bob, SUNDAY) == []
    assert Presence.objects.get(member=bob).next_on is None
    codes = list(Activity.objects.filter(code="roster.day_changed").order_by("id").values_list("data__before", "data__after"))
    assert codes == [([], ["Day", "Night"]), (["Day", "Night"], [])]


def test_a_cell_that_changed_meanwhile_is_stale(plan, noon):
    alice, bob = plan.cast.alice, plan.cast.bob
    actions.set_day(bob, SUNDAY, [plan.day_pattern], by=alice, at=noon, was=[])
    with refused("stale"):
        actions.set_day(bob, SUNDAY, [plan.night_pattern], by=alice, at=noon, was=[])
    assert on(bob, SUNDAY) == ["Day"]


def test_history_is_frozen_and_a_running_shift_changes_from_now_on(plan, noon):
    alice, bob = plan.cast.alice, plan.cast.bob
    entry = rostered(plan.day, bob)
    actions.set_day(bob, SATURDAY, [], by=alice, at=noon)
    entry.refresh_from_db()
    assert entry.span == (plan.day.starts_at, noon), "the morning was worked"
    actions.set_day(plan.cast.carol, SATURDAY, [plan.day_pattern], by=alice, at=noon)
    assert RosterEntry.objects.get(member=plan.cast.carol).span == (noon, plan.day.ends_at)
    evening = plan.day.ends_at
    for member, patterns in ((plan.cast.carol, []), (plan.cast.dan, [plan.day_pattern])):
        with refused("wrong_state"):
            actions.set_day(member, SATURDAY, patterns, by=alice, at=evening)


def test_h2_a_person_on_two_shifts_at_once_is_refused(plan, noon):
    late = make_pattern(plan.cast.team, "Late", "16:00", "22:00")
    with refused("duplicate"):
        actions.set_day(plan.cast.bob, SUNDAY, [plan.day_pattern, late], by=plan.cast.alice, at=noon)
    assert on(plan.cast.bob, SUNDAY) == []


def test_h2_the_database_refuses_an_overlap_and_allows_touching_and_different_people(plan):
    bob, carol = plan.cast.bob, plan.cast.carol
    late = make_shift(make_pattern(plan.cast.team, "Late", "16:00", "22:00"))
    rostered(plan.day, bob)
    rostered(plan.night, bob)
    rostered(late, carol)
    sql = """INSERT INTO handover_rosterentry (team_id, shift_id, member_id, during) VALUES (%s, %s, %s, tstzrange(%s, %s))"""
    values = [bob.team_id, late.pk, bob.pk, late.starts_at, late.ends_at]
    with pytest.raises(IntegrityError, match="roster_entries_of_a_person_do_not_overlap"), transaction.atomic():
        connection.cursor().execute(sql, values)


@pytest.mark.parametrize("change", ["wider", "other_team"])
def test_the_database_keeps_entries_within_their_shift_and_team(plan, change):
    member = plan.cast.mallory if change == "other_team" else plan.cast.bob
    end = plan.day.ends_at + timedelta(hours=1 if change == "wider" else 0)
    with pytest.raises(IntegrityError, match="roster_entry_lies_within_its_shift"), transaction.atomic():
        rostered(plan.day, member, plan.day.starts_at, end)
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_stand_in_splits_the_entry_in_three(plan, noon):
    bob, carol = plan.cast.bob, plan.cast.carol
    entry = rostered(plan.night, bob)
    start, end = plan.night.starts_at + timedelta(hours=2), plan.night.starts_at + timedelta(hours=3)
    piece = actions.stand_in(entry, carol, start, end, by=plan.cast.alice, at=noon)
    spans = list(RosterEntry.objects.filter(shift=plan.night).order_by("during").values_list("member", "during", "instead_of"))
    assert [(m, r.lower, r.upper, i) for m, r, i in spans] == [
        (bob.pk, plan.night.starts_at, start, None),
        (carol.pk, start, end, bob.pk),
        (bob.pk, end, plan.night.ends_at, None),
    ]
    assert piece.member == carol


def test_a_stand_in_wider_than_the_shift_takes_only_the_shift(plan, noon):
    entry = rostered(plan.night, plan.cast.bob)
    wide = plan.night.starts_at - timedelta(hours=3), plan.night.ends_at + timedelta(hours=3)
    actions.stand_in(entry, plan.cast.carol, *wide, by=plan.cast.alice, at=noon)
    only = RosterEntry.objects.get(shift=plan.night)
    assert (only.member, only.span) == (plan.cast.carol, plan.night.span)


def test_two_identical_stand_ins_the_second_fails(plan, noon):
    cast = plan.cast
    entry = rostered(plan.night, cast.bob)
    part = plan.night.starts_at + timedelta(hours=2), plan.night.starts_at + timedelta(hours=3)
    actions.stand_in(entry, cast.carol, *part, by=cast.alice, at=noon)
    for member in (cast.carol, cast.dan):
        with refused("wrong_state"):
            actions.stand_in(entry, member, *part, by=cast.alice, at=noon)
    assert RosterEntry.objects.filter(shift=plan.night).count() == 3


@pytest.mark.parametrize("who", ["olga", "mallory"])
def test_a_stand_in_must_work_here(plan, noon, who):
    entry = rostered(plan.night, plan.cast.bob)
    with refused("wrong_state"):
        actions.stand_in(entry, getattr(plan.cast, who), *plan.night.span, by=plan.cast.alice, at=noon)


def test_who_is_on_and_next_leave_out_whoever_is_away(plan, noon):
    cast = plan.cast
    rostered(plan.day, cast.bob)
    rostered(plan.day, cast.carol)
    rostered(plan.night, cast.dan)
    rostered(plan.night, cast.eve)
    actions.add_absence(cast.carol, noon - timedelta(hours=1), noon + timedelta(hours=1), by=cast.alice, reason="dentist", at=noon)
    actions.add_absence(cast.eve, plan.night.starts_at, plan.night.ends_at, by=cast.alice, at=noon)
    names = lambda entries: [entry.member.display_name for entry in entries]  # noqa: E731
    assert names(who_is_on(cast.team, noon)) == ["Bob"]
    assert names(who_is_on(cast.team, noon + timedelta(hours=1))) == ["Bob", "Carol"], "back: the end is exclusive"
    assert names(who_is_next(cast.team, noon)) == ["Dan"]
    assert names(who_is_on(cast.team, plan.day.ends_at)) == ["Dan"]
    assert next_shift(cast.team, noon) == plan.night
    assert Presence.objects.get(member=cast.carol).next_on == noon + timedelta(hours=1)


def test_leave_twice_is_refused_and_coming_back_ends_it(plan, noon):
    cast = plan.cast
    absence = actions.add_absence(cast.bob, noon, noon + timedelta(days=7), by=cast.alice, at=noon)
    with refused("duplicate"):
        actions.add_absence(cast.bob, noon + timedelta(days=1), noon + timedelta(days=2), by=cast.alice, at=noon)
    with refused("invalid"):
        actions.add_absence(cast.bob, noon, noon, by=cast.alice, at=noon)
    rostered(plan.night, cast.bob)
    assert entries_of(cast.bob, noon).first() is None
    actions.end_absence(absence, by=cast.alice, at=noon + timedelta(hours=1))
    assert entries_of(cast.bob, noon + timedelta(hours=1)).get().shift == plan.night


def test_pieces_of_one_shift_that_touch_are_one_window(plan, noon):
    bob = plan.cast.bob
    middle = plan.day.starts_at + timedelta(hours=4)
    rostered(plan.day, bob, plan.day.starts_at, middle)
    rostered(plan.day, bob, middle, plan.day.ends_at)
    assert shift_window(bob, plan.day.starts_at) == (plan.day, plan.day.starts_at, plan.day.ends_at)


def test_last_week_is_planned_again_as_it_was_planned(plan):
    """Stand-ins and swaps were for once; what is there stays; overlaps and people who left are left out."""
    cast, monday = plan.cast, date(2026, 11, 16)
    before = local(cast.team, "2026-11-20 12:00")
    entry = rostered(plan.night, cast.bob)
    actions.stand_in(entry, cast.carol, plan.night.starts_at + timedelta(hours=1), plan.night.ends_at, by=cast.alice, at=before)
    rostered(plan.day, cast.dan)
    rostered(plan.day, cast.eve)
    deactivate(cast.eve, by=cast.alice, at=plan.day.starts_at)
    make_shift(plan.day_pattern, SATURDAY + timedelta(days=7))
    actions.set_day(cast.dan, SATURDAY + timedelta(days=7), [plan.day_pattern], by=cast.alice, at=before)
    copied, left_out = actions.copy_week(cast.team, monday + timedelta(days=7), by=cast.alice, at=before)
    next_saturday = RosterEntry.objects.filter(shift__business_date=SATURDAY + timedelta(days=7))
    assert {(e.member, e.shift.name, e.span == e.shift.span) for e in next_saturday} == {
        (cast.bob, "Night", True),
        (cast.dan, "Day", True),
    }
    assert (copied, left_out) == (1, 1)
    assert actions.copy_week(cast.team, monday + timedelta(days=7), by=cast.alice, at=before)[0] == 0


def test_shifts_are_made_once_and_only_ahead(plan):
    at = local(plan.cast.team, "2026-11-21 12:00")
    first = actions.materialise(plan.cast.team, at=at, weeks=2)
    assert first > 0
    assert actions.materialise(plan.cast.team, at=at, weeks=2) == 0
    assert not Shift.objects.filter(ends_at__lte=at).exists(), "no history is made up"
    days = Shift.objects.filter(pattern=plan.night_pattern).values_list("business_date", flat=True)
    assert {SATURDAY + timedelta(days=number) for number in range(15)} == set(days)


def test_a_changed_pattern_changes_only_the_future(plan, noon):
    cast = plan.cast
    actions.materialise(cast.team, at=noon, weeks=2)
    worked, coming = rostered(plan.day, cast.bob), Shift.objects.get(pattern=plan.day_pattern, business_date=SUNDAY)
    ahead = rostered(coming, cast.bob)
    half = rostered(coming, cast.carol, coming.starts_at, coming.starts_at + timedelta(hours=1))
    actions.change_pattern(plan.day_pattern, by=cast.alice, at=noon, starts=local(cast.team, "2026-11-22 02:00").time().replace(hour=10))
    worked.refresh_from_db()
    ahead.refresh_from_db()
    plan.day.refresh_from_db()
    coming.refresh_from_db()
    assert plan.day.starts_at == worked.during.lower == local(cast.team, "2026-11-21 09:00")
    assert coming.starts_at == ahead.during.lower == local(cast.team, "2026-11-22 10:00")
    assert not RosterEntry.objects.filter(pk=half.pk).exists(), "that hour is not part of the shift any more"


def test_a_pattern_moved_by_a_whole_day_moves_all_its_people_at_once(plan, noon):
    """Each entry comes to lie where the next one was: the constraint looks at the end of the statement."""
    cast = plan.cast
    pattern = make_pattern(cast.team, "Always", "00:00", "00:00")
    actions.materialise(cast.team, at=noon, weeks=1)
    for shift in Shift.objects.filter(pattern=pattern, starts_at__gt=noon):
        rostered(shift, cast.bob)
    eight = local(cast.team, "2026-11-22 08:00").astimezone(cast.team.zone).time()
    actions.change_pattern(pattern, by=cast.alice, at=noon, starts=eight, ends=eight)
    spans = [entry.span for entry in RosterEntry.objects.filter(member=cast.bob).order_by("during")]
    assert all(earlier[1] == later[0] for earlier, later in itertools.pairwise(spans))
    assert spans[0][0] == local(cast.team, "2026-11-22 08:00")


def test_a_change_that_puts_somebody_on_two_shifts_is_refused_whole(plan, noon):
    cast = plan.cast
    actions.materialise(cast.team, at=noon, weeks=1)
    actions.set_day(cast.bob, SUNDAY, [plan.day_pattern, plan.night_pattern], by=cast.alice, at=noon)
    with refused("duplicate"):
        actions.change_pattern(plan.day_pattern, by=cast.alice, at=noon, ends=plan.night_pattern.starts.replace(hour=18))
    sunday = Shift.objects.get(pattern=plan.day_pattern, business_date=SUNDAY)
    assert sunday.ends_at == local(cast.team, "2026-11-22 17:00")


def test_a_pattern_out_of_use_has_no_shifts_to_come(plan, noon):
    cast = plan.cast
    actions.materialise(cast.team, at=noon, weeks=1)
    actions.set_day(cast.bob, SUNDAY, [plan.day_pattern], by=cast.alice, at=noon)
    actions.change_pattern(plan.day_pattern, by=cast.alice, at=noon, is_active=False)
    assert list(Shift.objects.filter(pattern=plan.day_pattern)) == [plan.day]
    assert Presence.objects.get(member=cast.bob).next_on is None
    assert actions.materialise(cast.team, at=noon, weeks=1) == 0


def test_a_gap_and_an_empty_shift_are_two_flags(plan, noon):
    cast = plan.cast
    rostered(plan.day, cast.wen)
    found = week_of(cast.team, date(2026, 11, 16), noon)
    flags = {covered.shift.name: (bool(covered.gap), bool(covered.empty)) for covered in found.lacking}
    assert flags == {"Day": (False, True), "Night": (True, False)}, "the warehouse cannot take customers' matters"
    rostered(plan.day, cast.bob)
    rostered(plan.night, cast.bob)
    assert week_of(cast.team, date(2026, 11, 16), noon).lacking == []
    actions.add_absence(cast.bob, plan.night.starts_at, plan.night.ends_at, by=cast.alice, at=noon)
    assert [c.shift.name for c in week_of(cast.team, date(2026, 11, 16), noon).lacking] == ["Night"]


def test_whoever_leaves_is_on_no_shift_to_come(plan, noon):
    cast = plan.cast
    rostered(plan.night, cast.bob)
    worked = rostered(plan.day, cast.bob)
    deactivate(cast.bob, by=cast.alice, at=noon)
    assert list(RosterEntry.objects.filter(member=cast.bob)) == [worked]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", turns(1))
def test_h2_two_stand_ins_at_once_are_one(plan, noon, turn):
    """Real connections; whoever comes second finds that part taken."""
    cast = plan.cast
    entry = rostered(plan.night, cast.bob)
    part = plan.night.starts_at + timedelta(hours=1), plan.night.starts_at + timedelta(hours=2)
    results = race(lambda who: actions.stand_in(entry, who, *part, by=cast.alice, at=noon), [cast.carol, cast.carol, cast.dan])
    assert results == ["won", "wrong_state", "wrong_state"]
    assert RosterEntry.objects.filter(shift=plan.night).count() == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", turns(1))
def test_h2_two_planners_at_once_and_a_person_is_on_one_shift_once(plan, noon, turn):
    late = make_pattern(plan.cast.team, "Late", "16:00", "22:00")
    cells = [plan.day_pattern, late, plan.day_pattern]
    results = race(lambda cell: actions.set_day(plan.cast.bob, SUNDAY, [cell], by=plan.cast.alice, at=noon, was=[]), cells)
    assert results == ["stale", "stale", "won"]
    assert len(on(plan.cast.bob, SUNDAY)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_clocks_make_each_shift_once(plan, noon):
    race(lambda _place: actions.materialise(plan.cast.team, at=noon, weeks=2), range(3))
    assert Shift.objects.filter(pattern=plan.day_pattern).count() == 15


@pytest.mark.parametrize(
    ("zone", "change"), [("America/New_York", "2026-11-01"), ("Australia/Lord_Howe", "2026-10-04"), ("Australia/Lord_Howe", "2027-04-04")]
)
def test_h1_made_shifts_hand_over_once_across_a_change_of_the_clocks(plan, zone, change):
    team = plan.cast.other_team
    team.time_zone = zone
    team.save()
    for name, starts, ends in (("A", "02:15", "10:00"), ("B", "10:00", "18:00"), ("C", "18:00", "02:15")):
        make_pattern(team, name, starts, ends)
    at = local(team, f"{change} 12:00") - timedelta(days=3)
    actions.materialise(team, at=at, weeks=1)
    shifts = list(Shift.objects.filter(team=team).order_by("starts_at"))
    assert len(shifts) > 20
    assert all(earlier.ends_at == later.starts_at for earlier, later in itertools.pairwise(shifts))
    assert {shift.ends_at - shift.starts_at for shift in shifts} > {timedelta(hours=8)}, "one of them is longer or shorter"


def test_nobody_is_rostered_who_has_left_since_they_were_read(plan, noon):
    """Whoever plans has read the person before."""
    as_read = Member.objects.select_related("team").get(pk=plan.cast.bob.pk)
    deactivate(plan.cast.bob, by=plan.cast.alice, at=noon)
    with refused("wrong_state"):
        actions.assign(as_read, plan.night, by=plan.cast.alice, at=noon)
    with refused("wrong_state"):
        actions.set_day(as_read, plan.night.business_date, [plan.night.pattern], by=plan.cast.alice, at=noon)
    assert not as_read.roster.exists()
