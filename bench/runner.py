"""One size: a database, a server, the pages asked in turn with the bare page."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import django
import psycopg

from bench.clients import crowd, in_turn


def run(size: int, orders: int, only: str, rounds: int) -> dict[str, Any]:
    """Everything that is printed for one size; `orders` 0: three times as many as tickets."""
    fresh = create_database()
    django.setup()
    prepare(size, orders, fresh)
    from bench.pages import Scene, probes
    from bench.returns import return_probes

    scene = Scene()
    pages: dict[str, Any] = {}
    with serving() as port:
        for probe in itertools.chain(probes(scene, size), return_probes(scene, lambda name: only in name, rounds)):
            if only and only not in probe.name:
                continue
            pages[probe.name] = ask(port, probe, scene, rounds)
            page = pages[probe.name]
            print(f"{size:>9,} {probe.name:<34} p50 {page['p50']:>7.1f} ms  {page['ratio']:.2f}×  p95 {page['p95']:.1f}", flush=True)
    other = weights() if not only else {}
    return {"size": size, "pages": pages, "other": other}


def create_database() -> bool:
    """Make the database of this size where it is missing. True: it is new."""
    name = os.environ["DATABASE_URL"].rsplit("/", 1)[-1]
    with psycopg.connect(os.environ["HANDOVER_BENCH_ADMIN_URL"], autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return False
        connection.execute(f'CREATE DATABASE "{name}"')
        return True


def prepare(size: int, orders: int, fresh: bool) -> None:
    """Migrate, and load what is missing. With `orders` of their own number only a tenth of the forms, which are the same at any number."""
    from django.core.management import call_command

    from bench.forms import load_forms
    from bench.history import History
    from tickets.ticket.models import Ticket

    call_command("prepare", verbosity=0)
    if fresh or not Ticket.objects.exists():
        print(f"{size:>9,} loading …", flush=True)
        start = time.perf_counter()
        counts = History(size, orders).load()
        print(f"{size:>9,} loaded {sum(counts.values()):,} rows in {time.perf_counter() - start:.0f} s", flush=True)
    forms = size // 10 if orders else size
    seconds = load_forms(forms)
    if seconds:
        print(f"{size:>9,} loaded {forms:,} return forms in {seconds:.0f} s", flush=True)
    count_figures(size)


def count_figures(size: int) -> None:
    """The reports' figures of the loaded history, as the worker would have kept them; the loader's session had no triggers."""
    from django.db import connection

    from handover.report import counting
    from handover.report.models import Figure
    from tickets.people.models import Team

    if Figure.objects.exists():
        while counting.count_stale():
            pass
        return
    start = time.perf_counter()
    for team in Team.objects.all():
        counting.recount(team)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE handover_figure, handover_hourfigure")
    print(f"{size:>9,} {Figure.objects.count():,} figures counted in {time.perf_counter() - start:.0f} s", flush=True)


@contextlib.contextmanager
def serving() -> Iterator[int]:
    """The production server, two processes of four threads, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-c", "python:handover.server.gunicorn", "handover.wsgi"]
    server = subprocess.Popen(command, env=os.environ | {"PORT": str(port), "HANDOVER_SERVER_LOG": "WARNING"}, stderr=subprocess.DEVNULL)
    try:
        for _try in range(100):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).read()
                break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def ask(port: int, probe: Any, scene: Any, rounds: int) -> dict[str, Any]:
    """The bare page and the probe in turn, then the probe by eight clients at once; medians."""
    bare, found = in_turn(port, scene.bare, probe.make, warm=probe.warm, count=probe.count * rounds, expect=probe.expect)
    many = crowd(port, probe.make, count=probe.count, clients=8, expect=probe.expect)
    return {
        "p50": found.p50,
        "p95": found.p95,
        "p50_8": many.p50,
        "p95_8": many.p95,
        "bare": bare.p50,
        "ratio": found.p50 / bare.p50,
        "bytes": found.size,
        "queries": scene.queries(probe),
        "steady": probe.steady,
        "most": probe.most,
        "p95_most": probe.p95_most,
        "most_queries": probe.most_queries,
        "wrong": found.wrong | many.wrong,
    }


def weights() -> dict[str, Any]:
    """What the first visit and the second weigh, compressed as a browser gets it."""
    from bench.weight import first_and_repeat

    return first_and_repeat()
