"""The quick entry as one transaction: customer and order where they are new, then the ticket, or what is added to an open one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tickets.customer import actions as customers
from tickets.customer.models import Customer, HandleKind
from tickets.order import actions as orders
from tickets.order.models import Order
from tickets.people.models import Member
from tickets.ticket import actions
from tickets.ticket.actions.opening import second
from tickets.ticket.forms.entry import EntryForm
from tickets.ticket.models import Ticket
from tickets.ticket.recognise import Found
from tickets.web.refusals import Refused

SEVERAL = _("Several customers go by this. Choose one.")
NO_SHOP = _("This order is new. Name its shop.")


def enter(form: EntryForm, found: Found, *, by: Member) -> Ticket:
    """Log what was typed. Refuses `duplicate` while something is open for this customer or order (C7) unless `anyway`,
    `invalid` where several customers fit, and whatever the actions refuse."""
    data = form.cleaned_data
    promise = (data["promise"], data["due_at"]) if data.get("promise") else None
    if data.get("add_to"):
        said = {"text": data["what"].strip(), "how": data.get("how") or "", "channel": data.get("channel") or ""}
        return actions.add_to(found.open, data["add_to"], by=by, promise=promise, **said)
    if found.open and not data.get("anyway"):  # also what is open for the order
        raise second(found.open)
    if len(found.customers) > 1:
        raise Refused("invalid", errors={"who": [SEVERAL]})
    with transaction.atomic():
        customer, bought = _who(found, data, by)
        subject, body = form.texts()
        return actions.open_ticket(
            by=by,
            customer=customer,
            subject=subject,
            body=body,
            orders=bought,
            shop=data.get("shop") or (bought[0].shop if bought else None),
            promise=promise,
            unless_open=not data.get("anyway"),
            **_chosen(data),
        )


def _who(found: Found, data: dict[str, Any], by: Member) -> tuple[Customer, list[Order]]:
    """The customer and orders meant, written down where they are new. Refuses `invalid` for a new order without its shop."""
    if found.order is not None:
        return found.customer or customers.create(by.team, name=found.order.number, by=by), [found.order]
    if found.customer is not None:
        return found.customer, []
    if found.kind == "order":
        if data.get("shop") is None:
            raise Refused("invalid", errors={"shop": [NO_SHOP]})
        return _new_order(found.text.removeprefix("#"), data, by)
    kind = found.kind if found.kind != "handle" else data.get("platform") or HandleKind.TAOBAO
    return customers.find_or_create(by.team, kind=kind, value=found.text, name=_name(kind, found.text), by=by), []


def _name(kind: str, text: str) -> str:
    """What to call a customer of whom only this is known; a phone is nobody's name."""
    return "" if kind == HandleKind.PHONE else text


def _new_order(number: str, data: dict[str, Any], by: Member) -> tuple[Customer, list[Order]]:
    """An order logged by hand during the chat, with its buyer; the next import fills in the rest."""
    amount, item = data.get("amount"), data.get("item")
    order = orders.log_order(
        by=by,
        shop=data["shop"],
        number=number,
        handle=data.get("buyer") or "",
        lines=[orders.Line(item, price=amount or Decimal(0))] if item else [],
        total=amount,
    )
    return order.customer or customers.create(by.team, name=number, by=by), [order]


def _chosen(data: dict[str, Any]) -> dict[str, Any]:
    """What the reader chose beyond the defaults; the defaults are the action's."""
    names = ("reason", "severity", "kind", "channel", "next_action", "next_at", "tags", "complaint", "to_pool")
    return {name: data[name] for name in names if data.get(name)}
