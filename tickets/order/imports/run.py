"""A whole run: read, stage, write in batches, tell. Killed anywhere, it is started again and goes on; nothing is lost or doubled.

The file is read again from its start after a kill (staged orders lived in the dead connection); the same file gives the same
orders in the same order, so `done` says which of them are written already.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.utils import timezone

from tickets.activity.actions import record
from tickets.order.imports.ahead import Ahead
from tickets.order.imports.mapping import source_of
from tickets.order.imports.others import carry_out_list
from tickets.order.imports.staging import Stage, Wave, waves, write_problems
from tickets.order.imports.writing import write_wave
from tickets.order.models import Import, ImportProblem
from tickets.order.sources import Source, read_orders
from tickets.order.sources.lists import LISTS
from tickets.order.sources.problems import CAME_IN, REVIEW
from tickets.order.sources.reading import Unreadable
from tickets.order.sources.record import Context
from tickets.web.alone import carry_out

_LOCK_CLASS = 7_402  # one worker at a time per run
_FOUND_WHILE_WRITING = ("order_unknown", "two_customers")


def run_import(run_id: int) -> Import | None:
    """Carry an import out, or on. None: another worker is at it, or it has ended. Errors of ours are recorded and raised."""
    rows = Import.objects.select_related("team", "shop", "by", "layout")
    return carry_out(_LOCK_CLASS, rows, run_id, work=_work, tell=_tell, unreadable=Unreadable)


def _work(run: Import) -> None:
    assert run.shop is not None  # noqa: S101 - an import without a shop is refused when it is made
    if run.kind in LISTS:
        carry_out_list(run)
        return
    source = source_of(run)
    context = Context(ZoneInfo(run.shop.time_zone), run.shop.currency, run.team.region)
    reading = read_orders(Path(run.file.path), context, source=source)
    ImportProblem.objects.filter(run=run).exclude(code__in=_FOUND_WHILE_WRITING if run.done else []).delete()
    now = timezone.now()
    with Stage(source) as stage, Ahead(waves(reading, run.team.region)) as ahead:
        for wave in ahead:
            _bring_in(run, source, stage, wave, now)


def _bring_in(run: Import, source: Source, stage: Stage, wave: Wave, now: datetime) -> None:
    """One wave: its findings are kept, its orders written unless an earlier attempt has done so, and the progress shown."""
    write_problems(run.pk, wave.problems)
    if wave.heads:
        stage.load(wave)
        if wave.upto > run.done:
            write_wave(run, source, wave.upto, rows=wave.rows, now=now)
    run.rows, run.orders = wave.rows, wave.upto
    _count_problems(run)
    run.save(update_fields=["rows", "orders", "problems", "reviews"])


def _count_problems(run: Import) -> None:
    counts = dict(ImportProblem.objects.filter(run=run).order_by().values_list("code").annotate(n=Count("id")))
    run.problems = sum(n for code, n in counts.items() if code not in CAME_IN)
    run.reviews = sum(n for code, n in counts.items() if code in REVIEW)


def _tell(run: Import) -> None:
    record(
        "import.done" if run.state == Import.State.DONE else "import.failed",
        team=run.team,
        actor=run.by,
        at=run.finished_at,
        **{"import": run.pk, "name": run.name, "shop": run.shop_id, "kind": run.kind, "error": run.error},
        rows=run.rows,
        orders=run.orders,
        created=run.created,
        updated=run.updated,
        unchanged=run.unchanged,
        older=run.older,
        problems=run.problems,
        reviews=run.reviews,
    )
