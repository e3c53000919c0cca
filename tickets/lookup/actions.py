"""What the side panel changes: one line or promise, for whoever the panel shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tickets.customer import actions as customers
from tickets.customer.models import Customer, HandleKind
from tickets.people.models import Member
from tickets.ticket import actions as tickets
from tickets.ticket.models import Ticket
from tickets.ticket.queries import open_matters

SUBJECT = 160


@dataclass(frozen=True)
class Line:
    """What was typed: what happened, what was promised by when (aware), or both. `add_to`: the open ticket it belongs to."""

    what: str = ""
    promise: str = ""
    due_at: datetime | None = None
    add_to: int | None = None
    anyway: bool = False

    @property
    def promised(self) -> tuple[str, datetime] | None:
        return (self.promise, self.due_at) if self.promise and self.due_at else None

    def texts(self) -> tuple[str, str]:
        """Subject and body: the first line is the subject; what does not fit is in the body, whole."""
        said = (self.what or self.promise).strip()
        first = said.partition("\n")[0].strip()
        if first == said and len(first) <= SUBJECT:
            return first, ""
        return (first if len(first) <= SUBJECT else first[: SUBJECT - 1] + "…"), said


@transaction.atomic
def log(line: Line, *, by: Member, customer: Customer | None, kind: str = HandleKind.TAOBAO, handle: str = "") -> Ticket:
    """Write it down for the customer, or for a new one with this handle.

    Refuses `duplicate` while something is open for them (C7) unless `add_to` or `anyway`, `wrong_state` where `add_to` is open no
    more, and whatever the actions refuse.
    """
    if customer is None:
        customer = customers.find_or_create(by.team, kind=kind, value=handle, name="" if kind == HandleKind.PHONE else handle, by=by)
    if line.add_to:
        return tickets.add_to(open_matters(customer), line.add_to, by=by, text=line.what, promise=line.promised)
    subject, body = line.texts()
    return tickets.open_ticket(by=by, customer=customer, subject=subject, body=body, promise=line.promised, unless_open=not line.anyway)
