"""The embedded PostgreSQL: real starts, real kills, its data still there."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest
from django.conf import settings

from handover.server.embedded import Server, recorded_url
from handover.server.pgplace import CannotStart

STARTER = """
import sys, time
from pathlib import Path
from handover.server.embedded import Server
server = Server(Path(sys.argv[1]))
print(server.start(), server.process.pid, flush=True)
time.sleep(600)
"""


def count(url: str) -> int:
    with psycopg.connect(url) as db:
        db.execute("CREATE TABLE IF NOT EXISTS kept (at timestamptz DEFAULT now())")
        db.execute("INSERT INTO kept DEFAULT VALUES")
        found = db.execute("SELECT count(*) FROM kept").fetchone()
    assert found is not None
    return int(found[0])


def start_apart(var: Path) -> tuple[subprocess.Popen[str], str, int]:
    """In a process of its own, which can be killed."""
    process = subprocess.Popen([sys.executable, "-c", STARTER, str(var)], cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url, pid = process.stdout.readline().split()
    return process, url, int(pid)


def gone(pid: int, within: float = 20) -> bool:
    """Ended (a zombie that nobody collected has ended too)."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False


def test_data_survives_a_stop_and_every_kind_of_kill(var: Path) -> None:
    server = Server(var)
    url = server.start()
    assert count(url) == 1
    assert url == recorded_url(var)
    server.stop()

    process, url, pid = start_apart(var)
    assert count(url) == 2
    os.kill(pid, signal.SIGKILL)  # the database itself, in the middle of its work
    process.kill()
    process.wait()

    process, url, pid = start_apart(var)
    assert count(url) == 3
    process.kill()  # the one who started it
    process.wait()
    assert gone(pid), "the database must not outlive the process that runs it"

    assert count(server.start()) == 4
    server.stop()


def test_a_second_start_ends_what_the_first_left_behind(var: Path) -> None:
    first = Server(var, durable=False)
    url = first.start()
    assert first.process is not None
    left, first.process = first.process, None  # as if its owner had forgotten it
    count(url)
    second = Server(var, durable=False)
    assert count(second.start()) == 2
    assert left.wait(10) == 0
    second.stop()


def test_a_pid_file_that_names_somebody_else_does_no_harm(var: Path) -> None:
    server = Server(var, durable=False)
    server.start()
    server.stop()
    somebody = psutil.Process()
    (var / "pg" / "postmaster.pid").write_text(f"{somebody.pid}\n{var / 'pg'}\n")
    assert count(server.start()) == 1
    server.stop()
    assert somebody.is_running()


def test_the_application_is_no_superuser_and_has_what_it_needs(var: Path) -> None:
    server = Server(var, durable=False)
    url = server.start()
    try:
        with psycopg.connect(url, autocommit=True) as db:
            assert db.execute("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user").fetchone() == (False, False)
            for extension in ("btree_gist", "btree_gin", "pg_trgm"):
                db.execute(f"CREATE EXTENSION {extension}")
            assert db.execute("SELECT lower('ÄÖ') = 'äö', '交接班' LIKE '%接%'").fetchone() == (True, True)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(url.replace(server.note["password"], "guessed"))
    finally:
        server.stop()
    assert (var / "pg.json").stat().st_mode & 0o077 == 0


def test_data_of_another_version_is_left_alone(var: Path) -> None:
    server = Server(var, durable=False)
    server.start()
    server.stop()
    (var / "pg" / "PG_VERSION").write_text("12\n")
    with pytest.raises(CannotStart, match="made by PostgreSQL 12"):
        server.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
def test_root_opens_nobodys_folder(var: Path) -> None:
    """A project below a closed folder: the data goes elsewhere, the folder stays closed."""
    import shutil

    from handover.server.pgplace import base

    closed = var / "home"
    closed.mkdir(mode=0o700)
    server = Server(closed / "var", durable=False)
    try:
        assert count(server.start()) == 1
        assert closed.stat().st_mode & 0o777 == 0o700
        assert (closed / "var" / "pg").is_symlink()
        assert not server.data.is_relative_to(closed)
        assert server.process is not None and psutil.Process(server.process.pid).uids().real != 0
    finally:
        server.stop()
        shutil.rmtree(base(closed / "var"), ignore_errors=True)
