"""The platforms' own sheets of compensations meet our orders by number, and the forms of these orders."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from tickets.order.models import Import, Order
from tickets.order.sources import cells
from tickets.order.sources.columns import header_names
from tickets.order.sources.lists import OtherList, Piece, introduce
from tickets.order.sources.reading import Unreadable, read_rows
from tickets.order.sources.record import BadCell, Problem
from tickets.return_form.models import PlatformCompensation, ReturnForm, Settlement, State
from tickets.return_form.sheets import LAYOUTS, Layout
from tickets.return_form.sheets.layout import ours

CHUNK = 1000
AT_ONCE = 500
TOLD = (
    *("order_number", "amount", "state", "is_ours", "status_text", "kind_text", "reason_text", "bearer_text", "asked_at", "paid_at"),
    *("order_id", "form_id", "settlement_id"),
)
WRITTEN = [*(name.removesuffix("_id") for name in TOLD), "told_at"]
Row = dict[str, Any]


def introduce_sheets() -> None:
    """Let the imports take the platforms' sheets of compensations."""
    for layout in LAYOUTS:
        read = partial(pieces, layout)
        introduce(OtherList(layout.code, layout.title, layout.fits, layout.platforms, "return.import", read, _("Without an order")))


def pieces(layout: Layout, run: Import) -> Iterator[Piece]:
    """Read and write the sheet of an import, `CHUNK` rows at a time (see `sources.lists.OtherList`).

    The same sheet twice changes nothing; a newer one updates; a paid one is not opened again by an older sheet; a bad row is reported and
    stops no other.
    """
    if run.shop is None or run.exported_at is None:
        raise Unreadable("layout_unknown")
    rows = _parsed(layout, Path(run.file.path), ZoneInfo(run.shop.time_zone), run.exported_at)
    while chunk := list(islice(rows, CHUNK)):
        last = chunk[-1][0]
        if last <= run.done:
            continue
        piece = Piece(upto=last, rows=sum(found is not None for _line, found, _doubt in chunk))
        piece.problems = [x for _line, *found in chunk for x in found if isinstance(x, Problem)]
        _write([found for _line, found, _doubt in chunk if isinstance(found, dict)], run, piece)
        yield piece


def match_waiting() -> int:
    """The clock's deed: payments that came before their order, their form or the form's settlement meet it. Returns how many did."""
    return sum(_match(shop) for shop in _shops_waiting())


def meet_settled(form: ReturnForm) -> None:
    """Within the transaction that settled the form's compensation, its lock held: a payment that the platform told of before is found
    at once, so that no report counts both."""
    shop, number = form.order.shop_id, form.order.number
    told = PlatformCompensation.objects.select_for_update(of=("self",)).filter(shop=shop, order_number=number, settlement=None)
    _keep_met(_meet(shop, list(told.order_by("id"))))


@transaction.atomic
def _match(shop: int) -> int:
    found = _that_can_meet(shop)
    _hold_forms(shop, {number for _pk, number in found})
    rows = PlatformCompensation.objects.select_for_update(of=("self",)).filter(pk__in=[pk for pk, _number in found]).order_by("id")
    return _keep_met(_meet(shop, list(rows)))


def _keep_met(changed: list[PlatformCompensation]) -> int:
    PlatformCompensation.objects.bulk_update(changed, ["order", "form", "settlement"])
    return len(changed)


def _hold_forms(shop: int, numbers: Iterable[str]) -> None:
    """The forms of these orders are locked before their payments, as whoever settles locks them: neither misses what the other writes,
    and neither waits for the other in turn."""
    forms = ReturnForm.objects.filter(order__shop=shop, order__number__in=numbers).exclude(state=State.CANCELLED)
    list(forms.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))


def _parsed(layout: Layout, path: Path, zone: ZoneInfo, told_at: datetime) -> Iterator[tuple[int, Row | Problem | None, Problem | None]]:
    """(line, the payment or why it cannot be read or None for a sum, a doubt about it) of every row below the header."""
    places: dict[str, int] = {}
    seen: Counter[str] = Counter()
    for line, row in read_rows(path):
        if not places:
            names = header_names(row)
            places = {name: place for place, name in enumerate(names) if name} if layout.fits(set(names)) else {}
            continue
        told = {name: row[place] if place < len(row) else "" for name, place in places.items()}
        if layout.is_total(told):
            yield line, None, None
            continue
        try:
            found = _as_kept(layout.read(told, zone), seen, told_at)
        except BadCell as bad:
            yield line, _problem(line, bad.code, bad.column, bad.value, row), None
            continue
        doubt = None if found["state"] else _problem(line, "payment_status_unknown", "", found["status_text"], row)
        yield line, found | {"state": found["state"] or PlatformCompensation.State.OPEN}, doubt


def _problem(line: int, code: str, column: str, value: object, row: list[Any]) -> Problem:
    return Problem(line, code, column, str(value)[:300], [cells.text(cell) for cell in row])


def _as_kept(row: Row, seen: Counter[str], told_at: datetime) -> Row:
    """With a number of its own where the sheet gives none: made of what does not change, and of how often the sheet has said the same."""
    if not row["number"]:
        at = row["asked_at"] or row["paid_at"]
        said = f"{row['order_number']}\n{row['kind_text']}\n{row['amount']:.2f}\n{at.isoformat() if at else ''}"
        seen[said] += 1
        row["number"] = "#" + sha256(f"{said}\n{seen[said]}".encode()).hexdigest()[:32]
    paid = row["state"] == PlatformCompensation.State.PAID
    when = (row["paid_at"] or row["asked_at"] or told_at) if paid else row["paid_at"]
    return row | {"is_ours": ours(row["bearer_text"]), "paid_at": when}


