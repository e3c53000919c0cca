"""The platforms' sheets of compensations: known by their columns, read twice they change nothing, counted once."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal as D
from pathlib import Path

import pytest
from django.core.files import File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handover.report.asking import Asked
from handover.report.counting import count_stale, recount
from handover.report.measures import Count
from handover.report.queries import FACTS, cells, every_behind, value
from tests.tickets.return_form.scene import make_order
from tests.tickets.return_form.test_refunds import counts
from tests.tickets.return_form.test_states import refused
from tickets.order.actions import bring_in
from tickets.order.imports.run import run_import
from tickets.order.models import Import
from tickets.people.models import Platform, Shop
from tickets.return_form.actions import compensations, decide, settle
from tickets.return_form.actions.compensations import match_waiting
from tickets.return_form.models import PlatformCompensation
from tickets.return_form.sheets import LAYOUTS

JD = ["赔付单号", "订单号", "商品编号", "赔付类型", "赔付原因", "赔付金额（元）", "承担方", "赔付状态", "申请时间", "赔付完成时间", ""]
DOUYIN = ["订单编号", "打款单号", "商品名称", "打款类型", "打款金额", "打款状态", "打款原因", "申请时间", "打款时间", "收款人"]
PDD = ["订单号", "打款类型", "打款金额(元)", "打款状态", "打款说明", "申请时间", "打款时间", "操作人"]
TMALL = ["赔付ID", "主订单编号", "赔付总金额", "赔付原因", "状态", "创建时间", "到账时间"]
NUMBER = "26112100017"


def jd(number: str, order: str = NUMBER, amount: str = "12.50", **more: str) -> dict[str, str]:
    """JD: ids wrapped, an extra trailing comma, amounts with a unit."""
    told = {
        "赔付单号": f'="{number}"',
        "订单号": f'="{order}"',
        "赔付类型": "服务补偿",
        "赔付原因": "延迟发货",
        "赔付金额（元）": f"{amount}元",
    }
    return told | {"承担方": "商家", "赔付状态": "赔付成功", "申请时间": "2026-11-20 10:00:00", "赔付完成时间": "2026/11/20 18:05"} | more


def douyin(number: str, order: str = NUMBER, amount: str = "8.80", **more: str) -> dict[str, str]:
    """Douyin: text cells with a tab in front, `-` for empty, ciphertext for people."""
    told = {"订单编号": f"\t{order}", "打款单号": f"\t{number}", "打款类型": "补运费", "打款金额": amount, "打款状态": "打款成功"}
    return told | {"打款原因": "-", "申请时间": "2026-11-20 10:00:00", "打款时间": "2026-11-20 10:00:09", "收款人": "##f3a9"} | more


def pdd(order: str = NUMBER, amount: str = "3.00", **more: str) -> dict[str, str]:
    """Pinduoduo: no payment has a number of its own."""
    told = {"订单号": order, "打款类型": "其他", "打款金额(元)": amount, "打款状态": "已打款", "打款说明": "漏发赠品"}
    return told | {"申请时间": "2026-11-20 11:00:00", "打款时间": "2026-11-20 11:00:02", "操作人": "主账号"} | more


def tmall(number: str, order: str = NUMBER, amount: str = "20.00", **more: str) -> dict[str, str]:
    told = {"赔付ID": number, "主订单编号": order, "赔付总金额": amount, "赔付原因": "描述不符", "状态": "已完成"}
    return told | {"创建时间": "2026-11-20 09:00:00", "到账时间": "2026-11-21 09:00:00"} | more


@pytest.fixture
def dora(scene) -> Client:
    client = Client()
    client.force_login(scene.dora.user)
    return client


def on(scene, platform: str) -> None:
    Shop.objects.filter(pk=scene.cast.shop.pk).update(platform=platform)
    scene.cast.shop.refresh_from_db()


def write(path: Path, head: list[str], *rows: dict[str, str], encoding: str = "gb18030") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([head, *[[row.get(name, "") for name in head] for row in rows]])
    return path


def bring(path: Path, scene, *, by=None, dry_run: bool = False, start_now: bool = True) -> Import:
    with path.open("rb") as file:
        run = bring_in(by=by or scene.dora, shop=scene.cast.shop, file=File(file, name=path.name), dry_run=dry_run, start_now=start_now)
    if start_now:
        run_import(run.pk)
        run.refresh_from_db()
        assert run.state == Import.State.DONE, run.error
    return run


@pytest.mark.parametrize(
    ("platform", "kind", "head", "rows"),
    [
        (Platform.JD, "jd-compensation", JD, [jd("PF1"), jd("PF2", "404"), jd("PF3", amount="5")]),
        (Platform.DOUYIN, "douyin-compensation", DOUYIN, [douyin("69170001"), douyin("69170002", "404"), douyin("69170003")]),
        (Platform.PDD, "pdd-compensation", PDD, [pdd(), pdd("404"), pdd()]),
        (Platform.TMALL, "taobao-compensation", TMALL, [tmall("1"), tmall("2", "404"), tmall("3")]),
    ],
)
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
def test_d1_each_sheet_is_known_by_its_columns_and_comes_in_once(scene, tmp_path, platform, kind, head, rows, encoding):
    on(scene, platform)
    path = write(tmp_path / "x.csv", head, *rows, dict.fromkeys(head[:1], "合计"), encoding=encoding)
    tried = bring(path, scene, dry_run=True)
    assert (tried.kind, tried.rows, counts(tried)) == (kind, 3, (3, 0, 0, 1, 0))
    assert not PlatformCompensation.objects.exists(), "a dry run writes nothing"
    assert counts(bring(path, scene)) == (3, 0, 0, 1, 0)
    before = list(PlatformCompensation.objects.order_by("pk").values_list())
    assert counts(bring(path, scene)) == (0, 0, 3, 1, 0)
    assert list(PlatformCompensation.objects.order_by("pk").values_list()) == before
    distinct = {Platform.PDD: "订单号", Platform.DOUYIN: "打款单号"}.get(platform, head[0])
    write(path, head, *reversed(rows), rows[0] | {distinct: "777"}, encoding=encoding)
    assert counts(bring(path, scene))[:3] == (1, 0, 3), "only what is new is added"
    assert set(PlatformCompensation.objects.exclude(order=None).values_list("order_id", "state")) == {(scene.order.pk, "paid")}


def test_every_platforms_small_payments_are_its_own_shops(scene, tmp_path):
    """Two platforms' sheets may have the same columns: then it is the shop's; a sheet of another platform alone is refused."""
    path = write(tmp_path / "x.csv", DOUYIN, douyin("1"))
    for platform, kind in ((Platform.DOUYIN, "douyin-compensation"), (Platform.TAOBAO, "taobao-compensation")):
        on(scene, platform)
        assert bring(path, scene, start_now=False).kind == kind
    on(scene, Platform.SHOPIFY)
    refused("invalid", bring, path, scene)


def test_no_list_of_orders_or_refunds_is_taken_for_a_sheet():
    headers = Path(__file__).resolve().parents[4] / "shared/data/format_headers"
    if not headers.exists():
        pytest.skip("../shared/data is absent")
    for file in headers.glob("*.txt"):
        names = set(file.read_text(encoding="utf-8").strip().split(","))
        assert not [layout.code for layout in LAYOUTS if layout.fits(names)], file.name


def test_d1_a_newer_sheet_updates_and_an_older_one_does_not_open_again(scene, tmp_path):
    on(scene, Platform.JD)
    waiting = {"赔付状态": "待商家确认", "赔付完成时间": ""}
    old, new = write(tmp_path / "old.csv", JD, jd("PF1", **waiting)), write(tmp_path / "new.csv", JD, jd("PF1", amount="11.00"))
    bring(old, scene)
    found = PlatformCompensation.objects.get()
    assert (found.state, found.paid_at, found.amount) == ("open", None, D("12.50"))
    assert counts(bring(new, scene))[:3] == (0, 1, 0)
    found.refresh_from_db()
    assert (found.state, found.amount, found.paid_at.isoformat()) == ("paid", D("11.00"), "2026-11-20T10:05:00+00:00")
    assert counts(bring(old, scene))[:3] == (0, 0, 1)
    taken_back = write(tmp_path / "back.csv", JD, jd("PF1", amount="11.00", 赔付状态="赔付失败"))
    assert counts(bring(taken_back, scene))[:3] == (0, 1, 0)
    assert PlatformCompensation.objects.get().state == "failed"


def test_d1_bad_rows_are_named_and_a_word_nobody_knows_is_put_up_for_review(scene, tmp_path, dora):
    on(scene, Platform.JD)
    bad = [jd("PF1", "3.5E+17"), jd("PF2", amount="abc"), jd("PF3", amount="-4"), jd("PF4", 赔付完成时间="soon"), jd("PF5", amount="0")]
    run = bring(write(tmp_path / "x.csv", JD, *bad, jd("PF6", 赔付状态="特殊流转"), jd("PF7")), scene)
    told = list(run.problem_rows.values_list("line", "code"))
    assert told == [
        *((2, "id_damaged"), (3, "money_unreadable"), (4, "money_negative"), (5, "time_unreadable"), (6, "money_unreadable")),
        (7, "payment_status_unknown"),
    ]
    assert counts(run) == (2, 0, 0, 0, 5), "the word nobody knows came in"
    assert PlatformCompensation.objects.get(number="PF6").state == "open"
    page = dora.get(reverse("order:import", args=[run.pk])).content.decode()
    assert "so it is not counted" in page and "Without an order" in page


def test_d5_a_killed_run_goes_on_where_it_stopped_and_doubles_nothing(scene, tmp_path, monkeypatch):
    on(scene, Platform.PDD)
    monkeypatch.setattr(compensations, "CHUNK", 2)
    path, whole, written = write(tmp_path / "x.csv", PDD, *[pdd() for _n in range(5)]), compensations._write, []

    def dies_at_the_second_piece(chunk, run, piece):
        whole(chunk, run, piece)
        written.append(len(chunk))
        if len(written) == 2:
            raise KeyboardInterrupt

    with path.open("rb") as file:
        run = bring_in(by=scene.dora, shop=scene.cast.shop, file=File(file, name=path.name))
    monkeypatch.setattr(compensations, "_write", dies_at_the_second_piece)
    with pytest.raises(KeyboardInterrupt):
        run_import(run.pk)
    assert PlatformCompensation.objects.count() == 2, "the piece it died in left nothing"
    monkeypatch.setattr(compensations, "_write", whole)
    run_import(run.pk)
    run.refresh_from_db()
    assert (run.state, run.rows, counts(run)[0], PlatformCompensation.objects.count()) == ("done", 5, 5, 5)


def compensated(scene) -> tuple[D, int, set[int]]:
    """The report's figure over all of November, its cases, and the rows it opens; the same as a recount of everything."""
    asked = Asked(scene.alice, date(2026, 1, 1), date(2027, 1, 1), "shop", {}, {}, "CNY")
    count_stale()
    assert recount(scene.cast.team, write=False) == {}, "the triggers marked every day that changed"
    found = cells(asked, "compensated", None, [(asked.first, asked.last)])[0]
    rows = list(every_behind(asked, Count("compensated"), {}, "CNY"))
    assert sum(row.amount for row in rows) == value(Count("compensated", amount=True), found, "CNY")
    assert FACTS["compensated"].subject == "payment"
    return sum((row.amount for row in rows), D(0)), len(rows), {row.id for row in rows}


