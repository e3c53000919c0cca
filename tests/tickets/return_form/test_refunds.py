"""The Tmall refund list: 39 columns, by name and never by place; read twice it changes nothing."""

from __future__ import annotations

import csv
from decimal import Decimal as D
from pathlib import Path

import pytest
from django.core.files import File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.tickets.return_form.test_states import refused
from tickets.activity.models import Activity
from tickets.order.actions import bring_in
from tickets.order.imports.run import run_import
from tickets.order.imports.uploads import start
from tickets.order.models import Import
from tickets.return_form.actions import refunds
from tickets.return_form.actions.refunds import KIND, match_waiting
from tickets.return_form.models import PlatformRefund

LINE = (
    "订单编号,退款编号,支付宝交易号,订单付款时间,商家编码,退款完结时间,买家会员名称,买家实际支付金额,宝贝标题,买家退款金额,手工退款/系统退款,"
    "是否需要退货,退款的申请时间,超时时间,退款状态,货物状态,退货物流信息,发货物流信息,客服介入状态,卖家真实姓名,卖家退货地址,卖家邮编,"
    "卖家电话,卖家手机,退货物流单号,退货物流公司,买家退款原因,买家退款说明,买家退货时间,责任方,售中或售后,商家备注,完结时间,"
    "部分退款/全部退款,审核操作人,举证超时,是否零秒响应,退款操作人,主数据编码"
)
HEAD = next(csv.reader([LINE]))


@pytest.fixture
def dora(scene) -> Client:
    client = Client()
    client.force_login(scene.dora.user)
    return client


def row(order: str, number: str, amount: str = "40.00", **more: str) -> list[str]:
    cells = dict.fromkeys(HEAD, "") | {
        "订单编号": f'="{order}"',
        "退款编号": number,
        "买家退款金额": amount,
        "买家实际支付金额": "110.00元",
        "宝贝标题": "铸铁锅",
        "是否需要退货": "是",
        "退款的申请时间": "2026-11-20 10:00:00",
        "退款状态": "退款待处理",
    }
    return list((cells | more).values())


def write(path: Path, *rows: list[str], encoding: str = "gb18030", head: list[str] = HEAD) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def bring(path: Path, scene, *, by=None, dry_run: bool = False) -> Import:
    """As a person does it: the file is kept, and a worker carries it out."""
    with path.open("rb") as file:
        run = bring_in(by=by or scene.dora, shop=scene.cast.shop, file=File(file, name=path.name), dry_run=dry_run)
    run_import(run.pk)
    run.refresh_from_db()
    assert run.state == Import.State.DONE, run.error
    return run


def counts(run: Import) -> tuple[int, int, int, int, int]:
    """New, updated, unchanged, without a form, not taken."""
    return run.created, run.updated, run.unchanged, run.reviews, run.problems


def test_the_columns_are_the_real_ones():
    real = Path(__file__).resolve().parents[4] / "shared/data/format_headers/tmall_refund_list_39cols.txt"
    if not real.exists():
        pytest.skip("../shared/data is absent")
    assert real.read_text().strip().split(",") == HEAD


def test_d1_refunds_meet_their_forms_and_the_same_file_twice_changes_nothing(scene, tmp_path):
    form = scene.filed()
    path = write(tmp_path / "refunds.csv", row(scene.order.number, "900001"), row("404", "900002"))
    tried = bring(path, scene, dry_run=True)
    assert (tried.kind, counts(tried)) == (KIND, (2, 0, 0, 1, 0))
    assert not PlatformRefund.objects.exists()
    assert counts(bring(path, scene)) == (2, 0, 0, 1, 0)
    assert PlatformRefund.objects.get(number="900001").form == form
    before = list(PlatformRefund.objects.values_list())
    assert counts(bring(path, scene)) == (0, 0, 2, 1, 0)
    assert list(PlatformRefund.objects.values_list()) == before
    assert Activity.objects.filter(code="import.done", data__kind=KIND).count() == 2, "a dry run did nothing"


def test_d1_a_newer_list_updates_and_an_older_one_does_not_reopen(scene, tmp_path):
    old = write(tmp_path / "old.csv", row(scene.order.number, "900001"))
    ended = {"退款状态": "退款成功", "退款完结时间": "2026-11-21 09:30:00"}
    new = write(tmp_path / "new.csv", row(scene.order.number, "900001", "38.50", **ended), encoding="utf-8-sig")
    bring(old, scene)
    assert counts(bring(new, scene))[:3] == (0, 1, 0)
    found = PlatformRefund.objects.get()
    assert (found.amount, found.status_text) == (D("38.50"), "退款成功")
    assert found.ended_at.isoformat() == "2026-11-21T01:30:00+00:00"
    assert counts(bring(old, scene))[:3] == (0, 0, 1)


