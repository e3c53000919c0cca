"""What the customer was promised with a form: an ordinary promise of its ticket, so that every list, clock and digest knows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from tickets.return_form.actions.common import Locked
from tickets.return_form.models import ReturnPolicy
from tickets.ticket.actions import keep, promise, withdraw
from tickets.ticket.models import Promise


def give_word(held: Locked, policy: ReturnPolicy) -> Promise | None:
    """Promise the settlement by the form's last due date, once. Nothing without an open ticket."""
    form = held.form
    if form.ticket is None or not form.ticket.is_unresolved or _standing(form.promise):
        return form.promise
    hours = policy.count_hours + policy.decide_hours + policy.settle_hours
    due = form.settle_by if form.settle_by and form.settle_by > held.at else held.at + timedelta(hours=hours)
    # Written down as the person filing would have typed it: a promise is what the customer was told, in one language.
    text = _("Return form %(number)s is settled") % {"number": form.number}
    return promise(form.ticket, by=held.person, text=text, due_at=due, at=held.at)


def moved_word(held: Locked, dues: Mapping[str, Any]) -> dict[str, Any]:
    """The settlement is due at another time: the open promise is withdrawn, saying so, and given anew. The form's change, if any."""
    given, due, ticket = held.form.promise, dues.get("settle_by"), held.form.ticket
    if given is None or given.status != Promise.State.OPEN or ticket is None or due is None or due <= held.at or due == given.due_at:
        return {}
    withdraw(given, by=held.person, reason=_("Due at another time now"), at=held.at)
    return {"promise": promise(ticket, by=held.person, text=given.text, due_at=due, at=held.at)}


def keep_word(held: Locked) -> None:
    """The form is settled."""
    if held.form.promise is not None and _standing(held.form.promise):
        keep(held.form.promise, by=held.person, note=held.form.number, at=held.at)


def take_back_word(held: Locked, reason: str) -> None:
    """The form came to nothing, for a reason."""
    if held.form.promise is not None and _standing(held.form.promise):
        withdraw(held.form.promise, by=held.person, reason=reason, at=held.at)


def _standing(given: Promise | None) -> bool:
    return given is not None and given.status in (Promise.State.OPEN, Promise.State.BROKEN)
