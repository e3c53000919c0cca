"""Two months of trade, laid in many at once: customers, some sixty orders a day, who was on duty and what they signed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from handover.demo.people import Demo
from handover.demo.stories import PRODUCTS
from handover.duty.models import Duty
from handover.note.actions.signing import content
from handover.note.models import Note
from handover.note.rules import content_hash
from handover.report.models import Surprise
from handover.roster.models import RosterEntry, Shift, ShiftPattern
from tickets.customer.models import Customer, Handle, handle_key
from tickets.order.models import Order, OrderLine, OrderStatus
from tickets.people.models import Member

DAYS = 62
A_DAY = (50, 64)
CUSTOMERS = 240
SURNAMES = "李王张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许韩冯邓曹"
SELLERS = ("agent", "night", "chen", "wang", "zhao", "sun")
WORKERS = (*SELLERS, "qian")
HOURS = (2, 1, 1, 0, 0, 1, 1, 2, 5, 8, 10, 9, 7, 8, 9, 9, 8, 7, 8, 10, 13, 13, 9, 5)
"""How often customers come in each hour of the day."""


def moment(demo: Demo, dice: random.Random, now: datetime, back: int) -> datetime:
    """An instant of the day so many days ago, by the team's clock, at an hour when customers come."""
    day = now.astimezone(demo.team.zone).date() - timedelta(days=back)
    clock = time(dice.choices(range(24), HOURS)[0], dice.randrange(60), dice.randrange(60))
    return min(datetime.combine(day, clock, demo.team.zone), now - timedelta(minutes=5))


def customers(demo: Demo, dice: random.Random, at: datetime) -> list[Customer]:
    """Buyers by their Taobao names, besides those whose stories are told."""
    found = Customer.objects.bulk_create(
        Customer(team=demo.team, name=f"{dice.choice(SURNAMES)}{dice.choice(('女士', '先生', '小姐'))}", created_at=at)
        for _n in range(CUSTOMERS)
    )
    handles = [f"tb{dice.randrange(10**8):08d}_{place}" for place in range(CUSTOMERS)]
    Handle.objects.bulk_create(
        Handle(team=demo.team, customer=buyer, kind="taobao", value=name, key=handle_key("taobao", name), created_at=at)
        for buyer, name in zip(found, handles, strict=True)
    )
    return found


def orders(demo: Demo, dice: random.Random, buyers: list[Customer], now: datetime) -> list[Order]:
    """Every day's orders with one product each; the older ones completed, the newest paid or on their way."""
    found = [order for back in range(DAYS, -1, -1) for order in _day(demo, dice, buyers, now, back)]
    Order.objects.bulk_create(found, batch_size=1000)
    products = {title: (sku, Decimal(price)) for sku, title, price in PRODUCTS}
    lines = (
        OrderLine(order=o, key=products[o.title][0], sku=products[o.title][0], title=o.title, quantity=int(o.paid / products[o.title][1]),
                  price=products[o.title][1], paid=o.paid)
        for o in found
    )  # fmt: skip
    OrderLine.objects.bulk_create(lines, batch_size=1000)
    return found


def _day(demo: Demo, dice: random.Random, buyers: list[Customer], now: datetime, back: int) -> Iterator[Order]:
    for turn in range(dice.randrange(*A_DAY)):
        at = moment(demo, dice, now, back)
        shop = demo.shops[0] if dice.random() < 0.5 else dice.choice(demo.shops)
        _sku, title, price = dice.choice(PRODUCTS)
        paid = Decimal(price) * dice.choice((1, 1, 1, 2))
        status = OrderStatus.COMPLETED if back > 6 else OrderStatus.SHIPPED if back > 1 else OrderStatus.PAID
        sent, way = (at + timedelta(hours=20), "顺丰") if back > 1 else (None, "")
        number = f"{at:%y%m%d}{back:02d}{turn:03d}{dice.randrange(10**6):06d}"
        yield Order(
            team=demo.team, shop=shop, number=number, customer=dice.choice(buyers), status=status, currency=shop.currency, total=paid,
            paid=paid, placed_at=at, paid_at=at, shipped_at=sent, title=title, sold_by=demo.members[dice.choice(SELLERS)],
            recipient="顾客", address="浙江省 杭州市 西湖区 某路某号", courier=way, tracking=way and f"SF{number}",
            source=Order.Source.IMPORT, created_at=at, updated_at=at,
        )  # fmt: skip


