"""Child processes that never outlive their parent, and that are started again when they die."""

import contextlib
import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

log = logging.getLogger("handover.server")
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def dies_with_parent(sig: signal.Signals) -> Callable[[], None]:
    """For `preexec_fn`: on Linux the kernel sends `sig` to the child when its parent dies, also when that was killed with -9."""
    parent = os.getpid()

    def ask() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
            if os.getppid() != parent:  # it died before we asked
                os._exit(1)

    return ask


class Child:
    """One supervised process in a session of its own, so that Ctrl-C reaches only us and we stop things in order."""

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        self.name, self.command, self.env = name, list(command), dict(env)
        self.process: subprocess.Popen[bytes] | None = None
        self.started = self.again_at = 0.0
        self.pause = 1.0

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command, env=self.env, start_new_session=True, preexec_fn=dies_with_parent(signal.SIGTERM), stdin=subprocess.DEVNULL
        )
        self.started = time.monotonic()

    def tend(self) -> None:
        """Starts it again when it died; waits longer (to 30 s) each time that it dies within a minute of its start."""
        if self.process is None:
            if time.monotonic() >= self.again_at:
                self.start()
        elif (code := self.process.poll()) is not None:
            self.pause = min(self.pause * 2, 30.0) if time.monotonic() - self.started < 60 else 1.0
            log.warning("%s ended with %s; starting it again in %.0f s", self.name, code, self.pause)
            self.process, self.again_at = None, time.monotonic() + self.pause

    def stop(self, patience: float) -> None:
        """SIGTERM, and after `patience` seconds SIGKILL to it and all that it started."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
