"""Who takes a matter next, and whom a customer is sent to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tickets.order.models import Order
from tickets.people.models import HOLDER_ROLES, Member
from tickets.ticket import rules
from tickets.ticket.models import Ticket, Touch


def suggest_holders(ticket: Ticket, at: datetime | None = None, limit: int = 5) -> list[Member]:
    """Whom to pass a ticket to, best first (C10), never anybody off duty and not coming, nor its holder.

    Each member carries `why` (touched, known, least_loaded), `on` (at work at `at`) and, where it was counted, `load`. Everybody
    else is looked at only where those who know the matter are too few: five queries at most, however large the team.
    """
    at = at or timezone.now()
    people = Member.objects.filter(team_id=ticket.team_id).active().with_role(*HOLDER_ROLES).on_or_coming(at)
    people = people.exclude(pk=ticket.holder_id or 0).select_related("user", "presence")
    touched = list(Touch.objects.filter(ticket=ticket).order_by("-at", "-pk").values_list("member", flat=True))
    known = _known(ticket)
    able = {m.pk: m for m in people.filter(pk__in={*touched, *known})}
    load: dict[int, int] = {}
    if len(able) < limit:
        rest = list(_least_loaded(people.exclude(pk__in=able), at)[: limit - len(able)])
        load = {m.pk: m.held_now for m in rest}  # type: ignore[attr-defined]
        able |= {m.pk: m for m in rest}
    candidates = [rules.Candidate(m.pk, m.display_name, m.presence.is_on(at), load.get(m.pk, 0)) for m in able.values()]
    chosen = rules.homing(candidates, touched=touched, known=known)[:limit]
    for pk, why in chosen:
        able[pk].why, able[pk].on, able[pk].load = why, able[pk].presence.is_on(at), load.get(pk)  # type: ignore[attr-defined]
    return [able[pk] for pk, _why in chosen]


def _known(ticket: Ticket) -> list[int]:
    """Who last answered this customer and who last sold to them, the later first."""
    answers = Ticket.objects.filter(customer=ticket.customer_id, last_answered_by__isnull=False).exclude(pk=ticket.pk).order_by("-pk")[:20]
    times = answers.values_list("last_contact_at", "last_answered_by")
    found = sorted(((at, member) for at, member in times if at and member), reverse=True)[:1]
    sales = Order.objects.filter(customer=ticket.customer_id, sold_by__isnull=False, placed_at__isnull=False).order_by("-placed_at")[:1]
    found += [(at, member) for at, member in sales.values_list("placed_at", "sold_by") if at and member]
    return [member for _at, member in sorted(found, reverse=True)]


def _least_loaded(people: QuerySet[Member], at: datetime) -> QuerySet[Member]:
    """At work before coming, then by how many unresolved tickets they hold (`held_now`), in the order of `rules.homing`."""
    here = Q(presence__on_since__lte=at) & (Q(presence__admitted_until__isnull=True) | Q(presence__admitted_until__gt=at))
    held = Ticket.objects.unresolved().filter(holder=OuterRef("pk")).order_by().values("holder").annotate(n=Count("pk")).values("n")
    rows = people.annotate(
        here=Case(When(here, then=Value(0)), default=Value(1), output_field=IntegerField()),
        held_now=Coalesce(Subquery(held, output_field=IntegerField()), 0),
    )
    return rows.order_by("here", "held_now", "display_name", "pk")


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


def whom_to_send(ticket: Ticket, at: datetime | None = None, suggested: list[Member] | None = None) -> SendTo:
    """The holder if on duty, else who takes the matter over next (C10: on duty or coming), else the lead.

    No query where the holder is on duty and came with `holder__presence`, six at most otherwise. `suggested` is what
    `suggest_holders` gave, where it was asked already.
    """
    at = at or timezone.now()
    if ticket.holder is not None and (found := _send(ticket.holder, "holder", at)).on:
        return found
    for member in suggest_holders(ticket, at, limit=1) if suggested is None else suggested[:1]:
        return _send(member, "next", at)
    lead = Member.objects.filter(leads=ticket.team_id).select_related("presence").first()
    return _send(lead, "lead", at) if lead else SendTo(None, "lead", False, None, None)


def _send(member: Member, why: str, at: datetime) -> SendTo:
    presence = getattr(member, "presence", None)
    on = presence is not None and presence.is_on(at)
    coming = presence.next_on if presence is not None and presence.is_coming(at) else None
    return SendTo(member, why, on, presence.on_until if presence and on else None, coming)
