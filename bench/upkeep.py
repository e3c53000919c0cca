"""What keeping the figures costs those who write: ticket creation and import, with the marking triggers and without, in turn.

Two databases alike, one of them without the triggers `stale_*`. Each round does the same in both, one right after the other and in
changing order, so that a busy machine slows both; the cost is processor time: of this process, and of the server process that answers
it (told by the kernel where the server is on this machine; elsewhere by the clock). What counts is the ratio of the medians. The bar holds
for what people do, creating tickets and importing; bare statements are shown beside it, to see what a trigger costs by itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg

MOST = 1.15
HISTORY = int(os.environ.get("HANDOVER_BENCH_UPKEEP_TICKETS", "20000"))
ROUNDS = int(os.environ.get("HANDOVER_BENCH_UPKEEP_ROUNDS", "8"))
"""An even number, so that either side goes first as often: whatever the first of a round pays for both would else decide the medians."""
TICKETS, ROWS, FILE_ROWS = 150, 50_000, 20_000
WITHOUT = "_without"

RAW_ORDERS = """
    INSERT INTO tickets_order (team_id, shop_id, number, status, status_text, close_reason, currency, total, paid, freight, refunded,
        placed_at, paid_at, buyer, recipient, phone, address, courier, tracking, title, buyer_message, request, source,
        created_at, updated_at, version)
    SELECT 1, n %% 50 + 1, 'U' || %(round)s || '-' || n, 'completed', '', '', 'CNY', 59, 59, 0, 0, x.at, x.at, 'tb' || n, '', '', '',
        '', '', 'Thermos ' || n %% 40, '', '', 'import', x.at, x.at, 1
    FROM generate_series(1, %(rows)s) n CROSS JOIN LATERAL (SELECT now() - n %% 365 * interval '1 day' AS at) x"""
RAW_LINES = """
    INSERT INTO tickets_orderline (order_id, key, sku, title, spec, quantity, price)
    SELECT n, 'U' || %(round)s, 'SKU', 'Thermos', '', 1, 59 FROM generate_series(1, %(rows)s) n"""
RAW_TICKETS = """
    INSERT INTO tickets_ticket (team_id, customer_id, shop_id, kind, reason_id, subject, body, severity, channel, tags, status, waiting_on,
        next_action, holder_id, held_since, touches, complaint, opened_by_id, opened_at, updated_at, version)
    SELECT 1, n %% 1000 + 1, n %% 50 + 1, 'issue', n %% 12 + 5, 'Leaks ' || n, '', 'watch', 'chat', '{}', 'open', '', '', n %% 180 + 21,
        x.at, 1, '', n %% 180 + 21, x.at, x.at, 1
    FROM generate_series(1, %(rows)s) n CROSS JOIN LATERAL (SELECT now() - n * interval '10 minutes' AS at) x"""


class Meter:
    """Processor time of this process and of the server process that answers it, in seconds."""

    def __init__(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.told = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
        self.start = self.now()

    def now(self) -> float:
        try:
            if "postgres" in (self.told.parent / "comm").read_text():
                return time.process_time() + int(self.told.read_text().split()[0]) / 1e9
        except OSError:
            pass
        return time.perf_counter()

    def stop(self) -> float:
        return self.now() - self.start


def run(environment: dict[str, str]) -> dict[str, Any]:
    """Make the two databases, measure in a process of its own, drop them."""
    name = environment["DATABASE_URL"].rsplit("/", 1)[-1]
    with psycopg.connect(environment["HANDOVER_BENCH_ADMIN_URL"], autocommit=True) as admin:
        drop(admin, name)
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            with tempfile.TemporaryDirectory() as folder:
                own = environment | {"HANDOVER_FILES": folder, "HANDOVER_POOL": "0"}
                step("load", own)
                admin.execute(f'CREATE DATABASE "{name}{WITHOUT}" TEMPLATE "{name}"')
                found: dict[str, Any] = json.loads(step("measure", own).splitlines()[-1])
        finally:
            drop(admin, name)
    for what, each in found.items():
        each["problems"] = [f"{each['ratio']:.2f}× without, at most {MOST}×"] if "SQL" not in what and each["ratio"] > MOST else []
        print(f"keeping figures: {what:<26} {each['ratio']:.3f}×  ({each['without']:.0f} → {each['with']:.0f} ms)", flush=True)
    return found


def step(what: str, environment: dict[str, str]) -> str:
    command = [sys.executable, "-m", "bench.upkeep", what]
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True).stdout


def drop(admin: psycopg.Connection[Any], name: str) -> None:
    for each in (name, name + WITHOUT):
        admin.execute(f'DROP DATABASE IF EXISTS "{each}" WITH (FORCE)')


def load() -> None:
    from django.core.management import call_command

    from bench.history import History

    call_command("prepare", verbosity=0)
    History(HISTORY).load()


def measure() -> dict[str, Any]:
    """Each work in turn in both databases."""
    from django.db import connections

    kept = connections["default"]
    bare = kept.copy("default")
    bare.settings_dict["NAME"] = kept.settings_dict["NAME"] + WITHOUT
    connections["default"] = bare
    take_triggers_away()
    found = {}
    for name, work in works(Path(os.environ["HANDOVER_FILES"])).items():
        if os.environ.get("HANDOVER_BENCH_ONLY", "") not in name:
            continue
        times: dict[bool, list[float]] = {True: [], False: []}
        for place in range(ROUNDS + 1):
            for marked in (True, False) if place % 2 else (False, True):
                connections["default"] = kept if marked else bare
                meter = Meter()
                work(place)
                if place:  # the first round warms up
                    times[marked].append(meter.stop())
        kept_ms, bare_ms = (statistics.median(times[marked]) * 1000 for marked in (True, False))
        found[name] = {"ratio": kept_ms / bare_ms, "with": kept_ms, "without": bare_ms}
    return found


def take_triggers_away() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'stale\\_%' AND NOT tgisinternal")
        for name, table in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name} ON {table}")


def works(folder: Path) -> dict[str, Callable[[int], None]]:
    """What is measured; each takes the round's number and commits what it did, or takes all of it back.

    The files are written beforehand: that is no part of an import, and only the first of a round would pay for it.
    """
    for place in range(ROUNDS + 1):
        for again in (False, True):
            export(folder, place, again=again)
    return {
        "ticket creation": open_tickets,
        f"{ROWS:,} tickets by SQL": lambda place: raw(RAW_TICKETS, place, checked=False),  # they have no assignments
        f"{ROWS:,} orders by SQL": lambda place: raw(RAW_ORDERS, place),
        f"{ROWS:,} product lines by SQL": lambda place: raw(RAW_LINES, place),
        f"{ROWS:,} orders changed by SQL": raw_change,
        "import of new orders": lambda place: bring(folder, place),
        "import of a newer export": lambda place: bring(folder, place, again=True),
    }


def open_tickets(place: int) -> None:
    """Tickets about an order each, as an agent logs them."""
    from tickets.order.models import Order
    from tickets.people.models import Member
    from tickets.ticket import actions

    agent = Member.objects.select_related("team", "user").get(pk=21)
    orders = list(Order.objects.select_related("customer").filter(pk__lte=TICKETS * (place + 1)).order_by("-pk")[:TICKETS])
    for order in orders:
        said = {"subject": "保温杯漏水", "body": "第二个了"}
        actions.open_ticket(by=agent, customer=order.customer, orders=[order], **said)  # type: ignore[arg-type]


@contextlib.contextmanager
def taken_back(*, checked: bool = True) -> Iterator[Any]:
    """A cursor in a transaction that checks what waits for its end, and leaves nothing."""
    from django.db import connection, transaction

    with transaction.atomic():
        with connection.cursor() as cursor:
            yield cursor
            if checked:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def raw(sql: str, place: int, *, checked: bool = True) -> None:
    with taken_back(checked=checked) as cursor:
        cursor.execute(sql, {"round": place, "rows": ROWS})


def raw_change(place: int) -> None:
    """A newer state of orders that are there."""
    with taken_back() as cursor:
        cursor.execute("UPDATE tickets_order SET refunded = refunded + 1 WHERE id <= %s", [ROWS])


def bring(folder: Path, place: int, *, again: bool = False) -> None:
    """A file through the import's own job; `again`: the same orders a day later, refunded in part."""
    from django.core.files.base import File

    from bench.imports import scene
    from tickets.order.imports.uploads import upload
    from tickets.order.jobs import import_orders
    from tickets.people.models import Team

    layout = f"upkeep-{place}"
    path = file_of(folder, place, again=again)
    team = Team.objects.filter(slug=layout).first()
    by, shop = (team.members.get(), team.shops.get()) if team else scene(layout, "taobao")
    with path.open("rb") as stream:
        run_ = upload(by=by, shop=shop, file=File(stream, name=path.name))
    import_orders(import_id=run_.pk)
    run_.refresh_from_db()
    if run_.state != "done":
        raise RuntimeError(f"the import ended as {run_.state}")


def file_of(folder: Path, place: int, *, again: bool) -> Path:
    return folder / f"orders-{place}-{'newer' if again else 'first'}.csv"


def export(folder: Path, place: int, *, again: bool) -> None:
    """Write the round's file; the newer one says of every order that it was completed and refunded."""
    from tests.tickets.order import exports

    rows = exports.taobao(FILE_ROWS, status="交易关闭" if again else "交易成功")
    exports.write_csv(file_of(folder, place, again=again), exports.TAOBAO_46, rows, encoding="gb18030")


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(load() if sys.argv[1] == "load" else measure()))
