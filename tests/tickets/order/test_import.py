"""D1 and D5: what an import does to what is stored."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import File
from django.core.management import call_command
from django.db.models import Sum
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.cast import Cast, make_cast, make_shop
from tests.tickets.order import exports
from tickets.activity.models import Activity
from tickets.customer.models import Customer, Handle
from tickets.order.actions import Line, log_order
from tickets.order.imports import run as running
from tickets.order.imports.run import run_import
from tickets.order.imports.uploads import upload
from tickets.order.models import Import, ImportProblem, Order, OrderLine
from tickets.people.models import Shop

pytestmark = pytest.mark.django_db
DATA = Path(settings.BASE_DIR).parent / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the real exports are not here")
Bring = Callable[..., Import]


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def bring(cast: Cast, tmp_path: Path) -> Bring:
    """Bring a file in: made of rows, or one that is there."""

    def brought(
        header: list[str] | Path, rows: Iterable[exports.Row] = (), *, shop: Shop | None = None, name: str = "x.csv", **more
    ) -> Import:
        path = header if isinstance(header, Path) else exports.write_csv(tmp_path / name, header, rows)
        dry_run = more.pop("dry_run", False)
        with path.open("rb") as content:
            run = upload(by=more.pop("by", cast.bob), shop=shop or cast.shop, file=File(content, path.name), start_now=False, **more)
        Import.objects.filter(pk=run.pk).update(state=Import.State.WAITING, dry_run=dry_run)
        found = run_import(run.pk)
        assert found is not None
        assert found.state == Import.State.DONE, found.error
        return found

    return brought


def counts(run: Import) -> tuple[int, int, int, int]:
    return run.created, run.updated, run.unchanged, run.older


def test_d1_the_same_file_twice_changes_nothing(bring: Bring) -> None:
    assert counts(bring(exports.TAOBAO_46, exports.taobao(20))) == (20, 0, 0, 0)
    before = list(Order.objects.order_by("id").values()), list(OrderLine.objects.order_by("id").values()), Customer.objects.count()
    ledger = Activity.objects.filter(code="order.changed").count()
    assert counts(bring(exports.TAOBAO_46, exports.taobao(20))) == (0, 0, 20, 0)
    assert before == (
        list(Order.objects.order_by("id").values()),
        list(OrderLine.objects.order_by("id").values()),
        Customer.objects.count(),
    )
    assert Activity.objects.filter(code="order.changed").count() == ledger == 0


def test_d1_a_newer_export_updates_status_and_money_and_doubles_nothing(bring: Bring) -> None:
    bring(exports.TAOBAO_46, exports.taobao(6, status="买家已付款，等待卖家发货"))
    run = bring(exports.TAOBAO_61, exports.taobao(6, status="交易关闭"))
    assert counts(run) == (0, 6, 0, 0)
    assert set(Order.objects.values_list("status", "version")) == {("refunded", 2)}
    assert all(order.refunded == order.paid > 0 for order in Order.objects.all())
    assert OrderLine.objects.count() == 6
    told = Activity.objects.filter(code="order.changed")
    assert told.count() == 6
    assert told[0].data["status"] == ["paid", "refunded"]


def test_d1_an_older_export_does_not_overwrite_what_is_newer(bring: Bring, cast: Cast) -> None:
    shop = make_shop(cast.team, "Lotus Douyin", "douyin")
    newer = [{**row, "订单状态": "已完成"} for row in exports.douyin(3)]
    bring(exports.DOUYIN, newer, shop=shop, name="1772600000_orders.csv")
    run = bring(exports.DOUYIN, exports.douyin(4), shop=shop, name="1772500000_orders.csv")
    assert counts(run) == (1, 0, 0, 3)
    assert list(Order.objects.filter(status="completed").values_list("exported_at", flat=True).distinct()) == [
        datetime.fromtimestamp(1772600000, UTC)
    ]
    assert Order.objects.filter(status="completed").count() == 3


def test_d1_a_dry_run_writes_nothing_and_says_what_would_happen(bring: Bring) -> None:
    bring(exports.TAOBAO_46, exports.taobao(4, status="等待买家付款"))
    before = [list(model.objects.order_by("pk").values()) for model in (Order, OrderLine, Customer, Handle, Activity)]
    rows = [*exports.taobao(2, status="交易成功"), *exports.taobao(2, first=2, status="等待买家付款"), *exports.taobao(3, first=50)]
    dry = bring(exports.TAOBAO_46, rows, dry_run=True)
    after = [list(model.objects.order_by("pk").values()) for model in (Order, OrderLine, Customer, Handle)]
    assert before[:4] == after
    assert not Activity.objects.exclude(code="import.uploaded").filter(pk__gt=max(row["id"] for row in before[4])).exists()
    real = bring(exports.TAOBAO_46, rows)
    assert counts(dry) == counts(real)
    assert (dry.customers, dry.created) == (real.customers, 3)


def test_d1_bad_rows_are_reported_can_be_downloaded_and_stop_no_other(bring: Bring, tmp_path: Path) -> None:
    rows = list(exports.taobao(5))
    rows[1] = {**rows[1], "订单编号": "3.5E+17"}
    rows[3] = {**rows[3], "总金额": "=1+1"}
    run = bring(exports.TAOBAO_46, rows)
    assert (run.created, run.problems, run.reviews) == (3, 2, 1)
    assert list(ImportProblem.objects.values_list("line", "column", "code")) == [
        (3, "订单编号", "id_damaged"),
        (5, "总金额", "money_unreadable"),
    ]
    out = tmp_path / "report.csv"
    call_command("import_orders", tmp_path / "x.csv", shop=str(run.shop_id), report=out, stdout=io.StringIO())
    lines = list(csv.reader(out.open(encoding="utf-8-sig")))
    assert [line[0] for line in lines[1:]] == ["3", "5"]
    assert lines[2][5] == "'=1+1"


def test_the_same_number_in_another_teams_shop_stays_apart(bring: Bring, cast: Cast) -> None:
    theirs = make_shop(cast.other_team, "Orchid")
    bring(exports.TAOBAO_46, exports.taobao(3))
    run = bring(exports.TAOBAO_46, exports.taobao(3), shop=theirs, by=cast.mallory)
    assert counts(run) == (3, 0, 0, 0)
    assert Order.objects.filter(team=cast.other_team, customer__team=cast.other_team).count() == 3
    assert Order.objects.filter(team=cast.team, customer__team=cast.team).count() == 3


def test_details_fill_in_the_lines_and_unknown_orders_are_named(bring: Bring) -> None:
    bring(exports.TAOBAO_46, exports.taobao(2))
    known = [exports.taobao_number(place) for place in range(2)]
    run = bring(exports.DETAILS, exports.details([*known, 999]))
    assert (run.updated, run.problems) == (2, 1)
    assert ImportProblem.objects.get().code == "order_unknown"
    assert sorted(OrderLine.objects.values_list("key", flat=True)) == ["1", "1", "2", "2"]
    assert counts(bring(exports.TAOBAO_46, exports.taobao(2)))[2] == 2
    assert OrderLine.objects.count() == 4


def test_sub_orders_name_the_lines_that_details_only_counted(bring: Bring) -> None:
    number = exports.taobao_number(0)
    bring(exports.TAOBAO_46, exports.taobao(1))
    money = Order.objects.values_list("total", "paid").get()
    bring(exports.ITEMS, exports.suborders([number]))
    assert sorted(OrderLine.objects.filter(quantity__gt=0).values_list("key", flat=True)) == [f"{number}0", f"{number}1"]
    assert Order.objects.values_list("total", "paid").get() == money
    assert counts(bring(exports.ITEMS, exports.suborders([number]))) == (0, 0, 1, 0)


def test_sub_orders_of_an_unknown_order_make_it(bring: Bring) -> None:
    bring(exports.ITEMS, exports.suborders([4242]))
    order = Order.objects.get()
    assert (order.number, order.total, order.paid, order.refunded) == ("4242", Decimal("119.80"), Decimal("109.90"), Decimal("9.90"))


def test_parts_of_an_order_may_stand_far_apart_in_the_file(bring: Bring, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.order.imports.staging.WAVE", 3)
    shop = make_shop(cast.team, "Lotus Douyin", "douyin")
    rows = list(exports.douyin(8, items=3))
    rows = rows[0::3] + rows[1::3] + rows[2::3]
    run = bring(exports.DOUYIN, rows, shop=shop)
    assert counts(run) == (8, 0, 0, 0)
    assert set(Order.objects.values_list("total", "freight")) == {(Decimal("297.00"), Decimal("5.00"))}
    assert OrderLine.objects.count() == 24


def test_jd_amounts_are_not_summed_and_lines_not_doubled(bring: Bring, cast: Cast) -> None:
    shop = make_shop(cast.team, "Lotus JD", "jd")
    for _round in range(2):
        bring(exports.JD, exports.jd(4, skus=3), shop=shop)
    assert set(Order.objects.values_list("total", flat=True)) == {Decimal("280.00")}
    assert OrderLine.objects.count() == 12


def test_a_line_taken_out_at_shopify_stays_with_nothing_of_it(bring: Bring, cast: Cast) -> None:
    shop = make_shop(cast.team, "Lotus Shopify", "shopify")
    bring(exports.SHOPIFY_79, exports.shopify(1, items=3), shop=shop)
    assert counts(bring(exports.SHOPIFY_79, exports.shopify(1, items=2), shop=shop)) == (0, 1, 0, 0)
    assert list(OrderLine.objects.order_by("key").values_list("key", "quantity")) == [("1", 1), ("2", 2), ("3", 0)]


def test_an_order_logged_by_hand_is_completed_and_keeps_what_we_wrote(bring: Bring, cast: Cast) -> None:
    number = str(exports.taobao_number(0))
    log_order(
        by=cast.bob, shop=cast.shop, number=number, handle="买家昵称0", lines=[Line("保温杯")], request="礼品包装", sold_by=cast.carol
    )
    assert counts(bring(exports.TAOBAO_46, exports.taobao(1, status="交易成功"))) == (0, 1, 0, 0)
    order = Order.objects.get()
    assert (order.status, order.request, order.sold_by, order.recipient) == ("completed", "礼品包装", cast.carol, "收货人0")
    assert order.lines.count() == 1
    assert Customer.objects.count() == 1


def test_a_phone_of_another_customer_is_left_there_and_somebody_asked_to_look(bring: Bring, cast: Cast) -> None:
    shop = make_shop(cast.team, "Lotus Shopify", "shopify")
    rows = [{**row, "Phone": "+15046961221"} for row in exports.shopify(2, items=1)]
    run = bring(exports.SHOPIFY_79, rows, shop=shop)
    again = bring(exports.SHOPIFY_79, rows, shop=shop)
    assert (run.created, Customer.objects.count()) == (2, 2)
    assert again.reviews == 1
    assert ImportProblem.objects.filter(run=again).get().code == "two_customers"
    assert Handle.objects.filter(kind="phone").count() == 1


def test_d5_a_run_that_dies_between_waves_goes_on_and_doubles_nothing(bring: Bring, cast: Cast, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("tickets.order.imports.staging.WAVE", 10)
    path = exports.write_csv(tmp_path / "x.csv", exports.TAOBAO_46, [*exports.taobao(35), {**next(exports.taobao(1)), "订单编号": "1E+9"}])
    with path.open("rb") as content:
        run = upload(by=cast.bob, shop=cast.shop, file=File(content, path.name), start_now=False)
    Import.objects.filter(pk=run.pk).update(state=Import.State.WAITING)
    write, calls = running.write_wave, []

    def dies_at_the_third(*args, **kwargs):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return write(*args, **kwargs)

    monkeypatch.setattr(running, "write_wave", dies_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        run_import(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done, Order.objects.count()) == ("running", 20, 20)
    monkeypatch.setattr(running, "write_wave", write)
    run_import(run.pk)
    run.refresh_from_db()
    assert (run.state, counts(run), run.problems) == ("done", (35, 0, 0, 0), 1)
    assert Order.objects.count() == OrderLine.objects.count() == 35
    assert Activity.objects.filter(code="import.done").count() == 1
    assert run_import(run.pk) is None


_TOLD = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["等待买家付款", "交易成功", "交易关闭"])), min_size=1, max_size=12)


@given(_TOLD)
@hypothesis_settings(max_examples=12)
def test_d1_whatever_the_rows_the_last_telling_wins_and_twice_is_once(bring: Bring, cast: Cast, told: list[tuple[int, str]]) -> None:
    shop = make_shop(cast.team, f"Lotus {Shop.objects.count()}")
    rows = [next(exports.taobao(1, first=place, status=status)) for place, status in told]
    last = dict(told)
    first = bring(exports.TAOBAO_46, rows, shop=shop)
    assert (first.created, first.updated, first.unchanged, first.older) == (len(last), 0, 0, 0)
    assert counts(bring(exports.TAOBAO_46, rows, shop=shop)) == (0, 0, len(last), 0)
    for place, status in last.items():
        assert Order.objects.get(shop=shop, number=str(exports.taobao_number(place))).status_text == status


@needs_data
def test_the_real_exports_come_in_with_their_counts(bring: Bring, cast: Cast) -> None:
    taobao = DATA / "taobao_export_raw_2017"
    tmall, shopify = make_shop(cast.team, "T", "tmall"), make_shop(cast.team, "S", "shopify")
    assert counts(bring(taobao / "ExportOrderList201707080100.csv")) == (5, 0, 0, 0)
    assert bring(taobao / "ExportOrderDetailList201707080100.csv").updated == 5
    assert list(OrderLine.objects.values_list("quantity", flat=True)) == [1] * 5
    run = bring(DATA / "tmall_order_report" / "tmall_order_report.csv", shop=tmall)
    orders = Order.objects.filter(shop=tmall)
    assert (run.created, orders.filter(paid_at__isnull=False).count(), orders.filter(refunded__gt=0).count()) == (28_010, 24_087, 5_646)
    assert orders.aggregate(total=Sum("total"))["total"] == Decimal("2995760.61")
    run = bring(DATA / "shopify_petshop_5121" / "orders_export_1.csv", shop=shopify)
    assert (run.rows, run.created, run.problems) == (5_121, 3_885, 0)
    assert OrderLine.objects.filter(order__shop=shopify).count() == 5_121
    assert Order.objects.filter(shop=shopify).aggregate(total=Sum("total"))["total"] == Decimal("346290.55")
    again = bring(DATA / "shopify_petshop_5121" / "orders_export_1.csv", shop=shopify)
    assert counts(again) == (0, 0, 3_885, 0)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Reading ten times the rows takes no more than some megabytes more: the waves are as large, there are only more of them."""
    peaks = []
    for count in (4_000, 40_000):
        path = exports.write_csv(tmp_path / f"{count}.csv", exports.TAOBAO_46, exports.taobao(count))
        script = (
            "import sys, django; django.setup()\n"
            "from pathlib import Path; from zoneinfo import ZoneInfo\n"
            "from tickets.order.imports.staging import waves; from tickets.order.sources import read_orders\n"
            "from tickets.order.sources.record import Context\n"
            "for _wave in waves(read_orders(Path(sys.argv[1]), Context(ZoneInfo('Asia/Shanghai'))), 'CN'): pass\n"
            "print(next(int(line.split()[1]) // 1024 for line in open('/proc/self/status') if line.startswith('VmHWM')))"
        )
        found = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True, cwd=settings.BASE_DIR)
        peaks.append(int(found.stdout.strip()))
    assert peaks[1] < 300
    assert peaks[1] - peaks[0] < 60


def test_export_instants_come_from_names_and_never_from_the_future(bring: Bring, cast: Cast) -> None:
    shop = make_shop(cast.team, "Lotus Douyin", "douyin")
    future = int((datetime.now(UTC) + timedelta(days=30)).timestamp())
    run = bring(exports.DOUYIN, exports.douyin(1), shop=shop, name=f"{future}_orders.csv")
    assert run.exported_at == run.created_at
