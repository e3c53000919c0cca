"""Which forms an unclaimed parcel may be for: what is written on it, against the forms that still expect goods."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db.models import Q

from tickets.customer.models import Handle
from tickets.customer.queries import keys_of
from tickets.people.models import Member
from tickets.return_form.models import Parcel, ReturnForm, State

BETWEEN = re.compile(r"[\s,;:/|，；：、。（）()]+")
WORDS = 30
"""Of one parcel at most so many words are read."""
OFFERED = 3


def candidates(member: Member, parcels: Iterable[Parcel]) -> dict[int, list[ReturnForm]]:
    """By a parcel's id the forms that expect goods and whose order number, our own tracking number, recipient or customer (by name, phone
    or handle) stands on it: the newest first, `OFFERED` at most. Two queries, whatever the number of parcels."""
    written = {parcel.pk: _written(parcel) for parcel in parcels}
    words = set().union(*written.values())
    if not words:
        return {}
    marks = _customers(member, words)
    known = Q(order__number__in=words) | Q(order__tracking__in=words) | Q(order__recipient__in=words) | Q(customer__name__in=words)
    waiting = ReturnForm.objects.visible_to(member).filter(state=State.SUBMITTED, received_at__isnull=True)
    forms = list(
        waiting.filter(known | Q(customer__in=marks)).select_related("order", "customer").order_by("-id")[: OFFERED * len(written)]
    )
    named = {form.pk: _marks(form) | marks.get(form.customer_id or 0, set()) for form in forms}
    return {pk: [form for form in forms if named[form.pk] & said][:OFFERED] for pk, said in written.items()}


def _written(parcel: Parcel) -> set[str]:
    """The words on a parcel that may name somebody or something."""
    words = BETWEEN.split(f"{parcel.tracking} {parcel.sender} {parcel.contents}")
    return {word for word in words[:WORDS] if len(word) > 1}


def _customers(member: Member, words: set[str]) -> dict[int, set[str]]:
    """The customers of whom a word is a handle or a phone, with these words; one query."""
    said: dict[str, set[str]] = {}
    for word in words:
        for key in keys_of(member, word):
            said.setdefault(key, set()).add(word)
    found: dict[int, set[str]] = {}
    for customer, key in Handle.objects.visible_to(member).filter(key__in=said).values_list("customer_id", "key"):
        found.setdefault(customer, set()).update(said[key])
    return found


def _marks(form: ReturnForm) -> set[str]:
    """What names a form, beside its customer's handles."""
    return {x for x in (form.order.number, form.order.tracking, form.order.recipient, form.customer.name if form.customer else "") if x}
