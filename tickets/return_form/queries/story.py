"""The purchase story: who sold it, what was promised and said, earlier forms of this customer and of these products."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from tickets.activity.models import Activity
from tickets.activity.telling import Told, tell_all
from tickets.order.models import Order
from tickets.people.models import Member
from tickets.return_form.models import ReturnForm
from tickets.ticket.models import Promise, Ticket

TOLD = ("ticket.contacted", "ticket.noted", "ticket.opened", "ticket.complained", "promise.made", "promise.kept", "promise.broken")


@dataclass(frozen=True)
class Story:
    """`matters` are the customer's tickets, `said` the last contacts, `promises` those not kept yet."""

    order: Order
    matters: list[Ticket]
    promises: list[Promise]
    said: list[Told]
    of_customer: list[ReturnForm]
    of_product: list[ReturnForm]


def purchase_story(member: Member, order: Order, form: ReturnForm | None = None) -> Story:
    """Everything that the person who files wants to know, in six queries. `form` itself is left out."""
    matters = list(_matters(order))
    ids = [ticket.pk for ticket in matters]
    rows = Activity.objects.filter(ticket__in=ids, code__in=TOLD).select_related("actor", "ticket").order_by("-id")[:12] if ids else []
    others = ReturnForm.objects.exclude(pk=form.pk if form else 0).select_related("order").order_by("-id")
    skus = [sku for sku in order.lines.values_list("sku", flat=True) if sku]
    same = others.filter(team_id=member.team_id, lines__order_line__sku__in=skus).exclude(order=order).distinct() if skus else others.none()
    return Story(
        order=order,
        matters=matters,
        promises=list(Promise.objects.filter(ticket__in=ids).unkept().order_by("due_at")[:8]) if ids else [],
        said=tell_all(reversed(list(rows)), member),
        of_customer=list(others.filter(Q(order=order) | Q(customer=order.customer_id, customer__isnull=False))[:8]),
        of_product=list(same[:5]),
    )


def _matters(order: Order) -> list[Ticket]:
    mine = Q(order_links__order=order)
    if order.customer_id:
        mine |= Q(customer_id=order.customer_id)
    found = Ticket.objects.filter(mine, team_id=order.team_id).select_related("holder").distinct().order_by("-id")
    return list(found[:8])
