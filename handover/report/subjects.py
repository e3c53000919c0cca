"""What the rows behind a figure are: their names and where they open. One query for a screenful."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from handover.duty.models import Duty
from handover.report.models import ServiceDay, Surprise
from handover.shell.filters import clock_text
from handover.shell.places import url_or_none
from tickets.order.models import Order
from tickets.people.models import Member
from tickets.return_form.models import PlatformCompensation, ReturnForm
from tickets.ticket.models import Ticket

Named = dict[int, tuple[str, str]]
"""id → (what it is called, its address or empty)."""


def named(subject: str, ids: Iterable[int], member: Member) -> Named:
    """The subjects of the member's team by id."""
    return _NAMED[subject](list(ids), member)


def _tickets(ids: list[int], member: Member) -> Named:
    rows = Ticket.objects.visible_to(member).filter(pk__in=ids).values_list("pk", "subject")
    return {pk: (f"#{pk} {subject}", reverse("ticket:show", args=[pk])) for pk, subject in rows}


def _orders(ids: list[int], member: Member) -> Named:
    rows = Order.objects.visible_to(member).filter(pk__in=ids).values_list("pk", "number", "title")
    return {pk: (f"{number} {title}".strip(), reverse("order:show", args=[pk])) for pk, number, title in rows}


def _forms(ids: list[int], member: Member) -> Named:
    rows = ReturnForm.objects.visible_to(member).filter(pk__in=ids).values_list("pk", "order__number")
    return {pk: (f"R{pk} · {number}", url_or_none("return_form:show", pk) or "") for pk, number in rows}


def _payments(ids: list[int], member: Member) -> Named:
    """Forms that paid, and (below zero) payments that only the platform's sheet tells of, which open where their order is."""
    told = PlatformCompensation.objects.visible_to(member).filter(pk__in=[-pk for pk in ids if pk < 0])
    rows = told.values_list("pk", "order_number", "reason_text", "kind_text", "order_id", "form_id")
    found = {-pk: (f"{number} {why or kind}".strip(), _where(order, form)) for pk, number, why, kind, order, form in rows}
    return _forms([pk for pk in ids if pk > 0], member) | found


def _where(order: int | None, form: int | None) -> str:
    if form:
        return url_or_none("return_form:show", form) or ""
    return reverse("order:show", args=[order]) if order else reverse("return_form:compensations") + "?matched=false"


def _duties(ids: list[int], member: Member) -> Named:
    rows = Duty.objects.visible_to(member).filter(pk__in=ids).select_related("note")
    return {d.pk: (_span(d), reverse("note:show", args=[d.note.pk]) if hasattr(d, "note") else "") for d in rows}


def _span(duty: Duty) -> str:
    return f"{clock_text(duty.started_at)} – {clock_text(duty.ended_at) if duty.ended_at else ''}"


def _receipts(ids: list[int], member: Member) -> Named:
    return {pk: (_("Digest acknowledged"), "") for pk in ids}


def _surprises(ids: list[int], member: Member) -> Named:
    rows = Surprise.objects.filter(team=member.team_id, pk__in=ids).values_list("pk", "text")
    return {pk: (text or _("Something I was not told"), "") for pk, text in rows}


def _services(ids: list[int], member: Member) -> Named:
    rows = ServiceDay.objects.filter(team=member.team_id, pk__in=ids).values_list("pk", "account", "shop__name")
    return {pk: (f"{account} · {shop}".strip(" ·"), "") for pk, account, shop in rows}


_NAMED: dict[str, Any] = {
    "ticket": _tickets,
    "order": _orders,
    "form": _forms,
    "payment": _payments,
    "duty": _duties,
    "receipt": _receipts,
    "service": _services,
    "surprise": _surprises,
}
