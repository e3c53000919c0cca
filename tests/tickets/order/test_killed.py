"""D5 with a real process: an import's worker is killed with -9 in the middle, and another takes it up."""

from __future__ import annotations

import os
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


def _kill_in_the_middle(run: Import) -> int:
    name, files = connection.settings_dict["NAME"], settings.STORAGES["default"]["OPTIONS"]["location"]
    worker = subprocess.Popen([sys.executable, "-c", SCRIPT, str(run.pk), str(name), str(files)], cwd=settings.BASE_DIR)
    deadline = time.monotonic() + 60
    while run.done < 400 and worker.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
        run.refresh_from_db()
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    run.refresh_from_db()
    return run.done
