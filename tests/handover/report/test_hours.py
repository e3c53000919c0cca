"""D3: the pressure's roll-up equals a count by hand, hour by hour, in any zone, whatever was corrected, whatever period is read."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from handover.duty.models import Duty
from handover.report import counting, pressure
from handover.report.asking import read
from handover.report.models import HourFigure, StaleDay
from tests.cast import Cast, make_cast
from tests.handover.report.history import START, History
from tickets.activity.models import Activity
from tickets.people.models import Member, Team
from tickets.ticket import actions
from tickets.ticket.models import Ticket

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SERVES = {"agent", "after_sale"}


def in_zone(name: str) -> Cast:
    cast = make_cast()
    Team.objects.filter(pk=cast.team.pk).update(time_zone=name)
    cast.team.refresh_from_db()
    return cast


def work(member: Member, start: datetime, minutes: int, *, ended: bool = True) -> Duty:
    end = start + minutes * MINUTE
    done = {"ended_at": end, "ended_by": member, "end": "signed"} if ended else {}
    return Duty.objects.create(
        team=member.team, member=member, started_at=start, started_by=member, lapses_at=end if not ended else end + HOUR, **done
    )


def by_hand(cast: Cast) -> Counter[tuple]:
    """(fact, day, hour, dimension, key) → how many; of people on duty how many minutes, told minute by minute."""
    zone, found = cast.team.zone, Counter()

    def add(fact: str, at: datetime, places: dict[str, object]) -> None:
        local = at.astimezone(zone)
        for dim, key in {"": "", **places}.items():
            found[(fact, local.date(), local.hour, dim, str(key))] += 1

    for ticket in Ticket.objects.filter(team=cast.team).exclude(status="merged"):
        places = {"member": ticket.holder_id or 0, "reason": ticket.reason_id or 0, "channel": ticket.channel}
        add("matters", ticket.opened_at, places)
    for told in Activity.objects.filter(team=cast.team, code="ticket.contacted").select_related("ticket"):
        places = {"member": told.actor_id or 0, "reason": told.ticket.reason_id or 0, "channel": told.ticket.channel}
        add("contacts", told.at, places)
    for duty in Duty.objects.filter(team=cast.team).select_related("member"):
        at = duty.started_at
        while SERVES & set(duty.member.roles) and at < (duty.ended_at or duty.lapses_at):
            add("present", at, {"member": duty.member_id})
            at += MINUTE
    return found


def stored(cast: Cast, grain: str) -> Counter[tuple]:
    found: Counter[tuple] = Counter()
    for row in HourFigure.objects.filter(team=cast.team, grain=grain, dim__in=["", "member", "reason", "channel"]):
        assert grain != "d" or row.weekday == row.day.isoweekday()
        for hour, n in enumerate(row.hours):
            worth = n / 60 if row.fact == "present" else n
            found[(row.fact, row.day if grain == "d" else (row.day, row.weekday), hour, row.dim, row.key)] += worth
    return +found


def rolled(expected: Counter[tuple], first_of) -> Counter[tuple]:
    found: Counter[tuple] = Counter()
    for (fact, day, *place), n in expected.items():
        found[(fact, (first_of(day), day.isoweekday()), *place)] += n
    return found


@pytest.mark.parametrize(
    ("seed", "zone"),
    [(1, "Asia/Shanghai"), (2, "America/New_York"), (3, "Asia/Kathmandu"), (4, "Australia/Lord_Howe")],
)
def test_d3_every_hour_equals_a_count_by_hand(seed, zone):
    cast = in_zone(zone)
    history = History(cast, seed)
    for number in range(70):
        history.step()
        if number % 5 == 0:
            started = START + timedelta(minutes=history.random.randrange(60 * 24 * 40))
            work(history.random.choice(history.people), started, history.random.randrange(700), ended=number != 5)
        if number % 20 == 7:
            Ticket.objects.filter(pk__in=Ticket.objects.order_by("?").values("pk")[:3]).update(channel="phone")
            counting.count_stale()
    counting.count_stale()
    expected = by_hand(cast)
    assert stored(cast, "d") == expected
    assert stored(cast, "m") == rolled(expected, lambda day: day.replace(day=1))
    assert stored(cast, "y") == rolled(expected, lambda day: date(day.year, 1, 1))
    assert counting.recount(cast.team, write=False) == {}


@pytest.mark.parametrize(("day", "expected"), [("2026-11-01", [60, 120, 60]), ("2026-03-08", [60, 60, 0])])
def test_a_night_of_25_or_23_hours_loses_and_repeats_nobody(day, expected):
    """New York, on duty from midnight to six: one hour comes twice, or not at all."""
    cast = in_zone("America/New_York")
    midnight = datetime.fromisoformat(day).replace(tzinfo=cast.team.zone)
    six = midnight.replace(hour=6)
    work(cast.bob, midnight.astimezone(UTC), int((six.astimezone(UTC) - midnight.astimezone(UTC)) / MINUTE))
    counting.count_stale()
    found = HourFigure.objects.get(team=cast.team, fact="present", dim="", grain="d").hours
    assert [seconds // 60 for seconds in found[:3]] == expected and found[3:7] == [3600, 3600, 3600, 0]


def test_who_ceases_to_serve_customers_is_taken_from_the_past():
    cast = make_cast()
    duties = [work(cast.bob, START, 90), work(cast.carol, START, 60)]
    counting.count_stale()
    assert sum(HourFigure.objects.get(fact="present", dim="", grain="y").hours) == 150 * 60
    Member.objects.filter(pk=duties[0].member_id).update(roles=["warehouse"])
    counting.count_stale()
    assert sum(HourFigure.objects.get(fact="present", dim="", grain="y").hours) == 60 * 60
    assert counting.recount(cast.team, write=False) == {}


def test_a_duty_that_ends_early_is_taken_from_the_days_it_would_have_reached():
    cast = make_cast()
    late = datetime(2026, 10, 1, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
    duty = work(cast.bob, late, 600, ended=False)
    counting.count_stale()
    assert HourFigure.objects.filter(fact="present", dim="", grain="d").count() == 2
    Duty.objects.filter(pk=duty.pk).update(until=late)
    assert not StaleDay.objects.filter(source="present").exists(), "when it was meant to end counts for nothing"
    Duty.objects.filter(pk=duty.pk).update(ended_at=late + HOUR, ended_by=cast.bob, end="signed")
    counting.count_stale()
    assert HourFigure.objects.get(fact="present", dim="", grain="d").day == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-10-05", "2026-10-11"), ("2024-02-29", "2026-11-20"), ("2025-01-01", "2025-12-31"), ("2024-12-31", "2026-01-01")],
)
def test_d3_any_period_is_read_as_it_would_be_counted(first, last):
    """Years, months and days put together: at the edges of each, a contact, a ticket and an hour of duty."""
    cast = make_cast()
    history = History(cast, 5)
    edges = ["2024-02-28", "2024-02-29", "2024-12-31", "2025-01-01", "2025-06-15", "2025-12-31", "2026-01-01", "2026-10-05", "2026-10-11",
             "2026-11-20", "2026-11-21"]  # fmt: skip
    for place, day in enumerate(edges):
        at = datetime.fromisoformat(day).replace(tzinfo=cast.team.zone, hour=place)
        work(cast.bob, at.astimezone(UTC), 60)
        actions.open_ticket(by=cast.bob, customer=history.customers[0], subject="Leaks", at=at.astimezone(UTC))
    counting.count_stale()
    asked = read({"from": first, "to": last}, cast.alice, bys=("hour",), today=date(2026, 11, 21), own=False)
    days = [asked.first + timedelta(days=number) for number in range(asked.days)]
    inside = [(date.fromisoformat(day), hour) for hour, day in enumerate(edges) if date.fromisoformat(day) in days]
    for row in pressure.week(asked, pressure.Service()):
        for hour in row:
            there = sum(1 for day, at in inside if (day.isoweekday(), at) == (hour.weekday, hour.hour))
            weeks = sum(1 for day in days if day.isoweekday() == hour.weekday)
            assert (hour.tickets, hour.present) == (pytest.approx(there / weeks), pytest.approx(there / weeks))


def test_counting_anew_what_did_not_change_writes_nothing():
    cast = make_cast()
    history = History(cast, 9)
    for _number in range(30):
        history.step()
    counting.count_stale()
    before = list(HourFigure.objects.order_by("id").values_list("id", "hours"))
    StaleDay.objects.bulk_create(
        StaleDay(team=cast.team, source="hours", day=day) for day in HourFigure.objects.filter(grain="d").values_list("day", flat=True)
    )
    assert counting.count_stale() > 0
    assert list(HourFigure.objects.order_by("id").values_list("id", "hours")) == before
