"""Lists of tickets: which rows, in which order, from which place on.

A list is its address: `?view=pool&severity=act_now&sort=oldest&after=…`. The same parsed address gives the rows of the page, of the
export and of a bulk deed. Anything the address names that does not exist is refused with `invalid`, never ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from tickets.people.models import Member
from tickets.ticket import queries
from tickets.ticket.models import Reason, Severity, Status, Ticket
from tickets.ticket.models.ticket import TicketQuerySet
from tickets.web.kept import Kept
from tickets.web.refusals import Refused

SIZE = 50
VIEWS = tuple(queries.VIEWS)
PAGING = ("view", "sort", "after", "before", "team", "live")


@dataclass(frozen=True)
class Order:
    """One way to sort: the columns (the last one unique), which of them may be empty (sorted last), and whether descending."""

    columns: tuple[str, ...]
    descending: bool = False


ORDERS: dict[str, Order] = {
    "due": Order(("due_at", "id")),
    "held": Order(("held_since", "id")),
    "newest": Order(("id",), descending=True),
    "oldest": Order(("id",)),
}
SORTS = {"mine": ("due", "held", "newest", "oldest"), "all": ("newest", "oldest")}
DEFAULT_SORT = {"mine": "due", "team": "due", "pool": "held", "waiting": "due", "all": "newest"}


def _text(value: str) -> str:
    if not 0 < len(value) <= 80:
        raise ValueError(value)
    return value


def _one_of(*allowed: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in allowed:
            raise ValueError(value)
        return value

    return check


def _number(value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 15:
        raise ValueError(value)
    return int(value)


FILTERS: dict[str, Callable[[str], Any]] = {
    "status": _one_of(*Status.values),
    "severity": _one_of(*Severity.values),
    "kind": _one_of(*Ticket.Kind.values),
    "channel": _one_of(*Ticket.Channel.values),
    "waiting_on": _one_of(*Ticket.Waiting.values),
    "complaint": _one_of("any", *Ticket.Complaint.values),
    "holder": lambda value: value if value == "pool" else _number(value),
    "reason": _number,
    "shop": _number,
    "customer": _number,
    "order": _number,
    "due": _one_of("overdue", "soon", "today"),
    "tag": _text,
    "q": _text,
}


@dataclass(frozen=True)
class Query:
    """A list's address, checked. `values` are the filters by name; `after`/`before` are cursors of `ORDERS[sort]`."""

    view: str = "mine"
    sort: str = "due"
    values: Mapping[str, Any] = field(default_factory=dict)
    after: str = ""
    before: str = ""

    def address(self, **changes: Any) -> str:
        """`?view=…` with some parts changed; an empty change leaves the part out. Cursors are dropped unless given."""
        parts: dict[str, Any] = {"view": self.view, "sort": self.sort if self.sort != DEFAULT_SORT[self.view] else "", **self.values}
        parts.update(changes)
        return "?" + urlencode({name: value for name, value in parts.items() if value not in ("", None)})


def read_query(data: QueryDict, *, default_view: str = "mine") -> Query:
    """Check a list's address. Refuses `invalid` for a view, filter, value or sort that does not exist."""
    view = data.get("view") or default_view
    if view not in VIEWS:
        raise _unknown("view", view)
    sort = data.get("sort") or DEFAULT_SORT[view]
    if sort not in SORTS.get(view, SORTS["mine"]):
        raise _unknown("sort", sort)
    values = {}
    for name, value in data.dict().items():
        value = str(value)
        if name in PAGING or value == "":
            continue
        if name not in FILTERS:
            raise _unknown(name, value)
        try:
            values[name] = FILTERS[name](value)
        except ValueError as error:
            raise _unknown(name, value) from error
    return Query(view, sort, values, data.get("after", ""), data.get("before", ""))


def _unknown(name: str, value: str) -> Refused:
    return Refused("invalid", errors={name: [_("“%(value)s” is not something this list knows.") % {"value": value[:80]}]})


def select(query: Query, member: Member, at: datetime) -> TicketQuerySet:
    """The rows the address names, of the member's team, unsorted."""
    found = queries.listing(member, query.view)
    for name, value in query.values.items():
        found = _filter(found, name, value, member, at)
    return found


