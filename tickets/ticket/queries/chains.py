"""Which tickets are one matter by now."""

from __future__ import annotations

from tickets.ticket.models import Ticket


def merged_below(pk: int) -> list[int]:
    """The ids of all tickets that were merged into this one, directly or through others; a corrupt cycle ends. Not the ticket itself."""
    seen: set[int] = {pk}
    level = [pk]
    while level:
        level = [found for found in Ticket.objects.filter(merged_into__in=level).values_list("pk", flat=True) if found not in seen]
        seen.update(level)
    return sorted(seen - {pk})
