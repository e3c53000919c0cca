"""The promises still to be kept, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.translation import gettext as _

from tickets.people.models import Member
from tickets.ticket.models import Promise
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused

SIZE = 50
WHOSE = ("all", "mine", "pool")
COLUMNS = (
    "id", "text", "due_at", "status", "owner_id", "owner__display_name", "made_by__display_name", "made_at",
    "ticket_id", "ticket__subject", "ticket__status", "ticket__customer__name",
)  # fmt: skip


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


@dataclass(frozen=True)
class Slice:
    """One screenful and the cursors of its neighbours (empty where there is none)."""

    rows: list[dict[str, Any]]
    previous: str = ""
    next: str = ""


def read_query(data: Mapping[str, str]) -> Query:
    """Check the list's address. Refuses `invalid` for somebody that this list does not know."""
    query = Query(data.get("whose") or "all", data.get("after") or "", data.get("before") or "")
    if query.whose not in WHOSE:
        raise _unknown("whose", query.whose)
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
    more, page = len(page) > size, page[:size]
    if back:
        page.reverse()
    if not page:
        return Slice([])
    has_previous, has_next = (more, True) if back else (bool(query.after), more)
    return Slice(page, _place(page[0]) if has_previous else "", _place(page[-1]) if has_next else "")


def every_row(query: Query, member: Member, *, step: int = 2000) -> Iterator[dict[str, Any]]:
    """All promises of the list in its order, a bounded number at a time; what the export writes."""
    after = ""
    while True:
        page = rows(Query(query.whose, after), member, size=step)
        yield from page.rows
        if not page.next:
            return
        after = page.next


def _place(row: Mapping[str, Any]) -> str:
    return f"{row['due_at'].astimezone(UTC).isoformat().replace('+00:00', 'Z')}~{row['id']}"


def _cursor(text: str) -> tuple[datetime, int]:
    instant, _tilde, pk = text.partition("~")
    try:
        found = datetime.fromisoformat(instant)
        number = whole_number(pk)
        if found.tzinfo is None or number is None:
            raise ValueError(text)
        return found, number
    except ValueError as error:
        raise _unknown("after", text) from error


def _unknown(name: str, value: str) -> Refused:
    return Refused("invalid", errors={name: [_("“%(value)s” is not something this list knows.") % {"value": value[:80]}]})
