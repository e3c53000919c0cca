"""Random histories of a team, and what they add up to when counted by hand."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from handover.duty.models import Duty
from handover.report.facts import SHIFT_PAIR
from handover.roster.models import Shift
from tests.cast import Cast, make_customer, make_shop
from tickets.activity.models import Activity
from tickets.customer.models import Customer
from tickets.order.models import Order, OrderLine
from tickets.people.models import Member, Platform, Shop
from tickets.ticket import actions
from tickets.ticket.models import Promise, Reason, Resolution, Ticket
from tickets.web.refusals import Refused

START = datetime(2026, 9, 28, tzinfo=UTC)
FACTS_BY_HAND = ("orders", "refunds", "cohort", "matters", "complaints", "promises", "made")
HOPS = ("ticket.claimed", "ticket.transferred", "ticket.taken_over", "ticket.reopened")
PRODUCTS = ("Thermos", "Pot", "Lid")


class History:
    """Things that happen to a team in random order; every random choice comes from one seed."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.random = cast, random.Random(seed)
        self.shops: list[Shop] = [cast.shop, make_shop(cast.team, "Lotus Tmall", Platform.TMALL)]
        head = Reason.objects.create(team=cast.team, name="Quality")
        self.reasons = [Reason.objects.create(team=cast.team, parent=head, name=n, fault="ours") for n in ("Leaks", "Scratched")]
        self.customers: list[Customer] = [make_customer(cast.team, handle=f"tb_{n}") for n in range(4)]
        self.people: list[Member] = [cast.bob, cast.carol, cast.dan]
        self.shifts = [
            Shift.objects.create(team=cast.team, name=n, business_date=START.date(), starts_at=START, ends_at=START + timedelta(hours=h))
            for n, h in (("Day", 8), ("Night", 9))
        ]
        self.resolution = Resolution.objects.create(team=cast.team, name="Refunded")

    def moment(self) -> datetime:
        return START + timedelta(minutes=self.random.randrange(60 * 24 * 40))

    def order(self) -> Order:
        at = self.moment()
        order = Order.objects.create(
            team=self.cast.team, shop=self.random.choice(self.shops), number=f"N{Order.objects.count()}",
            paid_at=at if self.random.random() < 0.9 else None, placed_at=at, paid=Decimal(self.random.randrange(1, 900)),
            sold_by=self.random.choice([*self.people, None]), created_at=at, updated_at=at,
        )  # fmt: skip
        for key in range(self.random.randrange(3)):
            price = Decimal(self.random.randrange(1, 50))
            OrderLine.objects.create(order=order, key=str(key), title=self.random.choice(PRODUCTS), price=price)
        return order

    def correct_order(self) -> None:
        """What a newer export does to the past."""
        order = Order.objects.order_by("?").first()
        if order is not None:
            order.paid_at = self.moment() if self.random.random() < 0.5 else order.paid_at
            order.sold_by = self.random.choice([*self.people, None])
            order.refunded = Decimal(self.random.randrange(0, 5))
            order.save()
            OrderLine.objects.filter(order=order).update(price=Decimal(self.random.randrange(1, 50)))

    def ticket(self) -> None:
        order = self.random.choice([*Order.objects.all()[:50], None])
        actions.open_ticket(
            by=self.random.choice(self.people), customer=self.random.choice(self.customers), subject="Leaks", at=self.moment(),
            orders=[order] if order else [], reason=self.random.choice([*self.reasons, None]),
            complaint=self.random.choice(["", "", "bad_review", "dispute"]),
        )  # fmt: skip

    def deed(self) -> None:
        tickets = list(Ticket.objects.exclude(status="merged"))
        if not tickets:
            return
        ticket = self.random.choice(tickets)
        by, at = self.random.choice(self.people), max(ticket.updated_at, self.moment())
        kind = self.random.choice(["complain", "reason", "merge", "contact", "resolve", "promise", "transfer", "transfer"])
        if kind == "complain":
            actions.complain(ticket, by=by, level=self.random.choice(["bad_review", "platform"]), at=at)
        elif kind == "reason" and ticket.is_unresolved:
            actions.edit(ticket, by=by, version=ticket.version, reason=self.random.choice(self.reasons), at=at)
        elif kind == "merge" and len(tickets) > 1:
            other = self.random.choice([t for t in tickets if t.pk != ticket.pk])
            if other.is_unresolved and ticket.is_unresolved:
                actions.merge(ticket, other, by=by, at=at)
        elif kind == "contact" and ticket.is_unresolved:
            actions.contact(ticket, by=by, text="answered", outcome="answered", at=at)
        elif kind == "resolve" and ticket.is_unresolved:
            actions.resolve(ticket, by=by, resolution=self.resolution, at=at)
        elif kind == "transfer" and ticket.is_unresolved and ticket.holder is not None:
            to = self.random.choice([m for m in self.people if m.pk != ticket.holder_id])
            with contextlib.suppress(Refused):
                actions.transfer(ticket, to, by=ticket.holder, reason="shift ends", next_step="call", at=at)
        elif kind == "promise" and ticket.is_unresolved:
            made = actions.promise(ticket, by=by, text="call back", due_at=at + timedelta(hours=5), at=at)
            if self.random.random() < 0.6:
                actions.keep(Promise.objects.get(pk=made.pk), by=by, at=at + timedelta(hours=self.random.randrange(1, 9)))

    def duty(self) -> None:
        """Eight hours of somebody's work, in one of two shifts or in none."""
        at, member = self.moment(), self.random.choice(self.people)
        shift = self.random.choice([*self.shifts, None])
        Duty.objects.create(
            team=self.cast.team, member=member, shift=shift, started_at=at, started_by=member, lapses_at=at + timedelta(hours=9),
            ended_at=at + timedelta(hours=8), ended_by=member, end="signed",
        )  # fmt: skip

    def step(self) -> None:
        self.random.choice([self.order, self.order, self.correct_order, self.duty, self.ticket, self.ticket, *[self.deed] * 4])()


