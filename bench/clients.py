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
    """One request: (status, bytes on the wire, milliseconds). A GET that leads elsewhere is followed, as a person waits for both."""
    method, path, body, headers = what
    start = time.perf_counter()
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    read = response.read()
    if method == "GET" and response.status in (302, 303):
        connection.request("GET", response.headers["Location"], None, headers)
        response = connection.getresponse()
        read = response.read()
    return response.status, len(read), (time.perf_counter() - start) * 1000


def in_turn(
    port: int, bare: Callable[[], Ask], make: Callable[[], Ask], *, warm: int, count: int, expect: tuple[int, ...]
) -> tuple[Timing, Timing]:
    """`count` times the bare page and then the measured one, by one client: whatever slows the machine slows both.

    `warm` turns come before that and are not counted, over the same connection, so that the process that answers has been warmed.
    """
    timings = Timing(), Timing()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for turn in range(-warm, count):
        for timing, maker, wanted in ((timings[0], bare, (200,)), (timings[1], make, expect)):
            answer = ask(connection, maker())
            if turn >= 0:
                note(timing, answer, wanted)
    connection.close()
    return timings


def note(timing: Timing, answer: tuple[int, int, float], expect: tuple[int, ...]) -> None:
    status, timing.size, milliseconds = answer
    timing.milliseconds.append(milliseconds)
    if status not in expect:
        timing.wrong[status] = timing.wrong.get(status, 0) + 1


def crowd(port: int, make: Callable[[], Ask], *, count: int, clients: int, expect: tuple[int, ...] = (200,)) -> Timing:
    """`count` requests by `clients` at once; `make` gives the next request (called under a lock, so it may hand out ids)."""
    timing, lock = Timing(), threading.Lock()

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _turn in range(max(count // clients, 1)):
            with lock:
                what = make()
            answer = ask(connection, what)
            with lock:
                note(timing, answer, expect)
        connection.close()

    workers = [threading.Thread(target=work) for _client in range(clients)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return timing
