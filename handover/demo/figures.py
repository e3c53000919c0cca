"""What the reports have to tell: two months of the platform's service figures, targets, a product alarm, a report that sends itself."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal

from handover.demo.people import Demo
from handover.report import actions
from handover.report.models import ServiceDay
from tickets.activity.actions import see_alerts
from tickets.activity.models import Alert

DAYS = 60
AGENTS = ("agent", "night", "chen", "wang")
TARGETS = {
    "complaint-rate.rate": "0.02", "service.first": "20", "service.average": "35", "service.reply": "0.97", "promises.kept": "0.95",
    "handover.on_time": "0.95", "compensation.sum": "300", "custody.four": "0.05", "conversion.paid": "0.45",
}  # fmt: skip

ANSWER = "上个月两个承诺晚了，都是等仓库回复；从这个月起我先告诉顾客要等多久，再去问。"
REPLY = "同意。仓库的答复时间我来定，两小时内必须回。"


def write(demo: Demo, now: datetime) -> None:
    """After the orders and matters; what changed is counted at once, so that the first look at a report is a true one."""
    dice = random.Random(11)  # noqa: S311 - the same figures at every first start
    manager = demo.members["manager"]
    for member in demo.members.values():
        see_alerts(member, Alert.objects.filter(member=member).values_list("pk", flat=True), at=now - timedelta(days=1))
    ServiceDay.objects.bulk_create(service(demo, dice, now))
    actions.set_targets({name: Decimal(value) for name, value in TARGETS.items()}, by=manager, at=now)
    actions.schedule(by=manager, report="complaint-rate", query="by=product", every="week", weekday=1, hour=8, members=[manager], at=now)
    answer(demo, now)
    actions.count_stale()
    actions.watch(at=now)


def answer(demo: Demo, now: datetime) -> None:
    """Of last month's sheets one was answered by whom it is about, and by the manager."""
    member, zone = demo.members["agent"], demo.team.zone
    month = (now.astimezone(zone).date().replace(day=1) - timedelta(days=1)).replace(day=1)
    for back, by, text in ((2, member, ANSWER), (1, demo.members["manager"], REPLY)):
        actions.answer_sheet(member, by=by, month=month, text=text, at=now - timedelta(days=back))


def service(demo: Demo, dice: random.Random, now: datetime) -> list[ServiceDay]:
    """One row an agent and day; the last week's payments are not final yet, as the platform has it."""
    shop = demo.team.shops.order_by("pk").first()
    if shop is None:
        return []
    found = []
    for back in range(DAYS, 0, -1):
        day = (now.astimezone(demo.team.zone) - timedelta(days=back)).date()
        for place, name in enumerate(AGENTS):
            received = dice.randrange(25, 90)
            inquired = received * 2 // 3
            ordered = inquired * (62 - 8 * place + dice.randrange(6)) // 100  # the first sells best, the last needs help
            rated = dice.randrange(3, 12)
            found.append(
                ServiceDay(
                    team=demo.team, shop=shop, account=demo.members[name].display_name, member=demo.members[name], day=day,
                    asked=received + dice.randrange(3), received=received, reply=Decimal(dice.randrange(94, 101)) / 100,
                    moved_in=dice.randrange(6), moved_out=dice.randrange(5), first=12 + place * 3 + dice.randrange(8),
                    average=24 + place * 5 + dice.randrange(12), rated=rated, satisfied=rated - dice.randrange(2), inquired=inquired,
                    ordered=ordered, paid=ordered - dice.randrange(4) if back > 8 else None, pending=back <= 8, imported_at=now,
                )
            )  # fmt: skip
    return found
