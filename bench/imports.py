"""How fast orders come in from files: one process per layout, a file of its own, an empty database, the job's own code.

`python -m bench --imports` generates a file, uploads it and carries its import out in process, as a worker does. Rows a second are over
all of it: keeping the file, recognising it, reading, comparing, writing. Memory is the process's highest resident set.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

ROWS = int(os.environ.get("HANDOVER_BENCH_IMPORT_ROWS", "100000"))
LEAST_ROWS_A_SECOND, MOST_MEGABYTES = 15_000, 300
LAYOUTS = ("taobao-46", "taobao-61", "taobao-61-xlsx", "taobao-items", "jd", "pdd", "douyin", "shopify", "mapped")
PLATFORM = {"mapped": "taobao", "taobao-46": "taobao", "taobao-61": "taobao", "taobao-61-xlsx": "taobao", "taobao-items": "taobao"}


def run(environment: dict[str, str]) -> dict[str, Any]:
    """Each layout in turn; the database is made anew and dropped again."""
    name = environment["DATABASE_URL"].rsplit("/", 1)[-1]
    with psycopg.connect(environment["HANDOVER_BENCH_ADMIN_URL"], autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            return {layout: one(layout, environment) for layout in LAYOUTS}
        finally:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def one(layout: str, environment: dict[str, str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = generate(layout, Path(folder))
        command = [sys.executable, "-m", "bench.imports", layout, str(path)]
        told = subprocess.run(command, env=environment | {"HANDOVER_FILES": folder}, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    found["problems"] = judge(found)
    print(
        f"import {layout:<18} {found['rows_a_second']:>8,.0f} rows/s  {found['megabytes']:>4} MB  {'; '.join(found['problems'])}",
        flush=True,
    )
    return found


def judge(found: dict[str, Any]) -> list[str]:
    problems = []
    if found["state"] != "done" or found["refused"] or found["rows"] < ROWS * 0.99:
        problems.append(f"{found['rows']:,} rows, {found['refused']} refused, {found['state']}")
    if found["rows_a_second"] < LEAST_ROWS_A_SECOND:
        problems.append(f"{found['rows_a_second']:,.0f} rows a second, at least {LEAST_ROWS_A_SECOND:,}")
    if found["megabytes"] > MOST_MEGABYTES:
        problems.append(f"{found['megabytes']} MB, at most {MOST_MEGABYTES}")
    return problems


def generate(layout: str, folder: Path) -> Path:
    """A file of about `ROWS` rows."""
    from tests.tickets.order import exports

    half = ROWS // 2
    numbers = (exports.taobao_number(place) for place in range(half))
    if layout == "taobao-61-xlsx":
        return exports.write_xlsx(folder / f"{layout}.xlsx", exports.TAOBAO_61, exports.taobao(ROWS))
    header, rows = {
        "taobao-46": (exports.TAOBAO_46, exports.taobao(ROWS)),
        "taobao-61": (exports.TAOBAO_61, exports.taobao(ROWS)),
        "taobao-items": (exports.ITEMS, exports.suborders(numbers)),
        "jd": (exports.JD, exports.jd(half)),
        "pdd": (exports.PDD, exports.pdd(ROWS)),
        "douyin": (exports.DOUYIN, exports.douyin(half)),
        "shopify": (exports.SHOPIFY_79, exports.shopify(half)),
        "mapped": (exports.OWN, exports.own(ROWS)),
    }[layout]
    encoding = "utf-8" if layout in ("douyin", "shopify") else "gb18030"
    return exports.write_csv(folder / f"{layout}.csv", header, rows, encoding=encoding)


def measure(layout: str, path: Path) -> dict[str, Any]:
    """Upload and import the file in this process."""
    import django

    django.setup()
    from django.core.files.base import File
    from django.core.management import call_command

    from tickets.order.imports.uploads import upload
    from tickets.order.jobs import import_orders

    call_command("prepare", verbosity=0)
    by, shop = scene(layout)
    if layout == "mapped":
        choose_columns(path, by, shop)
    start = time.perf_counter()
    with path.open("rb") as stream:
        run = upload(by=by, shop=shop, file=File(stream, name=path.name))
    import_orders(import_id=run.pk)
    seconds = time.perf_counter() - start
    run.refresh_from_db()
    return {
        "rows": run.rows,
        "orders": run.orders,
        "refused": run.problems,
        "state": run.state,
        "rows_a_second": run.rows / seconds,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def choose_columns(path: Path, by: Any, shop: Any) -> None:
    """What a manager says once about the shop's own spreadsheet; the measured file is known by it."""
    from django.core.files.base import File

    from tests.tickets.order import exports
    from tickets.order.imports.mapping import choose
    from tickets.order.imports.uploads import upload

    with path.open("rb") as stream:
        choose(upload(by=by, shop=shop, file=File(stream, name=path.name), start_now=False), exports.OWN_COLUMNS, by=by)


def scene(layout: str, platform: str = "") -> tuple[Any, Any]:
    """A team of its own, so that every order and customer of the file is new."""
    from tickets.people.models import Member, Shop, Team, User

    team = Team.objects.create(name=layout, slug=layout)
    user = User.objects.create(username=layout, email=f"{layout}@example.com")
    by = Member.objects.create(team=team, user=user, display_name=layout, roles=["manager"])
    return by, Shop.objects.create(team=team, name=layout, platform=platform or PLATFORM.get(layout, layout))


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
