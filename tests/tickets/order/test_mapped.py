"""A spreadsheet of no known layout: its columns are said once by a manager, remembered per shop, and never guessed into orders."""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cast import Cast, make_cast, make_shop
from tickets.activity.models import Activity
from tickets.customer.models import Customer
from tickets.order.imports import mapping
from tickets.order.imports.run import run_import
from tickets.order.imports.uploads import start, upload
from tickets.order.models import Import, ImportProblem, Layout, Order
from tickets.order.sources import mapped
from tickets.people.models import Member, Shop
from tickets.web.refusals import Refused

pytestmark = pytest.mark.django_db
HEADER = ["流水", "订单编号 ", "客户", "实付金额(元)", "交易状态", "付款时间", "品名", "规格", "数量", "备注"]
ROWS = [
    ["1", "A-2026-0001", "tb_liu_8854", "119.80", "已付款", "2026/11/2 9:41", "保温杯", "红", "2", "'null"],
    ["2", "A-2026-0002", "tb_wang", "¥59.90", "已发货", "2026-11-03 10:00:00", "勺子", "", "1", ""],
    ["3", "A-2026-0002", "tb_wang", "¥59.90", "已发货", "2026-11-03 10:00:00", "筷子", "", "3", ""],
    ["4", "A-2026-0003", "t**8", "0", "待付款", "", "锅", "大", "1", "急"],
]
RIGHT = {
    "number": "订单编号", "handle": "客户", "paid": "实付金额(元)", "status": "交易状态", "paid_at": "付款时间", "title": "品名",
    "variant": "规格", "quantity": "数量",
}  # fmt: skip
Bring = Callable[..., Import]


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def csv_of(rows: list[list[str]], header: list[str] = HEADER) -> bytes:
    text = StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode("gb18030")


def brought(cast: Cast, rows: list[list[str]] = ROWS, *, by: Member | None = None, shop: Shop | None = None, header=HEADER) -> Import:
    file = ContentFile(csv_of(rows, header), "own.csv")
    return upload(by=by or cast.bob, shop=shop or cast.shop, file=file, start_now=False)


def carried_out(run: Import, cast: Cast, *, dry_run: bool = False) -> Import:
    start(run, by=cast.alice, dry_run=dry_run)
    done = run_import(run.pk)
    assert done is not None
    assert done.state == Import.State.DONE
    return done


def test_columns_chosen_once_bring_the_orders_and_are_remembered_for_the_next_file(cast: Cast) -> None:
    run = brought(cast)
    assert (run.kind, run.layout, run.state) == ("", None, Import.State.UPLOADED)
    mapping.choose(run, RIGHT, by=cast.alice)
    assert Order.objects.count() == 0
    done = carried_out(run, cast)
    assert (done.rows, done.orders, done.created, done.problems) == (4, 3, 3, 0)
    first, second, third = Order.objects.order_by("number")
    assert (first.number, first.status, first.paid, first.customer.handles.get().value) == (
        "A-2026-0001", "paid", Decimal("119.80"), "tb_liu_8854",
    )  # fmt: skip
    assert first.paid_at is not None
    assert first.paid_at.isoformat() == "2026-11-02T01:41:00+00:00"
    assert [(line.title, line.spec, line.quantity) for line in first.lines.all()] == [("保温杯", "红", 2)]
    assert second.total == Decimal("59.90")  # repeated on each row of the order, never summed
    assert [line.title for line in second.lines.all()] == ["勺子", "筷子"]
    assert (third.status, third.paid) == ("pending", 0)
    again = brought(cast, [[*ROWS[3][:4], "已付款", "2026-11-04 08:00:00", *ROWS[3][6:]]])
    assert again.layout == Layout.objects.get()
    assert carried_out(again, cast).updated == 1
    third.refresh_from_db()
    assert third.status == "paid"
    assert [row.data["columns"] for row in Activity.objects.filter(code="import.mapped")] == [RIGHT]


def test_d1_the_same_file_twice_changes_nothing_and_its_columns_may_stand_elsewhere(cast: Cast) -> None:
    mapping.choose(run := brought(cast), RIGHT, by=cast.alice)
    carried_out(run, cast)
    turned = brought(cast, [row[::-1] for row in ROWS], header=HEADER[::-1])
    assert turned.layout is not None
    done = carried_out(turned, cast)
    assert (done.created, done.updated, done.unchanged) == (0, 0, 3)


