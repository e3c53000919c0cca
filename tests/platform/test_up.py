"""`manage.py up`: everything starts, answers, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from tests.platform.conftest import folder_of_a_server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


PATIENCE = 300
"""Seconds: a database made anew on a machine that has much else to do takes minutes."""


@pytest.fixture(scope="module")
def kept() -> Iterator[Path]:
    """The folder of an installation that goes on from test to test: its database is made once, which takes the longest by far."""
    with folder_of_a_server() as folder:
        yield folder


@pytest.fixture
def up() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts `manage.py up` in a folder; what it says is in `up-0.log` there, the second start's in `up-1.log`."""
    started: list[subprocess.Popen[bytes]] = []

    def start(var: Path, port: int) -> subprocess.Popen[bytes]:
        environment = {"PATH": os.environ["PATH"], "HANDOVER_VAR": str(var), "PORT": str(port), "WEB_CONCURRENCY": "1"}
        out = (var / f"up-{len(started)}.log").open("wb")
        started.append(
            subprocess.Popen(
                [sys.executable, "manage.py", "up", "--no-demo"],
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        )
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


def wait_for(question: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if question():
            return True
        time.sleep(0.2)
    return False


def status(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def all_gone(processes: list[psutil.Process]) -> bool:
    return all(not one.is_running() or one.status() == psutil.STATUS_ZOMBIE for one in processes)


@pytest.mark.slow
def test_up_answers_restarts_what_dies_and_leaves_nothing_behind(up: Callable[..., subprocess.Popen[bytes]], kept: Path) -> None:
    port = free_port()
    first = up(kept, port)
    said = kept / "up-0.log"
    assert wait_for(lambda: status(port, "/healthz") == 200), said.read_text()
    assert wait_for(lambda: status(port, "/readyz") == 200), said.read_text()
    assert status(port, "/accounts/login/") == 200
    assert wait_for(lambda: f"http://localhost:{port}" in said.read_text())
    assert "DATABASE_URL is not set" in said.read_text()

    second = up(kept, port)
    assert second.wait(PATIENCE) == 1
    assert "already runs here" in (kept / "up-1.log").read_text()

    web = next(one for one in family(first) if "gunicorn" in " ".join(one.cmdline()))
    web.kill()
    assert wait_for(lambda: status(port, "/healthz") == 0 or not web.is_running())
    assert wait_for(lambda: status(port, "/healthz") == 200), "the web server is started again"

    started = family(first)
    assert any(one.name().startswith("postgres") for one in started)
    first.send_signal(signal.SIGTERM)
    assert first.wait(PATIENCE) == 0, said.read_text()
    assert all_gone(started)
    assert "Stopped; the data stays." in said.read_text()


@pytest.mark.slow
def test_nothing_outlives_an_up_that_was_killed(up: Callable[..., subprocess.Popen[bytes]], kept: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells a child that its parent was killed")
    port = free_port()
    first = up(kept, port)
    assert wait_for(lambda: status(port, "/healthz") == 200), (kept / "up-0.log").read_text()
    started = family(first)
    first.kill()
    first.wait()
    assert wait_for(lambda: all_gone(started)), [one.cmdline() for one in started if one.is_running()]

    again = up(kept, port)
    assert wait_for(lambda: status(port, "/healthz") == 200), (kept / "up-1.log").read_text()
    again.send_signal(signal.SIGINT)
    assert again.wait(PATIENCE) == 0


def test_a_port_in_use_is_named_before_anything_starts(up: Callable[..., subprocess.Popen[bytes]], var: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = up(var, taken.getsockname()[1])
        assert process.wait(30) == 1
    assert "Choose another one" in (var / "up-0.log").read_text()
    assert not (var / "pg").exists()
