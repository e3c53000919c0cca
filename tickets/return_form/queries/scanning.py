"""What was scanned or typed in the warehouse: a form's number or QR, a tracking number, an order number."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from tickets.order.models import Order
from tickets.people.models import Member
from tickets.return_form.actions.parcels import as_scanned
from tickets.return_form.models import FINAL, Parcel, ReturnForm

_NUMBER = re.compile(r"^R([0-9]{1,18})$")
_ADDRESS = re.compile(r"/RETURNS/([0-9]{1,18})(?:/|$|\?)")


@dataclass
class Scan:
    """What was found: ids of forms (one: go there), an unclaimed parcel, or an order without forms; all empty: unknown."""

    text: str
    ids: list[int] = field(default_factory=list)
    parcel: Parcel | None = None
    order: Order | None = None

    @cached_property
    def forms(self) -> list[ReturnForm]:
        """The forms with their orders, the newest first, for whoever must choose."""
        return list(ReturnForm.objects.filter(pk__in=self.ids).select_related("order").order_by("-id")) if self.ids else []


def scan(member: Member, text: str) -> Scan:
    """The quickest question first: at most four indexed queries, one for what is on a parcel or a form."""
    read = as_scanned(text)
    found = Scan(read)
    if not read:
        return found
    named = _NUMBER.match(read) or _ADDRESS.search(read)
    if named:
        found.ids = list(ReturnForm.objects.visible_to(member).filter(pk=int(named.group(1))).values_list("pk", flat=True))
        return found
    parcels = Parcel.objects.visible_to(member).filter(tracking=read)
    known = list(parcels.order_by("-id").values_list("form_id", "pk")[:20])
    found.ids = list(dict.fromkeys(form for form, _parcel in known if form))
    if not found.ids and known:
        found.parcel = parcels.get(pk=known[0][1])
    if found.ids or found.parcel:
        return found
    return _by_order(member, text.strip(), found)


def _by_order(member: Member, text: str, found: Scan) -> Scan:
    """By order number, or by the tracking number of our own parcel that came back refused."""
    ours = Order.objects.visible_to(member)
    for meant in ({"number": text}, {"tracking": text}):
        orders = list(ours.filter(**meant).values_list("pk", "return_forms", "return_forms__state").order_by("-return_forms")[:20])
        forms = [(form, state) for _order, form, state in orders if form]
        found.ids = [form for form, state in forms if state not in FINAL] or [form for form, _state in forms]
        if orders and not forms:
            found.order = ours.get(pk=orders[0][0])
        if orders:
            break
    return found