def test_the_command_says_where_to_choose_and_takes_the_file_afterwards(cast: Cast, tmp_path: Path) -> None:
    path, out = tmp_path / "own.csv", StringIO()
    path.write_bytes(csv_of(ROWS))
    with pytest.raises(CommandError) as told:
        call_command("import_orders", path, shop=str(cast.shop.pk), stdout=out)
    run = Import.objects.get()
    assert f"/imports/{run.pk}/columns/" in str(told.value)
    assert run.state == Import.State.UPLOADED, "it waits for the choice, and was not tried"
    mapping.choose(run, RIGHT, by=cast.alice)
    call_command("import_orders", path, shop=str(cast.shop.pk), stdout=out)
    assert "3 orders: 3 new" in out.getvalue()


def test_a_layout_belongs_to_its_shop(cast: Cast) -> None:
    mapping.choose(brought(cast), RIGHT, by=cast.alice)
    other = make_shop(cast.team, "Second", "jd")
    assert brought(cast, shop=other).layout is None


def test_a_dry_run_writes_nothing_and_says_what_would_happen(cast: Cast) -> None:
    mapping.choose(run := brought(cast), RIGHT, by=cast.alice)
    done = carried_out(run, cast, dry_run=True)
    assert (done.created, done.customers, Order.objects.count(), Customer.objects.count()) == (3, 2, 0, 0)


WRONG = [
    ({**RIGHT, "number": "品名", "title": "订单编号"}, "id_unreadable", "品名"),
    ({**RIGHT, "number": "付款时间", "paid_at": "订单编号"}, "id_unreadable", "付款时间"),
    ({**RIGHT, "paid": "品名", "title": "实付金额(元)"}, "money_unreadable", "品名"),
    ({**RIGHT, "paid_at": "客户", "handle": "付款时间"}, "time_unreadable", "客户"),
    ({**RIGHT, "quantity": "品名", "title": "数量"}, "quantity_unreadable", "品名"),
]


@pytest.mark.parametrize(("columns", "code", "column"), WRONG, ids=[f"{column} as {code}" for _columns, code, column in WRONG])
def test_a_wrong_choice_gives_row_errors_and_writes_nothing(cast: Cast, columns: dict[str, str], code: str, column: str) -> None:
    paid = [row for row in ROWS if row[5]]
    mapping.choose(run := brought(cast, paid), columns, by=cast.alice)
    done = carried_out(run, cast)
    assert (done.created, done.problems, Order.objects.count(), Customer.objects.count()) == (0, 3, 0, 0)
    assert set(ImportProblem.objects.values_list("code", "column")) == {(code, column)}
    assert list(ImportProblem.objects.values_list("line", flat=True)) == [2, 3, 4]


@pytest.mark.parametrize(
    "columns",
    [
        {"title": "品名", "quantity": "数量"},
        {"number": "订单编号"},
        {"number": "订单编号", "paid": "no such column"},
    ],
)
def test_what_cannot_be_is_refused_when_it_is_chosen(cast: Cast, columns: dict[str, str]) -> None:
    run = brought(cast)
    with pytest.raises(Refused) as refused:
        mapping.choose(run, columns, by=cast.alice)
    assert refused.value.code == "invalid"
    assert Layout.objects.count() == 0


def test_a_column_that_repeats_is_not_the_order_number(cast: Cast) -> None:
    rows = [[str(n), f"B{n:05}", "tb", "1.00", "S1", "", "杯", "", "1", ""] for n in range(30)]
    run = brought(cast, rows)
    with pytest.raises(Refused, match="invalid"):
        mapping.choose(run, {**RIGHT, "number": "交易状态", "status": "订单编号"}, by=cast.alice)


def test_who_may_choose_and_when(cast: Cast) -> None:
    run = brought(cast)
    with pytest.raises(Refused, match="forbidden"):
        mapping.choose(run, RIGHT, by=cast.bob)
    with pytest.raises(Import.DoesNotExist):
        mapping.choose(run, RIGHT, by=cast.mallory)
    with pytest.raises(Refused, match="wrong_state"):
        start(run, by=cast.bob, dry_run=False)
    mapping.choose(run, RIGHT, by=cast.alice)
    mapping.choose(run, {**RIGHT, "seller_note": "备注"}, by=cast.alice)  # thought better of it
    assert Layout.objects.get().columns["seller_note"] == "备注"
    other = brought(cast)
    start(run, by=cast.alice, dry_run=False)
    with pytest.raises(Refused, match="wrong_state"):  # the running import reads the layout
        mapping.choose(other, RIGHT, by=cast.alice)


