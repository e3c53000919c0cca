"""Two months of orders and settled matters, so that lists, customers and reports have something to tell."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal

from handover.demo.people import Demo
from handover.demo.stories import CUSTOMERS, PRODUCTS, RESOLVED_SUBJECTS
from tickets.activity.actions import see_alerts
from tickets.activity.models import Alert
from tickets.customer.actions import add_handle, find_or_create
from tickets.customer.models import Customer
from tickets.order.actions import Line, log_order
from tickets.order.models import Order, OrderStatus
from tickets.people.actions import set_presence
from tickets.ticket import actions

DAYS = 60
AGENTS = ("agent", "night", "chen", "wang", "zhao", "sun")


def write(demo: Demo, now: datetime) -> None:
    """Orders of every day, and of one in four of them a matter that was settled; fewer of them the nearer to today."""
    dice = random.Random(7)  # noqa: S311 - the same history at every first start
    begin = now - timedelta(days=DAYS + 1)
    customers = [meet(demo, *told, begin) for told in CUSTOMERS]
    for member in demo.members.values():
        set_presence(member, on_since=begin)
    for day in range(DAYS, 0, -1):
        for turn in range(4 + day % 3):
            at = now - timedelta(days=day) + timedelta(minutes=dice.randrange(60, 1200))
            who = dice.randrange(len(CUSTOMERS))
            order = buy(demo, dice, who, customers[who], f"{at:%y%m%d}{day:02d}{turn:02d}{dice.randrange(10**6):06d}", at, settled=day > 6)
            if dice.random() < 0.18 + day / 500:
                settle(demo, dice, customers[who], order, at + timedelta(hours=dice.randrange(2, 40)), now)
    for member in demo.members.values():
        set_presence(member, on_since=None)
        see_alerts(member, Alert.objects.filter(member=member).values_list("pk", flat=True), at=now - timedelta(days=1))


def meet(demo: Demo, name: str, handle: str, phone: str, at: datetime) -> Customer:
    """A customer with the names it goes by."""
    agent = demo.members["agent"]
    customer = find_or_create(demo.team, kind="taobao", value=handle, name=name, by=agent, at=at)
    if phone:
        add_handle(customer, kind="phone", value=phone, by=agent, at=at)
    return customer


def buy(demo: Demo, dice: random.Random, who: int, customer: Customer, number: str, at: datetime, *, settled: bool) -> Order:
    name, handle, phone = CUSTOMERS[who]
    shop = demo.shops[0] if dice.random() < 0.5 else dice.choice(demo.shops)
    sku, title, price = dice.choice(PRODUCTS)
    line = Line(title, dice.choice((1, 1, 1, 2)), Decimal(price), sku)
    status = OrderStatus.COMPLETED if settled else dice.choice((OrderStatus.PAID, OrderStatus.SHIPPED))
    return log_order(
        customer=customer, by=demo.members[dice.choice(AGENTS)], shop=shop, number=number, handle=handle, lines=[line], status=status,
        at=at,
        recipient=name, phone=phone, address="浙江省 杭州市 西湖区 某路某号", courier="顺丰" if status != OrderStatus.PAID else "",
        tracking=f"SF{number}" if status != OrderStatus.PAID else "",
    )  # fmt: skip


def settle(demo: Demo, dice: random.Random, customer: Customer, order: Order, at: datetime, now: datetime) -> None:
    """A matter from beginning to end, within a day; one in five passed through a second pair of hands."""
    reason, subject = dice.choice(RESOLVED_SUBJECTS)
    first, second = (demo.members[name] for name in dice.sample(AGENTS, 2))
    at = min(at, now - timedelta(hours=20))
    promise = ("明天中午前答复", at + timedelta(hours=16)) if dice.random() < 0.4 else None
    complaint = dice.choice(("bad_review", "dispute", "platform")) if dice.random() < 0.12 else ""
    ticket = actions.open_ticket(
        by=first, customer=customer, subject=subject, body="顾客发来照片，已核对订单。", reason=demo.reasons[reason], orders=[order],
        severity="watch", promise=promise, complaint=complaint, at=at,
    )  # fmt: skip
    ticket = actions.contact(ticket, by=first, text="已答复，正在核实", at=at + timedelta(minutes=12))
    if dice.random() < 0.2:
        ticket = actions.transfer(ticket, second, by=first, reason="我要下班了", next_step="核实后答复顾客", at=at + timedelta(hours=2))
        ticket = actions.contact(ticket, by=second, text="已按约定答复", at=at + timedelta(hours=5))
    for made in ticket.promises.all():
        actions.keep(made, by=ticket.holder or first, at=at + timedelta(hours=dice.choice((6, 9, 14, 17))))
    resolution = demo.resolutions[dice.choice(("已解答", "补发", "换货", "退款"))]
    actions.resolve(ticket, by=ticket.holder or first, resolution=resolution, at=at + timedelta(hours=18))


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
