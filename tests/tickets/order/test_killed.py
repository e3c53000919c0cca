"""D5 with a real process: an import's worker is killed with -9 in the middle, and another takes it up."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from django.core.files.base import File

from tests.cast import make_cast
from tests.dying import dies, until_let
from tests.tickets.order import exports
from tickets.customer.models import Customer
from tickets.order.imports import mapping
from tickets.order.imports.run import run_import
from tickets.order.imports.uploads import upload
from tickets.order.models import Import, Order, OrderLine

COUNT = 3_000
WORKER = """
from tickets.order.imports import staging, run
staging.WAVE = 200
run.write_wave = counted(run.write_wave)
run.run_import(int(sys.argv[4]))
"""
"""It dies after so many statements, counted from its first wave of orders that was not written yet."""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_d5_kill_9_in_the_middle_loses_and_doubles_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.order.imports.staging.WAVE", 200)
    cast = make_cast()
    path = exports.write_csv(tmp_path / "x.csv", exports.TAOBAO_46, exports.taobao(COUNT, buyers=500))
    with path.open("rb") as content:
        run = upload(by=cast.bob, shop=cast.shop, file=File(content, path.name), start_now=False)
    Import.objects.filter(pk=run.pk).update(state=Import.State.WAITING)
    assert 0 < _worker_dies(run, after=50) < COUNT
    until_let(run, lambda: run_import(run.pk))
    assert (run.state, run.created, run.updated, run.unchanged) == (Import.State.DONE, COUNT, 0, 0)
    assert (Order.objects.count(), OrderLine.objects.count(), Customer.objects.count()) == (COUNT, COUNT, 500)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_d5_kill_9_at_random_points_of_a_file_whose_columns_were_chosen_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders of one to three rows; the worker dies four times at moments of chance."""
    monkeypatch.setattr("tickets.order.imports.staging.WAVE", 200)
    cast, seed = make_cast(), random.randrange(10**6)
    header = ["单号", "客户", "金额", "状态", "品名", "数量"]
    cells = [[f"H{n:06}", f"tb_{n % 300}", "30.00", "已付款", f"杯 {part}", "1"] for n in range(COUNT) for part in range(1 + n % 3)]
    rows = [dict(zip(header, row, strict=True)) for row in cells]
    path = exports.write_csv(tmp_path / "x.csv", header, rows)
    with path.open("rb") as content:
        run = upload(by=cast.alice, shop=cast.shop, file=File(content, path.name), start_now=False)
    columns = {"number": "单号", "handle": "客户", "total": "金额", "status": "状态", "title": "品名", "quantity": "数量"}
    mapping.choose(run, columns, by=cast.alice)
    Import.objects.filter(pk=run.pk).update(state=Import.State.WAITING)
    chance, killed_at = random.Random(seed), []
    for _kill in range(4):
        killed_at.append(_worker_dies(run, after=chance.randint(0, 30)))
    assert killed_at[-1] < COUNT, (seed, killed_at)
    until_let(run, lambda: run_import(run.pk))
    told = (run.state, run.created, run.updated, run.unchanged, run.problems)
    assert told == (Import.State.DONE, COUNT, 0, 0, 0), (seed, killed_at)
    assert (Order.objects.count(), OrderLine.objects.count(), Customer.objects.count()) == (COUNT, len(rows), 300), (seed, killed_at)


def _worker_dies(run: Import, *, after: int) -> int:
    """Start a worker that dies after so many statements; how many orders were written when it did."""
    until_let(run, lambda: dies(WORKER, run.pk, after=after))
    return run.done
