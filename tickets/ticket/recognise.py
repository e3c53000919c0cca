"""What was pasted into the entry box: whose it is, what they bought, and what is already open for them (C7).

Exact matches only and in four indexed queries: this runs while somebody types beside a chat. The lookup page searches more widely.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from tickets.customer.models import Customer, Handle
from tickets.customer.queries import keys_of
from tickets.customer.rules import kind_of
from tickets.order.models import Order
from tickets.order.queries import numbers_of
from tickets.people.models import Member
from tickets.ticket.models import UNRESOLVED, Ticket
from tickets.web.pasted import pasted

ORDER_NUMBER = re.compile(r"(?=.*\d)[0-9A-Za-z#_-]{6,64}$")
SHOWN = 5


@dataclass
class Found:
    """What the text stands for. `kind` is its best reading: order, phone, email or handle; `handle` says how to store a new one."""

    text: str
    kind: str
    customers: list[Customer] = field(default_factory=list)
    order: Order | None = None
    orders: list[Order] = field(default_factory=list)
    open: list[Ticket] = field(default_factory=list)

    @property
    def customer(self) -> Customer | None:
        """The one customer, where there is no doubt."""
        return self.customers[0] if len(self.customers) == 1 else None

    @property
    def is_new(self) -> bool:
        return bool(self.text) and not self.customers and self.order is None


def reading(text: str, region: str) -> str:
    """The kind of a text by its looks alone: phone, email, order or handle."""
    known = kind_of(text, region)
    if known:
        return known
    digits = sum(letter.isdigit() for letter in text)
    return "order" if ORDER_NUMBER.match(text) and digits >= 6 and digits * 2 >= len(text) else "handle"


def recognise(member: Member, text: str, *, customer: int | None = None) -> Found:
    """Whose it is. `customer` decides where the text alone fits several people (an id of the team's, else ignored)."""
    raw, text = text, pasted(text)
    found = Found(text, reading(text, member.team.region) if text else "")
    if not text and customer is None:
        return found
    if text:
        orders = Order.objects.visible_to(member).filter(number__in=numbers_of(text)).select_related("shop", "customer")
        found.order = orders.order_by("-placed_at", "-id").first()
    found.customers = _customers(member, found, customer, raw)
    if found.order is None and found.customer is None:
        return found
    _story(member, found)
    return found


def _customers(member: Member, found: Found, chosen: int | None, raw: str) -> list[Customer]:
    own = Customer.objects.visible_to(member)
    if chosen is not None:
        return list(own.unmerged().filter(pk=chosen))
    if found.order is not None:
        return [found.order.customer] if found.order.customer else []
    keys = {*keys_of(member, found.text), *keys_of(member, raw)}  # what was cut away may be part of a name
    handles = Handle.objects.visible_to(member).filter(key__in=keys).select_related("customer", "customer__merged_into")[:20]
    people = (handle.customer.merged_into or handle.customer for handle in handles)
    return list({person.pk: person for person in people}.values())


def _story(member: Member, found: Found) -> None:
    """The newest orders and every open matter of the customer or order, each with who has it and whether they are at work."""
    mine: Any = Q(pk__in=[]) if found.customer is None else Q(customer=found.customer)
    orders = Order.objects.visible_to(member).filter(mine).select_related("shop", "sold_by")
    found.orders = list(orders.order_by("-placed_at", "-id")[:SHOWN]) if found.customer else [found.order] if found.order else []
    of_order = Q(order_links__order=found.order) if found.order else Q(pk__in=[])
    open_ones = Ticket.objects.visible_to(member).filter(mine | of_order, status__in=UNRESOLVED)
    found.open = list(open_ones.select_related("holder__presence", "team__lead", "customer").distinct().order_by("-id")[:SHOWN])
