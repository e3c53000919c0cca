"""The filters of a list of tickets in words: their names, what may be chosen, and the chips above the list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.customer.models import Customer
from tickets.order.models import Order
from tickets.people.models import Member, Shop
from tickets.ticket.listing import Query
from tickets.ticket.models import Reason, Severity, Status, Ticket

LABELS = {
    "status": gettext_lazy("status"), "severity": gettext_lazy("severity"), "kind": gettext_lazy("kind"),
    "channel": gettext_lazy("channel"), "waiting_on": gettext_lazy("waiting on"),
    "complaint": gettext_lazy("complaint"), "holder": gettext_lazy("holder"),
    "reason": gettext_lazy("reason"), "shop": gettext_lazy("shop"), "customer": gettext_lazy("customer"), "order": gettext_lazy("order"),
    "due": gettext_lazy("due"), "tag": gettext_lazy("tag"), "q": gettext_lazy("words"),
}  # fmt: skip
DUE_WORDS = {"overdue": gettext_lazy("overdue"), "soon": gettext_lazy("within the hour"), "today": gettext_lazy("today")}
CHOICES: dict[str, Iterable[tuple[str, Any]]] = {
    "status": Status.choices, "severity": Severity.choices, "kind": Ticket.Kind.choices, "channel": Ticket.Channel.choices,
    "waiting_on": Ticket.Waiting.choices, "complaint": [("any", gettext_lazy("any")), *Ticket.Complaint.choices], "due": DUE_WORDS.items(),
}  # fmt: skip
NAMED: dict[str, tuple[Any, str]] = {
    "reason": (Reason, "name"), "shop": (Shop, "name"), "customer": (Customer, "name"), "order": (Order, "number"),
    "holder": (Member, "display_name"),
}  # fmt: skip


def chips(query: Query, member: Member) -> list[tuple[str, str, str]]:
    """The filters in words, each with the address that leaves it out: (label, value, href)."""
    return [(str(LABELS[name]), _worded(name, value, member), query.address(**{name: ""})) for name, value in query.values.items()]


def _worded(name: str, value: Any, member: Member) -> str:
    if name in CHOICES:
        return str(dict(CHOICES[name])[value])
    if value == "pool":
        return _("pool")
    if name in NAMED:
        model, column = NAMED[name]
        return str(model.objects.filter(team_id=member.team_id, pk=value).values_list(column, flat=True).first() or f"#{value}")
    return str(value)
