"""Two months of settled matters about the orders of those days, so that lists, customers and reports have something to tell."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast

from handover.demo import handed, trade
from handover.demo.people import Demo
from handover.demo.stories import COMPLAINT_SUBJECTS, CUSTOMERS, PRODUCTS, RESOLVED_SUBJECTS
from tickets.activity.actions import see_alerts
from tickets.activity.models import Alert
from tickets.customer.actions import add_handle, find_or_create
from tickets.customer.models import Customer
from tickets.order.actions import Line, log_order
from tickets.order.models import Order, OrderStatus
from tickets.people.actions import set_presence
from tickets.people.models import Member
from tickets.ticket import actions
from tickets.ticket.models import Ticket
from tickets.web.refusals import Refused

AGENTS = trade.SELLERS
OTHERS = 0.027
"""How many of a hundred orders bring a question, besides those that end in a complaint."""
FORTNIGHT = timedelta(days=15)
"""Before the last one more was passed on, and promises were kept late more often: what the reports compare."""
LATELY = 45
"""Days: of what was longer ago only the complaints are told."""
FAULTY = ("保温杯 500ml 磨砂黑", "雪平锅 20cm 不锈钢")
"""What most complaints are about."""
SAID = "顾客发来照片，已核对订单。"
ALARMING = "盖碗茶具 六件套"
"""What suddenly draws many matters within a day."""
SURGE = (("包装破损", "茶具收到时外箱压坏"), ("开裂", "盖碗杯盖有裂纹"), ("少发", "六件套少一只杯子"), ("有划痕", "杯托有划痕"))


def write(demo: Demo, now: datetime) -> None:
    """Two months of shifts and orders, and of some of them a matter that was settled; complaints grow fewer the nearer to today."""
    dice = random.Random(7)  # noqa: S311 - the same history at every first start
    begin = now - timedelta(days=trade.DAYS + 1)
    told = [meet(demo, *one, begin) for one in CUSTOMERS]
    for member in demo.members.values():
        set_presence(member, on_since=begin)
    worked = trade.duties(demo, dice, now)
    orders = trade.orders(demo, dice, told + trade.customers(demo, dice, begin), now)
    due = {"complaint": 0.0, "question": 0.0}
    for order in sorted(orders, key=lambda o: o.created_at):
        age = (now - order.created_at).days
        if age < 2:
            break
        due["complaint"] += complaining(age)
        due["question"] += OTHERS if age < LATELY else 0
        kind = next((kind for kind, n in due.items() if n >= 1), None)
        if kind and (kind == "question" or order.title in FAULTY or dice.random() < 0.3):
            due[kind] -= 1
            settle(demo, dice, order, trade.moment(demo, dice, now, age - 1), now, complains=kind == "complaint")
    handed.write(demo, dice, worked, now)
    surge(demo, [order for order in orders if order.title == ALARMING][-8:], now)
    for member in demo.members.values():
        set_presence(member, on_since=None)
        see_alerts(member, Alert.objects.filter(member=member).values_list("pk", flat=True), at=now - timedelta(days=1))


def complaining(age: int) -> float:
    """Which share of the orders of so many days ago ended in a complaint: something was mended every fortnight."""
    return 0.042 if age > 45 else 0.036 if age > 30 else 0.029 if age > 15 else 0.010


def meet(demo: Demo, name: str, handle: str, phone: str, at: datetime) -> Customer:
    """A customer with the names it goes by."""
    agent = demo.members["agent"]
    customer = find_or_create(demo.team, kind="taobao", value=handle, name=name, by=agent, at=at)
    if phone:
        add_handle(customer, kind="phone", value=phone, by=agent, at=at)
    return customer


def settle(demo: Demo, dice: random.Random, order: Order, at: datetime, now: datetime, *, complains: bool) -> None:
    """A matter from beginning to end, within a day; one in four passed through other hands, a fortnight ago one in four through all."""
    reason, subject = dice.choice(COMPLAINT_SUBJECTS if complains else RESOLVED_SUBJECTS)
    people = [demo.members[name] for name in dice.sample(AGENTS, 4)]
    at = min(at, now - timedelta(hours=20))
    promise = ("明天中午前答复", at + timedelta(hours=16)) if dice.random() < 0.8 else None
    complaint = dice.choice(("bad_review", "bad_review", "dispute", "platform")) if complains else ""
    ticket = actions.open_ticket(
        by=people[0], customer=buyer(order), subject=subject, body=SAID, reason=demo.reasons[reason], orders=[order],
        severity="watch", promise=promise, complaint=complaint, at=at,
    )  # fmt: skip
    ticket = actions.contact(ticket, by=people[0], text="已答复，正在核实", at=at + timedelta(minutes=12))
    crowded = FORTNIGHT <= now - at < 2 * FORTNIGHT
    for place in range(1, 1 + dice.choices((0, 1, 2, 3), (60, 10, 4, 26) if crowded else (75, 16, 6, 3))[0]):
        ticket = pass_on(demo, ticket, people[place], at + timedelta(hours=2 * place))
    hours = (6, 9, 12, 14, 15, 17) if now - at < FORTNIGHT else (9, 12, 17, 17)
    for made in ticket.promises.all():
        actions.keep(made, by=ticket.holder or people[0], at=at + timedelta(hours=dice.choice(hours)))
    resolution = demo.resolutions[dice.choice(("已解答", "补发", "换货", "退款"))]
    actions.resolve(ticket, by=ticket.holder or people[0], resolution=resolution, at=at + timedelta(hours=18))


def buyer(order: Order) -> Customer:
    """Who bought: every order of the demo says."""
    return cast(Customer, order.customer)


def pass_on(demo: Demo, ticket: Ticket, to: Member, at: datetime) -> Ticket:
    """The holder leaves it to somebody, who answers; one more than the team wants is refused first, and needs a manager's consent, which
    one in four does not get: who has it sees it through."""
    ticket.refresh_from_db()
    if ticket.touches >= demo.team.max_handlers:
        with suppress(Refused):
            leave(ticket, to, at - timedelta(minutes=8))
        asked = actions.ask_handler(ticket, by=to, reason="懂这款商品", at=at - timedelta(minutes=5))
        manager, decided = demo.members["manager"], at - timedelta(minutes=2)
        if ticket.pk % 4 == 0:
            actions.refuse_handler(asked, by=manager, reason="别再换人了，现在的同事处理到底", at=decided)
            return ticket
        actions.approve_handler(asked, by=manager, reason="可以，一次说清楚", at=decided)
        ticket.refresh_from_db()
    ticket = leave(ticket, to, at)
    return actions.contact(ticket, by=to, text="已按约定答复", at=at + timedelta(minutes=40))


def leave(ticket: Ticket, to: Member, at: datetime) -> Ticket:
    return actions.transfer(ticket, to, by=ticket.holder or to, reason="我要下班了", next_step="核实后答复顾客", at=at)


def surge(demo: Demo, orders: list[Order], now: datetime) -> None:
    """Within a day one product draws many matters: what the product alarm is for."""
    for place, order in enumerate(orders):
        reason, subject = SURGE[place % len(SURGE)]
        by, at = demo.members[AGENTS[place % len(AGENTS)]], now - timedelta(hours=3 + 2 * place)
        ticket = actions.open_ticket(
            by=by, customer=buyer(order), subject=subject, body="顾客发来照片。", reason=demo.reasons[reason], orders=[order], at=at
        )
        ticket = actions.contact(ticket, by=by, text="已答复，今天补发", at=at + timedelta(minutes=9))
        actions.resolve(ticket, by=by, resolution=demo.resolutions["补发"], at=at + timedelta(minutes=50))


def order_of(demo: Demo, customer: int, product: int, at: datetime) -> tuple[Customer, Order]:
    """The purchase that one of the stories is about, made two days before."""
    name, handle, phone = CUSTOMERS[customer]
    sku, title, price = PRODUCTS[product]
    found = find_or_create(demo.team, kind="taobao", value=handle, name=name, by=demo.members["agent"], at=at)
    bought = at - timedelta(days=2)
    return found, log_order(
        customer=found, by=demo.members[AGENTS[customer % len(AGENTS)]], shop=demo.shops[customer % len(demo.shops)],
        number=f"{bought:%y%m%d%H%M%S}{customer:02d}{product:02d}", handle=handle, lines=[Line(title, 1, Decimal(price), sku)],
        status=OrderStatus.SHIPPED, at=bought, recipient=name, phone=phone, address="上海市 徐汇区 某路某号", courier="顺丰",
        tracking=f"SF{bought:%d%H%M%S}{customer:02d}{product:02d}",
    )  # fmt: skip
