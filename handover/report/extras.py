"""What single reports show besides: windows that must fall, where hops happen, the matters that went through most hands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from handover.report import names, queries
from handover.report.asking import Asked
from handover.report.building import Built
from handover.report.days import starts
from tickets.people.access import may
from tickets.ticket.models import Status, Ticket

PAIRS = 12
WORST = 8


def windows(built: Built) -> list[Any]:
    """Consecutive periods of the same length, the newest last."""
    return built.windows


def pairs(built: Built) -> list[dict[str, Any]]:
    """Where hops happen: who passed how many matters on to whom, most first."""
    asked = built.asked
    (cells,) = queries.cells(asked, "hops", "item", [(asked.first, asked.last)])
    sums: dict[str, int] = {}
    for (key, _mark, _currency), (n, _amount) in cells.items():
        sums[str(key)] = sums.get(str(key), 0) + n
    most = sorted(sums.items(), key=lambda pair: -pair[1])[:PAIRS]
    people = names.members(asked.member.team_id, {int(pk) for key, _n in most for pk in key.split(">") if pk})
    return [{"label": " → ".join(people.get(int(pk), _("nobody")) for pk in key.split(">")), "value": n, "text": str(n)} for key, n in most]


def worst(built: Built) -> list[dict[str, Any]]:
    """The matters of the period that went through most hands (four and more), each one click from its story."""
    asked = built.asked
    span = Q(
        opened_at__gte=starts(asked.first, asked.member.team.zone), opened_at__lt=starts(asked.last + queries.DAY, asked.member.team.zone)
    )
    found = Ticket.objects.visible_to(asked.member).filter(span, touches__gte=4).exclude(status=Status.MERGED)
    found = _narrowed(found, asked).order_by("-touches", "-opened_at")
    rows = found.values_list("pk", "subject", "touches", "opened_at")[:WORST]
    return [{"url": reverse("ticket:show", args=[pk]), "subject": subject, "touches": n, "at": at} for pk, subject, n, at in rows]


def _narrowed(found: Any, asked: Asked) -> Any:
    columns = {"shop": "shop__in", "reason": "reason__in", "member": "holder__in"}
    return found.filter(**{columns[name]: values for name, values in asked.filters.items() if name in columns})


def imports(built: Built) -> bool:
    """Whether the reader may bring in the platform's figures."""
    return may(built.asked.member, "report.import")


EXTRAS: dict[str, Callable[[Built], Any]] = {"windows": windows, "pairs": pairs, "worst": worst, "imports": imports}