def _write(chunk: list[Row], run: Import, piece: Piece) -> None:
    """One chunk in seven queries: what is known, what it meets, then the new payments and the changed ones."""
    shop, told_at = run.shop, run.exported_at
    assert shop is not None and told_at is not None  # noqa: S101 - `pieces` refuses an import without
    rows = {row["number"]: row for row in chunk}
    _hold_forms(shop.pk, {row["order_number"] for row in chunk})
    known = {x.number: x for x in PlatformCompensation.objects.select_for_update().filter(shop=shop, number__in=rows)}
    before = {number: [getattr(there, name) for name in TOLD] for number, there in known.items()}
    new = []
    for number, row in rows.items():
        there = known.get(number)
        if there is None:
            new.append(PlatformCompensation(team_id=run.team_id, shop=shop, told_at=told_at, **row))
        elif not _is_older(there, row, told_at):
            for name, value in row.items():
                setattr(there, name, value)
    _meet(shop.pk, [*new, *known.values()])
    changed = [there for number, there in known.items() if [getattr(there, name) for name in TOLD] != before[number]]
    for there in changed:
        there.told_at = max(there.told_at, told_at)
    PlatformCompensation.objects.bulk_create(new)
    PlatformCompensation.objects.bulk_update(changed, WRITTEN)
    piece.created, piece.updated, piece.unchanged = len(new), len(changed), len(chunk) - len(new) - len(changed)
    piece.unmatched = sum(row.order_id is None for row in (*new, *known.values()))


def _is_older(there: PlatformCompensation, row: Row, told_at: datetime) -> bool:
    """A sheet that says less than we know: an older export, or one from before the payment."""
    paid = PlatformCompensation.State.PAID
    return told_at < there.told_at or (there.state == paid and row["state"] == PlatformCompensation.State.OPEN)


def _meet(shop: int, rows: list[PlatformCompensation]) -> list[PlatformCompensation]:
    """Give each its order, the order's newest live form, and the form's compensation that it is. Returns those that changed."""
    orders = dict(Order.objects.filter(shop=shop, number__in={x.order_number for x in rows}).values_list("number", "pk"))
    live = ReturnForm.objects.filter(order__in=orders.values()).exclude(state=State.CANCELLED)
    forms: dict[int | None, int] = dict(live.order_by("id").values_list("order_id", "pk"))
    free = _free_settlements([x.form_id or forms.get(orders.get(x.order_number)) for x in rows])
    changed = []
    for row in sorted(rows, key=lambda x: x.pk or 0):
        before = (row.order_id, row.form_id, row.settlement_id)
        row.order_id = orders.get(row.order_number) or row.order_id
        row.form_id = row.form_id or forms.get(row.order_id)
        if row.state != PlatformCompensation.State.PAID:
            row.settlement_id = None
        elif row.settlement_id is None:
            row.settlement_id = _take(free.get(row.form_id or 0, []), row)
        if before != (row.order_id, row.form_id, row.settlement_id):
            changed.append(row)
    return changed


def _free_settlements(forms: list[int | None]) -> dict[int, list[Settlement]]:
    """The compensations that these forms have paid and that no payment of the platform stands for yet."""
    found: dict[int, list[Settlement]] = defaultdict(list)
    done = Settlement.objects.filter(kind=Settlement.Kind.COMPENSATION, state=Settlement.State.SUCCEEDED, platform_compensation=None)
    for one in done.filter(form__in={pk for pk in forms if pk}):
        found[one.form_id].append(one)
    return found


def _take(free: list[Settlement], row: PlatformCompensation) -> int | None:
    """The settlement that this payment is: its reference is the payment's number, or its amount is the same."""
    same = next((x for x in free if x.reference == row.number), None) or next((x for x in free if x.amount == row.amount), None)
    if same is None:
        return None
    free.remove(same)
    return same.pk


def _that_can_meet(shop: int) -> list[tuple[int, str]]:
    """(id, order's number) of payments that lack something which is there by now, oldest first."""
    order = Order.objects.filter(shop=OuterRef("shop"), number=OuterRef("order_number"))
    form = ReturnForm.objects.filter(order=OuterRef("order")).exclude(state=State.CANCELLED)
    done = Settlement.objects.filter(
        form=OuterRef("form"), kind=Settlement.Kind.COMPENSATION, state=Settlement.State.SUCCEEDED, platform_compensation=None
    ).filter(Q(reference=OuterRef("number")) | Q(amount=OuterRef("amount")))
    paid = Q(form__isnull=False, settlement=None, state=PlatformCompensation.State.PAID)
    lacking = (Q(order=None) & Q(Exists(order))) | (Q(order__isnull=False, form=None) & Q(Exists(form))) | (paid & Q(Exists(done)))
    return list(PlatformCompensation.objects.filter(lacking, shop=shop).order_by("id").values_list("pk", "order_number")[:AT_ONCE])


def _shops_waiting() -> list[int]:
    return list(PlatformCompensation.objects.filter(settlement=None).order_by().values_list("shop_id", flat=True).distinct())
