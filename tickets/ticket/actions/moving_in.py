"""Matters that were kept in another system before the team moved in: with their own times and authors, in the pool where still open.

What was said there is told under codes of its own (`ticket.moved_in`, `ticket.said_before`): it is no touch, no contact and no answer of
anybody's here, and counts in no report of what people did.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tickets.activity.models import Activity
from tickets.customer.models import Customer
from tickets.people.models import Member, Team
from tickets.ticket import rules
from tickets.ticket.actions._base import add_text, lock, tell_ledger
from tickets.ticket.actions._deed import deed
from tickets.ticket.models import Assignment, Resolution, Status, Ticket, TicketText

BEFORE = _("Resolved before moving in")
TEXT_MOST = 20_000


@dataclass(frozen=True)
class Before:
    """One thing that was said in the other system, by `member`, where the team has them, else by somebody of the name `stranger`.

    `kind`: `customer` wrote, `answer` to the customer, or `note` among colleagues.
    """

    at: datetime
    text: str
    kind: str = "customer"
    stranger: str = ""
    member: Member | None = None


@deed
def move_in(
    *,
    team: Team,
    customer: Customer,
    subject: str,
    system: str,
    number: str,
    status: str,
    opened_at: datetime,
    at: datetime,
    by: Member | None = None,
    body: str = "",
    waiting_on: str = "",
    severity: str = "watch",
    channel: str = "other",
    tags: Iterable[str] = (),
    resolved_at: datetime | None = None,
    said: Sequence[Before] = (),
) -> Ticket:
    """A matter as another system had it. Unresolved ones lie in the team's pool (C1); nobody is a handler of it yet.

    `status`: open, waiting (with `waiting_on`) or resolved (at `resolved_at`, or when last spoken of). Refuses `wrong_state` for a team
    without a lead, which no pool can do without.
    """
    last = max((each.at for each in said), default=opened_at)
    over = status == Status.RESOLVED
    resolution = Resolution.objects.get_or_create(team=team, name=str(BEFORE), defaults={"is_active": False})[0] if over else None
    ticket = Ticket(
        team=team, customer=customer, kind=Ticket.Kind.ISSUE, subject=subject.strip()[:160] or f"{system} {number}"[:160],
        body=body.strip()[:TEXT_MOST], severity=severity, channel=channel, tags=rules.clean_tags(tags), status=status,
        waiting_on=waiting_on if status == Status.WAITING else "", holder=None, held_since=at, opened_by=None, opened_at=opened_at,
        last_contact_at=max((each.at for each in said if each.kind != "note"), default=None), updated_at=at,
        resolution=resolution, resolved_at=(resolved_at or last) if over else None,
    )  # fmt: skip
    ticket.save(force_insert=True)
    Assignment.objects.create(ticket=ticket, from_member=None, to_member=None, cause=Assignment.Cause.OPENED, actor=by, at=at)
    TicketText.objects.create(ticket=ticket, team=team, text=rules.searchable(ticket.subject, ticket.body, [each.text for each in said]))
    _tell(ticket, said, system)
    tell_ledger("ticket.moved_in", ticket, by=by, at=at, system=system, number=number, subject=ticket.subject)
    return ticket


@deed
def say_before(ticket: Ticket, said: Sequence[Before], *, system: str, at: datetime) -> Ticket:
    """What was said in the other system since. A merged ticket's goes to its target; how the matter stands is decided here by now."""
    ticket = lock(ticket, None, follow=True)
    _tell(ticket, said, system)
    add_text(ticket, "\n".join(each.text for each in said))
    spoken = max((each.at for each in said if each.kind != "note"), default=None)
    if spoken is not None and (ticket.last_contact_at is None or spoken > ticket.last_contact_at):
        ticket.last_contact_at = spoken
    ticket.updated_at = at
    ticket.save(update_fields=["last_contact_at", "updated_at"])
    return ticket


def _tell(ticket: Ticket, said: Sequence[Before], system: str) -> None:
    """The ledger, in the order in which things were said and at the instants they were."""
    rows = [
        Activity(
            team_id=ticket.team_id, at=each.at, actor=each.member, code="ticket.said_before", ticket=ticket, customer_id=ticket.customer_id,
            data={"text": each.text[:TEXT_MOST], "kind": each.kind, "stranger": each.stranger[:120], "system": system},
        )
        for each in sorted(said, key=lambda each: each.at)
    ]  # fmt: skip
    Activity.objects.bulk_create(rows, batch_size=500)
