"""The roster from the file that people keep, and to it: read with its quirks, shown before it is done, all of it or nothing."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from handover.roster import actions
from handover.roster.models import RosterCode, RosterEntry, Shift
from handover.roster.sources.dates import heads, month_in
from handover.roster.sources.grid import Grid, Row, read_grid
from tests.cast import make_member
from tests.handover.conftest import Plan
from tests.handover.plans import SATURDAY, make_pattern, rostered
from tickets.activity.models import Activity
from tickets.people.models import Member, Presence, Role
from tickets.web.refusals import Refused

TODAY = date(2026, 11, 22)
MONDAY = date(2026, 11, 23)
URL = "/roster/grid/"


def table(*rows: list[Any]) -> list[tuple[int, list[Any]]]:
    return list(enumerate(rows, 1))


# -- reading ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        ["2026-11-23", "2026-11-24"],
        ["2026/11/23", "2026/11/24"],
        ["2026年11月23日", "2026年11月24日"],
        ["11月23日", "11月24日"],
        ["11/23", "11/24"],
        ["11.23", "11.24"],
        ["11-23(一)", "11-24(二)"],
        ["周一 11/23", "周二 11/24"],
        ["１１／２３", "１１／２４"],
        [46349, 46350],
        [46349.0, 46350.0],
        ["46349", "46350"],
        [datetime.combine(MONDAY, time()), datetime.combine(date(2026, 11, 24), time())],
        [date(2026, 11, 23), date(2026, 11, 24)],
    ],
)
def test_dates_as_people_and_excel_write_them(head: list[Any]) -> None:
    assert heads(["姓名", *head], TODAY, None) == {1: MONDAY, 2: MONDAY + timedelta(days=1)}


def test_bare_days_count_up_from_the_titles_month() -> None:
    month = month_in(["莲花厨具 2026年11月排班表"], TODAY)
    assert month == date(2026, 11, 1)
    assert list(heads(["姓名", "29日", "30日", "1日", "2日", "合计"], TODAY, month).values()) == [
        date(2026, 11, 29), date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 2)
    ]  # fmt: skip
    assert month_in(["12月排班"], TODAY) == date(2026, 12, 1) and month_in(["1月排班"], TODAY) == date(2027, 1, 1)
    assert heads(["姓名", "1", "2"], TODAY, None) == {}, "of which month, nobody says"


def test_a_sheet_with_every_quirk() -> None:
    rows = table(
        ["2026年11月 客服排班表", "", "", "", "", "", ""],
        ["", "", "", "", "", "", ""],
        ["序号", "组别", "姓  名", "23", "24", "25", "白班合计"],
        ["", "", "", "一", "二", "三", ""],
        [1, "售前", "Ｂｏｂ", "白", "晚 ", "休", 1],
        [2, "", "Ca rol", "白＋晚", "", "—", 1],
        ["", "", "白班人数", 2, 0, 0, ""],
        ["", "", "备注：国庆另排", "", "", "", ""],
    )
    found = read_grid(rows, TODAY, ["Bob", "Carol"])
    assert found is not None and found.days == [MONDAY, MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)]
    assert [(row.name, row.line, list(row.codes.values())) for row in found.rows] == [
        ("Bob", 5, ["白", "晚", "休"]),
        ("Ca rol", 6, ["白+晚", "—"]),
    ]
    assert found.codes == ["白", "晚", "休", "白+晚", "—"]


def test_the_names_column_is_found_without_a_heading() -> None:
    found = read_grid(table(["", "工号", "", "11/23", "11/24"], ["A组", "007", "Bob", "白", "晚"]), TODAY, ["Bob"])
    assert found is not None and found.rows[0].name == "Bob"
    assert read_grid(table(["姓名", "电话"], ["Bob", "138"]), TODAY) is None, "no dates"


# -- what it would change, and changing it -------------------------------------------------------------------------------------------


@pytest.fixture
def ahead(plan: Plan) -> Plan:
    Presence.objects.update(on_since=timezone.now())
    return plan


def grid_of(**rows: dict[date, str]) -> Grid:
    days = sorted({day for codes in rows.values() for day in codes})
    return Grid(days, [Row(name, line, codes) for line, (name, codes) in enumerate(rows.items(), 2)])


def coming(days: int = 8) -> date:
    return timezone.localdate() + timedelta(days=days)


def take(grid: Grid, plan: Plan) -> Any:
    team = plan.cast.team
    return actions.take_grid(grid, team, by=plan.cast.alice, seal=actions.plan_grid(grid, team).seal)


def shifts_of(member: Member) -> set[tuple[str, date]]:
    return set(RosterEntry.objects.filter(member=member).values_list("shift__name", "shift__business_date"))


def test_a_plan_shows_and_writes_nothing(ahead: Plan) -> None:
    grid = grid_of(Bob={coming(): "Day"}, Carol={coming(): "N"})
    plan = actions.plan_grid(grid, ahead.cast.team)
    assert [(c.member.display_name, c.before, c.after) for c in plan.changes] == [("Bob", [], ["Day"]), ("Carol", [], ["Night"])]
    assert not RosterEntry.objects.exists() and not plan.wrong


def test_a_grid_is_taken_over_recorded_and_told(ahead: Plan) -> None:
    day = coming()
    take(grid_of(Bob={day: "Day", day + timedelta(days=1): "Day+Night"}, Carol={day: "休"}), ahead)
    assert shifts_of(ahead.cast.bob) == {("Day", day), ("Day", day + timedelta(days=1)), ("Night", day + timedelta(days=1))}
    assert Activity.objects.filter(code="roster.day_changed", actor=ahead.cast.alice).count() == 2
    assert Presence.objects.get(member=ahead.cast.bob).next_on == Shift.objects.get(name="Day", business_date=day).starts_at
    again = actions.plan_grid(grid_of(Bob={day: "Day"}), ahead.cast.team)
    assert (again.changes, again.same) == ([], 1), "the same file twice changes nothing"
    take(grid_of(Bob={day: "休"}), ahead)
    assert ("Day", day) not in shifts_of(ahead.cast.bob)
    assert ("Day", day + timedelta(days=1)) in shifts_of(ahead.cast.bob), "a blank cell says nothing"


def test_codes_are_said_once_and_remembered(ahead: Plan) -> None:
    grid = grid_of(Bob={coming(): "白"}, Carol={coming(): "白/晚"})
    plan = actions.plan_grid(grid, ahead.cast.team)
    assert plan.unknown == ["白", "白/晚"] and {one.day for one in plan.wrong} == {coming()}
    assert "“白”" in str(plan.wrong[0].why) and plan.wrong[0].name == "Bob"
    meanings = {"白": ahead.day_pattern, "晚": ahead.night_pattern, "假": None}
    actions.remember_codes(ahead.cast.team, meanings, by=ahead.cast.alice)
    take(grid, ahead)
    assert shifts_of(ahead.cast.carol) == {("Day", coming()), ("Night", coming())}
    assert RosterCode.objects.get(code="假").pattern is None
    with pytest.raises(Refused):
        actions.remember_codes(ahead.cast.other_team, {"白": ahead.day_pattern}, by=ahead.cast.mallory)


def test_every_wrong_cell_is_named_and_nothing_is_done(ahead: Plan) -> None:
    cast, day = ahead.cast, coming()
    make_pattern(cast.team, "Long", "08:00", "20:00", letter="L")
    make_member(cast.team, "Twin", Role.AGENT)
    Member.objects.filter(display_name="Twin").update(display_name="Dan ")
    grid = grid_of(**{
        "Bob": {day: "Day+Long"}, "Carol": {day: "???"}, "Nobody": {day: "Day"}, "D an": {day: "Day"}, "Olga": {day: "Day"},
        "Eve": {day: "Day"}, "e v e": {day: "Day"},
    })  # fmt: skip
    grid.nameless = [9]
    plan = actions.plan_grid(grid, cast.team)
    said = {(one.name, one.day): str(one.why) for one in plan.wrong}
    assert "overlaps" in said["Bob", day] and "“???”" in said["Carol", day]
    assert said["Nobody", None].startswith("Nobody here") and said["D an", None].startswith("Several people")
    assert "does not work" in said["Olga", day] and "twice" in said["e v e", None] and "without a name" in said["#9", None]
    with pytest.raises(Refused) as refused:
        actions.take_grid(grid, cast.team, by=cast.alice, seal=plan.seal)
    assert refused.value.code == "invalid" and f"Bob {day}" in (refused.value.errors or {})
    assert not RosterEntry.objects.exists()


def test_h2_a_shift_that_moves_does_not_meet_itself(ahead: Plan) -> None:
    """A night until 06:00 comes the day before an early shift goes: judged by what is there in the end."""
    cast, day = ahead.cast, coming()
    make_pattern(cast.team, "Late", "22:00", "07:00", letter="L")
    make_pattern(cast.team, "Early", "06:00", "14:00", letter="E")
    take(grid_of(Bob={day + timedelta(days=1): "E"}), ahead)
    both = actions.plan_grid(grid_of(Bob={day: "L"}), cast.team)
    assert [(one.name, one.day) for one in both.wrong] == [("Bob", day)], "with the early shift of the next day"
    take(grid_of(Bob={day: "L", day + timedelta(days=1): "休"}), ahead)
    assert shifts_of(cast.bob) == {("Late", day)}


def test_what_is_over_stays_as_it_was(plan: Plan) -> None:
    rostered(plan.day, plan.cast.bob)
    at = plan.day.ends_at + timedelta(hours=1)
    grid = grid_of(Bob={SATURDAY: "休", SATURDAY + timedelta(days=2): "Day"}, Carol={SATURDAY: "Day"})
    found = actions.plan_grid(grid, plan.cast.team, at=at)
    assert {(member.display_name, day) for member, day in found.frozen} == {("Bob", SATURDAY), ("Carol", SATURDAY)}
    assert [change.day for change in found.changes] == [SATURDAY + timedelta(days=2)] and not found.wrong
    actions.take_grid(grid, plan.cast.team, by=plan.cast.alice, seal=found.seal, at=at)
    assert ("Day", SATURDAY) in shifts_of(plan.cast.bob) and not shifts_of(plan.cast.carol)


def test_a_running_shift_changes_from_now_on_only(plan: Plan) -> None:
    entry = rostered(plan.day, plan.cast.bob)
    at = plan.day.starts_at + timedelta(hours=2)
    grid = grid_of(Bob={SATURDAY: "休"}, Carol={SATURDAY: "Day"})
    actions.take_grid(grid, plan.cast.team, by=plan.cast.alice, seal=actions.plan_grid(grid, plan.cast.team, at=at).seal, at=at)
    entry.refresh_from_db()
    assert entry.during.upper == at
    assert RosterEntry.objects.get(member=plan.cast.carol).during.lower == at


def test_what_was_not_shown_is_not_done(ahead: Plan) -> None:
    grid = grid_of(Bob={coming(): "Day"}, Carol={coming(): "Day"})
    seal = actions.plan_grid(grid, ahead.cast.team).seal
    actions.set_day(ahead.cast.bob, coming(), [ahead.day_pattern], by=ahead.cast.alice)
    with pytest.raises(Refused) as refused:
        actions.take_grid(grid, ahead.cast.team, by=ahead.cast.alice, seal=seal)
    assert refused.value.code == "stale" and not shifts_of(ahead.cast.carol)


def test_as_many_statements_for_thirty_people_as_for_three(ahead: Plan) -> None:
    names = [make_member(ahead.cast.team, f"P{number}", Role.AGENT).display_name for number in range(30)]
    days = [coming(8 + number) for number in range(3)]
    take(grid_of(Bob=dict.fromkeys(days, "Day")), ahead)  # the shifts are made

    def count(some: list[str], code: str) -> int:
        grid = grid_of(**{name: dict.fromkeys(days, code) for name in some})
        with CaptureQueriesContext(connection) as asked:
            assert len(actions.plan_grid(grid, ahead.cast.team).changes) == len(some) * 3
        return len(asked)

    assert count(names[:3], "Day") == count(names, "Day") <= 7


# -- the page ----------------------------------------------------------------------------------------------------------------------


def signed_in(client: Client, member: Member) -> Client:
    client.force_login(member.user)
    return client


def workbook(*rows: list[Any]) -> SimpleUploadedFile:
    """A merged title, real dates."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet, dates = book.add_worksheet(), book.add_format({"num_format": "m月d日"})
        sheet.merge_range(0, 0, 0, 3, "客服排班表")
        for line, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(line, column, datetime.combine(value, time()), dates)
                else:
                    sheet.write(line, column, value)
    return SimpleUploadedFile("排班.xlsx", made.getvalue())


