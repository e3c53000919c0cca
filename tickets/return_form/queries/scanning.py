"""What was scanned or typed in the warehouse: a form's number or QR, a tracking number, an order number."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tickets.order.models import Order
from tickets.people.models import Member
from tickets.return_form.actions.parcels import as_scanned
from tickets.return_form.models import Parcel, ReturnForm

_NUMBER = re.compile(r"^R([0-9]{1,18})$")
_ADDRESS = re.compile(r"/RETURNS/([0-9]{1,18})(?:/|$|\?)")


@dataclass
class Scan:
    """What was found: forms (one: go there), an unclaimed parcel, or an order without forms; all empty: unknown."""

    text: str
    forms: list[ReturnForm] = field(default_factory=list)
    parcel: Parcel | None = None
    order: Order | None = None


def scan(member: Member, text: str) -> Scan:
    """The quickest question first: at most three indexed queries."""
    read = as_scanned(text)
    found = Scan(read)
    if not read:
        return found
    ours = ReturnForm.objects.visible_to(member).select_related("order")
    named = _NUMBER.match(read) or _ADDRESS.search(read)
    if named:
        found.forms = list(ours.filter(pk=int(named.group(1))))
        return found
    parcels = list(Parcel.objects.visible_to(member).filter(tracking=read).select_related("form__order").order_by("-id")[:20])
    found.forms = list({parcel.form.pk: parcel.form for parcel in parcels if parcel.form}.values())
    if not found.forms:
        found.parcel = next((parcel for parcel in parcels if parcel.form is None), None)
    if found.forms or found.parcel:
        return found
    return _by_order(member, text.strip(), found)


def _by_order(member: Member, text: str, found: Scan) -> Scan:
    """By order number, or by the tracking number of our own parcel that came back refused."""
    orders = list(Order.objects.visible_to(member).filter(number=text)[:5])
    if not orders:
        orders = list(Order.objects.visible_to(member).filter(tracking=text)[:5])
    found.forms = list(ReturnForm.objects.filter(order__in=orders).select_related("order").order_by("-id")[:20]) if orders else []
    still_open = [form for form in found.forms if form.state not in ("closed", "cancelled")]
    found.forms = still_open or found.forms
    found.order = orders[0] if orders and not found.forms else None
    return found
