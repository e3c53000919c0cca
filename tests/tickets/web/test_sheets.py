"""A list as a file: the csv and the workbook hold the same cells, days and instants are such, nothing runs, no number loses a digit."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone
from python_calamine import CalamineWorkbook

from tickets.web.sheets import csv_answer, xlsx_answer

LONG = "361234567890123456"
ROW = [LONG, datetime(2026, 11, 22, 16, 30, 5, tzinfo=UTC), date(2026, 11, 23), Decimal("19.90"), "第一行\n“第二行”，逗号", "=1+1"]
HEAD = ["订单号", "下单", "日期", "金额", "说明", "昵称"]


def written(kind: str) -> list[list[object]]:
    """The file's rows, read back; the team is in Shanghai."""
    with timezone.override(ZoneInfo("Asia/Shanghai")):
        if kind == "xlsx":
            content = b"".join(xlsx_answer(HEAD, [ROW], name="x"))
            return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        text = b"".join(csv_answer(HEAD, [ROW], name="x")).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text)))


def test_days_and_instants_of_a_workbook_are_such_in_the_teams_time() -> None:
    head, row = written("xlsx")
    assert head == HEAD
    assert row == [LONG, datetime.fromisoformat("2026-11-23T00:30:05"), date(2026, 11, 23), 19.9, ROW[4], "'=1+1"]


def test_the_csv_says_the_same() -> None:
    assert written("csv") == [HEAD, [LONG, "2026-11-23 00:30:05", "2026-11-23", "19.90", ROW[4], "'=1+1"]]
