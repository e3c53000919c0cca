"""Return forms of the last two months, closed, and one in every stage now: a draft, on its way, arrived, counted, decided, sent back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from handover.demo.people import Demo
from tickets.order.models import Order, OrderStatus
from tickets.return_form import actions
from tickets.return_form.models import ReturnForm, ReturnLine

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
BACK = "return_and_refund"
QUESTION = "杯身磕痕是寄回途中造成的吗？请问顾客要一张寄出前的照片。"


@dataclass(frozen=True)
class Told:
    """What one customer wants and says."""

    reason: str
    resolution: str
    words: str
    exchange_for: str = ""


OURS = ("漏水", "包装破损", "有划痕")
MADE_UP = (Decimal(10), Decimal(18), Decimal(30))
"""What customers get for our fault, besides what was missing."""
LEAKS = Told("漏水", BACK, "倒热水就漏")
BROKEN = Told("包装破损", "exchange", "外箱压坏，内件有磕碰", "同款")
DISLIKED = Told("不喜欢", BACK, "颜色和家里不搭")
SCRATCHED = Told("有划痕", BACK, "锅面有两道划痕")
MISSING = Told("少发", "reship", "少一个玻璃盖")
TOO_BIG = Told("尺寸不合适", "exchange", "灶台放不下", "20cm")
BEFORE = (LEAKS, MISSING, LEAKS, BROKEN, LEAKS, LEAKS, SCRATCHED, LEAKS, DISLIKED, LEAKS)
SINCE = (MISSING, BROKEN, MISSING, SCRATCHED, MISSING, MISSING, DISLIKED, MISSING, TOO_BIG, MISSING)
"""In turn, until this month began and since: the lid was changed, and leaks ended; a new packer leaves things out."""
NOW = (
    Told("开裂", BACK, "杯盖裂了，有照片"),
    Told("拍错", "exchange", "想要樱花粉", "保温杯 750ml 樱花粉"),
    Told("漏水", BACK, "杯底渗水"),
    Told("有划痕", BACK, "刀面有划痕，没有用过"),
    Told("涂层脱落", BACK, "第一次用就掉了"),
    Told("不喜欢", BACK, "七天无理由"),
)


def write(demo: Demo, now: datetime) -> None:
    """Of the completed orders one in forty came back, and was settled within a week; last month's top reason shrank, another grew."""
    month = now.astimezone(demo.team.zone).date().replace(day=1)
    orders = Order.objects.filter(team=demo.team, status=OrderStatus.COMPLETED).order_by("placed_at", "pk")[::40]
    for place, order in enumerate(orders):
        began = order.created_at + 2 * DAY
        if began + 4 * DAY < now:
            turn = SINCE if began.astimezone(demo.team.zone).date() >= month else BEFORE
            told = turn[place % len(turn)]
            close(demo, file(demo, order, told, began), began, ours=told.reason in OURS)


def lay_out(demo: Demo, now: datetime) -> None:
    """One form in every stage, the older the further on."""
    taken = ReturnForm.objects.filter(team=demo.team).values("order")
    orders = list(Order.objects.filter(team=demo.team, status=OrderStatus.SHIPPED).exclude(pk__in=taken).order_by("-pk")[: len(NOW)])
    for place, order in enumerate(orders):
        at = max(now - timedelta(hours=4 + 9 * place), order.created_at + HOUR)
        form = file(demo, order, NOW[place], at, draft=place == 0)
        if place:
            carry(demo, form, place, at, (now - at) / 5)
    actions.record_unclaimed(
        by=demo.members["warehouse"],
        tracking=f"YT{now:%m%d%H%M%S}",
        courier="圆通",
        sender="周**",
        contents="雪平锅一只",
        at=now - 2 * HOUR,
    )


def file(demo: Demo, order: Order, told: Told, at: datetime, *, draft: bool = False) -> ReturnForm:
    line = order.lines.earliest("pk")
    asked = actions.Asked(line.pk, 1, told.resolution, demo.reasons[told.reason].pk, told.exchange_for)
    return actions.file(order, [asked], by=demo.members["aftersale"], words=told.words, signed=not draft, at=at)


def carry(demo: Demo, form: ReturnForm, stage: int, at: datetime, step: timedelta) -> None:
    """On its way (1), arrived (2), counted (3), decided (4), or counted and sent back with a question (5)."""
    if stage == 1:
        actions.add_parcel(form, by=demo.members["aftersale"], tracking=f"SF88{form.pk:06d}", courier="顺丰", at=at + step)
        return
    form = actions.receive(form, by=demo.members["warehouse"], tracking=f"SF88{form.pk:06d}", at=at + step)
    if stage >= 3:
        form = count(demo, form, at + 2 * step, damaged=stage == 5)
    if stage == 4:
        actions.decide(form, by=demo.members["manager"], rationale="与照片一致", at=at + 3 * step)
    if stage == 5:
        actions.send_back(form, by=demo.members["manager"], question=QUESTION, at=at + 3 * step)


def close(demo: Demo, form: ReturnForm, at: datetime, *, ours: bool) -> None:
    """To the end; where it was our fault with something to make up for it."""
    if goods(form):
        form = actions.receive(form, by=demo.members["warehouse"], at=at + DAY)
    form = count(demo, form, at + DAY + 2 * HOUR)
    form = actions.decide(
        form,
        by=demo.members["manager"],
        rationale="按申请",
        compensation=MADE_UP[form.pk % len(MADE_UP)] if ours else Decimal(0),
        at=at + DAY + 5 * HOUR,
    )
    actions.settle(form, by=demo.members["aftersale"], reference=f"TK{at:%y%m%d}{form.pk:05d}", at=at + 2 * DAY)


def count(demo: Demo, form: ReturnForm, at: datetime, *, damaged: bool = False) -> ReturnForm:
    """Count what came, and sign it."""
    by = demo.members["warehouse"]
    if not goods(form):
        return actions.cosign(form, by=by, outcome="no_goods_expected", at=at)
    counted = [
        actions.Counted(line.place, ok=0 if damaged else line.quantity, damaged=line.quantity if damaged else 0, disposition=to)
        for line, to in ((line, "quarantine" if damaged else "restock") for line in goods(form))
    ]
    return actions.cosign(actions.inspect(form, by=by, counts=counted, at=at), by=by, at=at + HOUR / 6)


def goods(form: ReturnForm) -> list[ReturnLine]:
    return list(form.lines.filter(resolution__in=("return_and_refund", "exchange")))
