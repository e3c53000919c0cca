"""Adding to what is open already instead of opening a second matter (C7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member
from tickets.ticket.actions.promises import promise as give_promise
from tickets.ticket.actions.talking import contact, note
from tickets.ticket.models import Ticket
from tickets.web.refusals import Refused

GONE = _("That ticket is not open any more.")


@transaction.atomic
def add_to(
    open_ones: Sequence[Ticket],
    pk: int,
    *,
    by: Member,
    text: str = "",
    how: str = "",
    channel: str = "",
    promise: tuple[str, datetime] | None = None,
) -> Ticket:
    """Put what was said, what was promised (text, aware instant), or both on the one of `open_ones` with this id.

    `how` is `answered`, `routed` (to its holder) or `note`; where nobody says, it is an answer to the customer on one's own matter and
    a note to the colleague on theirs (no touch, C3). Refuses `wrong_state` where it is open no more.
    """
    ticket = next((one for one in open_ones if one.pk == pk), None)
    if ticket is None:
        raise Refused("wrong_state", GONE)
    how = how or ("answered" if ticket.holder_id == by.pk else "note")
    if text and how == "note":
        note(ticket, by=by, text=text)
    elif text:
        contact(ticket, by=by, outcome=how, text=text, channel=channel or ticket.channel, to=ticket.holder if how == "routed" else None)
    if promise:
        give_promise(ticket, by=by, text=promise[0], due_at=promise[1])
    return ticket