def product_of(order: Order | None) -> str:
    """The line that most money went to; the earlier one of two equal ones."""
    if order is None:
        return ""
    lines = sorted(order.lines.all(), key=lambda line: (-(line.paid if line.paid is not None else line.price * line.quantity), line.pk))
    return lines[0].title if lines else order.title


def told_of(ticket: Ticket) -> tuple[int, str, int]:
    """Shop, product and reason of a matter."""
    link = ticket.order_links.order_by("pk").select_related("order").first()
    order = link.order if link else None
    return ticket.shop_id or (order.shop_id if order else 0), product_of(order), ticket.reason_id or 0


def shift_of(duties: list[Duty]) -> str:
    return duties[0].shift.name if duties and duties[0].shift else ""


def passed_on(cast: Cast) -> dict[str, Counter[tuple]]:
    """Who passed what on to whom, from which shift to which, from the ledger and the duties."""
    found: dict[str, Counter[tuple]] = {"hops": Counter(), "pairs": Counter(), "moves": Counter()}
    duties = list(Duty.objects.filter(team=cast.team).select_related("shift").order_by("started_at", "pk"))
    for row in Activity.objects.filter(team=cast.team, code__in=HOPS, data__from__isnull=False, data__to__isnull=False):
        gave, took = row.data["from"], row.data["to"]
        if gave is None or took is None:
            continue
        before = [d for d in duties if d.member_id == gave and row.at - timedelta(days=14) < d.started_at <= row.at]
        soon = [
            d for d in duties
            if d.member_id == took and row.at - timedelta(days=2) < d.started_at < row.at + timedelta(hours=12) and d.ended_at > row.at
        ]  # fmt: skip
        shop, product, reason = told_of(Ticket.objects.get(pk=row.ticket_id))
        day = row.at.astimezone(cast.team.zone).date()
        found["hops"][(day, shop, product, reason, gave, row.code.removeprefix("ticket."))] += 1
        found["pairs"][(day, shop, f"{gave}>{took}", reason, gave, "")] += 1
        found["moves"][(day, shop, shift_of(before[::-1]) + SHIFT_PAIR + shift_of(soon), reason, gave, "")] += 1
    return found


def by_hand(cast: Cast) -> dict[str, Counter[tuple]]:
    """Fact → (day, shop, product, reason, member, mark) → how many, in plain Python."""
    zone = cast.team.zone
    found: dict[str, Counter[tuple]] = {
        name: Counter() for name in ("orders", "refunds", "cohort", "matters", "complaints", "promises", "made")
    }

    def day(at: datetime):
        return at.astimezone(zone).date()

    for order in Order.objects.filter(team=cast.team, paid_at__isnull=False).prefetch_related("lines"):
        place = (day(order.paid_at), order.shop_id, product_of(order), 0, order.sold_by_id or 0, "")
        found["orders"][place] += 1
        found["refunds"][place] += order.refunded > 0
    for ticket in Ticket.objects.filter(team=cast.team).exclude(status="merged"):
        orders = [link.order for link in ticket.order_links.order_by("pk").select_related("order")]
        first = orders[0] if orders else None
        shop, reason = ticket.shop_id or (first.shop_id if first else 0), ticket.reason_id or 0
        place = (shop, product_of(first), reason)
        found["matters"][(day(ticket.opened_at), *place, ticket.holder_id or 0, str(min(ticket.touches, 4)))] += 1
        if ticket.complaint:
            seller = (first.sold_by_id if first else 0) or 0
            found["complaints"][(day(ticket.complained_at), *place, seller, ticket.complaint)] += 1
            paid = next((o for o in orders if o.paid_at), None)
            if paid:
                cell = (day(paid.paid_at), paid.shop_id, product_of(paid), reason, paid.sold_by_id or 0, ticket.complaint)
                found["cohort"][cell] += 1
    for promise in Promise.objects.filter(team=cast.team).select_related("ticket"):
        mark = "late" if promise.status == "kept" and promise.closed_at > promise.due_at else promise.status
        who = promise.closed_by_id or promise.owner_id or 0
        place = (day(promise.due_at), *told_of(promise.ticket))
        found["promises"][(*place, who, mark)] += 1
        found["made"][(*place, promise.made_by_id or 0, mark)] += 1
    found |= passed_on(cast)
    return {fact: +cells for fact, cells in found.items()}
