"""Asks a running server, over kept connections, and counts."""

from __future__ import annotations

import http.client
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Ask = tuple[str, str, bytes | None, dict[str, str]]
"""Method, path, body, headers."""


@dataclass
class Timing:
    """Milliseconds of every answer, the bytes of one, and any status that was not expected."""

    milliseconds: list[float] = field(default_factory=list)
    size: int = 0
    wrong: dict[int, int] = field(default_factory=dict)

    @property
    def p50(self) -> float:
        return statistics.median(self.milliseconds) if self.milliseconds else float("nan")

    @property
    def p95(self) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] if ordered else float("nan")


def ask(connection: http.client.HTTPConnection, what: Ask) -> tuple[int, int, float]:
    """One request: (status, bytes on the wire, milliseconds)."""
    method, path, body, headers = what
    start = time.perf_counter()
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    read = response.read()
    return response.status, len(read), (time.perf_counter() - start) * 1000


def measure(port: int, make: Callable[[], Ask], *, count: int, clients: int, expect: tuple[int, ...] = (200,)) -> Timing:
    """`count` requests by `clients` at once; `make` gives the next request (called under a lock, so it may hand out ids)."""
    timing, lock = Timing(), threading.Lock()
    share = max(count // clients, 1)

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _turn in range(share):
            with lock:
                what = make()
            status, size, milliseconds = ask(connection, what)
            with lock:
                timing.milliseconds.append(milliseconds)
                timing.size = size
                if status not in expect:
                    timing.wrong[status] = timing.wrong.get(status, 0) + 1
        connection.close()

    workers = [threading.Thread(target=work) for _client in range(clients)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return timing
