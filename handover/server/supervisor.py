"""Runs the whole system on this machine: database, web server and job worker, under one process."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from .embedded import Server
from .pgplace import CannotStart
from .processes import Child

MANAGE = [sys.executable, str(Path(__file__).resolve().parents[2] / "manage.py")]


class Stop(Exception):
    """Somebody asked us to end (Ctrl-C, SIGTERM, the terminal closed)."""


class Supervisor:
    """`run()` starts everything, tends it until told to stop, and then stops it in order: web and worker first, database last."""

    def __init__(self, var: Path, port: int, say: Callable[[str], None], *, demo: bool = True) -> None:
        self.var, self.port, self.say, self.demo = var, port, say, demo
        self.bind = os.environ.get("HANDOVER_BIND", "127.0.0.1")
        self.database: Server | None = None
        self.children: list[Child] = []
        self.env = os.environ | {"HANDOVER_LOCAL": "1", "HANDOVER_HASHED_STATIC": "1", "HANDOVER_VAR": str(var), "PORT": str(port)}

    def run(self) -> None:
        """Returns after a clean stop. Raises `CannotStart` with what to do, when something stands in the way."""
        lock = self._only_one()
        try:
            for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(sig, self._asked)
            self._port_is_free()
            self._start_database()
            self._prepare()
            self._start_children()
            self._announce()
            self._tend()
        except Stop:
            self.say("Stopping …")
        finally:
            for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(sig, signal.SIG_IGN)
            self._stop()
            os.close(lock)

    @staticmethod
    def _asked(_sig: int, _frame: FrameType | None) -> None:
        raise Stop

    def _only_one(self) -> int:
        """The kernel frees the lock when we die, however we die."""
        self.var.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.var / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held_by = os.pread(lock, 100, 0).decode().strip()
            os.close(lock)
            raise CannotStart(
                f"Handover already runs here ({held_by}). Stop that one first, or give this one its own HANDOVER_VAR and PORT."
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"process {os.getpid()}, port {self.port}".encode(), 0)
        return lock

    def _port_is_free(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.bind, self.port))
            except (OSError, OverflowError) as error:
                why = getattr(error, "strerror", None) or "there are 65535 ports"
                raise CannotStart(f"Port {self.port} cannot be used ({why}). Choose another one: PORT=8010 make run") from None

    def _start_database(self) -> None:
        if os.environ.get("DATABASE_URL"):
            self.say("Database: the server of DATABASE_URL.")
            return
        self.database = Server(self.var)
        self.env["DATABASE_URL"] = self.database.start()
        where = f"{self.var / 'pg'}" + (f" → {self.database.data}" if self.database.data != self.var / "pg" else "")
        self.say(f"Database: DATABASE_URL is not set, so the embedded PostgreSQL runs, with its data under {where}.")

    def _prepare(self) -> None:
        """In a process of its own, so that this one holds no connection and no settings read before the database was there."""
        preparing = subprocess.Popen([*MANAGE, "prepare", *(["--demo"] if self.demo else [])], env=self.env, start_new_session=True)
        try:
            code = preparing.wait()
        except Stop:
            preparing.terminate()
            preparing.wait(20)
            raise
        if code:
            raise CannotStart("Preparing the database failed; the reason stands above.")

    def _start_children(self) -> None:
        web = [sys.executable, "-m", "gunicorn", "-c", "python:handover.server.gunicorn", "handover.wsgi"]
        worker = [*MANAGE, "procrastinate", "worker", "--concurrency", os.environ.get("HANDOVER_JOBS", "2")]
        quiet = self.env | {"HANDOVER_LOG_LEVEL": os.environ.get("HANDOVER_LOG_LEVEL", "WARNING"), "HANDOVER_SERVER_LOG": "WARNING"}
        self.children = [Child("web server", web, quiet), Child("job worker", worker, quiet)]
        for child in self.children:
            child.start()

    def _announce(self) -> None:
        """Waits until a request is answered, and only then gives the address."""
        address = f"http://{'localhost' if self.bind in {'127.0.0.1', '0.0.0.0'} else self.bind}:{self.port}"  # noqa: S104
        deadline = time.monotonic() + 60
        while not self._answers():
            if time.monotonic() > deadline:
                raise CannotStart("The web server did not answer within a minute; the reason stands above.")
            self._tend_once()
        self.say(f"\nHandover runs: {address}\n")
        accounts = self.var / "demo-accounts.txt"
        if accounts.exists():
            self.say(accounts.read_text(encoding="utf-8"))
        self.say("Stop with Ctrl-C.")

    def _answers(self) -> bool:
        host = "127.0.0.1" if self.bind == "0.0.0.0" else self.bind  # noqa: S104
        try:
            with urllib.request.urlopen(f"http://{host}:{self.port}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _tend(self) -> None:
        while True:
            self._tend_once()

    def _tend_once(self) -> None:
        time.sleep(0.25)
        if self.database is not None and not self.database.alive():
            self.say("The database ended; starting it again.")
            self.env["DATABASE_URL"] = self.database.start()
        for child in self.children:
            child.tend()

    def _stop(self) -> None:
        for child in self.children:  # both are told first, so that they finish side by side
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
        for child in self.children:
            child.stop(patience=15)
        if self.database is not None:
            self.database.stop()
            self.say("Stopped; the data stays.")
