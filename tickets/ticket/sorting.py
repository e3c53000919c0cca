"""The orders of a list of tickets, and the places in them from which a list goes on.

An order is stable: what it sorts by ends with the ticket's id, so that of equal tickets none is shown twice or passed over between two
screenfuls. A cursor says the place of one row; it is found again although the row itself has moved or gone.

A column is sorted the other way round under its name with a minus. Instants turn with all that follows them, as their index is read
backwards: what has no time comes first. Severities and names turn alone; within each of them what is due first still leads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db.models import Case, F, Func, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Collate, Left, LPad, NullIf

from tickets.customer.models import Customer
from tickets.ticket.models import Severity, Ticket
from tickets.ticket.models.ticket import TicketQuerySet
from tickets.ticket.paging import unknown
from tickets.web.numbers import whole_number

PLACE = "place"
"""The annotation by which the orders with a `text` sort."""
NAME, LONGEST = 40, 400
"""How much of a name is sorted by, and how long that makes the text: turned, eight digits for each of its characters."""
LAST = "\U0010ffff"
ENDING = re.compile(r"([0-9]{20}|~)[0-9]{19}\Z")
"""How the text of every ticket ends: when it is due, and its id."""


@dataclass(frozen=True)
class Order:
    """One way to sort: the columns (the last one unique), which of them may be empty (sorted last), and whether descending; or a `text`
    to sort by, another one for every ticket, where no column has the order."""

    columns: tuple[str, ...]
    descending: bool = False
    text: Any = None


def _joined(*texts: Any) -> Func:
    return Func(*texts, template="(%(expressions)s)", arg_joiner=" || ", output_field=TextField())


def _said(text: str) -> Value:
    return Value(text, output_field=TextField())


def _text(what: Any) -> Collate:
    """`what` first, then due first (without a time last), then the elder. Bytes are compared, so that every database gives one order."""
    clock = Func(_said("UTC"), F("due_at"), function="timezone")
    due = Func(clock, _said("YYYYMMDDHH24MISSUS"), function="to_char", output_field=TextField())
    return Collate(_joined(what, Coalesce(due, _said("~")), LPad(Cast("id", TextField()), 19, _said("0"))), "C")


def _name(name: Any) -> Func:
    """A name to sort by; the empty one is the last. The tab keeps Ann's together and before Anna's."""
    known = Coalesce(NullIf(name, Value("")), Value(LAST), output_field=TextField())
    return _joined(Left(known, NAME), _said("\t"))


def _turned(what: Any) -> Func:
    """The last first, as a text that sorts upwards: its bytes in hexadecimal, each digit replaced by what is missing to the largest."""
    hexadecimal = Func(Func(what, _said("UTF8"), function="convert_to"), _said("hex"), function="encode")
    return Func(hexadecimal, _said("0123456789abcdef"), _said("fedcba9876543210"), function="translate", output_field=TextField())


def _both_ways(name: str, order: Order, turned: Order | None = None) -> dict[str, Order]:
    return {name: order, f"-{name}": turned or replace(order, descending=not order.descending)}


def _by(name: str, what: Any) -> dict[str, Order]:
    return _both_ways(name, Order((PLACE,), text=_text(what)), Order((PLACE,), text=_text(_turned(what))))


_GRAVITY = Case(*[When(severity=level, then=_said(str(place))) for place, level in enumerate(Severity.values)])
# One look-up for each ticket: a join would sort all customers there are by name to find those of a few tickets.
_CUSTOMER = Subquery(Customer.objects.filter(pk=OuterRef("customer_id")).values("name"))

ORDERS: dict[str, Order] = {
    **_both_ways("due", Order(("due_at", "id"))),
    **_by("severity", _GRAVITY),
    **_by("customer", _name(_CUSTOMER)),
    **_by("holder", _name(F("holder__display_name"))),
    **_both_ways("held", Order(("held_since", "id"))),
    "newest": Order(("id",), descending=True),
    "oldest": Order(("id",)),
}
TURNED = {name: name[1:] if name.startswith("-") else f"-{name}" for name in ORDERS} | {"newest": "oldest", "oldest": "newest"}
"""order → the same the other way round."""
_OF_ALL = ("newest", "oldest")
_ONES_OWN = tuple(name for name in ORDERS if name.lstrip("-") != "holder")
SORTS = {"mine": _ONES_OWN, "team": tuple(ORDERS), "pool": _ONES_OWN, "waiting": tuple(ORDERS), "all": _OF_ALL}
"""view → its orders. Every ticket there ever was is sorted by what an index holds; where one person or nobody holds all, not by holder."""
DEFAULT = {"mine": "due", "team": "due", "pool": "held", "waiting": "due", "all": "newest"}
NARROW = tuple(name for name, order in ORDERS.items() if order.text is not None)
"""The orders that read every row they sort: for lists of what is unresolved."""


def first(found: TicketQuerySet, order: Order, most: int, *, cursor: str = "", back: bool = False) -> TicketQuerySet:
    """At most so many of the rows, sorted; those beyond the cursor. `back`: the nearest before it, in reverse. Refuses `invalid` for a
    cursor that is none."""
    if order.text is not None:
        found = found.annotate(**{PLACE: order.text})
    if cursor:
        found = found.filter(_beyond(order, read_cursor(order, cursor), back))
    found = found.order_by(*_ordering(order, back))
    if order.text is None:
        return found[:most]
    # Sorted as bare ids: what is told of a ticket is joined to these few, not to all that are sorted.
    few = Ticket.objects.filter(pk__in=found.values("pk")[:most])
    return few.annotate(**{PLACE: order.text}).order_by(*_ordering(order, back))


def _ordering(order: Order, back: bool) -> list[Any]:
    descending = order.descending != back
    if descending:
        return [F(name).desc(nulls_first=True) if name == "due_at" else f"-{name}" for name in order.columns]
    return [F(name).asc(nulls_last=True) if name == "due_at" else name for name in order.columns]


def _beyond(order: Order, values: list[Any], back: bool) -> Q:
    """The rows after the cursor (before it, going back) in the order; an empty due time sorts after every other."""
    larger = order.descending == back
    compare = "gt" if larger else "lt"
    if len(order.columns) == 1:
        return Q(**{f"{order.columns[0]}__{compare}": values[0]})
    name, (value, pk) = order.columns[0], values
    if value is None:
        same = Q(**{f"{name}__isnull": True, f"id__{compare}": pk})
        return same if larger else same | Q(**{f"{name}__isnull": False})
    found = Q(**{f"{name}__{compare}": value}) | Q(**{name: value, f"id__{compare}": pk})
    return found | Q(**{f"{name}__isnull": True}) if larger and name == "due_at" else found


def write_cursor(order: Order, row: Mapping[str, Any]) -> str:
    """The place of a row."""
    return "~".join(_written(row[name]) for name in order.columns)


def _written(value: datetime | int | str | None) -> str:
    """As a cursor says it: an instant in UTC to the microsecond, an empty one as nothing."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


def read_cursor(order: Order, text: str) -> list[Any]:
    """What `write_cursor` wrote, a value for each column. Refuses `invalid` for what it did not."""
    if order.text is not None:
        if "\0" in text or len(text) > LONGEST or not ENDING.search(text):
            raise unknown("after", text)
        return [text]
    parts = text.split("~")
    try:
        if len(parts) != len(order.columns):
            raise ValueError(text)
        pk = whole_number(parts[-1])
        if pk is None:
            raise ValueError(text)
        found: list[Any] = [pk]
        if len(parts) == 2:
            found.insert(0, None if not parts[0] and order.columns[0] == "due_at" else _instant(parts[0]))
    except (ValueError, OverflowError) as error:
        raise unknown("after", text) from error
    return found


def _instant(text: str) -> datetime:
    """In UTC, as the database may not know the offset. Raises ValueError or OverflowError."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found.astimezone(UTC)
