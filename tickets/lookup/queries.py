"""One box for everything: whatever somebody has in hand (a nick, a phone, an order, a ticket, a word) leads to the matter."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from tickets.customer import queries as customers
from tickets.customer.models import Customer
from tickets.order import queries as orders
from tickets.order.models import Order
from tickets.people.models import Member
from tickets.ticket.models import Ticket
from tickets.ticket.models.ticket import TicketQuerySet
from tickets.ticket.queries.search import matching

TICKET = re.compile(r"^#?(\d{1,12})$")
LONGEST = 160


@dataclass
class Found:
    """What a text leads to; `exact` says that the text is a name or number of it, otherwise it occurs in it."""

    text: str
    exact: bool = False
    customers: list[Customer] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.customers or self.orders or self.tickets)


def lookup(member: Member, text: str, *, limit: int = 6) -> Found:
    """Customers, orders and tickets of the member's team that `text` leads to; exact matches first and, where there are any, alone.

    A handle or phone in any writing, an e-mail, an order or tracking number, a ticket number (`#12`), or any words, two Chinese
    characters too. An exact customer brings open tickets and newest orders with it.
    """
    text = unicodedata.normalize("NFKC", text).strip()[:LONGEST]
    found = Found(text)
    if not text:
        return found
    found.tickets = _numbered(member, text)
    found.customers = customers.exact(member, text, limit=limit)
    found.orders = orders.exact(member, text, limit=limit)
    if found:
        found.exact = True
        _bring_along(member, found, limit)
        return found
    if len(text) >= 2:
        found.customers = customers.beginning(member, text, limit=limit) or customers.by_words(member, text, limit=limit)
        found.orders = orders.beginning(member, text, limit=limit) or orders.by_words(member, text, limit=limit)
        ids = matching(member.team_id, text, limit=limit)
        rows = _told(member).in_bulk(ids)
        found.tickets = [rows[pk] for pk in ids if pk in rows]
    return found


def _told(member: Member) -> TicketQuerySet:
    return Ticket.objects.visible_to(member).select_related("customer", "holder", "holder__presence")


def _numbered(member: Member, text: str) -> list[Ticket]:
    match = TICKET.match(text)
    return list(_told(member).filter(pk=int(match[1]))) if match else []


def _bring_along(member: Member, found: Found, limit: int) -> None:
    """With a customer come its matters and orders; with an order, its buyer."""
    if not found.customers and found.orders:
        ids = {order.customer_id for order in found.orders if order.customer_id}
        found.customers = list(customers.told(member).filter(pk__in=ids)) if ids else []
    people = [customer.pk for customer in found.customers]
    if people and not found.tickets:
        found.tickets = list(_told(member).unresolved().filter(customer__in=people).order_by("due_at", "-id")[:limit])
    if people and not found.orders:
        found.orders = list(orders.told(member).filter(customer__in=people).order_by("-placed_at", "-id")[:limit])
