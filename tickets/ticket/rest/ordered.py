"""The orders of `tickets/` that no index holds: they read every row they sort."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from tickets.ticket import queries, sorting
from tickets.ticket.models import Ticket
from tickets.web.filters import Ordered
from tickets.web.refusals import Refused

NARROW = _("Only what is unresolved can be sorted so (unresolved=true); all tickets by: %(names)s.")


class Placed(Ordered):
    """By one text that is another for every ticket, so that a cursor stands between any two of them."""

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        asked = super().get_ordering(request, queryset, view)
        return (sorting.PLACE,) if asked[0] in sorting.NARROW else asked

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """Of the orders that read what they sort only bare ids are sorted; what is told of a ticket is joined to those of the page."""
        page = super().paginate_queryset(queryset, request, view)
        if not page or self.ordering != (sorting.PLACE,):
            return page
        told = queries.told(Ticket.objects.visible_to(view.member)).in_bulk([ticket.pk for ticket in page])
        return [told[ticket.pk] for ticket in page]


def bare(rows: QuerySet[Ticket], ordering: str, asked: Mapping[str, Any], others: tuple[str, ...]) -> QuerySet[Ticket]:
    """The ids of the rows with the place of each in the order. Refuses `invalid` unless only unresolved tickets are asked for."""
    if str(asked.get("unresolved")).lower() not in ("true", "1"):
        raise Refused("invalid", errors={"ordering": [NARROW % {"names": ", ".join(others)}]})
    return rows.only("pk").annotate(**{sorting.PLACE: sorting.ORDERS[ordering].text})
