"""Runs a command with a throw-away PostgreSQL: `python -m handover.server.with_database pytest …`.

With DATABASE_URL set that server is used instead, and nothing is started.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from .embedded import Server
from .pgplace import base
from .processes import dies_with_parent


def run(command: Sequence[str]) -> int:
    """The command's exit code; the server and its data are gone when this returns."""
    if os.environ.get("DATABASE_URL"):
        return subprocess.run(command).returncode
    var = Path(tempfile.mkdtemp(prefix="handover-pg-"))
    var.chmod(0o711)  # root's server runs as another user, who must be able to enter
    server = Server(var, durable=False)
    signal.signal(signal.SIGTERM, _leave)
    try:
        environment = os.environ | {"DATABASE_URL": server.start()}
        with subprocess.Popen(command, env=environment, preexec_fn=dies_with_parent(signal.SIGTERM)) as process:
            try:
                return process.wait()
            except (KeyboardInterrupt, SystemExit):
                process.terminate()
                raise
    finally:
        server.stop()
        shutil.rmtree(var, ignore_errors=True)
        shutil.rmtree(base(var), ignore_errors=True)


def _leave(_sig: int, _frame: FrameType | None) -> None:
    sys.exit(143)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