def duties(demo: Demo, dice: random.Random, now: datetime) -> list[Duty]:
    """Who was rostered on and worked which past shift, and the note that each of them signed: most in time, some late,
    few not at all; now and then somebody was not told something, of late more seldom."""
    planned = list(_planned(demo, now))
    RosterEntry.objects.bulk_create(
        RosterEntry(team=demo.team, shift=shift, member=member, during=DateTimeTZRange(shift.starts_at, shift.ends_at))
        for shift, member in planned
    )
    worked = [_worked(demo, dice, shift, member) for shift, member in planned]
    Duty.objects.bulk_create(worked)
    notes = []
    for duty in worked:
        if duty.ended_at is None or dice.random() < 0.02:
            continue
        signed = duty.ended_at + timedelta(minutes=dice.choice((-9, -6, -4, -3, -1, 2, 8) if dice.random() < 0.95 else (22, 35)))
        note = Note(
            team=demo.team, member=duty.member, duty=duty, shift=duty.shift, started_at=signed - timedelta(minutes=12), saved_at=signed,
            signed_at=signed, signed_by=duty.member,
        )  # fmt: skip
        note.content_hash = content_hash(content(note, []))
        notes.append(note)
    Note.objects.bulk_create(notes)
    Surprise.objects.bulk_create(
        Surprise(team=demo.team, member=duty.member, duty=duty, text="没有人告诉我这张券已经停了", at=duty.ended_at)
        for place, duty in enumerate(worked) if duty.ended_at and place % (14 + place // 20) == 0
    )  # fmt: skip
    return worked


def _planned(demo: Demo, now: datetime) -> Iterator[tuple[Shift, Member]]:
    """Two people in turn for every past shift but the last one, which is the scene's. The patterns have made the newest."""
    today, turn = now.astimezone(demo.team.zone).date(), 0
    days = [today - timedelta(days=back) for back in range(DAYS, -1, -1)]
    patterns = list(ShiftPattern.objects.filter(team=demo.team).order_by("place"))
    made = {(shift.pattern_id, shift.business_date): shift for shift in Shift.objects.filter(team=demo.team)}
    shifts = [made.get((pattern.pk, day)) or _shift(demo, pattern, day) for day in days for pattern in patterns]
    past = sorted((shift for shift in shifts if shift.ends_at <= now), key=lambda shift: shift.starts_at)[:-1]
    Shift.objects.bulk_create(shift for shift in past if shift.pk is None)
    for shift in past:
        for _two in range(2):
            yield shift, demo.members[WORKERS[turn % len(WORKERS)]]
            turn += 1


def _shift(demo: Demo, pattern: ShiftPattern, day: date) -> Shift:
    """The shift of a pattern on a day before the pattern was made."""
    zone = demo.team.zone
    starts, ends = datetime.combine(day, pattern.starts, zone), datetime.combine(day, pattern.ends, zone)
    ends += timedelta(days=1 if ends <= starts else 0)
    return Shift(team=demo.team, pattern=pattern, name=pattern.name, business_date=day, starts_at=starts, ends_at=ends, min_people=2)


def _worked(demo: Demo, dice: random.Random, shift: Shift, member: Member) -> Duty:
    began, ended = (at + timedelta(minutes=dice.randrange(-3, 6)) for at in (shift.starts_at, shift.ends_at))
    return Duty(
        team=demo.team, member=member, shift=shift, started_at=began, started_by=member, until=shift.ends_at,
        lapses_at=shift.ends_at + timedelta(hours=1), ended_at=ended, ended_by=member, end=Duty.End.SIGNED,
    )  # fmt: skip
