"""How a ticket begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import alert
from tickets.activity.models import Activity
from tickets.customer.actions import hold_living
from tickets.customer.models import Customer
from tickets.order.models import Order
from tickets.people.models import Member, Shop
from tickets.people.queries import managers_to_tell
from tickets.ticket import rules
from tickets.ticket.actions._base import invalid, mention, now, tell_ledger
from tickets.ticket.actions._deed import deed
from tickets.ticket.actions.editing import OTHER_TEAM, check
from tickets.ticket.actions.promises import add_promise, check_promise
from tickets.ticket.models import Assignment, Reason, Ticket, TicketOrder, TicketText, Touch, Watcher
from tickets.ticket.queries.lists import open_matters
from tickets.web.refusals import Refused

HAS_OPEN = _("This customer has an open matter: #%(id)s. Add to it, or say that this is another one.")
LEVEL = _("Choose the level of the complaint.")
TALKED = frozenset({Ticket.Channel.CHAT, Ticket.Channel.PHONE})
"""Channels on which whoever logs the matter has just talked with the customer."""


@deed
def open_ticket(
    *,
    by: Member,
    customer: Customer,
    subject: str,
    body: str = "",
    kind: str = "issue",
    reason: Reason | None = None,
    severity: str = "watch",
    channel: str = "chat",
    shop: Shop | None = None,
    orders: Sequence[Order] = (),
    tags: Iterable[str] = (),
    next_action: str = "",
    next_at: datetime | None = None,
    next_by: Member | None = None,
    promise: tuple[str, datetime] | None = None,
    complaint: str = "",
    to_pool: bool = False,
    watchers: Iterable[Member] = (),
    unless_open: bool = False,
    at: datetime | None = None,
) -> Ticket:
    """Log a matter. Who logs it holds it (or the pool, with `to_pool` or where `by` cannot hold tickets), and is its first handler
    if they hold it or talked with the customer. `promise` is (text, aware instant later than `at`).

    `unless_open` refuses `duplicate` with the open matters while this customer has any (C7), also one that is being opened at this
    very instant. Refuses `invalid`, `not_found` for another team's customer.
    """
    at = now(at)
    if customer.team_id != by.team_id:
        raise invalid("customer", OTHER_TEAM)
    customer = hold_living(customer)
    if unless_open and (found := open_matters(customer)):
        raise second(found)
    holder = by if by.can_hold and not to_pool else None
    ticket = Ticket(
        team=by.team, customer=customer, shop=shop or _shop_of(orders), kind=kind, reason=reason, subject=subject.strip()[:160],
        body=body.strip(), severity=severity, channel=channel, tags=rules.clean_tags(tags), next_action=next_action.strip()[:300],
        next_at=next_at, next_by=next_by, complaint=complaint, complained_at=at if complaint else None, holder=holder, held_since=at,
        opened_by=by, opened_at=at, updated_at=at,
    )  # fmt: skip
    _check(ticket, orders, promise, at)
    ticket.due_at = rules.due(next_at, [promise[1]] if promise else [])
    talked = holder is not None or channel in TALKED
    if talked:
        ticket.touches, ticket.last_contact_at, ticket.last_answered_by = 1, at, by
    ticket.save(force_insert=True)
    _write_around(ticket, by=by, at=at, orders=orders, talked=talked, watchers=watchers)
    ticket.first_order = orders[0].pk if orders else None  # type: ignore[attr-defined]
    row = tell_ledger("ticket.opened", ticket, by=by, at=at, **_said(ticket))
    if promise:
        add_promise(ticket, *promise, owner_id=ticket.holder_id, by=by, at=at)
    mention(ticket, row, ticket.body, by=by)
    if complaint:
        _tell_managers(ticket, row, by=by, at=at)
    return ticket


def _tell_managers(ticket: Ticket, row: Activity, *, by: Member, at: datetime) -> None:
    """Of the complaint that the matter begins with; who logs it knows."""
    told = {"subject": ticket.subject, "level": ticket.complaint, "by_name": by.display_name}
    managers = [m for m in managers_to_tell(ticket.team, at) if m.pk != by.pk]
    alert(managers, "ticket.complained", key=f"activity:{row.pk}", at=at, ticket=ticket, **told)


def second(found: Sequence[Ticket]) -> Refused:
    """The refusal of a further matter while these are open: `duplicate`, with each of them (C7)."""
    return Refused("duplicate", HAS_OPEN % {"id": found[0].pk}, ticket=found[0].pk, tickets=[_said_of_open(ticket) for ticket in found])


def _said_of_open(ticket: Ticket) -> dict[str, Any]:
    return {
        "id": ticket.pk,
        "subject": ticket.subject,
        "holder": {"id": ticket.holder.pk, "name": ticket.holder.display_name} if ticket.holder else None,
        "held_since": ticket.held_since.isoformat().replace("+00:00", "Z"),
    }


def _shop_of(orders: Sequence[Order]) -> Shop | None:
    return orders[0].shop if orders else None


def _check(ticket: Ticket, orders: Sequence[Order], promise: tuple[str, datetime] | None, at: datetime) -> None:
    said = ("subject", "kind", "severity", "channel", "reason", "shop", "next_by")
    check(ticket, {name: getattr(ticket, name) for name in said})
    if ticket.complaint and ticket.complaint not in Ticket.Complaint.values:
        raise invalid("complaint", LEVEL)
    if any(order.team_id != ticket.team_id for order in orders):
        raise invalid("orders", OTHER_TEAM)
    if promise:
        check_promise(*promise, at)


def _write_around(ticket: Ticket, *, by: Member, at: datetime, orders: Sequence[Order], talked: bool, watchers: Iterable[Member]) -> None:
    """The first Assignment and touch, the orders, the search text, the watchers."""
    Assignment.objects.create(ticket=ticket, from_member=None, to_member=ticket.holder, cause=Assignment.Cause.OPENED, actor=by, at=at)
    if talked:
        Touch.objects.create(ticket=ticket, member=by, place=1, how=Touch.How.OPENED, at=at)
    if orders:
        pks = dict.fromkeys(order.pk for order in orders)
        TicketOrder.objects.bulk_create([TicketOrder(ticket=ticket, order_id=pk) for pk in pks])
    TicketText.objects.bulk_create([TicketText(ticket=ticket, team=ticket.team, text=rules.searchable(ticket.subject, ticket.body, ()))])
    watching = {m.pk: m for m in watchers}
    if any(m.team_id != ticket.team_id for m in watching.values()):
        raise invalid("watchers", OTHER_TEAM)
    if watching:
        Watcher.objects.bulk_create([Watcher(ticket=ticket, member=m) for m in watching.values()])


def _said(ticket: Ticket) -> dict[str, Any]:
    """What the ledger keeps of the beginning."""
    return {
        "subject": ticket.subject,
        "kind": ticket.kind,
        "severity": ticket.severity,
        "channel": ticket.channel,
        "reason": ticket.reason_id,
        "shop": ticket.shop_id,
        "complaint": ticket.complaint,
        "to": ticket.holder_id,
        "to_name": ticket.holder.display_name if ticket.holder else "",
        "next_action": ticket.next_action,
        "next_at": ticket.next_at,
    }
