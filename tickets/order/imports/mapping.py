"""A layout that no platform has: what its columns are is chosen once by a manager and remembered for the shop."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import record
from tickets.order.models import Import, Layout
from tickets.order.sources import mapped, source_by_code
from tickets.order.sources.reading import Unreadable
from tickets.order.sources.record import Source
from tickets.people.access import may
from tickets.people.models import Member, Shop
from tickets.web.refusals import Refused

NEEDS_NUMBER = _("Choose the column with the order number.")
ONE_MORE = _("Choose at least one column beside the order number.")
TWICE = _("“%(field)s” is chosen for two columns.")
NO_SUCH = _("The file has no such column.")
REPEATS = _("This column says the same in most rows. It is not the order number.")
BEGUN = _("This import has begun.")
IN_USE = _("A file with these columns is being imported just now. Wait until it is done.")


def source_of(run: Import) -> Source:
    """How the file of an import is read. KeyError while its columns are unknown."""
    if run.layout is not None:
        assert run.shop is not None  # noqa: S101 - an import without a shop is refused when it is made
        return mapped.source_of(run.layout.columns, run.shop.platform)
    return source_by_code(run.kind)


def remembered(shop: Shop, path: Path) -> Layout | None:
    """The layout that was chosen for files of this shop with these columns, if any."""
    prints = {mapped.fingerprint(names) for names in mapped.headers(path) if any(names)}
    return Layout.objects.filter(shop=shop, fingerprint__in=prints).first()


def columns_of(run: Import) -> list[mapped.Column]:
    """The columns of an import's file with sample values and what each is or might be. Refuses `invalid` for a file without a table."""
    try:
        found = mapped.look(Path(run.file.path))
    except (Unreadable, FileNotFoundError) as gone:
        raise Refused("wrong_state", NO_SUCH) from gone
    if run.layout is None:
        return found
    chosen = {name: field for field, name in run.layout.columns.items()}
    return [mapped.Column(column.name, column.samples, chosen.get(column.name, "")) for column in found]


def read_choice(chosen: Mapping[str, str]) -> dict[str, str]:
    """Column → field as a form gives it, turned round: field → column. Refuses `invalid` for a field chosen twice or an unknown one."""
    found: dict[str, str] = {}
    for column, field in chosen.items():
        if not field:
            continue
        if field not in mapped.FIELDS:
            raise Refused("invalid", errors={"columns": [NO_SUCH]})
        if field in found:
            raise Refused("invalid", errors={"columns": [TWICE % {"field": mapped.FIELDS[field]}]})
        found[field] = column
    return found


@transaction.atomic
def choose(run: Import, columns: Mapping[str, str], *, by: Member, at: datetime | None = None) -> Import:
    """Say what the columns of an import's file are (field → column), and remember it for the shop's next file like it.

    Writes no order: the import still waits to be confirmed. Refuses `forbidden` unless a manager does it, `wrong_state` once the import has
    begun or while another one reads this layout, `invalid` (`columns`) for what cannot be.
    """
    at = at or timezone.now()
    if not may(by, "order.map"):
        raise Refused("forbidden")
    locked = Import.objects.select_for_update(of=("self",)).select_related("team", "shop", "layout").get(pk=run.pk, team=by.team_id)
    if locked.state != Import.State.UPLOADED or (locked.kind and locked.layout is None):
        raise Refused("wrong_state", BEGUN)
    assert locked.shop is not None  # noqa: S101
    names = [column.name for column in columns_of(locked)]
    _check(locked, columns, names)
    fingerprint = mapped.fingerprint(names)
    if Import.objects.unfinished().filter(shop=locked.shop, layout__fingerprint=fingerprint).exists():
        raise Refused("wrong_state", IN_USE)
    chosen = {"team": by.team, "columns": dict(columns), "by": by, "updated_at": at}
    layout, _made = Layout.objects.update_or_create(shop=locked.shop, fingerprint=fingerprint, defaults=chosen)
    locked.layout, locked.kind = layout, mapped.CODE
    locked.save(update_fields=["layout", "kind"])
    record(
        "import.mapped", team=by.team, actor=by, at=at, **{"import": run.pk, "name": run.name, "shop": run.shop_id}, columns=dict(columns)
    )
    return locked


def _check(run: Import, columns: Mapping[str, str], names: list[str]) -> None:
    if "number" not in columns:
        raise Refused("invalid", errors={"columns": [NEEDS_NUMBER]})
    if len(columns) < 2:
        raise Refused("invalid", errors={"columns": [ONE_MORE]})
    if not set(columns.values()) <= set(names):
        raise Refused("invalid", errors={"columns": [NO_SUCH]})
    if mapped.repeats(Path(run.file.path), columns["number"]):
        raise Refused("invalid", errors={"columns": [REPEATS]})
