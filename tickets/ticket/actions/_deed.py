"""What is around every deed: one transaction, and one way for the database's own refusals to leave."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member
from tickets.ticket.models import Ticket
from tickets.web.refusals import Refused

P = ParamSpec("P")
R = TypeVar("R")

LIMIT = _("%(count)s people have handled this already. A manager must approve one more.")
NEEDS_REASON = _("%(count)s people have handled this already and no other manager is on duty. Say why one more must.")

GUARDS: dict[str, tuple[str, Any]] = {
    "ticket_holder_is_able": ("wrong_state", _("This person can no longer be responsible for tickets.")),
    "promise_owner_is_able": ("wrong_state", _("This person can no longer be responsible for tickets.")),
    "member_who_leaves_holds_nothing": ("wrong_state", _("This person can no longer be responsible for tickets.")),
    "ticket_in_the_pool_has_a_lead": ("wrong_state", _("The team needs a lead before anything can lie in its pool.")),
    "ticket_reason_is_a_leaf": ("invalid", _("Choose a reason that has none below it.")),
    "ticket_merges_into_a_living_one_of_its_team": ("wrong_state", _("The other ticket was merged meanwhile.")),
    "handler_request_waits_once": ("wrong_state", _("You have asked already.")),
    "touch_beyond_the_limit_is_approved": ("handler_limit", _("A manager must approve one more person.")),
}
"""What the database refuses although the deed did not see it coming: constraint or trigger → code and sentence."""


class OverLimit(Refused):
    """One person too many (C3). Carries what the ledger must keep although the deed itself was undone."""

    def __init__(
        self, ticket: Ticket, member: Member, *, by: Member, at: datetime, how: str, handlers: list[dict[str, Any]], needs_reason: bool
    ) -> None:
        sentence = (NEEDS_REASON if needs_reason else LIMIT) % {"count": len(handlers)}
        super().__init__("handler_limit", sentence, limit=ticket.team.max_handlers, handlers=handlers, needs_reason=needs_reason)
        self.ticket, self.member, self.by, self.at, self.how = ticket, member, by, at, how


def deed(action: Callable[P, R]) -> Callable[P, R]:
    """Run an action in one transaction. A named guard of the database becomes a refusal; a refused further handler is written
    down after the deed was rolled back, so that the passed-around report knows of it."""

    @functools.wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with transaction.atomic():
                return action(*args, **kwargs)
        except IntegrityError as broken:
            refused = translated(broken)
            if refused is None:
                raise
            raise refused from broken
        except OverLimit as over:
            record_refusal(over)
            raise

    return run


def part_of_a_deed(action: Callable[P, R]) -> Callable[P, R]:
    """As `deed`, for what is always a part of a bigger one: no savepoint of its own, so that a refusal undoes the whole."""

    @functools.wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with transaction.atomic(savepoint=False):
                return action(*args, **kwargs)
        except IntegrityError as broken:
            refused = translated(broken)
            if refused is None:
                raise
            raise refused from broken

    return run


def translated(broken: IntegrityError) -> Refused | None:
    """Our refusal for one of the `GUARDS`, or None for a mistake of ours."""
    text = str(broken)
    return next((Refused(code, sentence) for name, (code, sentence) in GUARDS.items() if name in text), None)


def record_refusal(over: OverLimit) -> None:
    """Keep in the ledger that somebody was refused as one handler too many."""
    from tickets.ticket.actions._base import tell_ledger

    tell_ledger(
        "handler.refused",
        over.ticket,
        by=over.by,
        at=over.at,
        member=over.member.pk,
        name=over.member.display_name,
        how=over.how,
        limit=over.ticket.team.max_handlers,
    )
