"""D5 with real processes: the worker of a move-in is killed with -9 at points nobody chose, again and again; nothing is lost or doubled."""

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
from tests.tickets.movein import exports
from tickets.activity.models import Activity
from tickets.customer.models import Customer
from tickets.movein import actions
from tickets.movein.models import Move, Twin
from tickets.ticket.models import Assignment, Ticket, TicketText

COUNT, PEOPLE, KILLS = 400, 40, 4
SCRIPT = """
import sys, django
from django.conf import settings
django.setup()
settings.DATABASES["default"]["NAME"] = sys.argv[2]
from django.db import connections
connections["default"].settings_dict["NAME"] = sys.argv[2]
connections["default"].settings_dict["OPTIONS"].pop("pool", None)
settings.STORAGES["default"]["OPTIONS"]["location"] = sys.argv[3]
from tickets.movein import actions
actions.BATCH = 10
actions.run_move(int(sys.argv[1]))
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_d5_kill_9_at_random_points_loses_and_doubles_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "BATCH", 10)
    cast = make_cast()
    pages = [exports.page("users", [exports.zendesk_user(1_000 + n, f"Buyer{n}") for n in range(PEOPLE)])]
    pages.append(exports.page("tickets", [exports.zendesk_ticket(n, requester=1_000 + n % PEOPLE) for n in range(1, COUNT + 1)]))
    path = exports.write(tmp_path / "x.json", pages, lines=True)
    with path.open("rb") as file:
        move = actions.upload(by=cast.alice, system="zendesk", file=File(file, path.name), dry_run=False, start_now=False)
    seed = random.randrange(10**6)
    killed_at = _kill_again_and_again(move, random.Random(seed))
    assert 0 < max(killed_at) < COUNT + PEOPLE, (seed, killed_at)
    deadline = time.monotonic() + 30
    while actions.run_move(move.pk) is None:  # the dead worker's connection holds the run until the server has noticed
        assert time.monotonic() < deadline, seed
        time.sleep(0.2)
    move.refresh_from_db()
    told = (move.state, move.done, move.tickets, move.entries, move.customers, move.problems)
    assert told == (Move.State.DONE, COUNT + PEOPLE, COUNT, COUNT * 3, PEOPLE, 0), (seed, killed_at)
    counted = (Ticket.objects.count(), Assignment.objects.count(), TicketText.objects.count(), Customer.objects.count())
    assert counted == (COUNT, COUNT, COUNT, PEOPLE), (seed, killed_at)
    assert Activity.objects.filter(code="ticket.said_before").count() == COUNT * 3
    assert Activity.objects.filter(code="ticket.moved_in").count() == COUNT
    assert Twin.objects.count() == COUNT * 4 + PEOPLE


def _kill_again_and_again(move: Move, chance: random.Random) -> list[int]:
    """Start a worker, let it live for a moment of chance after it has begun to write, kill it; how far each had come."""
    found = []
    for _kill in range(KILLS):
        worker = _start(move)
        before, deadline = move.done, time.monotonic() + 60
        while move.done == before and worker.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
            move.refresh_from_db()
        time.sleep(chance.uniform(0, 0.15))
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        time.sleep(0.1)
        move.refresh_from_db()
        found.append(move.done)
    return found


def _start(move: Move) -> subprocess.Popen[bytes]:
    name, files = connection.settings_dict["NAME"], settings.STORAGES["default"]["OPTIONS"]["location"]
    return subprocess.Popen([sys.executable, "-c", SCRIPT, str(move.pk), str(name), str(files)], cwd=settings.BASE_DIR)