def test_d3_the_report_counts_each_payment_once_and_nothing_that_others_bear(scene, tmp_path, dora):
    on(scene, Platform.JD)
    form = scene.decided(compensation=D("12.50"))
    settle(form, by=scene.dora, reference="PF1")
    assert compensated(scene) == (D("12.50"), 1, {form.pk})
    theirs, waits = {"承担方": "京东"}, {"赔付状态": "审核中", "赔付完成时间": ""}
    told = [jd("PF1"), jd("PF2", "404", "7.00"), jd("PF3", amount="9", **theirs), jd("PF4", amount="1", **waits)]
    bring(write(tmp_path / "x.csv", JD, *told), scene)
    unknown = PlatformCompensation.objects.get(number="PF2")
    assert compensated(scene) == (D("19.50"), 2, {form.pk, -unknown.pk}), "PF1 is the form's own; PF3 is JD's; PF4 is not paid"
    dora.force_login(scene.alice.user)
    rows = dora.get(reverse("report:rows", args=["compensation"]) + "?from=2026-11-01&to=2026-12-31").content.decode()
    assert "404 延迟发货" in rows and form.number in rows
    page = dora.get(reverse("return_form:show", args=[form.pk])).content.decode()
    assert "settled here" in page


def test_what_comes_before_its_order_form_and_settlement_meets_them(scene, tmp_path):
    on(scene, Platform.JD)
    bring(write(tmp_path / "x.csv", JD, jd("PF1"), jd("PF9", "26112199999")), scene)
    one, other = PlatformCompensation.objects.order_by("number")
    assert (one.form_id, other.order_id, match_waiting()) == (None, None, 0)
    late = make_order(scene.cast, scene.customer, "26112199999")
    form = scene.inspected()
    assert match_waiting() == 2
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.form_id, one.settlement_id, other.order_id) == (form.pk, None, late.pk)
    assert compensated(scene)[1] == 2
    settle(decide(form, by=scene.alice, compensation=D("12.50")), by=scene.dora, reference="by transfer")
    one.refresh_from_db()
    assert one.settlement.amount == D("12.50")
    assert compensated(scene)[1] == 2, "one of them is told by the form now"
    assert match_waiting() == 0