def gbk(*rows: list[str]) -> SimpleUploadedFile:
    return SimpleUploadedFile("排班.csv", "\r\n".join(",".join(row) for row in rows).encode("gbk"))


def hidden(page: str) -> dict[str, str]:
    """The grid as the page gives it back, and the seal of its button."""
    from html import unescape

    found = {"grid": unescape(page.split('name="grid" value="')[1].split('"')[0])}
    if 'name="sure"' in page:
        found["sure"] = page.split('name="sure" value="')[1].split('"')[0]
    return found


@pytest.mark.parametrize("kind", ["xlsx", "gbk"])
def test_upload_say_what_codes_mean_look_and_do(client: Client, ahead: Plan, kind: str) -> None:
    day, alice = coming(), signed_in(client, ahead.cast.alice)
    if kind == "xlsx":
        file = workbook(
            ["姓名", day, day + timedelta(days=1), "合计"], ["Bob", "白", "晚", 2], ["Carol", "休", "白", 1], ["合计", 1, 2, ""]
        )
    else:
        file = gbk(["姓名", f"{day:%m月%d日}", f"{day + timedelta(days=1):%m月%d日}"], ["Bob", "白", "晚"], ["Carol", "休", "白"])
    page = alice.post(URL, {"file": file}).content.decode()
    assert "What do these mean?" in page and 'name="code:白"' in page and 'name="sure"' not in page
    said = hidden(page) | {"code:白": str(ahead.day_pattern.pk), "code:晚": str(ahead.night_pattern.pk)}
    page = alice.post(URL, said).content.decode()
    assert "Change 3 days" in page and not RosterEntry.objects.exists(), "so far it was only shown"
    done = alice.post(URL, hidden(page))
    assert done.status_code == 303 and done.url == f"{reverse('roster:week')}?week={day}"
    assert shifts_of(ahead.cast.bob) == {("Day", day), ("Night", day + timedelta(days=1))}
    file.seek(0)
    assert "says the same already" in alice.post(URL, {"file": file}).content.decode()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_goes_out_comes_in_as_it_was(client: Client, ahead: Plan, kind: str) -> None:
    day = coming()
    actions.remember_codes(ahead.cast.team, {"白": ahead.day_pattern, "晚": ahead.night_pattern, "歇": None}, by=ahead.cast.alice)
    take(grid_of(Bob={day: "白+晚", day + timedelta(days=2): "晚"}, Dora={day: "白"}), ahead)
    out = signed_in(client, ahead.cast.bob).get(f"/roster/grid.{kind}?from={day}&to={day + timedelta(days=6)}")
    content = b"".join(out.streaming_content)  # type: ignore[attr-defined]
    if kind == "csv":
        text = content.decode("utf-8-sig").splitlines()
        assert text[0].startswith(f"Name,{day},") and "Bob,白+晚,歇,晚,歇" in content.decode() and "Olga" not in content.decode()
    found = signed_in(client, ahead.cast.alice).post(URL, {"file": SimpleUploadedFile(f"roster.{kind}", content)}).content.decode()
    assert "says the same already" in found and "Cannot be taken over" not in found


