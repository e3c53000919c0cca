"""The purchase story: who sold it, what was promised and said, earlier forms of this customer and of these products."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from tickets.activity.models import Activity
from tickets.activity.telling import Told, tell_all
from tickets.order.models import Order
from tickets.people.models import Member
from tickets.return_form.models import ReturnForm, ReturnLine
from tickets.ticket.models import Promise, Ticket

TOLD = ("ticket.contacted", "ticket.noted", "ticket.opened", "ticket.complained", "promise.made", "promise.kept", "promise.broken")

MATTERS = 8
RECENT = 2000
"""How many forms back one about the same product is looked for."""


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
    same = _of_products(others.exclude(order=order), member, skus) if skus else others.none()
    return Story(
        order=order,
        matters=matters,
        promises=list(Promise.objects.filter(ticket__in=ids).unkept().order_by("due_at")[:8]) if ids else [],
        said=tell_all(reversed(list(rows)), member),
        of_customer=list(others.filter(Q(order=order) | Q(customer=order.customer_id, customer__isnull=False))[:8]),
        of_product=list(same[:5]),
    )


def _of_products(others: QuerySet[ReturnForm], member: Member, skus: list[str]) -> QuerySet[ReturnForm]:
    """Among the team's newest forms those about one of these products. A product that sells is on a hundred thousand forms, a rare one on
    none: read along the index of the newest, both take the same few milliseconds."""
    recent = ReturnForm.objects.filter(team_id=member.team_id).order_by("-id").values("pk")[:RECENT]
    about = ReturnLine.objects.filter(form=OuterRef("pk"), order_line__sku__in=skus)
    return others.filter(Exists(about), pk__in=recent)


def _matters(order: Order) -> list[Ticket]:
    """The newest matters about the order or of its customer, each found along its own index: an “or” over both would read every ticket."""
    linked = Ticket.objects.filter(order_links__order=order).order_by("-id").values("pk")[:MATTERS]
    own = Ticket.objects.filter(customer_id=order.customer_id).order_by("-id").values("pk")[:MATTERS] if order.customer_id else None
    ids = linked.union(own) if own is not None else linked
    found = Ticket.objects.filter(pk__in=ids, team_id=order.team_id).select_related("holder").order_by("-id")
    return list(found[:MATTERS])
