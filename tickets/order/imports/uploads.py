"""A file arrives: kept, recognised, started."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import record
from tickets.order.imports.mapping import columns_of, remembered, source_of
from tickets.order.models import Import
from tickets.order.sources import Problem, SourceOrder, mapped, read_orders, source_by_code
from tickets.order.sources.cells import epoch_of_name, stamp_of_name
from tickets.order.sources.lists import LISTS, OtherList, recognise_list
from tickets.order.sources.problems import REASONS
from tickets.order.sources.reading import Unreadable
from tickets.order.sources.record import Context, Source
from tickets.people.access import may
from tickets.people.models import Member, Platform, Shop
from tickets.web.refusals import Refused

WRONG_SHOP = _("The file is a %(kind)s, the shop stands on %(platform)s.")
UNKNOWN_KIND = _("There is no such kind of file.")
TOO_LARGE = _("A file of orders has at most %(megabytes)s MB.")
UNDER_WAY = _("This import is under way.")
DONE_ALREADY = _("This import is done. Upload the file again to repeat it.")
COLUMNS_FIRST = _("First a manager says what the columns are.")
_SAMPLE = 5


def upload(
    *, by: Member, shop: Shop, file: File[bytes], dry_run: bool = False, kind: str = "", start_now: bool = True, at: datetime | None = None
) -> Import:
    """Keep the file and, with `start_now`, queue its import; otherwise it waits to be confirmed.

    The kind is told from the columns; a given `kind` must agree with them. When the file was exported its name may say (Douyin's
    epoch, Taobao's stamp), else it is now. Refuses `not_found` for another team's shop, `too_large`, `invalid` (`file`, `shop`,
    `kind`) for what cannot be read or belongs to another platform. A table of an unknown layout that is not to start now is kept with an
    empty kind, for a manager to say what its columns are (`mapping.choose`).
    """
    if shop.team_id != by.team_id:
        raise Refused("not_found")
    if (file.size or 0) > settings.IMPORT_MAX_BYTES:
        raise Refused("too_large", TOO_LARGE % {"megabytes": settings.IMPORT_MAX_BYTES >> 20})
    at = at or timezone.now()
    name = Path(file.name or "file").name[:255]
    with transaction.atomic():
        run = Import(team=by.team, shop=shop, name=name, size=file.size or 0, dry_run=dry_run, by=by, created_at=at)
        run.state, run.exported_at = Import.State.UPLOADED, exported_at(name, shop, at)
        run.file.save(name, file, save=False)
        try:
            _recognise(run, shop, kind, may_wait=not start_now)
        except Exception:
            run.file.delete(save=False)
            raise
        run.save()
        record("import.uploaded", team=by.team, actor=by, at=at, **{"import": run.pk, "name": name, "shop": shop.pk, "kind": run.kind})
        return start(run, by=by, dry_run=dry_run) if start_now else run


def exported_at(name: str, shop: Shop, at: datetime) -> datetime:
    """The instant a file was exported: what its name says, never later than `at`."""
    told = epoch_of_name(name) or stamp_of_name(name, ZoneInfo(shop.time_zone))
    return min(told, at) if told else at


def _recognise(run: Import, shop: Shop, kind: str, *, may_wait: bool) -> None:
    """Set the run's kind, and its layout where the shop's columns were chosen by hand."""
    if kind in LISTS:
        _take_list(run, shop, recognise_list(Path(run.file.path), shop.platform), kind)
        return
    try:
        if kind != mapped.CODE:
            run.kind = _recognised(run, shop, kind).code
            return
    except Refused as refused:
        if kind or refused.extra.get("reason") != "layout_unknown":
            raise
        other = recognise_list(Path(run.file.path), shop.platform)
        if other is not None:
            _take_list(run, shop, other)
            return
        unknown = refused
    else:
        unknown = Refused("invalid", errors={"file": [REASONS["layout_unknown"]]})
    run.layout = remembered(shop, Path(run.file.path))
    run.kind = mapped.CODE if run.layout else ""
    if run.layout is None:
        if not may_wait:
            raise unknown
        try:
            columns_of(run)
        except Refused:
            raise unknown from None


def _take_list(run: Import, shop: Shop, other: OtherList | None, kind: str = "") -> None:
    """The file is no list of orders but another that we know; `kind` is what it was said to be."""
    if other is None or kind not in ("", other.code):
        raise Refused("invalid", errors={"file": [REASONS["layout_unknown"]]}, reason="layout_unknown")
    run.kind = other.code
    if run.by is None or not may(run.by, other.deed):
        raise Refused("forbidden")
    if shop.platform not in other.platforms | {Platform.OTHER}:
        raise Refused("invalid", errors={"shop": [WRONG_SHOP % {"kind": other.title, "platform": shop.get_platform_display()}]})


def _recognised(run: Import, shop: Shop, kind: str) -> Source:
    try:
        wanted = source_by_code(kind) if kind else None
        source = read_orders(Path(run.file.path), _context(shop), source=wanted).source
    except KeyError as unknown:
        raise Refused("invalid", errors={"kind": [UNKNOWN_KIND]}) from unknown
    except Unreadable as unreadable:
        raise Refused("invalid", errors={"file": [REASONS[unreadable.code]]}, reason=unreadable.code) from unreadable
    home = "taobao" if shop.platform == Platform.TMALL else shop.platform
    if source.platform != home and shop.platform != Platform.OTHER:
        raise Refused("invalid", errors={"shop": [WRONG_SHOP % {"kind": source.title, "platform": shop.get_platform_display()}]})
    return source


def _context(shop: Shop) -> Context:
    return Context(ZoneInfo(shop.time_zone), shop.currency, shop.team.region)


def sample(run: Import) -> list[SourceOrder]:
    """The first orders of the file as they would come in, for a person to confirm."""
    assert run.shop is not None  # noqa: S101
    if not run.kind or run.kind in LISTS:
        return []
    found: list[SourceOrder] = []
    try:
        items: Iterable[Any] = read_orders(Path(run.file.path), _context(run.shop), source=source_of(run))
        for item in items:
            if not isinstance(item, Problem):
                found.append(item)
            if len(found) == _SAMPLE:
                break
    except (Unreadable, FileNotFoundError):
        return []
    return found


@transaction.atomic
def start(run: Import, *, by: Member, dry_run: bool) -> Import:
    """Queue the import. A finished dry run may be started once more, for real. Refuses `wrong_state` for one under way or done."""
    from tickets.order.jobs import import_orders

    locked = Import.objects.select_for_update(of=("self",)).select_related("team", "shop", "by").get(pk=run.pk)
    if locked.is_running:
        raise Refused("wrong_state", UNDER_WAY)
    if locked.kind in LISTS and not may(by, LISTS[locked.kind].deed):
        raise Refused("forbidden")
    if not locked.kind:
        raise Refused("wrong_state", COLUMNS_FIRST)
    if locked.state == Import.State.DONE and not locked.dry_run:
        raise Refused("wrong_state", DONE_ALREADY)
    for counter in ("rows", "orders", "done", "created", "updated", "unchanged", "older", "customers", "problems", "reviews"):
        setattr(locked, counter, 0)
    locked.state, locked.dry_run, locked.by, locked.error, locked.finished_at = Import.State.WAITING, dry_run, by, "", None
    locked.save()
    locked.problem_rows.all().delete()
    import_orders.defer(import_id=locked.pk)
    return locked
