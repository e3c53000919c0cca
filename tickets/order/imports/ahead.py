"""Reading ahead: the next waves are parsed on one core while the database writes the last one on another."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
_DEPTH = 2  # waves that may wait; more would only cost memory
_END = object()
_SWITCH = 0.0003  # seconds; the usual 5 ms, waited for at every answer of the database, would cost a third of the time


class Ahead(Generic[T]):
    """Iterates over `source` in a thread of its own, at most two items ahead. Its errors are raised where the items are taken.

    The thread touches no database; leaving the context stops it.
    """

    def __init__(self, source: Iterator[T]) -> None:
        self._source = source
        self._waiting: queue.Queue[object] = queue.Queue(_DEPTH)
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._read, name="import-reader", daemon=True)

    def __enter__(self) -> Ahead[T]:
        self._interval = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH)
        self._thread.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._stop.set()
        while self._thread.is_alive():
            try:
                self._waiting.get(timeout=0.05)
            except queue.Empty:
                continue
        sys.setswitchinterval(self._interval)

    def _read(self) -> None:
        try:
            for item in self._source:
                self._put(item)
                if self._stop.is_set():
                    return
        except BaseException as error:
            self._error = error
        self._put(_END)

    def _put(self, item: object) -> None:
        while not self._stop.is_set():
            try:
                self._waiting.put(item, timeout=0.5)
                return
            except queue.Full:
                continue

    def __iter__(self) -> Iterator[T]:
        while (item := self._waiting.get()) is not _END:
            yield item  # type: ignore[misc]
        if self._error is not None:
            raise self._error
