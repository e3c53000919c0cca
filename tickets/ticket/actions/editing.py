"""Changing what a ticket says (C6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.activity.models import Activity
from tickets.order.models import Order
from tickets.people.models import Member
from tickets.ticket import rules
from tickets.ticket.actions._base import SAY, invalid, lock_for, mention, now, refresh_due, rewrite_text, save, tell_ledger
from tickets.ticket.actions._deed import deed
from tickets.ticket.actions.holding import must_be_able
from tickets.ticket.models import Reason, Ticket, TicketOrder
from tickets.web.kept import Kept
from tickets.web.refusals import Refused

STALE = _("This ticket was changed since you opened it.")
OTHER_TEAM = _("This does not belong to your team.")
LEAF = _("Choose a reason that is in use and has none below it.")
CHOICES = {name: set(Ticket._meta.get_field(name).flatchoices) for name in ("kind", "severity", "channel")}  # type: ignore[union-attr]


@deed
def edit(ticket: Ticket, *, by: Member, version: int, at: datetime | None = None, **changes: Any) -> Ticket:
    """Change what `rules.EDITABLE` names, and `orders`; `version` is the one that the person saw.

    Nothing different is no change. Refuses `stale` (with `current` and `difference`), `invalid`, `wrong_state`.
    """
    at = now(at)
    ticket = lock_for("edit", ticket, by)
    orders = changes.pop("orders", None)
    unknown = set(changes) - set(rules.EDITABLE)
    if unknown:
        raise invalid(sorted(unknown)[0], _("This cannot be changed here."))
    if "tags" in changes:
        changes["tags"] = rules.clean_tags(changes["tags"])
    if version != ticket.version:
        raise stale(ticket, changes)
    check(ticket, changes)
    before, after = _apply(ticket, changes)
    if orders is not None:
        had, has = _relink(ticket, orders)
        if had != has:
            before["orders"], after["orders"] = had, has
    if not after:
        return ticket
    if "next_at" in after:
        refresh_due(ticket)
    save(ticket, at, *(name for name in after if name != "orders"), "due_at")
    row = tell_ledger("ticket.edited", ticket, by=by, at=at, before=before, after=after)
    if "subject" in after or "body" in after:
        rewrite_text(ticket)
    if "body" in after:
        new = rules.mentions(ticket.body) - rules.mentions(before["body"])
        mention(ticket, row, " ".join(f"@{name}" for name in sorted(new)), by=by)
    return ticket


def shown(value: Any) -> Any:
    """A field's value as the ledger and the API say it: ids for rows, text for instants."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


def stale(ticket: Ticket, given: dict[str, Any]) -> Refused:
    """C6: what is there now, who changed it, and where it differs from what was sent."""
    current = {name: shown(getattr(ticket, name)) for name in rules.EDITABLE} | {"version": ticket.version, "status": ticket.status}
    last = Activity.objects.filter(ticket=ticket).select_related("actor").order_by("-id").first()
    by = {"id": last.actor_id, "name": last.actor.display_name} if last and last.actor else None
    current |= {"holder": ticket.holder_id, "updated_at": shown(ticket.updated_at), "updated_by": by}
    different = rules.difference(current, {name: shown(value) for name, value in given.items()})
    return Refused("stale", STALE, current=current, difference=different)


def check(ticket: Ticket, changes: dict[str, Any]) -> None:
    """Refuse `invalid` what the ticket must not say; `ticket` needs its team."""
    if "subject" in changes and not changes["subject"].strip():
        raise invalid("subject", SAY)
    for name, choices in CHOICES.items():
        if name in changes and changes[name] not in dict(choices):
            raise invalid(name, _("This is not one of the choices."))
    if (reason := changes.get("reason")) is not None:
        check_reason(reason, ticket.team_id)
    if (shop := changes.get("shop")) is not None and shop.team_id != ticket.team_id:
        raise invalid("shop", OTHER_TEAM)
    if (next_by := changes.get("next_by")) is not None:
        must_be_able(next_by, ticket, "next_by")


def check_reason(reason: Reason, team_id: int) -> None:
    """Only a leaf of the team's own list, in use (R2 holds for tickets too)."""
    if reason.team_id != team_id or A_LEAF.first(pk=reason.pk) is None:
        raise invalid("reason", LEAF)


A_LEAF = Kept(lambda pk: Reason.objects.leaves().filter(pk=pk))


def _apply(ticket: Ticket, changes: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    before, after = {}, {}
    for name, value in changes.items():
        old = getattr(ticket, name)
        if old != value:
            before[name], after[name] = shown(old), shown(value)
            setattr(ticket, name, value)
    return before, after


def _relink(ticket: Ticket, orders: list[Order]) -> tuple[list[int], list[int]]:
    if any(order.team_id != ticket.team_id for order in orders):
        raise invalid("orders", OTHER_TEAM)
    had = set(TicketOrder.objects.filter(ticket=ticket).values_list("order", flat=True))
    wanted = {order.pk for order in orders}
    TicketOrder.objects.filter(ticket=ticket, order__in=had - wanted).delete()
    TicketOrder.objects.bulk_create([TicketOrder(ticket=ticket, order_id=pk) for pk in sorted(wanted - had)])
    return sorted(had), sorted(wanted)