def test_who_may_not_plan_only_reads(client: Client, ahead: Plan) -> None:
    bob = signed_in(client, ahead.cast.bob)
    page = bob.get(URL).content.decode()
    assert 'type="file"' not in page and "/roster/grid.xlsx" in page
    assert bob.post(URL, {"file": gbk(["姓名", "11-23", "11-24"], ["Bob", "白", "白"])}).status_code == 403
    assert signed_in(client, ahead.cast.mallory).get("/roster/grid.csv").status_code == 200


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "Choose a file"),
        (b"a,b\r\n1,2\r\n", "headed by dates"),
        (b"PK\x03\x04 and then nothing", "cannot be read"),
        ("姓名,11-23,11-24\r\n".encode(), "No name"),
        ("姓名,2026-01-01,2026-11-24\r\nBob,白,白\r\n".encode(), "three months"),
    ],
)
def test_what_is_no_grid_says_why(client: Client, ahead: Plan, content: bytes, why: str) -> None:
    answer = signed_in(client, ahead.cast.alice).post(URL, {"file": SimpleUploadedFile("x.csv", content)})
    assert answer.status_code == 422 and why in answer.content.decode()


@pytest.mark.parametrize("grid", ["", "[]", "{}", '{"days":["2026-11-23"],"rows":[["Bob",1,{"2026-12-01":"x"}]],"nameless":[]}'])
def test_a_grid_that_was_tampered_with_is_refused(client: Client, ahead: Plan, grid: str) -> None:
    assert signed_in(client, ahead.cast.alice).post(URL, {"grid": grid, "sure": "x"}).status_code == 422


@pytest.mark.parametrize("asked", ["from=x", "from=2026-11-23&to=2026-11-01", "from=2026-01-01&to=2026-12-31", "from=9999-12-31"])
def test_days_that_cannot_be_written_are_refused(client: Client, ahead: Plan, asked: str) -> None:
    assert signed_in(client, ahead.cast.alice).get(f"/roster/grid.csv?{asked}").status_code == 400
    assert signed_in(client, ahead.cast.alice).get("/roster/grid.pdf").status_code == 404
