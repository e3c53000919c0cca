"""What 赤兔 exports: every quirk of the files, twice is once, and what was not final is filled in later."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from handover.report import counting, service, service_actions
from handover.report.models import ServiceDay
from tests.cast import make_cast
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
    found = [line for line in service.lines(RATINGS) if isinstance(line, service.Line)]
    assert len(found) == 1 and found[0].day == date(2026, 11, 1)
    assert found[0].values == {"received": D(40), "satisfied": D(8), "rated": D(10)}


def test_a_group_that_is_not_the_whole_is_no_rating():
    alone = [["日期", "接待人数", "邀请", *[""] * 10], ["", "", *GROUP], ["2026-11-01", 40, 30, 8, 5, 2, 1, 0, 0, 0.75, 0.27, 0.88, 91]]
    (line,) = service.lines(alone)
    assert line.values == {"received": D(40)}


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
    found = service_actions.bring(workbook(*ROWS), by=cast.alice, shop=cast.shop)
    assert (found.days, found.written) == (4, 4)
    assert [(p.line, p.column) for p in found.problems] == [(6, "日期"), (7, "接待人数")]
    assert total(client, cast, "service", "average")["value"] == "74", "(10·20 + 30·40 + 60·100) ÷ 100, no mean of means"
    assert total(client, cast, "service", "reply")["value"] == "0.925", "(10 + 27) ÷ 40: an unknown share counts for nothing"
    assert total(client, cast, "service", "satisfied")["value"] == "0.75"
    assert total(client, cast, "service", "received")["value"] == "100", "the total row is no data"


def test_not_final_is_unknown_and_filled_in_by_a_later_export(client, cast):
    service_actions.bring(workbook(*ROWS), by=cast.alice, shop=cast.shop)
    paid = total(client, cast, "conversion", "paid")
    assert (paid["denominator"], paid["numerator"]) == ("20", "5.625")
    assert total(client, cast, "conversion", "pending")["value"] == "1"
    later = [[*ROWS[1][:6], 0.25, 4, 0, 0, 0, 0]]
    assert service_actions.bring(workbook(*later), by=cast.alice, shop=cast.shop).written == 1
    paid = total(client, cast, "conversion", "paid")
    assert (paid["denominator"], paid["numerator"]) == ("40", "10.625")
    assert total(client, cast, "conversion", "pending")["value"] == "0"
    service_actions.bring(workbook(ROWS[1]), by=cast.alice, shop=cast.shop)
    assert ServiceDay.objects.get(day=date(2026, 11, 2)).paid_share == D("0.25"), "an older export takes nothing away"


def test_d1_the_same_file_twice_changes_nothing(cast):
    service_actions.bring(workbook(*ROWS), by=cast.alice, shop=cast.shop)
    before = list(ServiceDay.objects.order_by("pk").values())
    assert service_actions.bring(workbook(*ROWS), by=cast.alice, shop=cast.shop).written == 0
    assert list(ServiceDay.objects.order_by("pk").values()) == before


def test_an_account_is_a_members_by_name_or_by_word(client, cast):
    service_actions.bring(workbook(*ROWS), by=cast.alice, shop=cast.shop)
    assert set(ServiceDay.objects.filter(account="Bob").values_list("member", flat=True)) == {cast.bob.pk}
    client.force_login(cast.alice.user)
    page = client.post("/reports/service/import/", {"account": "lotus:2", "member": cast.carol.pk})
    assert page.status_code == 200
    counting.count_stale()
    client.force_login(cast.carol.user)
    assert client.get("/api/v1/reports/service/?from=2026-11-01&to=2026-11-03").json()["total"][2]["value"] == "100"
    assert counting.recount(cast.team, write=False) == {}


def test_upload_and_its_refusals(client, cast):
    client.force_login(cast.alice.user)
    file = SimpleUploadedFile("chitu.xlsx", workbook(*ROWS).read())
    page = client.post("/reports/service/import/", {"shop": cast.shop.pk, "file": file})
    assert page.status_code == 200 and "4 days read" in page.content.decode() and "02.05-02.11" in page.content.decode()
    for wrong in (SimpleUploadedFile("x.xlsx", b"no workbook"), SimpleUploadedFile("y.xlsx", workbook(head=["a"]).read())):
        assert client.post("/reports/service/import/", {"shop": cast.shop.pk, "file": wrong}).status_code == 422
    assert client.post("/reports/service/import/", {"shop": "x"}).status_code == 422
    client.force_login(cast.bob.user)
    assert client.get("/reports/service/import/").status_code == 403
    with pytest.raises(Refused):
        service_actions.bring(workbook(*ROWS), by=cast.mallory, shop=cast.shop)


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is absent: the real exports are not here")
def test_the_real_exports_against_plain_sums(client, cast):
    for name in ("chitu_workload.xlsx", "chitu_daily_agent.xlsx", "chitu_weekly.xlsx"):
        path = SHARED / name
        if name == "chitu_weekly.xlsx":
            with path.open("rb") as file, pytest.raises(Refused):
                service_actions.bring(file, by=cast.alice, shop=cast.shop)
            continue
        with path.open("rb") as file:
            found = service_actions.bring(file, by=cast.alice, shop=cast.shop)
        assert found.days > 14_000
    rows = CalamineWorkbook.from_path(SHARED / "chitu_workload.xlsx").get_sheet_by_index(0).to_python()[1:]
    days = {(row[20], row[0]): row for row in rows if row[20].year == 2024}
    moved = sum(row[4] for row in days.values())
    first = sum(row[16] * row[2] for row in days.values()), sum(row[2] for row in days.values() if row[16] != "")
    counting.count_stale(limit=5000)
    year = "?from=2024-01-01&to=2024-12-31"
    assert float(total(client, cast, "service", "in", year)["value"]) == moved > 0
    assert float(total(client, cast, "service", "first", year)["value"]) == pytest.approx(first[0] / first[1], rel=0.01)
