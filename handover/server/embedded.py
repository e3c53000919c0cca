"""The embedded PostgreSQL: a real server for try-outs and tests, run plainly by its own `initdb` and `postgres`."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from .pgplace import CannotStart, Owner, binaries, data_folder, owner
from .processes import dies_with_parent

ROLE = DATABASE = "handover"
DURABLE = ["fsync=on", "synchronous_commit=on", "full_page_writes=on"]
THROW_AWAY = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "max_wal_size=4GB"]
COMMON = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "password_encryption=scram-sha-256",
    "max_connections=100",
    "shared_buffers=256MB",
    "effective_cache_size=1GB",
    "work_mem=16MB",
    "maintenance_work_mem=128MB",
    "random_page_cost=1.1",
    "jit=off",  # our queries are short; compiling them costs more than they do
    "timezone=UTC",
    "log_timezone=UTC",
    "log_min_messages=warning",
]


def recorded_url(var: Path) -> str:
    """The URL of the server kept under `var`, as recorded when it was last started; before the first start, where nobody listens."""
    try:
        return str(json.loads((var / "pg.json").read_text(encoding="utf-8"))["url"])
    except FileNotFoundError:
        return "postgres://handover@127.0.0.1:5432/handover"


class Server:
    """One PostgreSQL with its data under `var`. `start()` returns the URL of the application's role, which is no superuser."""

    def __init__(self, var: Path, *, durable: bool = True) -> None:
        self.var = var
        self.durable = durable
        self.flags = [*COMMON, *(DURABLE if durable else THROW_AWAY)]
        self.process: subprocess.Popen[bytes] | None = None
        self.note: dict[str, str] = {}

    # -- starting -----------------------------------------------------------------------------------------------------
    def start(self) -> str:
        """Makes the data on the first start, ends what a killed run left behind, starts, and waits until it answers."""
        self.var.mkdir(parents=True, exist_ok=True)
        who = owner()
        self.bin, self.data = binaries(who), data_folder(self.var, who)
        self.note = self._read_note()
        if not (self.data / "PG_VERSION").exists():
            self._make_data(who)
        if "superuser" not in self.note:
            raise CannotStart(
                f"{self.data} is there, but its passwords ({self.var / 'pg.json'}) are gone: put that file back, or move the data away"
            )
        self._check_version()
        end_orphan(self.data)
        port = free_port(int(self.note.get("port", "0")))
        self._launch(who, port)
        self._make_database(port)
        self.note |= {"port": str(port), "url": f"postgres://{ROLE}:{self.note['password']}@127.0.0.1:{port}/{DATABASE}"}
        self._write_note()
        return self.note["url"]

    def _make_data(self, who: Owner) -> None:
        """initdb, with passwords for the superuser and for the application's role that only this account can read.

        A folder left half made by a killed initdb has no finished note and is made again.
        """
        fresh = self.data.with_name(f"{self.data.name}.new")
        if fresh.exists():
            subprocess.run(["rm", "-rf", str(fresh)], check=True)
        fresh.mkdir(parents=True, mode=0o700)
        who.give(fresh)
        self.note = {"superuser": secrets.token_urlsafe(24), "password": secrets.token_urlsafe(24)}
        with tempfile.NamedTemporaryFile("w", prefix="handover-", suffix=".pw") as password:
            password.write(self.note["superuser"])
            password.flush()
            who.give(Path(password.name))
            command = [
                *(str(self.bin / "initdb"), "-D", str(fresh), "-U", "postgres", f"--pwfile={password.name}", "-A", "scram-sha-256"),
                *("-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions"),
            ]
            done = subprocess.run(command, cwd="/", capture_output=True, text=True, **who.popen())
        if done.returncode:
            raise CannotStart(f"initdb failed: {done.stderr.strip()}")
        self._write_note()
        fresh.rename(self.data)

    def _check_version(self) -> None:
        have = (self.data / "PG_VERSION").read_text().strip()
        done = subprocess.run([str(self.bin / "postgres"), "--version"], capture_output=True, text=True, check=True)
        runs = done.stdout.split()[-1].split(".")[0]
        if have != runs:
            raise CannotStart(
                f"{self.data} was made by PostgreSQL {have}, this one is {runs}: dump it with {have} and load it, or move it away"
            )

    def _launch(self, who: Owner, port: int) -> None:
        """Starts `postgres` as our own child; after a kill -9 its shared memory may linger for a moment, so it tries again."""
        deadline = time.monotonic() + 15
        while True:
            log_at = self._spawn(who, port)
            said = self._wait_until_it_answers(port, log_at)
            if said is None:
                return
            if "shared memory" not in said or time.monotonic() > deadline:
                raise CannotStart(f"PostgreSQL did not start:\n{said}")
            time.sleep(0.5)

    def _spawn(self, who: Owner, port: int) -> int:
        """Returns how long its log was before it began to write."""
        flags = [part for flag in [*self.flags, f"port={port}"] for part in ("-c", flag)]
        self.log_file = self.var / "pg.log"
        with self.log_file.open("ab") as out:
            log_at = out.tell()
            self.process = subprocess.Popen(
                [str(self.bin / "postgres"), "-D", str(self.data), *flags],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGINT),  # SIGINT is its fast, clean shutdown
                **who.popen(),
            )
        return log_at

    def _wait_until_it_answers(self, port: int, log_at: int) -> str | None:
        """None when it answers; what it said when it ended instead. Recovery after a crash takes as long as it takes."""
        import psycopg

        assert self.process is not None  # noqa: S101
        while self.process.poll() is None:
            with contextlib.suppress(psycopg.OperationalError):
                self._connect(port).close()
                return None
            time.sleep(0.05)
        with self.log_file.open("rb") as log:
            log.seek(log_at)
            return log.read().decode(errors="replace")

    def _connect(self, port: int):  # psycopg is imported late: settings import this module
        import psycopg

        return psycopg.connect(
            host="127.0.0.1",
            port=port,
            user="postgres",
            password=self.note["superuser"],
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    def _make_database(self, port: int) -> None:
        """The application's role: may log in and create databases (for tests), nothing else; it owns its database."""
        from psycopg import sql

        with self._connect(port) as db:
            if not db.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                name, password = sql.Identifier(ROLE), sql.Literal(self.note["password"])
                db.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(name, password))
            if not db.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                db.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(ROLE)))
            if not self.durable:  # `make bench` loads its history with the triggers asleep
                db.execute(sql.SQL("GRANT SET ON PARAMETER session_replication_role TO {}").format(sql.Identifier(ROLE)))

    # -- stopping -----------------------------------------------------------------------------------------------------
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, patience: float = 30) -> None:
        """Fast, clean shutdown (open transactions are rolled back); later an immediate one, which recovers on the next start."""
        if self.process is None:
            return
        for sig in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self.process.poll() is None:
                self.process.send_signal(sig)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(patience)
        self.process = None

    # -- the note -------------------------------------------------------------------------------------------------------
    def _read_note(self) -> dict[str, str]:
        try:
            return dict(json.loads((self.var / "pg.json").read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}

    def _write_note(self) -> None:
        """Passwords and port, readable by this account only; replaced whole, so a kill leaves the old or the new one."""
        fresh = self.var / "pg.json.new"
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            json.dump({"url": recorded_url(self.var), **self.note}, out)
        fresh.rename(self.var / "pg.json")


def free_port(wanted: int) -> int:
    """`wanted` if nobody listens there, else one that the kernel picks."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise CannotStart("no free port on 127.0.0.1")


def end_orphan(data: Path, patience: float = 30) -> bool:
    """Ends a postgres that a killed run left on `data`, and removes a pid file that names somebody else. True if there was one."""
    import psutil

    file = data / "postmaster.pid"
    try:
        pid = int(file.read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        ours = process.name().startswith("postgres") and str(data) in process.cmdline()
    except psutil.ZombieProcess:
        ours = False  # dead, but nobody collected it; PostgreSQL takes the number for a living server
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return False  # PostgreSQL itself removes a pid file whose process is gone
    if not ours:
        file.unlink(missing_ok=True)  # or the number was given to another program, e.g. after a reboot
        return False
    for sig in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
            process.send_signal(sig)
            process.wait(patience)
        if not process.is_running():
            break
    return True
