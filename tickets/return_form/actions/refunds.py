"""The platform's own refund list (Tmall, 39 columns) meets our orders by number and our forms by order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.order.models import Import, Order
from tickets.order.sources import cells
from tickets.order.sources.columns import header_names
from tickets.order.sources.lists import OtherList, Piece, introduce
from tickets.order.sources.reading import Unreadable, read_rows
from tickets.order.sources.record import BadCell, Problem
from tickets.people.models import Platform, Shop
from tickets.return_form.models import PlatformRefund, ReturnForm, State

KIND = "tmall-refunds"
NEEDED = frozenset({"订单编号", "退款编号", "买家退款金额"})
COMPARED = (
    *("order_number", "title", "amount", "paid", "goods_return", "status_text", "reason_text", "tracking", "fault_text"),
    *("asked_at", "ended_at", "order_id", "form_id"),
)
CHUNK = 1000
NONE_YET = ("", "-", "无")


def introduce_refund_list() -> None:
    """Let the imports take the platform's refund lists."""
    platforms = frozenset({Platform.TMALL.value, Platform.TAOBAO.value})
    introduce(OtherList(KIND, _("Tmall refund list"), NEEDED.issubset, platforms, "return.import", pieces, _("Without a form")))


def pieces(run: Import) -> Iterator[Piece]:
    """Read and write the refund list of an import, `CHUNK` rows at a time (see `sources.lists.OtherList`).

    The same file twice changes nothing; a newer one updates status and money; a refund that has ended is not reopened by an older list;
    a bad row is reported and does not stop the others.
    """
    if run.shop is None:
        raise Unreadable("layout_unknown")
    rows = _parsed(Path(run.file.path), run.shop.time_zone)
    last = 0
    while chunk := list(islice(rows, CHUNK)):
        last = chunk[-1][0]
        if last <= run.done:
            continue
        piece = Piece(upto=last, rows=len(chunk))
        piece.problems = [row for _line, row in chunk if isinstance(row, Problem)]
        _write([row for _line, row in chunk if not isinstance(row, Problem)], run.shop, piece, timezone.now())
        yield piece


def match_waiting() -> int:
    """The clock's deed: refunds that came before their form meet it. Returns how many did."""
    found = 0
    waiting = PlatformRefund.objects.filter(form__isnull=True).select_related("shop")
    live = ReturnForm.objects.exclude(state=State.CANCELLED).filter(shop=OuterRef("shop"), order__number=OuterRef("order_number"))
    rows = waiting.annotate(now=Subquery(live.order_by("-id").values("pk")[:1]), known=Subquery(live.values("order_id")[:1]))
    for row in rows.filter(now__isnull=False)[:500]:
        found += PlatformRefund.objects.filter(pk=row.pk, form__isnull=True).update(form_id=row.now, order_id=row.known)
    return found


def _parsed(path: Path, zone: str) -> Iterator[tuple[int, dict[str, Any] | Problem]]:
    """(line, the refund or why it cannot be read) of every row below the header."""
    rows = read_rows(path)
    places: dict[str, int] = {}
    for line, cells_of_row in rows:
        if not places:
            names = header_names(cells_of_row)
            places = {name: place for place, name in enumerate(names)} if set(names) >= NEEDED else {}
            continue
        try:
            row = {name: cells_of_row[place] if place < len(cells_of_row) else "" for name, place in places.items()}
            yield line, _row(row, ZoneInfo(zone))
        except BadCell as bad:
            yield line, Problem(line, bad.code, bad.column, str(bad.value)[:300], [cells.text(cell) for cell in cells_of_row])


def _row(row: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    def text(name: str, most: int) -> str:
        return cells.text(row.get(name, ""))[:most]

    ended = cells.moment(row.get("退款完结时间", ""), "退款完结时间", zone) or cells.moment(row.get("完结时间", ""), "完结时间", zone)
    tracking = text("退货物流单号", 120)
    return {
        "number": cells.identifier(row["退款编号"], "退款编号"),
        "order_number": cells.identifier(row["订单编号"], "订单编号"),
        "title": text("宝贝标题", 300),
        "amount": cells.money(row["买家退款金额"], "买家退款金额") or 0,
        "paid": cells.money(row.get("买家实际支付金额", ""), "买家实际支付金额") or 0,
        "goods_return": text("是否需要退货", 20) in ("是", "需要退货", "需要", "退货退款"),
        "status_text": text("退款状态", 80),
        "reason_text": text("买家退款原因", 200),
        "tracking": "" if tracking in NONE_YET else tracking,
        "fault_text": text("责任方", 80),
        "asked_at": cells.moment(row.get("退款的申请时间", ""), "退款的申请时间", zone),
        "ended_at": ended,
    }


def _write(chunk: list[dict[str, Any]], shop: Shop, found: Piece, at: datetime) -> None:
    """One chunk in five queries: what is known, its orders and forms, then the new rows and the changed ones."""
    rows = {row["number"]: row for row in chunk}
    known = {x.number: x for x in PlatformRefund.objects.select_for_update().filter(shop=shop, number__in=rows)}
    orders = dict(Order.objects.filter(shop=shop, number__in={x["order_number"] for x in rows.values()}).values_list("number", "pk"))
    live = ReturnForm.objects.filter(order__in=orders.values()).exclude(state=State.CANCELLED)
    forms = dict(live.order_by("id").values_list("order_id", "pk"))
    new, changed = [], []
    for number, row in rows.items():
        row["order_id"] = orders.get(row["order_number"])
        there = known.get(number)
        row["form_id"] = (there.form_id if there else None) or forms.get(row["order_id"])
        found.unmatched += row["form_id"] is None
        if there is None:
            new.append(PlatformRefund(team_id=shop.team_id, shop=shop, updated_at=at, **row))
        elif _is_older(there, row) or all(getattr(there, name) == row[name] for name in COMPARED):
            found.unchanged += 1
        else:
            for name in COMPARED:
                setattr(there, name, row[name])
            there.updated_at = at
            changed.append(there)
    PlatformRefund.objects.bulk_create(new)
    PlatformRefund.objects.bulk_update(changed, [name.removesuffix("_id") for name in COMPARED] + ["updated_at"])
    found.created += len(new)
    found.updated += len(changed)


def _is_older(there: PlatformRefund, row: dict[str, Any]) -> bool:
    return there.ended_at is not None and row["ended_at"] is None
