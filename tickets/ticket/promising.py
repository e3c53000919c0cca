"""The promises still to be kept, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q

from tickets.people.models import Member
from tickets.ticket.models import Promise
from tickets.ticket.paging import SIZE, Slice, cut, unknown
from tickets.ticket.sorting import ORDERS, read_cursor, write_cursor

WHOSE = ("all", "mine", "pool")
COLUMNS = (
    "id", "text", "due_at", "status", "owner_id", "owner__display_name", "made_by__display_name", "made_at",
    "ticket_id", "ticket__subject", "ticket__status", "ticket__customer__name",
)  # fmt: skip
BY_DUE = ORDERS["due"]


@dataclass(frozen=True)
class Query:
    """The list's address, checked: whose promises, and from which cursor on (`after`) or back (`before`)."""

    whose: str = "all"
    after: str = ""
    before: str = ""

    def address(self, **cursor: str) -> str:
        """`?view=promises…` without the cursor, or with the one given."""
        whose = {"whose": self.whose} if self.whose != "all" else {}
        return "?" + urlencode({"view": "promises", **whose, **cursor})


def read_query(data: Mapping[str, str]) -> Query:
    """Check the list's address. Refuses `invalid` for somebody that this list does not know."""
    query = Query(data.get("whose") or "all", data.get("after") or "", data.get("before") or "")
    if query.whose not in WHOSE:
        raise unknown("whose", query.whose)
    return query


def rows(query: Query, member: Member, *, size: int = SIZE) -> Slice:
    """A screenful of unkept promises by due time: everybody's, `mine`, or those in the `pool`. One query.
    Refuses `invalid` for a cursor that is none."""
    narrow = {"all": Q(), "mine": Q(owner=member), "pool": Q(owner__isnull=True)}[query.whose]
    found = Promise.objects.visible_to(member).unkept().filter(narrow)
    back = bool(query.before)
    if query.after or back:
        due, pk = _cursor(query.before or query.after)
        later, same = ("due_at__lt", "id__lt") if back else ("due_at__gt", "id__gt")
        found = found.filter(Q(**{later: due}) | Q(**{"due_at": due, same: pk}))
    order = ("-due_at", "-id") if back else ("due_at", "id")
    page = list(found.order_by(*order).values(*COLUMNS)[: size + 1])
    return cut(page, size, partial(write_cursor, BY_DUE), after=query.after, before=query.before)


def every_row(query: Query, member: Member, *, step: int = 2000) -> Iterator[dict[str, Any]]:
    """All promises of the list in its order, a bounded number at a time; what the export writes."""
    after = ""
    while True:
        page = rows(Query(query.whose, after), member, size=step)
        yield from page.rows
        if not page.next:
            return
        after = page.next


def _cursor(text: str) -> list[Any]:
    due, pk = read_cursor(BY_DUE, text)
    if due is None:  # a promise always has a time
        raise unknown("after", text)
    return [due, pk]
