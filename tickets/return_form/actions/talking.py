"""Words beside a form; they void nothing."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tickets.customer.models import Customer
from tickets.people.models import Member
from tickets.return_form.actions.common import lock, tell
from tickets.return_form.models import ReturnForm
from tickets.ticket.models import Ticket
from tickets.web.refusals import Refused

SAY_SOMETHING = _("Write something.")


@transaction.atomic
def comment(
    form: ReturnForm, *, by: Member, text: str, revision: int | None = None, version: int | None = None, at: datetime | None = None
) -> ReturnForm:
    """Say something about a form, also a closed one. Refuses `invalid` when empty, `stale`."""
    held = lock(form, by=by, deed="return.comment", revision=revision, version=version, at=at)
    if not text.strip():
        raise Refused("invalid", errors={"text": [SAY_SOMETHING]})
    tell(held, "commented", before=held.form.state, text=text.strip())
    return held.form


def follow_merged_ticket(source: Ticket, target: Ticket) -> None:
    """Forms of a merged ticket, closed ones too, are the target's from then on; called inside the merge."""
    ReturnForm.objects.filter(ticket=source).update(ticket=target)


def follow_merged_customer(source: Customer, target: Customer) -> dict[str, int]:
    """Forms of a merged customer, closed ones too, are the target's from then on; called inside the merge."""
    return {"return_forms": ReturnForm.objects.filter(customer=source).update(customer=target)}
