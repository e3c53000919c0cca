"""One form and what stands around it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from tickets.activity.models import Activity
from tickets.customer.models import Customer
from tickets.order.models import Order, OrderLine
from tickets.people.models import Member
from tickets.return_form import gathered, rules
from tickets.return_form.book import book_of
from tickets.return_form.models import Resolution, ReturnForm, ReturnLine, Signature
from tickets.ticket.models import Reason, Ticket
from tickets.web.kept import Kept

BESIDE = ("order", "shop", "customer", "ticket__holder", "filed_by")
"""What is joined. Every further table makes the statement longer to plan than to run."""
ONE = Kept(lambda pk, team: gathered.whole(ReturnForm.objects.filter(pk=pk, team_id=team)).select_related(*BESIDE))
NOT_SHIPPED = _("not shipped yet: only the money can go back")
ALL_USED = _("all %(bought)s are on other forms: %(forms)s")
SOME_USED = _("%(left)s of %(bought)s left, the rest is on %(forms)s")


def told(forms: QuerySet[ReturnForm]) -> QuerySet[ReturnForm]:
    """With everything that showing them needs: six queries, whatever their number."""
    lines = ReturnLine.objects.select_related("order_line", "reason", "reason__parent")
    signatures = Signature.objects.select_related("voiding").order_by("id")
    return forms.select_related(*BESIDE, "successor", "predecessor").prefetch_related(
        Prefetch("lines", lines), Prefetch("signatures", signatures), "parcels", "settlements"
    )


def one(member: Member, pk: int) -> ReturnForm | None:
    """One form of the member's team with everything that showing it needs, in one query; None where there is no such."""
    found = ONE.first(pk=pk, team=member.team_id)
    return gathered.unfolded(found) if found else None


def forms_of(thing: Customer | Order | Ticket, *, limit: int = 20) -> list[ReturnForm]:
    """The newest forms of a customer, an order, or a ticket (with those of the tickets merged into it), two queries."""
    if isinstance(thing, Order):
        found = ReturnForm.objects.filter(order=thing)
    elif isinstance(thing, Customer):
        found = ReturnForm.objects.filter(customer=thing)
    else:
        found = ReturnForm.objects.filter(Q(ticket=thing) | Q(ticket__merged_into=thing))
    return list(found.select_related("order").prefetch_related("lines__order_line").order_by("-id")[:limit])


def asks_because(reason: Reason) -> bool:
    """Whether any form asks for something for this reason."""
    return ReturnLine.objects.filter(reason=reason).exists()


def signatures_of(form: ReturnForm) -> list[Signature]:
    """Every signature ever given, void ones with who voided them and why, in the order they were given."""
    return list(Signature.objects.filter(form=form).select_related("voiding").order_by("id"))


def story_of(form: ReturnForm, *, limit: int = 200) -> list[Activity]:
    """What happened to the form, oldest first."""
    return list(Activity.objects.filter(return_form=form).select_related("actor").order_by("id")[:limit])


@dataclass(frozen=True)
class Offer:
    """One order line as filing offers it: how many units can still be asked for, what a unit paid, and why the rest cannot."""

    line: OrderLine
    left_goods: int
    left_money: int
    paid: Decimal
    why: str

    @property
    def most(self) -> int:
        return max(self.left_goods, self.left_money)


def offer(order: Order, *, without: ReturnForm | None = None) -> list[Offer]:
    """What of an order can still be returned or refunded, line by line, and why the rest cannot. One query."""
    book = book_of(order, without=without.pk if without else None)
    found = []
    for line in book.lines:
        units = book.units[line.pk]
        goods, money = units.left(Resolution.RETURN_AND_REFUND), units.left(Resolution.REFUND_ONLY)
        why = blocked_because(units, [f"R{form}" for form in sorted(book.forms.get(line.pk, ()))])
        found.append(Offer(line, goods, money, book.paid[line.pk], why))
    return found


def blocked_because(units: rules.Units, forms: list[str]) -> str:
    """Why not all units are offered, as a sentence; empty where all are."""
    left = units.left(Resolution.REFUND_ONLY)
    data = {"bought": units.bought, "left": left, "forms": ", ".join(forms)}
    if left == 0:
        return str(ALL_USED % data)
    if left < units.bought:
        return str(SOME_USED % data)
    return "" if units.shipped else str(NOT_SHIPPED)
