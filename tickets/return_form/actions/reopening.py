"""A closed form never changes: what comes after it is a successor."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member
from tickets.return_form.actions.common import Locked, brief, expect, lock, tell
from tickets.return_form.actions.filing import SAY_WHY, keep_revision
from tickets.return_form.book import book_of
from tickets.return_form.models import FormRevision, ReturnForm, ReturnLine, State
from tickets.web.refusals import Refused

HAS_SUCCESSOR = _("It was reopened already.")


@transaction.atomic
def reopen(
    form: ReturnForm, *, by: Member, reason: str, revision: int | None = None, version: int | None = None, at: datetime | None = None
) -> ReturnForm:
    """A closed form never changes: make a linked successor, a draft with what can still be asked.

    Refuses `wrong_state`, `stale`, `duplicate`, `invalid`.
    """
    held = lock(form, by=by, deed="return.reopen", revision=revision, version=version, at=at)
    old = held.form
    expect(old, State.CLOSED)
    if not reason.strip():
        raise Refused("invalid", errors={"reason": [SAY_WHY]})
    successor = ReturnForm.objects.filter(predecessor=old).first()
    if successor is not None:
        raise Refused("duplicate", HAS_SUCCESSOR, current=brief(successor))
    new = ReturnForm.objects.create(
        team=old.team,
        shop_id=old.shop_id,
        order=old.order,
        customer_id=old.customer_id,
        ticket=old.ticket,
        predecessor=old,
        words=old.words,
        note=reason,
        freight_payer=old.freight_payer,
        filed_by=by,
        filed_at=held.at,
        updated_at=held.at,
    )
    again = Locked(new, _still_possible(new, held.lines), by, held.at)
    keep_revision(again, FormRevision.Cause.REOPENED)
    tell(again, "reopened", before="", predecessor=old.number, reason=reason)
    return new


def _still_possible(new: ReturnForm, lines: list[ReturnLine]) -> list[ReturnLine]:
    """The old form's lines as far as units are left."""
    units = book_of(new.order).units
    rows: list[ReturnLine] = []
    taken: dict[int, int] = {}
    for line in lines:
        left = units[line.order_line_id].left(line.resolution) - taken.get(line.order_line_id, 0)
        quantity = min(line.quantity, left)
        if quantity < 1:
            continue
        taken[line.order_line_id] = taken.get(line.order_line_id, 0) + quantity
        kept = {name: getattr(line, name) for name in ("order_line_id", "resolution", "reason_id", "exchange_for", "note")}
        rows.append(ReturnLine(form=new, place=len(rows) + 1, quantity=quantity, **kept))
    return ReturnLine.objects.bulk_create(rows)
