"""Asking for customers: by any of their names, by words; and the story of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from tickets.activity.models import Activity
from tickets.customer.models import Customer, Handle, HandleKind, handle_key
from tickets.people.models import Member

STORY = 60


def told(member: Member) -> QuerySet[Customer]:
    """The member's customers with their handles."""
    handles = Prefetch("handles", Handle.objects.order_by("id"))
    return Customer.objects.visible_to(member).prefetch_related(handles)


def keys_of(member: Member, text: str) -> list[str]:
    """The keys a text may have as a handle: as it is, and as a phone."""
    found = [handle_key(HandleKind.OTHER, text), handle_key(HandleKind.PHONE, text, member.team.region)]
    return [key for key in dict.fromkeys(found) if key]


def exact(member: Member, text: str, *, kind: str = "", limit: int = 8) -> list[Customer]:
    """Customers with a handle that the text is, in any writing; of one `kind` only, where given."""
    handles = Handle.objects.visible_to(member).filter(key__in=keys_of(member, text))
    if kind:
        handles = handles.filter(kind=kind)
    ids = [pk for (pk,) in handles.values_list("customer_id")[: limit * 2]]
    return list(told(member).filter(pk__in=ids, merged_into__isnull=True).order_by("-id")[:limit]) if ids else []


def living(customer: Customer) -> Customer:
    """The customer that this one has become, however often it was merged; a corrupt circle ends where it began."""
    seen = {customer.pk}
    while customer.merged_into is not None and customer.merged_into_id not in seen:
        customer = customer.merged_into
        seen.add(customer.pk)
    return customer


def selves(customer: Customer) -> list[int]:
    """The customer and everybody who was merged into it: whose ledger rows are its story."""
    found, fresh = {customer.pk}, [customer.pk]
    while fresh:
        fresh = [pk for (pk,) in Customer.objects.filter(merged_into__in=fresh).values_list("pk") if pk not in found]
        found.update(fresh)
    return sorted(found)


@dataclass(frozen=True)
class Event:
    """One thing in a story: a ledger row, or an order at the instant it was placed (imports write no ledger row per order)."""

    at: datetime
    kind: str
    activity: Activity | None = None
    order: Any = None


def story(selves: list[int], orders: list[Any], *, before: datetime | None = None, limit: int = STORY) -> list[Event]:
    """The newest `limit` things that happened with the customer (its `selves`) before an instant, newest first, orders among them.

    `orders` are the customer's newest orders, as the room above found them.
    """
    rows = Activity.objects.filter(customer__in=selves).select_related("actor")
    rows = rows.only("at", "code", "data", "ticket_id", "order_id", "actor__display_name")
    if before is not None:
        rows = rows.filter(at__lt=before)
    events = [Event(row.at, "activity", activity=row) for row in rows.order_by("-at", "-id")[:limit]]
    logged = {row.activity.order_id for row in events if row.activity is not None and row.activity.code == "order.logged"}
    for order in orders:
        if order.placed_at and order.pk not in logged and (before is None or order.placed_at < before):
            events.append(Event(order.placed_at, "order", order=order))
    return sorted(events, key=lambda event: event.at, reverse=True)[:limit]
