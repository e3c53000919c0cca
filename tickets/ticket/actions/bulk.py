"""Many tickets at once: all of them, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member
from tickets.ticket.actions._base import lock, now
from tickets.ticket.actions._deed import OverLimit, record_refusal
from tickets.ticket.actions.custody import claim, release, transfer
from tickets.ticket.actions.editing import edit
from tickets.ticket.actions.states import resolve, resume, wait
from tickets.ticket.models import Ticket
from tickets.web.refusals import Refused

SOME = _("Nothing was changed: %(count)s of %(all)s tickets do not allow it.")
NO_DEED = _("This cannot be done to many tickets at once.")
MOST = 200
TOO_MANY = _("Choose at most %(most)s tickets.")


def tag(ticket: Ticket, *, by: Member, add: Iterable[str] = (), remove: Iterable[str] = (), at: datetime | None = None) -> Ticket:
    """Add and remove tags, whatever version the ticket has."""
    found = lock(ticket, by)
    gone = set(remove)
    return edit(found, by=by, version=found.version, at=at, tags=[t for t in [*found.tags, *add] if t not in gone])


def set_severity(ticket: Ticket, *, by: Member, severity: str, at: datetime | None = None) -> Ticket:
    """Set the severity, whatever version the ticket has."""
    found = lock(ticket, by)
    return edit(found, by=by, version=found.version, at=at, severity=severity)


BULK: dict[str, Callable[..., Any]] = {
    "claim": claim,
    "release": release,
    "transfer": transfer,
    "wait": wait,
    "resume": resume,
    "resolve": resolve,
    "tag": tag,
    "severity": set_severity,
}


def bulk(tickets: Iterable[Ticket | int], deed: str, *, by: Member, at: datetime | None = None, **kw: Any) -> list[Ticket]:
    """Do one deed (a key of `BULK`) to every ticket, given as rows or ids, in one transaction; `kw` goes to each.

    Refuses `bulk_refused` with `refused`: a list of {ticket, code, detail} naming each that would not have it; then none is changed.
    """
    if deed not in BULK:
        raise Refused("invalid", errors={"deed": [NO_DEED]})
    ids = sorted({t if isinstance(t, int) else t.pk for t in tickets})
    if len(ids) > MOST:
        raise Refused("invalid", errors={"tickets": [TOO_MANY % {"most": MOST}]})
    failed: list[tuple[int, Refused]] = []
    done: list[Ticket] = []
    at = now(at)
    try:
        with transaction.atomic():
            for pk in ids:
                try:
                    with transaction.atomic():
                        done.append(BULK[deed](_visible(pk, by), by=by, at=at, **kw))
                except Refused as refused:
                    failed.append((pk, refused))
            if failed:
                raise Refused("bulk_refused", SOME % {"count": len(failed), "all": len(ids)}, refused=[_named(*f) for f in failed])
    except Refused:
        for _pk, why in failed:
            if isinstance(why, OverLimit):
                record_refusal(why)  # the deed's own record went with the rollback
        raise
    return done


def _visible(pk: int, by: Member) -> Ticket:
    found = Ticket.objects.visible_to(by).filter(pk=pk).first()
    if found is None:
        raise Refused("not_found")
    return found


def _named(pk: int, refused: Refused) -> dict[str, Any]:
    problem = refused.problem()
    said = problem.get("errors") or {}
    detail = problem["detail"] if not said else " ".join(message for messages in said.values() for message in messages)
    return {"ticket": pk, "code": refused.code, "detail": detail}
