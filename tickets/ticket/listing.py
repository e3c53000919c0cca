"""Lists of tickets: which rows, in which order, from which place on.

A list is its address: `?view=pool&severity=act_now&sort=oldest&after=…`. The same parsed address gives the rows of the page, of the
export and of a bulk deed. Anything the address names that does not exist is refused with `invalid`, never ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from tickets.people.models import Member
from tickets.ticket import queries, sorting
from tickets.ticket.models import Reason, Severity, Status, Ticket
from tickets.ticket.models.ticket import TicketQuerySet
from tickets.ticket.paging import SIZE, Slice, cut, unknown
from tickets.web.kept import Kept

VIEWS = tuple(queries.VIEWS)
PAGING = ("view", "sort", "after", "before", "team", "live")


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
    """A list's address, checked. `values` are the filters by name; `after`/`before` are cursors of the order."""

    view: str = "mine"
    sort: str = "due"
    values: Mapping[str, Any] = field(default_factory=dict)
    after: str = ""
    before: str = ""

    def address(self, **changes: Any) -> str:
        """`?view=…` with some parts changed; an empty change leaves the part out. Cursors are dropped unless given."""
        parts: dict[str, Any] = {"view": self.view, "sort": self.sort if self.sort != sorting.DEFAULT[self.view] else "", **self.values}
        parts.update(changes)
        return "?" + urlencode({name: value for name, value in parts.items() if value not in ("", None)})


def read_query(data: QueryDict, *, default_view: str = "mine") -> Query:
    """Check a list's address. Refuses `invalid` for a view, filter, value or sort that does not exist."""
    view = data.get("view") or default_view
    if view not in VIEWS:
        raise unknown("view", view)
    sort = data.get("sort") or sorting.DEFAULT[view]
    if sort not in sorting.SORTS[view]:
        raise unknown("sort", sort)
    values = {}
    for name, value in data.dict().items():
        value = str(value)
        if name in PAGING or value == "":
            continue
        if name not in FILTERS:
            raise unknown(name, value)
        try:
            values[name] = FILTERS[name](value)
        except ValueError as error:
            raise unknown(name, value) from error
    return Query(view, sort, values, data.get("after", ""), data.get("before", ""))


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


def rows(query: Query, member: Member, at: datetime, *, size: int = SIZE) -> Slice:
    """One screenful of the list, in one query. Refuses `invalid` for a cursor that is none."""
    order = sorting.ORDERS[query.sort]
    cursor = query.before or query.after
    if cursor or query.values:
        few = sorting.first(select(query, member, at), order, size + 1, cursor=cursor, back=bool(query.before))
        found = list(few.values(*_columns(order)))
    else:
        found = _top(query.view, query.sort, size).all(team=member.team_id, me=member.pk)
    return cut(found, size, partial(sorting.write_cursor, order), after=query.after, before=query.before)


def _columns(order: sorting.Order) -> tuple[str, ...]:
    return COLUMNS + tuple(name for name in order.columns if name not in COLUMNS)


@cache
def _top(view: str, sort: str, size: int) -> Kept[dict[str, Any]]:
    """The top of a view without filters, as every desk and most lists show it."""
    order = sorting.ORDERS[sort]

    def top(team: int, me: int) -> QuerySet[Any, dict[str, Any]]:
        found = queries.listing(Member(pk=me, team_id=team), view)
        return sorting.first(found, order, size + 1).values(*_columns(order))

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
