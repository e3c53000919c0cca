"""What changed of what is asked, in words: under a signature that an edit voided, and for whoever was too late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tickets.order.models import OrderLine
from tickets.return_form.models import FreightPayer, Resolution
from tickets.ticket.models import Reason

FIELDS = {
    "order": _("Order"),
    "predecessor": _("Successor of"),
    "words": _("The customer's words"),
    "note": _("Note for the warehouse and the manager"),
    "freight_payer": _("Who pays the way back"),
    "lines": _("Lines"),
    "evidence": _("Photos"),
}
"""The parts of a form's content (`scope.content`)."""


class Change(NamedTuple):
    """One part of the content, before and after, as the reader would say it."""

    name: str
    before: str
    after: str


def names(fields: Iterable[str]) -> str:
    """What these parts of the content are called."""
    return _(", ").join(str(FIELDS.get(field, field)) for field in fields)


def in_words(difference: Sequence[Mapping[str, Any]]) -> list[Change]:
    """A refusal's `difference`. Two queries where lines differ, else none."""
    both = [line for change in difference if change["field"] == "lines" for line in (change["before"] or []) + (change["after"] or [])]
    products = OrderLine.objects.in_bulk({line["order_line"] for line in both}) if both else {}
    reasons = Reason.objects.in_bulk({line["reason"] for line in both}) if both else {}

    def told(field: str, value: Any) -> str:
        if field == "lines":
            return "; ".join(_line(line, products, reasons) for line in value or [])
        if field == "evidence":
            return ngettext("%(num)s photo", "%(num)s photos", len(value or [])) % {"num": len(value or [])}
        return str(dict(FreightPayer.choices).get(value, value) if field == "freight_payer" else value or "")

    return [Change(names([x["field"]]), told(x["field"], x["before"]), told(x["field"], x["after"])) for x in difference]


def _line(line: Mapping[str, Any], products: Mapping[int, OrderLine], reasons: Mapping[int, Reason]) -> str:
    product, reason = products.get(line["order_line"]), reasons.get(line["reason"])
    wanted = str(dict(Resolution.choices).get(line["resolution"], line["resolution"]))
    details = [wanted, reason.name if reason else "", line["exchange_for"], line["asked_amount"] or "", line["note"]]
    return f"{line['quantity']} × {product.title if product else ''} ({', '.join(x for x in details if x)})"