def _filter(found: TicketQuerySet, name: str, value: Any, member: Member, at: datetime) -> TicketQuerySet:
    if name == "holder":
        return found.in_pool() if value == "pool" else found.filter(holder_id=value)
    if name == "complaint":
        return found.complained(value)
    if name == "reason":
        below = Reason.objects.filter(Q(pk=value) | Q(parent_id=value)).values("pk")
        return found.filter(reason_id__in=below)
    if name == "tag":
        return found.tagged(value)
    if name == "order":
        return found.filter(order_links__order_id=value)
    if name == "due":
        return found.due_before(_due_limit(value, at))
    if name == "q":
        return found.filter(pk__in=queries.matching(member.team_id, value))
    column = {"shop": "shop_id", "customer": "customer_id"}.get(name, name)
    return found.filter(**{column: value})


def _due_limit(value: str, at: datetime) -> datetime:
    if value == "overdue":
        return at
    if value == "soon":
        return at + timedelta(hours=1)
    here = timezone.localtime(at)
    return (here.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)).astimezone(UTC)


COLUMNS = (
    "id", "subject", "severity", "status", "waiting_on", "complaint", "next_action", "next_at", "due_at", "held_since", "touches", "tags",
    "customer_id", "customer__name", "holder_id", "holder__display_name", "reason__name", "channel", "opened_at", "resolved_at", "version",
)  # fmt: skip


@dataclass(frozen=True)
class Slice:
    """One screenful and the cursors of its neighbours (empty where there is none)."""

    rows: list[dict[str, Any]]
    previous: str = ""
    next: str = ""


def rows(query: Query, member: Member, at: datetime, *, size: int = SIZE) -> Slice:
    """One screenful of the list, in one query. Refuses `invalid` for a cursor that is none."""
    order = ORDERS[query.sort]
    back = bool(query.before)
    cursor = query.before or query.after
    if cursor or query.values:
        found = select(query, member, at)
        if cursor:
            found = found.filter(_beyond(order, _read_cursor(order, cursor), back))
        page = list(found.order_by(*_ordering(order, back)).values(*COLUMNS)[: size + 1])
    else:
        page = _top(query.view, query.sort, size).all(team=member.team_id, me=member.pk)
    more, page = len(page) > size, page[:size]
    if back:
        page.reverse()
    if not page:
        return Slice([])
    has_previous, has_next = (more, True) if back else (bool(query.after), more)
    return Slice(page, _write_cursor(order, page[0]) if has_previous else "", _write_cursor(order, page[-1]) if has_next else "")


@cache
def _top(view: str, sort: str, size: int) -> Kept[dict[str, Any]]:
    """The top of a view without filters, as every desk and most lists show it."""

    def top(team: int, me: int) -> QuerySet[Any, dict[str, Any]]:
        found = queries.listing(Member(pk=me, team_id=team), view)
        return found.order_by(*_ordering(ORDERS[sort], False)).values(*COLUMNS)[: size + 1]

    return Kept(top, spare=True)


def every_row(query: Query, member: Member, at: datetime, *, step: int = 2000) -> Iterator[dict[str, Any]]:
    """All rows of the list in its order, a bounded number at a time; what the export writes."""
    query = replace(query, after="", before="")
    while True:
        page = rows(query, member, at, size=step)
        yield from page.rows
        if not page.next:
            return
        query = replace(query, after=page.next)


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
        return Q(**{f"id__{compare}": values[0]})
    name, (value, pk) = order.columns[0], values
    if value is None:
        same = Q(**{f"{name}__isnull": True, f"id__{compare}": pk})
        return same if larger else same | Q(**{f"{name}__isnull": False})
    found = Q(**{f"{name}__{compare}": value}) | Q(**{name: value, f"id__{compare}": pk})
    return found | Q(**{f"{name}__isnull": True}) if larger and name == "due_at" else found


def _write_cursor(order: Order, row: Mapping[str, Any]) -> str:
    return "~".join(_written(row[name]) for name in order.columns)


def _written(value: datetime | int | None) -> str:
    """As a cursor says it: an instant in UTC to the microsecond, an empty one as nothing."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


def _read_cursor(order: Order, text: str) -> list[Any]:
    parts = text.split("~")
    try:
        if len(parts) != len(order.columns):
            raise ValueError(text)
        found: list[Any] = [_number(parts[-1])]
        if len(parts) == 2:
            found.insert(0, datetime.fromisoformat(parts[0]) if parts[0] else None)
            if found[0] is not None and found[0].tzinfo is None:
                raise ValueError(text)
    except ValueError as error:
        raise _unknown("after", text) from error
    return found