def test_d3_a_settlement_meets_the_payment_told_before_it_in_its_own_transaction(scene, tmp_path):
    """No clock between: a report asked a second later counts what was paid once."""
    on(scene, Platform.JD)
    bring(write(tmp_path / "x.csv", JD, jd("PF1", amount="3.00"), jd("PF2"), jd("PF3", "404")), scene)
    form = scene.decided(compensation=D("12.50"))
    assert compensated(scene)[:2] == (D("28.00"), 3)
    settle(form, by=scene.dora, reference="by transfer")
    paid = PlatformCompensation.objects.get(number="PF2")
    assert (paid.form_id, paid.settlement.form_id) == (form.pk, form.pk)
    other, unknown = PlatformCompensation.objects.exclude(pk=paid.pk).order_by("number")
    assert (other.form_id, other.settlement_id, unknown.order_id) == (form.pk, None, None)
    assert compensated(scene) == (D("28.00"), 3, {form.pk, -other.pk, -unknown.pk})


def test_the_database_refuses_another_teams_order_form_and_settlement(scene, tmp_path):
    on(scene, Platform.JD)
    form = scene.decided(compensation=D("12.50"))
    settle(form, by=scene.dora, reference="PF0")
    bring(write(tmp_path / "x.csv", JD, jd("PF1", "404"), jd("PF2")), scene)
    lone, met = PlatformCompensation.objects.order_by("number")
    foreign = Shop.objects.create(team=scene.cast.other_team, name="Orchid", platform=Platform.JD)
    Shop.objects.filter(pk=foreign.pk).update(platform=Platform.JD)
    theirs = {"team": scene.cast.other_team, "shop": foreign, "number": "PF9", "order_number": NUMBER, "amount": 1, "told_at": lone.told_at}
    mine = PlatformCompensation.objects.create(**theirs)
    for row, wrong in (
        (mine, {"order": form.order}),
        (mine, {"form": form}),
        (mine, {"shop": scene.cast.shop}),
        (lone, {"shop": foreign}),
        (lone, {"state": "paid", "form": None, "settlement": form.settlements.get(kind="compensation")}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            PlatformCompensation.objects.filter(pk=row.pk).update(**wrong)
    PlatformCompensation.objects.filter(pk=met.pk).update(settlement=None)
    PlatformCompensation.objects.filter(pk=met.pk).update(settlement=form.settlements.get(kind="compensation"))


def test_who_may_bring_and_who_may_read(scene, tmp_path):
    on(scene, Platform.JD)
    path = write(tmp_path / "x.csv", JD, jd("PF1"))
    refused("forbidden", bring, path, scene, by=scene.cast.bob)
    bring(path, scene)
    for member, status in ((scene.dora, 200), (scene.alice, 200), (scene.cast.olga, 200), (scene.wen, 403), (scene.cast.bob, 403)):
        client = Client()
        client.force_login(member.user)
        assert client.get(reverse("return_form:compensations")).status_code == status, member
    client.force_login(scene.cast.mallory.user)
    page = client.get(reverse("return_form:compensations"))
    assert page.status_code in (200, 403) and NUMBER not in page.content.decode()


def test_the_page_takes_a_sheet_lists_what_it_met_and_gives_the_list_as_a_file(scene, tmp_path, dora):
    on(scene, Platform.JD)
    formula = {"赔付原因": "=HYPERLINK(1)"}
    path = write(tmp_path / "x.csv", JD, jd("PF1", **formula), jd("PF2", "404404"))
    address = reverse("return_form:compensations")
    kept = dora.post(address, {"shop": scene.cast.shop.pk, "file": SimpleUploadedFile("赔付.csv", path.read_bytes())})
    run = Import.objects.get()
    assert kept["Location"] == reverse("order:import", args=[run.pk])
    dora.post(reverse("order:start_import", args=[run.pk]))
    run_import(run.pk)
    page = dora.get(address).content.decode()
    assert all(told in page for told in ("404404", NUMBER, "赔付.csv", "unknown order"))
    assert NUMBER not in dora.get(address + "?matched=false").content.decode().split("<main")[1]
    file = b"".join(dora.get(address + "?matched=true&format=csv").streaming_content).decode("utf-8-sig")
    table = list(csv.reader(file.splitlines()))
    assert len(table) == 2 and table[1][1] == "PF1" and table[1][7] == "'=HYPERLINK(1)"
    assert dora.get(address + "?format=xlsx")["Content-Type"].endswith("sheet")
    assert dora.get(address + "?format=pdf").status_code == 404
    assert dora.get(address + "?state=perhaps").status_code == 404
    assert dora.post(address, {"shop": scene.cast.shop.pk}).status_code == 422
    orders = SimpleUploadedFile("orders.csv", "订单号,商品名称,订单金额\n1,锅,5\n".encode())
    assert dora.post(address, {"shop": scene.cast.shop.pk, "file": orders}).status_code == 422, "no sheet of compensations"
    answer = dora.get("/api/v1/compensations/?matched=false").json()["results"]
    assert [(row["number"], row["order"], row["amount"], row["currency"]) for row in answer] == [("PF2", None, "12.50", "CNY")]


def test_the_page_asks_as_often_for_many_payments_as_for_few(scene, tmp_path, dora):
    on(scene, Platform.PDD)
    address = reverse("return_form:compensations")

    def asked(rows: int) -> int:
        bring(write(tmp_path / "x.csv", PDD, *[pdd(str(n)) for n in range(rows)]), scene)
        dora.get(address)
        with CaptureQueriesContext(connection) as found:
            dora.get(address)
        return len(found)

    assert asked(2) == asked(40)


def test_a_day_is_a_day_of_the_shop(scene, tmp_path):
    on(scene, Platform.JD)
    bring(write(tmp_path / "x.csv", JD, jd("PF1", 赔付完成时间="2026-11-20 00:30:00")), scene)
    found = PlatformCompensation.objects.get()
    assert found.paid_at.astimezone(scene.cast.team.zone).date() == date(2026, 11, 20)
    assert found.paid_at.date() == date(2026, 11, 20) - timedelta(days=1)