def test_the_api_brings_a_known_layout_and_refuses_an_unknown_one(cast: Cast) -> None:
    with pytest.raises(Refused, match="invalid"):
        upload(by=cast.bob, shop=cast.shop, file=ContentFile(csv_of(ROWS), "own.csv"))
    mapping.choose(brought(cast), RIGHT, by=cast.alice)
    run = upload(by=cast.bob, shop=cast.shop, file=ContentFile(csv_of(ROWS), "own.csv"))
    assert (run.kind, run.state) == (mapped.CODE, Import.State.WAITING)


@pytest.mark.parametrize("content", [b"just a line\n", b"1,2,3\n4,5,6\n", b"<html><body>no</body></html>"])
def test_what_is_no_table_is_refused_at_once(cast: Cast, content: bytes) -> None:
    with pytest.raises(Refused, match="invalid"):
        upload(by=cast.bob, shop=cast.shop, file=ContentFile(content, "x.csv"), start_now=False)
    assert Import.objects.count() == 0


def test_the_header_may_stand_under_a_title_and_its_names_suggest_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("十一月订单,,,\n\n".encode() + csv_of(ROWS).decode("gb18030").encode())
    found = {column.name: column for column in mapped.look(path)}
    assert found["订单编号"].guess == "number"
    assert found["实付金额(元)"].guess == "paid"
    assert found["流水"].guess == ""
    assert found["订单编号"].samples == ("A-2026-0001", "A-2026-0002", "A-2026-0003")


def test_the_page_shows_the_columns_with_values_and_takes_the_choice(cast: Cast) -> None:
    alice, bob = Client(), Client()
    alice.force_login(cast.alice.user)
    bob.force_login(cast.bob.user)
    answer = bob.post("/imports/", {"shop": cast.shop.pk, "file": SimpleUploadedFile("own.csv", csv_of(ROWS))})
    assert answer.status_code == 303
    here = answer["Location"]
    assert "A manager can say" in bob.get(here).content.decode()
    assert f"{here}columns/" not in bob.get(here).content.decode()
    assert bob.get(f"{here}columns/").status_code == 403
    page = alice.get(f"{here}columns/").content.decode()
    for shown in ("A-2026-0001", "tb_liu_8854", "¥59.90", '<option value="number" selected>'):
        assert shown in page
    places = {name.strip(): place for place, name in enumerate(HEADER)}
    twice = {f"column-{places['订单编号']}": "number", f"column-{places['流水']}": "number"}
    refused = alice.post(f"{here}columns/", twice)
    assert refused.status_code == 422
    assert "chosen for two columns" in refused.content.decode()
    answer = alice.post(f"{here}columns/", {f"column-{places[name]}": field for field, name in RIGHT.items()})
    assert (answer.status_code, answer["Location"]) == (303, here)
    confirm = bob.get(here).content.decode()
    assert "A-2026-0001" in confirm
    assert "Is this right?" in confirm
    mallory = Client()
    mallory.force_login(cast.mallory.user)
    assert mallory.get(f"{here}columns/").status_code == 404


names = [name.strip() for name in HEADER]
choices = st.dictionaries(st.sampled_from(list(mapped.FIELDS)), st.sampled_from(names), min_size=1, max_size=8)
cell = st.one_of(
    st.sampled_from(["", "-", "119.80", "¥5", "-3", "3.5E+17", "2026-11-02", "已付款", '="351"', "A-1", "1e999", "٣", "NaN"]),
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12),
)


@settings(max_examples=60)
@given(columns=choices, rows=st.lists(st.lists(cell, min_size=len(names), max_size=len(names)), min_size=1, max_size=6))
def test_any_choice_over_any_rows_reads_or_reports_and_never_breaks(tmp_path: Path, columns: dict[str, str], rows: list[list[str]]) -> None:
    """Whatever is chosen over whatever stands in the cells: an order has a number with a digit and no negative money; else a finding."""
    from zoneinfo import ZoneInfo

    from tickets.order.sources import Problem, read_orders
    from tickets.order.sources.record import Context

    columns.setdefault("number", "订单编号")
    path = tmp_path / "x.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([names, *rows])
    for item in read_orders(path, Context(ZoneInfo("Asia/Shanghai")), source=mapped.source_of(columns, "taobao")):
        if isinstance(item, Problem):
            assert item.line > 1
            assert item.code
        else:
            assert any(map(str.isdigit, item.number))
            assert all(amount is None or amount >= 0 for amount in (item.total, item.paid, item.refunded, item.freight))
            assert len({line.key for line in item.lines}) == len(item.lines)


def test_a_file_is_read_as_bytes_whatever_it_is_called(cast: Cast) -> None:
    run = upload(by=cast.bob, shop=cast.shop, file=File(ContentFile(csv_of(ROWS)), "own.xlsx"), start_now=False)
    assert run.kind == ""
