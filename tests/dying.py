"""Workers that kill themselves with -9 at a statement, counted: where they die depends on no clock and on no neighbour."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection

PATIENCE = 120
"""Seconds: a process of its own has to start, and the machine may be busy."""
PREAMBLE = """
import os, signal, sys, django
from django.conf import settings
django.setup()
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
connection.settings_dict["OPTIONS"].pop("pool", None)
settings.STORAGES["default"]["OPTIONS"]["location"] = sys.argv[2]
left = int(sys.argv[3])

def dying(execute, *args):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(*args)

def counted(work):
    "What counts the statements down from the first time that it is called."
    def counting(*args, **kwargs):
        if dying not in connection.execute_wrappers:
            connection.execute_wrappers.append(dying)
        return work(*args, **kwargs)
    return counting

"""


def dies(script: str, *given: object, after: int) -> bool:
    """Run a worker's script (its `sys.argv[4:]` is what is `given`) that dies `after` so many statements of what it calls `counted`.

    False: it ended by itself."""
    name, files = connection.settings_dict["NAME"], settings.STORAGES["default"]["OPTIONS"]["location"]
    command = [sys.executable, "-c", PREAMBLE + script, *map(str, (name, files, after, *given))]
    ended = subprocess.run(command, cwd=settings.BASE_DIR, timeout=PATIENCE, check=False).returncode
    assert ended in (0, -signal.SIGKILL), "the worker failed"
    return ended == -signal.SIGKILL


def until_let(row: Any, attempt: Callable[[], object]) -> None:
    """Try until it goes: a dead worker's connection holds the row (`is_running`) until the server has noticed."""
    deadline = time.monotonic() + PATIENCE
    while not attempt():
        row.refresh_from_db()
        assert row.is_running, "it ended before it could be killed"
        assert time.monotonic() < deadline, "the dead worker's lock was never let go"
        time.sleep(0.1)
    row.refresh_from_db()
