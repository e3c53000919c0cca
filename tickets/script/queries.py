"""Which quick replies fit, and which campaigns run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from tickets.people.models import Member
from tickets.script import rules
from tickets.script.models import Campaign, Script
from tickets.ticket.models import Ticket
from tickets.web.kept import Kept

OFFERED = 300
"""As many quick replies as a picker holds; it is searched while typing, without asking again."""


@dataclass(frozen=True)
class Filled:
    """A quick reply as it would be sent on one ticket."""

    shortcut: str
    title: str
    text: str


def scripts(member: Member, *, q: str = "", shop: int | None = None, ended: bool | None = False) -> QuerySet[Script]:
    """The team's quick replies by shortcut; those said in the shop, or in all; `ended=None` for both kinds."""
    found = Script.objects.visible_to(member).select_related("shop", "reason")
    if ended is not None:
        found = found.filter(ended_at__isnull=not ended)
    if shop is not None:
        found = found.for_shops([shop])
    text = q.strip()
    if text:
        found = found.filter(Q(shortcut__icontains=rules.plain_shortcut(text) or text) | Q(title__icontains=text) | Q(body__icontains=text))
    return found


def campaigns(member: Member, *, at: datetime, q: str = "", shop: int | None = None, state: str = "") -> QuerySet[Campaign]:
    """The team's campaigns, latest start first; `state` is running, coming, over, or nothing for all."""
    found = Campaign.objects.visible_to(member).select_related("shop")
    if state:
        found = {"running": found.running, "coming": found.coming, "over": found.over}[state](at)
    if shop is not None:
        found = found.filter(Q(shop__isnull=True) | Q(shop=shop))
    text = q.strip()
    return found.filter(Q(name__icontains=text) | Q(text__icontains=text)) if text else found


def running_campaigns(member: Member, at: datetime, until: datetime | None = None) -> list[Campaign]:
    """What runs at `at` in the member's team, or begins before `until`; what ends first on top. One query over an index."""
    return HOLDING.all(team=member.team_id, at=at, until=until or at)


def _holding(team: int, at: datetime, until: datetime) -> QuerySet[Campaign]:
    return Campaign.objects.filter(team_id=team).holding(at, until).select_related("shop").order_by("ends_at", "id")


HOLDING = Kept(_holding)


def offered(ticket: Ticket, member: Member) -> list[Filled]:
    """The quick replies for an answer on this ticket, filled in; those for its reason first. Two queries.

    A reply of one shop is offered where the ticket, or an order on it, is of that shop, and where no shop is known.
    """
    orders = list(ticket.orders.order_by("-placed_at", "-id").values_list("number", "shop_id")[:10])
    shops = list(dict.fromkeys([*([ticket.shop_id] if ticket.shop_id else []), *(shop for _number, shop in orders)]))
    found = Script.objects.visible_to(member).in_use()
    if shops:
        found = found.for_shops(shops)
    values = {"customer": ticket.customer.name, "order": orders[0][0] if orders else "", "agent": member.display_name}
    rows = sorted(found[:OFFERED], key=lambda script: script.reason_id is None or script.reason_id != ticket.reason_id)
    return [Filled(script.shortcut, script.title, rules.fill(script.body, values)) for script in rows]
