"""What 赤兔 exports: every quirk of the files, twice is once, and what was not final is filled in later."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from handover.report import counting, service, service_actions
from handover.report.models import ServiceDay
from tests.cast import make_cast
from tickets.order.actions import bring_in
from tickets.order.imports.run import run_import
from tickets.order.models import Import
from tickets.web.refusals import Refused

D = Decimal
SHARED = Path(settings.BASE_DIR).parent / "shared" / "data" / "chitu_agent_kpi"
HEAD = [
    "日期",
    "旺旺",
    "接待人数 ",
    "平均响应（秒）",
    "回复率",
    "询单人数",
    "询单->最终付款成功率",
    "很满意",
    "满意",
    "一般",
    "不满意",
    "很不满意",
]
ROWS = [
    ["2026-11-01", "Bob", 10, 20, 1, 10, 0.5, 2, 1, 1, 0, 0],
    ["2026/11/2", "Bob", 30, "40秒", "90%", 20, "延迟统计", "延迟统计", "延迟统计", "延迟统计", "延迟统计", "延迟统计"],
    ["2026-11-01", "lotus:2", 60, "1分40秒", "#VALUE!", 10, "6,25%", "-", "--", "", "", ""],
    ["2026-11-01", "汇总", 100, 70, 1, 40, 0.4, 2, 1, 1, 0, 0],
    ["02.05-02.11", "Bob", 17, 80, 1, 1, 1, 0, 0, 0, 0, 0],
    ["2026-11-03", "Bob", "many", 10, 1, "", "", 0, 0, 0, 0, 0],
]


def workbook(*rows, head=HEAD) -> io.BytesIO:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([head, *rows]):
            sheet.write_row(place, 0, row)
    file.seek(0)
    return file


def bring(file: io.BytesIO, cast, *, dry_run: bool = False, by=None, name: str = "chitu.xlsx") -> Import:
    """The file as a finished import."""
    run = bring_in(by=by or cast.alice, shop=cast.shop, file=ContentFile(file.read(), name), dry_run=dry_run)
    done = run_import(run.pk)
    assert done is not None and done.state == Import.State.DONE, done and done.error
    return done


def counts(run: Import) -> tuple[int, int, int, int, int]:
    return run.rows, run.created, run.updated, run.unchanged, run.problems


@pytest.mark.parametrize(
    ("cell", "value"),
    [("16分3秒", 963), ("7小时41分52秒", 27712), ("0秒", 0), ("100%%", 1), ("6,25%", D("0.0625")), ("1,234", 1234), ("", None), ("-", None),
     ("--", None), ("#VALUE!", None), (3.0, 3)],
)  # fmt: skip
def test_cells_as_they_are_written(cell, value):
    assert service.figure(cell) == value


GROUP = ["发出", "收到", "很满意", "满意", "一般", "不满", "很不满", "发送率", "返回率", "满意率", "服务度"]
RATINGS = [
    ["日期", "接待人数", "总", *[""] * 10, "邀请", *[""] * 10, "自主", *[""] * 10],
    ["", "", *GROUP, *GROUP, *GROUP],
    ["2026-11-01", 40, 30, 10, 6, 2, 1, 1, 0, 0.75, 0.33, 0.8, 90, 30, 8, 5, 2, 1, 0, 0, 0.75, 0.27, 0.88, 91,
     0, 2, 1, 0, 0, 1, 0, 0, 0, 0.5, 50],
    ["汇总", 40, 30, 10, 6, 2, 1, 1, 0, *[""] * 26],
]  # fmt: skip


def test_two_rows_of_names_are_read_and_only_the_whole_of_its_groups():
    """接待评价 of 生意参谋: what was asked for and what came by itself are parts of the whole."""
    (found,) = service.lines(enumerate(RATINGS, 1))
    assert found.number == 3 and found.line.day == date(2026, 11, 1)
    assert found.line.values == {"received": D(40), "satisfied": D(8), "rated": D(10)}


def test_a_group_that_is_not_the_whole_is_no_rating():
    alone = [["日期", "接待人数", "邀请", *[""] * 10], ["", "", *GROUP], ["2026-11-01", 40, 30, 8, 5, 2, 1, 0, 0, 0.75, 0.27, 0.88, 91]]
    (found,) = service.lines(enumerate(alone, 1))
    assert found.line.values == {"received": D(40)}


@pytest.mark.parametrize("cell", ["many", "延迟统计", "-5", "1e400", "NaN", True])
def test_what_is_no_figure_is_said_to_be_none(cell):
    with pytest.raises(service.Unreadable):
        service.figure(cell)


@pytest.fixture
def cast(db):
    return make_cast()


def total(client, cast, name, code, address="?from=2026-11-01&to=2026-11-03"):
    counting.count_stale()
    client.force_login(cast.alice.user)
    return next(c for c in client.get(f"/api/v1/reports/{name}/{address}").json()["total"] if c["measure"] == code)


def test_a_mean_is_the_sum_of_costs_over_the_sum_of_times(client, cast):
    run = bring(workbook(*ROWS), cast)
    assert (run.kind, counts(run)) == ("service-figures", (5, 4, 0, 0, 1))
    found = [("day_unreadable", 6, "日期"), ("figure_unreadable", 7, "接待人数")]
    assert list(run.problem_rows.values_list("code", "line", "column")) == found
    assert total(client, cast, "service", "average")["value"] == "74", "(10·20 + 30·40 + 60·100) ÷ 100, no mean of means"
    assert total(client, cast, "service", "reply")["value"] == "0.925", "(10 + 27) ÷ 40: an unknown share counts for nothing"
    assert total(client, cast, "service", "satisfied")["value"] == "0.75"
    assert total(client, cast, "service", "received")["value"] == "100", "the total row is no data"


def test_not_final_is_unknown_and_filled_in_by_a_later_export(client, cast):
    bring(workbook(*ROWS), cast)
    paid = total(client, cast, "conversion", "paid")
    assert (paid["denominator"], paid["numerator"]) == ("20", "5.625")
    assert total(client, cast, "conversion", "pending")["value"] == "1"
    later = [[*ROWS[1][:6], 0.25, 4, 0, 0, 0, 0]]
    assert counts(bring(workbook(*later), cast)) == (1, 0, 1, 0, 0)
    paid = total(client, cast, "conversion", "paid")
    assert (paid["denominator"], paid["numerator"]) == ("40", "10.625")
    assert total(client, cast, "conversion", "pending")["value"] == "0"
    bring(workbook(ROWS[1]), cast)
    assert ServiceDay.objects.get(day=date(2026, 11, 2)).paid_share == D("0.25"), "an older export takes nothing away"


def test_d1_the_same_file_twice_changes_nothing(cast):
    bring(workbook(*ROWS), cast)
    before = list(ServiceDay.objects.order_by("pk").values())
    assert counts(bring(workbook(*ROWS), cast)) == (5, 0, 0, 4, 1)
    assert list(ServiceDay.objects.order_by("pk").values()) == before


def test_an_account_is_a_members_by_name_or_by_word(client, cast):
    bring(workbook(*ROWS), cast)
    assert set(ServiceDay.objects.filter(account="Bob").values_list("member", flat=True)) == {cast.bob.pk}
    client.force_login(cast.alice.user)
    page = client.post("/reports/service/import/", {"account": "lotus:2", "member": cast.carol.pk})
    assert page.status_code == 200
    counting.count_stale()
    client.force_login(cast.carol.user)
    assert client.get("/api/v1/reports/service/?from=2026-11-01&to=2026-11-03").json()["total"][2]["value"] == "100"
    assert counting.recount(cast.team, write=False) == {}


def test_an_account_that_was_given_to_somebody_stays_theirs_in_the_next_export(cast):
    assert bring(workbook(*ROWS), cast).reviews == 1, "one day of an account that is nobody's"
    service_actions.name_account("lotus:2", by=cast.alice, member=cast.carol)
    assert bring(workbook(["2026-11-04", "lotus:2", *ROWS[2][2:]]), cast).reviews == 0
    assert set(ServiceDay.objects.filter(account="lotus:2").values_list("member", flat=True)) == {cast.carol.pk}


def test_d1_a_dry_run_writes_nothing_and_says_what_would_happen(cast):
    assert counts(bring(workbook(*ROWS), cast, dry_run=True)) == (5, 4, 0, 0, 1)
    assert not ServiceDay.objects.exists()


def test_d1_a_day_that_is_told_twice_counts_as_its_last_row_says(cast):
    again = [*ROWS[0][:2], 11, *ROWS[0][3:]]
    file = [ROWS[0], ROWS[2], ROWS[2], again]
    run = bring(workbook(*file), cast)
    assert counts(run) == (4, 2, 0, 1, 1), "the same said twice is no problem"
    assert list(run.problem_rows.values_list("line", "code", "value")) == [(2, "day_repeated", "2026-11-01 Bob")]
    assert ServiceDay.objects.get(account="Bob").received == 11
    assert counts(bring(workbook(*file), cast)) == (4, 0, 0, 3, 1)


@pytest.mark.parametrize("account", ["", 0, 0.0, " "])
def test_a_row_that_names_no_account_stays_out(cast, account):
    run = bring(workbook(ROWS[0], ["2026-11-02", account, *ROWS[0][2:]]), cast)
    assert (counts(run), run.problem_rows.get().code) == ((2, 1, 0, 0, 1), "account_missing")
    assert set(ServiceDay.objects.values_list("account", flat=True)) == {"Bob"}


def test_a_csv_and_a_title_above_the_names_are_read_too(cast):
    rows = [["客服数据 2026-11"], [], HEAD, *ROWS]
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
    run = bring(io.BytesIO(text.encode("gb18030")), cast, name="chitu.csv")
    assert counts(run) == (5, 4, 0, 0, 1)
    assert [problem.line for problem in run.problem_rows.all()] == [8, 9]


def test_d5_a_killed_run_goes_on_where_it_stopped(cast, monkeypatch):
    monkeypatch.setattr(service_actions, "CHUNK", 2)
    whole, written = service_actions._write, []

    def dies_at_the_second(*args):
        whole(*args)
        written.append(1)
        if len(written) == 2:
            raise KeyboardInterrupt

    run = bring_in(by=cast.alice, shop=cast.shop, file=ContentFile(workbook(*ROWS).read(), "chitu.xlsx"))
    monkeypatch.setattr(service_actions, "_write", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        run_import(run.pk)
    assert ServiceDay.objects.count() == 2, "the piece it died in left nothing"
    monkeypatch.setattr(service_actions, "_write", whole)
    assert counts(run_import(run.pk)) == (5, 4, 0, 0, 1)
    assert ServiceDay.objects.count() == 4


def test_upload_and_its_refusals(client, cast):
    client.force_login(cast.alice.user)
    file = SimpleUploadedFile("chitu.xlsx", workbook(*ROWS).read())
    answer = client.post("/reports/service/import/", {"shop": cast.shop.pk, "file": file})
    run = Import.objects.get()
    assert answer["Location"] == f"/imports/{run.pk}/" and not ServiceDay.objects.exists()
    client.post(f"/imports/{run.pk}/start/")
    run_import(run.pk)
    page = client.get(f"/imports/{run.pk}/").content.decode()
    assert "02.05-02.11" in page and "This is not a day." in page
    for wrong in (SimpleUploadedFile("x.xlsx", b"no workbook"), SimpleUploadedFile("y.xlsx", workbook(head=["a"]).read())):
        assert client.post("/reports/service/import/", {"shop": cast.shop.pk, "file": wrong}).status_code == 422
    assert client.post("/reports/service/import/", {"shop": "x"}).status_code == 422
    client.force_login(cast.bob.user)
    assert client.get("/reports/service/import/").status_code == 403
    for stranger, code in ((cast.mallory, "not_found"), (cast.bob, "forbidden")):
        with pytest.raises(Refused) as refused:
            bring(workbook(*ROWS), cast, by=stranger)
        assert refused.value.code == code


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is absent: the real exports are not here")
def test_the_real_exports_against_plain_sums(client, cast):
    """15,494 and 16,700 rows of 34 agents. Some days are told twice, mostly alike; three rows name nobody."""
    told = {"chitu_workload.xlsx": (16_700, 15_738), "chitu_daily_agent.xlsx": (15_494, 14_678)}
    for name, (rows, days) in told.items():
        run = bring(io.BytesIO((SHARED / name).read_bytes()), cast)
        assert (run.rows, run.created + run.updated + run.unchanged + run.problems) == (rows, rows)
        assert ServiceDay.objects.filter(day__gte=date(2022, 1, 1)).exists() and run.created + run.updated <= days
        again = bring(io.BytesIO((SHARED / name).read_bytes()), cast)
        assert (again.created, again.updated, again.problems) == (0, 0, run.problems)
    weekly = bring(io.BytesIO((SHARED / "chitu_weekly.xlsx").read_bytes()), cast)
    assert counts(weekly) == (2, 0, 0, 0, 2), "a span of days is no day, and a sum no row"
    rows = CalamineWorkbook.from_path(SHARED / "chitu_workload.xlsx").get_sheet_by_index(0).to_python()[1:]
    days = {(row[20], row[0]): row for row in rows if row[20].year == 2024}
    moved = sum(row[4] for row in days.values())
    first = sum(row[16] * row[2] for row in days.values()), sum(row[2] for row in days.values() if row[16] != "")
    counting.count_stale(limit=5000)
    year = "?from=2024-01-01&to=2024-12-31"
    assert float(total(client, cast, "service", "in", year)["value"]) == moved > 0
    assert float(total(client, cast, "service", "first", year)["value"]) == pytest.approx(first[0] / first[1], rel=0.01)
