"""Every export layout, with every quirk, from look-alikes made by code."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tickets.order import exports
from tests.tickets.order.oldbook import write_xls
from tickets.order.models import Order
from tickets.order.sources import BadCell, Problem, SourceOrder, cells, read_orders, recognise
from tickets.order.sources.columns import Columns, header_names
from tickets.order.sources.reading import Unreadable, read_rows
from tickets.order.sources.record import Context

SHANGHAI = ZoneInfo("Asia/Shanghai")
CONTEXT = Context(SHANGHAI)
LAYOUTS = {
    "taobao30": (exports.TAOBAO_30, exports.taobao, "taobao.orders"),
    "taobao46": (exports.TAOBAO_46, exports.taobao, "taobao.orders"),
    "taobao56": (exports.TAOBAO_56, exports.taobao, "taobao.orders"),
    "taobao61": (exports.TAOBAO_61, exports.taobao, "taobao.orders"),
    "report": (exports.REPORT, exports.report, "tmall.report"),
    "jd": (exports.JD, exports.jd, "jd.orders"),
    "pdd": (exports.PDD, exports.pdd, "pdd.orders"),
    "douyin": (exports.DOUYIN, exports.douyin, "douyin.orders"),
    "shopify73": (exports.SHOPIFY_73, exports.shopify, "shopify.orders"),
    "shopify79": (exports.SHOPIFY_79, exports.shopify, "shopify.orders"),
}


def read(path: Path) -> tuple[list[SourceOrder], list[Problem], str]:
    reading = read_orders(path, CONTEXT)
    found = list(reading)
    return [x for x in found if isinstance(x, SourceOrder)], [x for x in found if isinstance(x, Problem)], reading.source.code


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("written", ["gb18030", "utf-8", "utf-8-sig", "utf-16", "xlsx", "shared"])
def test_each_layout_reads_the_same_however_it_is_written_and_called(tmp_path: Path, layout: str, written: str) -> None:
    header, rows, code = LAYOUTS[layout]
    path = tmp_path / "anything.xls"
    if written in ("xlsx", "shared"):
        exports.write_xlsx(path, header, rows(12), inline=written == "xlsx")
    else:
        exports.write_csv(path, header, rows(12), encoding=written)
    plain = exports.write_csv(tmp_path / "plain.csv", header, rows(12), encoding="utf-8")
    orders, problems, found = read(path)
    assert (found, problems) == (code, [])
    assert orders == read(plain)[0]
    assert len(orders) == 12


def test_the_old_binary_workbook_reads_the_same(tmp_path: Path) -> None:
    rows = list(exports.taobao(8))
    cells = [exports.TAOBAO_46, *[exports.cells_of(exports.TAOBAO_46, row) for row in rows]]
    orders, problems, code = read(write_xls(tmp_path / "orders.csv", cells))
    assert (code, problems) == ("taobao.orders", [])
    assert orders == read(exports.write_csv(tmp_path / "plain.csv", exports.TAOBAO_46, rows))[0]
    cells[3][0] = 310000000000370011.0  # a number cell: its last digits are lost
    orders, problems, _code = read(write_xls(tmp_path / "rounded.xls", cells))
    assert len(orders) == 7
    assert [problem.code for problem in problems] == ["id_damaged"]


def test_an_old_workbook_cut_short_is_told_as_broken(tmp_path: Path) -> None:
    whole = write_xls(tmp_path / "whole.xls", [exports.TAOBAO_46]).read_bytes()
    (tmp_path / "cut.xls").write_bytes(whole[:700])
    with pytest.raises(Unreadable):
        read(tmp_path / "cut.xls")


def test_taobao_wrappings_are_taken_off(tmp_path: Path) -> None:
    orders, _problems, _code = read(exports.write_csv(tmp_path / "x.csv", exports.TAOBAO_46, exports.taobao(6)))
    first, closed = orders[0], orders[5]
    assert first.number == str(exports.taobao_number(0))
    assert (first.phone, first.handle, first.buyer_note, first.seller_note) == ("+8613900000000", "买家昵称0", "请尽快发货，谢谢", "")
    assert first.placed_at == datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
    assert [order.status for order in orders] == ["pending", "paid", "paid", "shipped", "completed", "refunded"]
    assert closed.close_reason == "退款"
    assert closed.paid == closed.refunded == closed.total
    assert orders[3].tracking == "SF000000000003"


def test_a_detail_row_may_have_a_comma_too_many(tmp_path: Path) -> None:
    path = exports.write_csv(tmp_path / "x.csv", exports.DETAILS, exports.details([11, 22]), trailing=True)
    orders, problems, code = read(path)
    assert (code, problems) == ("taobao.details", [])
    assert [[(line.key, line.quantity) for line in order.lines] for order in orders] == [[("1", 1), ("2", 2)]] * 2


def test_jd_repeats_the_amount_on_each_row_and_it_is_never_summed(tmp_path: Path) -> None:
    orders, problems, _code = read(exports.write_csv(tmp_path / "x.csv", exports.JD, exports.jd(3, skus=3)))
    assert problems == []
    assert [(order.total, len(order.lines)) for order in orders] == [(Decimal("280.00"), 3)] * 3
    assert orders[0].phone == "1******6198"


def test_douyin_adds_its_parts_and_shows_no_ciphertext(tmp_path: Path) -> None:
    orders, _problems, _code = read(exports.write_csv(tmp_path / "1772500000x.csv", exports.DOUYIN, exports.douyin(4), encoding="utf-8"))
    first = orders[0]
    assert (first.total, first.freight, first.receiver, first.phone, first.address) == (Decimal("198.00"), Decimal("5.00"), "", "", "")
    assert first.number.isdigit()
    assert [order.status for order in orders] == ["paid", "shipped", "completed", "refunded"]


def test_shopify_continuation_rows_belong_to_the_order_above(tmp_path: Path) -> None:
    orders, problems, _code = read(exports.write_csv(tmp_path / "x.csv", exports.SHOPIFY_79, exports.shopify(5, items=3), encoding="utf-8"))
    assert problems == []
    assert [len(order.lines) for order in orders] == [3] * 5
    assert orders[0].placed_at == datetime(2026, 6, 1, 6, 6, 5, tzinfo=UTC)
    assert [order.status for order in orders] == ["shipped", "paid", "refunded", "shipped", "closed"]


def test_a_continuation_without_its_order_is_reported(tmp_path: Path) -> None:
    rows = list(exports.shopify(2))
    orders, problems, _code = read(exports.write_csv(tmp_path / "x.csv", exports.SHOPIFY_79, rows[1:], encoding="utf-8"))
    assert len(orders) == 1
    assert [(each.line, each.code) for each in problems] == [(2, "order_row_missing")]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("订单编号", "3.5E+17", "id_damaged"),
        ("订单编号", '=""', "id_missing"),
        ("总金额", "abc", "money_unreadable"),
        ("总金额", "-5.00", "money_negative"),
        ("订单创建时间", "2026-13-01 00:00:00", "time_unreadable"),
        ("宝贝总数量", "one", "quantity_unreadable"),
        ("订单状态", "某种新状态", "status_unknown"),
    ],
)
def test_d1_a_bad_row_names_its_line_column_and_reason_and_stops_no_other(tmp_path: Path, column: str, value: str, code: str) -> None:
    rows = list(exports.taobao(4))
    rows[2] = {**rows[2], column: value}
    orders, problems, _code = read(exports.write_csv(tmp_path / "x.csv", exports.TAOBAO_46, rows))
    (problem,) = problems
    assert (problem.line, problem.code) == (4, code)
    assert problem.row
    assert len(orders) == (4 if code == "status_unknown" else 3)
    if code in ("id_damaged", "money_unreadable", "time_unreadable"):
        assert (problem.column.strip(), problem.value) == (column, value)


def test_ids_cut_to_fifteen_digits_by_excel_go_to_review(tmp_path: Path) -> None:
    rows = [{**row, "订单编号": f"{310_000_000_000_011 + place * 37}000"} for place, row in enumerate(exports.taobao(6))]
    orders, problems, _code = read(exports.write_csv(tmp_path / "x.csv", exports.TAOBAO_46, rows))
    assert orders == []
    assert {each.code for each in problems} == {"id_damaged"}


def test_a_number_cell_with_more_digits_than_it_can_hold_is_damaged(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "x.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet.write_row(0, 0, exports.REPORT)
    for line, number in enumerate((31731619537569372, 1234567), 1):
        sheet.write_number(line, 0, number)
        sheet.write_number(line, 1, 12.3)
        sheet.write_number(line, 2, 12.3)
        sheet.write_datetime(line, 4, datetime(2026, 5, 16, 9, 41), instant)  # noqa: DTZ001
        sheet.write_number(line, 5, 46158.40347, None)
        sheet.write_number(line, 6, 0)
    book.close()
    orders, problems, _code = read(path)
    assert [each.code for each in problems] == ["id_damaged"]
    assert (orders[0].number, orders[0].total) == ("1234567", Decimal("12.3"))
    assert orders[0].placed_at == datetime(2026, 5, 16, 1, 41, tzinfo=UTC)
    assert orders[0].paid_at == datetime(2026, 5, 16, 1, 41, tzinfo=UTC)


def test_titles_above_totals_below_and_blank_rows_are_no_data(tmp_path: Path) -> None:
    rows = [*exports.taobao(2), {}, {"订单编号": "汇总", "总金额": "99"}, {"订单编号": "店铺平均值"}]
    orders, problems, _code = read(exports.write_csv(tmp_path / "x.csv", exports.TAOBAO_46, rows, title="某某店铺,订单报表"))
    assert (len(orders), problems) == (2, [])


def test_an_open_quote_is_reported_and_what_was_before_it_stays(tmp_path: Path) -> None:
    path = exports.write_csv(tmp_path / "x.csv", exports.REPORT, exports.report(3), encoding="utf-8")
    path.write_text(path.read_text("utf-8") + '9,"' + "x" * 1_100_000, "utf-8")
    orders, problems, _code = read(path)
    assert len(orders) == 3
    assert problems[-1].code == "quote_open"


@pytest.mark.parametrize("content", [b"", b"a,b,c\n1,2,3\n", "姓名,电话\n".encode("gb18030"), b"PK\x03\x04broken"])
def test_what_is_no_export_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(Unreadable):
        read(path)


def test_a_large_sheet_is_cut_into_pieces_without_losing_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.order.sources.spreadsheet._PIECE", 40_000)
    monkeypatch.setattr("tickets.order.sources.spreadsheet._BLOCK", 7_000)
    for inline in (True, False):
        path = exports.write_xlsx(tmp_path / f"{inline}.xlsx", exports.TAOBAO_61, exports.taobao(300), inline=inline)
        lines = [line for line, _row in read_rows(path)]
        assert lines == list(range(1, 302))
        assert [order.number for order in read(path)[0]] == [str(exports.taobao_number(place)) for place in range(300)]


def test_a_cell_is_read_by_itself_whatever_the_ones_above_it_were() -> None:
    get = Columns(["what"], CONTEXT)
    text, money = get.text("what"), get.money("what")
    assert [text([cell]) for cell in (1, True, "1", 1.0, "TRUE", 1, True)] == ["1", "TRUE", "1", "1", "TRUE", "1", "TRUE"]
    assert [money([cell]) for cell in ("5", "", 5, "", "5")] == [Decimal(5), None, Decimal(5), None, Decimal(5)]
    for _time in range(2):
        with pytest.raises(BadCell):
            money(["five"])
    many = [str(n) for n in range(3_000)] * 2
    assert [text([cell]) for cell in many] == many


FITS = {"number": "number", "raw_status": "status_text", "close_reason": "close_reason", "handle": "buyer", "receiver": "recipient",
        "phone": "phone", "address": "address", "carrier": "courier", "tracking": "tracking", "currency": "currency"}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_d1_no_endless_cell_is_too_long_for_the_database(tmp_path: Path, layout: str) -> None:
    header, rows, _code = LAYOUTS[layout]
    for column in {name.strip() for name in header}:
        long = [{**row, column: "x" * 700} for row in rows(2)]
        orders, _problems, _source = read(exports.write_csv(tmp_path / "x.csv", header, long, encoding="utf-8"))
        for order in orders:
            for told, kept in FITS.items():
                assert len(getattr(order, told)) <= (Order._meta.get_field(kept).max_length or 0), (column, told)
            for line in order.lines:
                assert max(len(line.key), len(line.sku)) <= 120 and max(len(line.title), len(line.variant)) <= 300, column


def test_every_layout_is_told_from_the_others_by_its_columns() -> None:
    for header, _rows, code in LAYOUTS.values():
        source = recognise(header_names(header))
        assert source is not None
        assert source.code == code
    assert recognise(["a", "b"]) is None


@given(st.decimals(min_value=0, max_value=9_999_999, places=2), st.sampled_from(["{}", "{}元", "¥{}", " {} ", "'{}"]))
def test_money_in_any_writing_is_exact_to_the_cent(amount: Decimal, writing: str) -> None:
    assert cells.money(writing.format(amount), "总金额") == amount


@given(st.text(max_size=30))
def test_no_cell_is_read_as_money_time_or_count_by_accident(text: str) -> None:
    for convert in (lambda: cells.money(text, "x"), lambda: cells.moment(text, "x", SHANGHAI), lambda: cells.quantity(text, "x")):
        try:
            convert()
        except BadCell as bad:
            assert bad.column == "x"


@given(st.integers(min_value=1, max_value=10**19), st.sampled_from(["{}", '="{}"', "\t{}", "'{}", " {} "]))
def test_an_id_survives_every_wrapping(number: int, writing: str) -> None:
    assert cells.identifier(writing.format(number), "订单编号") == str(number)


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_a_wall_clock_time_is_read_in_the_shops_zone(at: datetime) -> None:
    at = at.replace(microsecond=0)
    for writing in ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S"):
        assert cells.moment(at.strftime(writing), "x", SHANGHAI) == at.replace(tzinfo=SHANGHAI)


def test_file_names_tell_when_they_were_exported() -> None:
    assert cells.epoch_of_name("1772500000_orders.csv") == datetime.fromtimestamp(1772500000, UTC)
    assert cells.epoch_of_name("orders.csv") is None
    assert cells.stamp_of_name("ExportOrderList201707080100.csv", SHANGHAI) == datetime(2017, 7, 8, 1, 0, tzinfo=SHANGHAI)
    assert cells.stamp_of_name("ExportOrderList209913990100.csv", SHANGHAI) is None
