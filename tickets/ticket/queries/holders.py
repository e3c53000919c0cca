"""Who takes a matter next, and whom a customer is sent to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tickets.order.models import Order
from tickets.people.models import HOLDER_ROLES, Member
from tickets.ticket import rules
from tickets.ticket.models import Ticket, Touch


def suggest_holders(ticket: Ticket, at: datetime | None = None, limit: int = 5) -> list[Member]:
    """Whom to pass a ticket to, best first (C10), never anybody off duty and not coming, nor its holder.

    Each member carries `why` (touched, known, least_loaded), `on` (at work at `at`) and, where it was counted, `load`.
    """
    at = at or timezone.now()
    people = Member.objects.filter(team_id=ticket.team_id).active().with_role(*HOLDER_ROLES).on_or_coming(at)
    able = {m.pk: m for m in people.select_related("user", "presence") if m.pk != ticket.holder_id}
    if not able:
        return []
    touched = list(Touch.objects.filter(ticket=ticket).order_by("-at", "-pk").values_list("member", flat=True))
    known = _known(ticket)
    sure = {pk for pk in (*touched, *known) if pk in able}
    load = {} if len(sure) >= limit else _load(able)
    candidates = [rules.Candidate(m.pk, m.display_name, m.presence.is_on(at), load.get(m.pk, 0)) for m in able.values()]
    chosen = rules.homing(candidates, touched=touched, known=known)[:limit]
    for pk, why in chosen:
        able[pk].why, able[pk].on, able[pk].load = why, able[pk].presence.is_on(at), load.get(pk)  # type: ignore[attr-defined]
    return [able[pk] for pk, _why in chosen]


def _known(ticket: Ticket) -> list[int]:
    """Who last answered this customer and who last sold to them, the later first."""
    answers = Ticket.objects.filter(customer=ticket.customer_id, last_answered_by__isnull=False).exclude(pk=ticket.pk).order_by("-pk")[:20]
    found: list[tuple[Any, int | None]] = sorted(
        ((t.last_contact_at, t.last_answered_by_id) for t in answers if t.last_contact_at), reverse=True
    )[:1]
    sales = Order.objects.filter(customer=ticket.customer_id, sold_by__isnull=False, placed_at__isnull=False).order_by("-placed_at")[:1]
    found += list(sales.values_list("placed_at", "sold_by"))
    return [member for _at, member in sorted(found, key=lambda pair: pair[0], reverse=True) if member is not None]


def _load(able: dict[int, Member]) -> dict[int, int]:
    """How many unresolved tickets each of them holds."""
    held = Ticket.objects.unresolved().filter(holder__in=able).order_by().values("holder")
    return dict(held.annotate(n=Count("pk")).values_list("holder", "n"))


@dataclass(frozen=True)
class SendTo:
    """Whom to tell the customer to expect: `why` is holder, next (takes it over next) or lead. `when`: a sentence for the reader."""

    member: Member | None
    why: str
    on: bool
    until: datetime | None
    coming: datetime | None

    @property
    def name(self) -> str:
        return self.member.display_name if self.member else _("the team")

    @property
    def when(self) -> str:
        """Until when or from when they are at work, in the active time zone; empty where nobody knows."""
        if self.on:
            return _("on until %(time)s") % {"time": clock(self.until)} if self.until else _("at work now")
        return _("comes at %(time)s") % {"time": clock(self.coming)} if self.coming else ""


def clock(at: datetime) -> str:
    """The time of day in the active zone; midnight at the end of a day reads 24:00."""
    here = timezone.localtime(at)
    return "24:00" if (here.hour, here.minute) == (0, 0) else date_format(here, "H:i")


def whom_to_send(ticket: Ticket, at: datetime | None = None) -> SendTo:
    """The holder if on duty, else who takes the matter over next (C10: on duty or coming), else the lead.

    One query where the holder is on duty and came with `holder__presence`, five at most otherwise.
    """
    at = at or timezone.now()
    if ticket.holder is not None and (found := _send(ticket.holder, "holder", at)).on:
        return found
    for member in suggest_holders(ticket, at, limit=1):
        return _send(member, "next", at)
    lead = Member.objects.filter(leads=ticket.team_id).select_related("presence").first()
    return _send(lead, "lead", at) if lead else SendTo(None, "lead", False, None, None)


def _send(member: Member, why: str, at: datetime) -> SendTo:
    presence = getattr(member, "presence", None)
    on = presence is not None and presence.is_on(at)
    coming = presence.next_on if presence is not None and presence.is_coming(at) else None
    return SendTo(member, why, on, presence.on_until if presence and on else None, coming)
