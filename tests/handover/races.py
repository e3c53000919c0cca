"""The same deed by several people at once, each on a database connection of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from tickets.web.refusals import Refused


def race(deed: Callable[[Any], object], runners: Sequence[Any]) -> list[str]:
    """What came of it for each runner, sorted, all starting together: `won` or the refusal's code; another failure is raised."""
    gate, found, failures = threading.Barrier(len(runners)), [], []

    def run(runner: Any) -> None:
        try:
            gate.wait(timeout=10)
            deed(runner)
            found.append("won")
        except Refused as no:
            found.append(no.code)
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[runner]) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    if failures:
        raise failures[0]
    return sorted(found)
