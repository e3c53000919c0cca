"""D5 with a real process: an import's worker is killed with -9 in the middle, and another takes it up."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import File
from django.db import connection

from tests.cast import make_cast
from tests.tickets.order import exports
from tickets.customer.models import Customer
from tickets.order.imports import mapping
from tickets.order.imports.run import run_import
from tickets.order.imports.uploads import upload
from tickets.order.models import Import, Order, OrderLine

COUNT = 3_000
SCRIPT = """
import sys, django
from django.conf import settings
django.setup()
settings.DATABASES["default"]["NAME"] = sys.argv[2]
from django.db import connections
connections["default"].settings_dict["NAME"] = sys.argv[2]
connections["default"].settings_dict["OPTIONS"].pop("pool", None)
settings.STORAGES["default"]["OPTIONS"]["location"] = sys.argv[3]
from tickets.order.imports import staging, run
staging.WAVE = 200
run.run_import(int(sys.argv[1]))
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_d5_kill_9_in_the_middle_loses_and_doubles_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.order.imports.staging.WAVE", 200)
    cast = make_cast()
    path = exports.write_csv(tmp_path / "x.csv", exports.TAOBAO_46, exports.taobao(COUNT, buyers=500))
    with path.open("rb") as content:
        run = upload(by=cast.bob, shop=cast.shop, file=File(content, path.name), start_now=False)
    Import.objects.filter(pk=run.pk).update(state=Import.State.WAITING)
    killed_at = _kill_in_the_middle(run)
    assert 0 < killed_at < COUNT
    deadline = time.monotonic() + 20
    while run_import(run.pk) is None:  # the dead worker's connection holds the run until the server has noticed
        assert time.monotonic() < deadline
        time.sleep(0.2)
    run.refresh_from_db()
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
        killed_at.append(_kill_in_the_middle(run, upto=run.done + 1, after=chance.uniform(0, 0.1)))
    deadline = time.monotonic() + 20
    while run_import(run.pk) is None:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    run.refresh_from_db()
    told = (run.state, run.created, run.updated, run.unchanged, run.problems)
    assert told == (Import.State.DONE, COUNT, 0, 0, 0), (seed, killed_at)
    assert (Order.objects.count(), OrderLine.objects.count(), Customer.objects.count()) == (COUNT, len(rows), 300), (seed, killed_at)


def _kill_in_the_middle(run: Import, *, upto: int = 400, after: float = 0.0) -> int:
    """Start a worker and kill it `after` some seconds once it has come so far; how far it came."""
    name, files = connection.settings_dict["NAME"], settings.STORAGES["default"]["OPTIONS"]["location"]
    worker = subprocess.Popen([sys.executable, "-c", SCRIPT, str(run.pk), str(name), str(files)], cwd=settings.BASE_DIR)
    deadline = time.monotonic() + 60
    while run.done < upto and worker.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
        run.refresh_from_db()
    time.sleep(after)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    run.refresh_from_db()
    return run.done
