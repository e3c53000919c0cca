"""One box for everything: whatever somebody has in hand (a nick, a phone, an order, a ticket, a word) leads to the matter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from tickets.customer.models import HandleKind, handle_key
from tickets.customer.queries import keys_of
from tickets.lookup import statements as sql
from tickets.order import queries as orders
from tickets.order.queries import like, numbers_of
from tickets.people.models import Member, Presence
from tickets.web.pasted import pasted
from tickets.web.phones import e164

TICKET = re.compile(r"^#?(\d{1,12})$")
NEWEST = 2_000

Row = dict[str, Any]
_PRESENCE = ("on_since", "on_until", "admitted_until", "next_on", "next_until")


@dataclass
class Found:
    """What a text leads to; `exact` says that the text is a name or number of it, otherwise it occurs in it.

    Rows carry what the list shows. Tickets: `id`, `subject`, `severity`, `status`, `customer`, `holder` (a name or None: the pool) with
    `presence`. Customers: `id`, `name`, `handles` (pairs of kind and value). Orders: `id`, `number`, `title`, `status`, `total`,
    `currency`, `placed_at`.
    """

    text: str
    exact: bool = False
    customers: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    tickets: list[Row] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.customers or self.orders or self.tickets)


def lookup(member: Member, text: str, *, limit: int = 6) -> Found:
    """Customers, orders and tickets of the member's team that `text` leads to; exact matches first and, where there are any, alone.

    A handle or phone in any writing, an e-mail, an order or tracking number, a ticket number (`#12`), or any words, two Chinese
    characters too. An exact customer brings open tickets and newest orders with it. Four statements for an exact text, six for words.
    """
    raw, text = text, pasted(text)
    found = Found(text)
    if not text:
        return found
    _exactly(member, found, raw, limit)
    if not found and len(text) >= 2:
        _by_words(member, found, limit)
    return found


def _exactly(member: Member, found: Found, raw: str, limit: int) -> None:
    """What the text names, and what comes along: with a customer its matters and orders, with an order its buyer."""
    number = TICKET.match(found.text)
    what = {"team": member.team_id, "text": found.text, "limit": limit}
    what["keys"] = list({*keys_of(member, found.text), *keys_of(member, raw)})  # what was cut away may be part of a name
    what |= {"numbers": numbers_of(found.text), "phone": e164(found.text, member.team.region), "ticket": int(number[1]) if number else None}
    named = [(kind, rank, pk, customer) for kind, rank, pk, customer in _raw(sql.EXACT, what)]
    if not named:
        return
    found.exact = True
    tickets = [pk for kind, _rank, pk, _customer in named if kind == "ticket"]
    best = min((rank for kind, rank, _pk, _customer in named if kind == "order"), default=0)
    bought = [(pk, customer) for kind, rank, pk, customer in named if kind == "order" and rank == best][:limit]
    people = [pk for kind, _rank, pk, _customer in named if kind == "customer"]
    people = people or list(dict.fromkeys(customer for _pk, customer in bought if customer))
    what |= {"people": people}
    if people:
        found.customers = rows_of(sql.CUSTOMERS_BY_ID, what | {"ids": people})
    if tickets:
        found.tickets = with_presence(rows_of(sql.TICKETS_BY_ID, what | {"ids": tickets}))
    elif people:
        found.tickets = with_presence(rows_of(sql.MATTERS_OF, what))
    if bought:
        found.orders = rows_of(sql.ORDERS_BY_ID, what | {"ids": [pk for pk, _customer in bought]})
    elif people:
        found.orders = rows_of(sql.ORDERS_OF, what)


def _by_words(member: Member, found: Found, limit: int) -> None:
    """What the text occurs in, or a handle or order number that begins so."""
    key = handle_key(HandleKind.OTHER, found.text)
    what = {"team": member.team_id, "text": found.text, "limit": limit, "newest": NEWEST, "like": like(found.text)}
    what["begins"] = like(key)[1:] if len(key) >= 3 else ""
    named = list(_raw(sql.WORDS, what))
    people, matters = ([pk for kind, pk in named if kind == wanted] for wanted in ("customer", "ticket"))
    bought = orders.beginning_ids(member, found.text, limit=limit) or orders.ids_by_words(member, found.text, limit=limit)
    if people:
        found.customers = rows_of(sql.CUSTOMERS_BY_ID, what | {"ids": people})
    if matters:
        found.tickets = with_presence(rows_of(sql.TICKETS_BY_ID, what | {"ids": matters}))
    if bought:
        found.orders = rows_of(sql.ORDERS_BY_ID, what | {"ids": bought})


def _raw(statement: str, what: dict[str, Any]) -> Iterable[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, what)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def rows_of(statement: str, what: dict[str, Any]) -> list[Row]:
    """The statement's rows by the names of its columns."""
    with connection.cursor() as cursor:
        cursor.execute(statement, what)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def with_presence(rows: list[Row]) -> list[Row]:
    """The tickets with their holder's `presence`, which says whether they are at work now, instead of its bare times."""
    for row in rows:
        times = {name: row.pop(name) for name in _PRESENCE}
        row["presence"] = Presence(**times) if any(times.values()) else None
    return rows
