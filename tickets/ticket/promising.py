"""The promises still to be kept, the most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from tickets.people.models import Member
from tickets.ticket.models import Promise
from tickets.web.refusals import Refused

SIZE = 50
COLUMNS = (
    "id", "text", "due_at", "status", "owner_id", "owner__display_name", "made_by__display_name", "made_at",
    "ticket_id", "ticket__subject", "ticket__status", "ticket__customer__name",
)  # fmt: skip


@dataclass(frozen=True)
class Slice:
    rows: list[dict[str, Any]]
    whose: str
    next: str = ""


def rows(member: Member, whose: str, after: str, at: datetime, *, size: int = SIZE) -> Slice:
    """A screenful of unkept promises by due time: everybody's, `mine`, or those in the `pool`. `after` is a cursor.
    One query. Refuses `invalid` for anything else."""
    narrow = {"all": Q(), "mine": Q(owner=member), "pool": Q(owner__isnull=True)}.get(whose)
    if narrow is None:
        raise Refused("invalid", errors={"whose": [_("“%(value)s” is not something this list knows.") % {"value": whose[:80]}]})
    found = Promise.objects.visible_to(member).unkept().filter(narrow)
    if after:
        due, pk = _cursor(after)
        found = found.filter(Q(due_at__gt=due) | Q(due_at=due, id__gt=pk))
    page = list(found.order_by("due_at", "id").values(*COLUMNS)[: size + 1])
    last = page[size - 1] if len(page) > size else None
    cursor = f"{last['due_at'].astimezone(UTC).isoformat().replace('+00:00', 'Z')}~{last['id']}" if last else ""
    return Slice(page[:size], whose, cursor)


def _cursor(text: str) -> tuple[datetime, int]:
    instant, _tilde, pk = text.partition("~")
    try:
        found = datetime.fromisoformat(instant)
        if found.tzinfo is None or not pk.isascii() or not pk.isdigit():
            raise ValueError(text)
        return found, int(pk)
    except ValueError as error:
        raise Refused("invalid", errors={"after": [_("“%(value)s” is not something this list knows.") % {"value": text[:80]}]}) from error