def test_d1_a_bad_row_is_named_can_be_downloaded_and_does_not_stop_the_others(scene, tmp_path, dora):
    damaged = row(scene.order.number, "3.5E+17")
    shuffled = list(reversed(HEAD))
    rows = [list(reversed(x)) for x in (row(scene.order.number, "900001", "abc"), damaged, row(scene.order.number, "900003"))]
    done = bring(write(tmp_path / "x.csv", *rows, head=shuffled), scene)
    assert [(x.line, x.column) for x in done.problem_rows.all()] == [(2, "买家退款金额"), (3, "退款编号")]
    assert counts(done) == (1, 0, 0, 1, 2)
    sheet = b"".join(dora.get(reverse("order:import_report", args=[done.pk])).streaming_content).decode("utf-8-sig")
    assert "This is not an amount." in sheet
    assert "3.5E+17" in sheet


def test_d5_a_killed_run_goes_on_where_it_stopped(scene, tmp_path, monkeypatch):
    monkeypatch.setattr(refunds, "CHUNK", 2)
    path = write(tmp_path / "x.csv", *[row(scene.order.number, f"90000{n}") for n in range(5)])
    whole, written = refunds._write, []

    def dies_at_the_second_piece(chunk, shop, found, at):
        whole(chunk, shop, found, at)
        written.append(len(chunk))
        if len(written) == 2:
            raise KeyboardInterrupt

    with path.open("rb") as file:
        run = bring_in(by=scene.dora, shop=scene.cast.shop, file=File(file, name=path.name))
    monkeypatch.setattr(refunds, "_write", dies_at_the_second_piece)
    with pytest.raises(KeyboardInterrupt):
        run_import(run.pk)
    assert PlatformRefund.objects.count() == 2, "the piece it died in left nothing"
    monkeypatch.setattr(refunds, "_write", whole)
    run_import(run.pk)
    run.refresh_from_db()
    assert (run.state, run.rows, counts(run)[0], PlatformRefund.objects.count()) == ("done", 5, 5, 5)


def test_a_form_filed_later_meets_its_refund(scene, tmp_path):
    bring(write(tmp_path / "x.csv", row(scene.order.number, "900001")), scene)
    assert match_waiting() == 0
    form = scene.filed()
    assert match_waiting() == 1
    assert PlatformRefund.objects.get().form == form


def test_what_is_no_refund_list_and_whose_right_it_is_not(scene, tmp_path):
    other, path = write(tmp_path / "x.csv", head=["订单编号", "买家会员名"]), write(tmp_path / "y.csv", row("1", "900001"))

    def kept(path: Path, by, kind: str = "") -> None:
        with path.open("rb") as file:
            bring_in(by=by, shop=scene.cast.shop, file=File(file, name=path.name), kind=kind, start_now=False)

    refused("invalid", kept, other, scene.dora, KIND)
    refused("forbidden", kept, path, scene.cast.bob)
    refused("not_found", kept, path, scene.cast.mallory)
    assert not Import.objects.exists()
    kept(path, scene.dora)
    run = Import.objects.get()
    assert (run.kind, run.state) == (KIND, Import.State.UPLOADED), "known by its columns, also on the page of the orders' imports"
    refused("forbidden", start, run, by=scene.cast.bob, dry_run=False)


def test_the_page_lists_what_does_not_match(scene, tmp_path, dora):
    form = scene.closed()
    path = write(tmp_path / "x.csv", row(scene.order.number, "900001", "39.00"), row("404404", "900002"), row("", "900003"))
    file = SimpleUploadedFile("退款.csv", path.read_bytes())
    kept = dora.post(reverse("return_form:refunds"), {"shop": scene.cast.shop.pk, "file": file})
    run = Import.objects.get()
    assert kept["Location"] == reverse("order:import", args=[run.pk])
    assert "Dry run" in dora.get(kept["Location"]).content.decode()
    dora.post(reverse("order:start_import", args=[run.pk]))
    run_import(run.pk)
    assert "Without a form" in dora.get(kept["Location"]).content.decode()
    page = dora.get(reverse("return_form:refunds")).content.decode()
    for told in ("404404", form.number, "39.00", "退款.csv"):
        assert told in page
    assert dora.post(reverse("return_form:refunds"), {"shop": scene.cast.shop.pk}).status_code == 422
