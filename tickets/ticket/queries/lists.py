"""Which tickets and promises."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet

from tickets.customer.models import Customer
from tickets.order.models import Order
from tickets.people.models import Member
from tickets.ticket.models import Promise, Reason, Status, Ticket, TicketOrder
from tickets.ticket.models.promise import PromiseQuerySet
from tickets.ticket.models.ticket import TicketQuerySet
from tickets.web.kept import Kept

VIEWS: dict[str, Callable[[TicketQuerySet, Member], TicketQuerySet]] = {
    "mine": lambda rows, member: rows.held_by(member),
    "team": lambda rows, member: rows.unresolved(),
    "pool": lambda rows, member: rows.in_pool(),
    "waiting": lambda rows, member: rows.filter(status=Status.WAITING),
    "all": lambda rows, member: rows,
}


def listing(member: Member, view: str = "all") -> TicketQuerySet:
    """The tickets of one view (a key of `VIEWS`) that the member may see, unsorted."""
    return VIEWS[view](Ticket.objects.visible_to(member), member)


def told(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """With everything the API tells of a ticket, its order ids as `order_ids`: one query for any number of rows."""
    links = TicketOrder.objects.filter(ticket=OuterRef("pk")).order_by("pk").values("order")
    return rows.select_related("customer", "holder").annotate(order_ids=ArraySubquery(links))


def open_matters(whose: Customer | Order) -> list[Ticket]:
    """The unresolved tickets of a customer, or of an order, the newest first, each with who has it (C7). One query."""
    rows = Ticket.objects.unresolved()
    rows = rows.filter(customer=whose) if isinstance(whose, Customer) else rows.filter(order_links__order=whose)
    return list(rows.select_related("customer", "holder__presence").order_by("-pk")[:50])


def promises_by_urgency(member: Member, *, due_before: datetime | None = None) -> PromiseQuerySet:
    """The team's unkept promises, the most urgent first, with ticket, customer and owner."""
    rows = Promise.objects.visible_to(member).unkept()
    if due_before is not None:
        rows = rows.due_before(due_before)
    return rows.select_related("ticket__customer", "owner").order_by("due_at", "pk")


def leaves(member: Member) -> list[Reason]:
    """The reasons that may be chosen, with the one above each, in the team's order. One query."""
    rows = LEAVES.all(team=member.team_id)
    return sorted(rows, key=lambda r: ((r.parent.place, r.parent.name) if r.parent else (r.place, r.name), r.place, r.name))


LEAVES = Kept(lambda team: Reason.objects.filter(team_id=team).leaves().select_related("parent"))
