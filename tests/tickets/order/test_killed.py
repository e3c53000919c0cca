"""D5 with a real process: an import's worker is killed with -9 in the middle, and another takes it up."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
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
PATIENCE = 60
"""Seconds."""
SCRIPT = """
import os, signal, sys, django
from django.conf import settings
django.setup()
settings.DATABASES["default"]["NAME"] = sys.argv[2]
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[2]
connection.settings_dict["OPTIONS"].pop("pool", None)
settings.STORAGES["default"]["OPTIONS"]["location"] = sys.argv[3]
from tickets.order.imports import staging, run
staging.WAVE = 200
left, write = int(sys.argv[4]), run.write_wave

def dying(execute, *args):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(*args)

def first(*args, **kwargs):
    if dying not in connection.execute_wrappers:
        connection.execute_wrappers.append(dying)
    return write(*args, **kwargs)

run.write_wave = first
run.run_import(int(sys.argv[1]))
"""
"""A worker that kills itself with -9 after so many statements, counted from its first wave of orders that was not written yet."""


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
    _until_let(run, lambda: run_import(run.pk))
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
        killed_at.append(_worker_dies(run, after=chance.randint(0, 50)))
    assert killed_at[-1] < COUNT, (seed, killed_at)
    _until_let(run, lambda: run_import(run.pk))
    told = (run.state, run.created, run.updated, run.unchanged, run.problems)
    assert told == (Import.State.DONE, COUNT, 0, 0, 0), (seed, killed_at)
    assert (Order.objects.count(), OrderLine.objects.count(), Customer.objects.count()) == (COUNT, len(rows), 300), (seed, killed_at)


def _worker_dies(run: Import, *, after: int) -> int:
    """Start a worker that dies after so many statements; how many orders were written when it did."""
    name, files = connection.settings_dict["NAME"], settings.STORAGES["default"]["OPTIONS"]["location"]
    command = [sys.executable, "-c", SCRIPT, str(run.pk), str(name), str(files), str(after)]

    def died() -> bool:
        return subprocess.run(command, cwd=settings.BASE_DIR, timeout=PATIENCE, check=False).returncode == -signal.SIGKILL

    _until_let(run, died)
    return run.done


def _until_let(run: Import, attempt: Callable[[], object]) -> None:
    """Try until it goes: a dead worker's connection holds the run until the server has noticed."""
    deadline = time.monotonic() + PATIENCE
    while not attempt():
        run.refresh_from_db()
        assert run.is_running, "ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.1)
    run.refresh_from_db()
