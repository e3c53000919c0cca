"""How what happened to orders and imports reads in the ledger; orders have their codes shown with what changed, from what to what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.activity.telling import SENTENCES, Data, Names, Teller, register
from tickets.order.models import OrderStatus
from tickets.order.sources.problems import REASONS

FIELDS: dict[str, Callable[[], str]] = {
    "status": lambda: _("status"), "total": lambda: _("amount"), "paid": lambda: _("paid"), "refunded": lambda: _("refunded"),
    "freight": lambda: _("freight"), "request": lambda: _("special request"), "sold_by": lambda: _("sold by"),
    "recipient": lambda: _("recipient"), "phone": lambda: _("phone"), "address": lambda: _("address"),
    "courier": lambda: _("courier"), "tracking": lambda: _("tracking number"), "memo": lambda: _("seller's note"),
}  # fmt: skip


def _shown(field: str, value: Any) -> str:
    return str(dict(OrderStatus.choices).get(value, value)) if field == "status" else str(value)


def _difference(field: str, change: Any) -> str:
    """`status: Paid → Shipped`; only the field's name where the figures are not for this reader."""
    if not isinstance(change, list) or len(change) != 2:
        return FIELDS[field]()
    before, after = (_shown(field, value) for value in change)
    return _("%(field)s: %(before)s → %(after)s") % {"field": FIELDS[field](), "before": before, "after": after}


def _changed(data: Data, names: Names) -> str:
    told = {"number": data.get("number", ""), "what": _(", ").join(_difference(name, data[name]) for name in FIELDS if name in data)}
    if "import" not in data:
        return _("told of the order %(number)s: %(what)s") % told
    return _("brought news of the order %(number)s from a file: %(what)s") % told


def _imported(data: Data, names: Names) -> str:
    created, updated, problems = (int(data.get(name) or 0) for name in ("created", "updated", "problems"))
    parts = [ngettext("%(count)s new order", "%(count)s new orders", created) % {"count": created}]
    parts.append(ngettext("%(count)s changed", "%(count)s changed", updated) % {"count": updated})
    if problems:
        parts.append(ngettext("%(count)s row was not taken", "%(count)s rows were not taken", problems) % {"count": problems})
    return _("imported %(name)s: %(what)s") % {"name": data.get("name", ""), "what": _(", ").join(parts)}


def _failed(data: Data, names: Names) -> str:
    why = REASONS.get(str(data.get("error") or ""))
    told = {"name": data.get("name", ""), "why": why}
    return _("could not import %(name)s: %(why)s") % told if why else _("could not import %(name)s") % told


WORDS: dict[str, Teller] = {
    "order.logged": lambda d, n: _("logged the order %(number)s") % {"number": d.get("number", "")},
    "order.pushed": lambda d, n: _("brought the order %(number)s") % {"number": d.get("number", "")},
    "order.changed": _changed,
    "import.uploaded": lambda d, n: _("uploaded %(name)s") % {"name": d.get("name", "")},
    "shop.push_door": lambda d, n: _("said how the platform may send the orders of %(shop)s") % {"shop": d.get("shop_name", "")},
    "import.mapped": lambda d, n: _("said what the columns of %(name)s are") % {"name": d.get("name", "")},
    "import.done": _imported,
    "import.failed": _failed,
}


def register_words() -> None:
    """Teach the one teller our codes; called once when the apps are ready, harmless when called again."""
    for code, teller in WORDS.items():
        if code not in SENTENCES:
            register(code, teller, kind="order")
