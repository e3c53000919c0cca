"""The list of customers behind page, file and API alike: filters in, rows out, cut by a cursor."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from tickets.customer.models import Customer, Handle, HandleKind
from tickets.customer.queries import told
from tickets.lookup.queries import lookup
from tickets.order.models import Order
from tickets.people.models import Member
from tickets.ticket.models import Ticket
from tickets.web.numbers import whole_number
from tickets.web.phones import masked
from tickets.web.sheets import Column, cell

SIZE = 50
FOUND = 200
"""How many customers a word leads to at most; whoever looks for more says more."""


def narrowed(member: Member, *, q: str = "", kind: str = "", matters: str = "", since: Any = None, until: Any = None) -> QuerySet[Customer]:
    """The member's customers, none that became another. `q`: what the look-up box takes; `kind`: with a handle there; `matters`: with
    one that is open (`open`) or with none (`none`); `since`, `until`: first met on these days of the team's time zone."""
    rows = told(member).filter(merged_into__isnull=True)
    if q:
        rows = rows.filter(pk__in=[found["id"] for found in lookup(member, q, limit=FOUND).customers])
    if kind:
        rows = rows.filter(Exists(Handle.objects.filter(customer=OuterRef("pk"), kind=kind)))
    if matters == "open":
        rows = rows.filter(pk__in=Ticket.objects.filter(team=member.team_id).unresolved().values("customer"))
    elif matters == "none":
        rows = rows.exclude(Exists(Ticket.objects.filter(customer=OuterRef("pk")).unresolved()))
    if since:
        rows = rows.filter(created_at__gte=datetime.combine(since, time(), member.team.zone))
    if until:
        rows = rows.filter(created_at__lt=datetime.combine(until + timedelta(days=1), time(), member.team.zone))
    return rows


def counted(rows: QuerySet[Customer]) -> QuerySet[Customer]:
    """With `open` (matters that are), `bought` (orders) and `last_bought`, newest customer first."""
    matters = Ticket.objects.filter(customer=OuterRef("pk")).unresolved().order_by().values("customer").annotate(n=Count("pk")).values("n")
    orders = Order.objects.filter(customer=OuterRef("pk"))
    bought = orders.order_by().values("customer").annotate(n=Count("pk")).values("n")
    last = orders.filter(placed_at__isnull=False).order_by("-placed_at").values("placed_at")[:1]
    rows = rows.annotate(open=Coalesce(Subquery(matters), 0), bought=Coalesce(Subquery(bought), 0), last_bought=Subquery(last))
    return rows.order_by("-id")


def page_of(rows: QuerySet[Customer], *, before: str, size: int = SIZE) -> tuple[list[Customer], bool]:
    """The next `size` rows below the number `before` (empty: the newest), and whether there are more."""
    if (last := whole_number(before)) is not None:
        rows = rows.filter(pk__lt=last)
    found = list(rows[: size + 1])
    return found[:size], len(found) > size


def handles(customer: Customer) -> list[tuple[str, str]]:
    """(where, name) of every handle, phones masked."""
    kinds = dict(HandleKind.choices)
    return [(str(kinds[each.kind]), masked(each.value) if each.kind == HandleKind.PHONE else each.value) for each in customer.handles.all()]


COLUMNS: tuple[Column, ...] = (
    (_("Number"), cell("pk")),
    (_("Name"), cell("name")),
    (_("Handles"), lambda row: ", ".join(f"{where} {name}" for where, name in handles(row))),
    (_("Open matters"), cell("open")),
    (_("Orders"), cell("bought")),
    (_("Last order"), cell("last_bought")),
    (_("First met"), cell("created_at")),
    (_("Note"), cell("note")),
)
