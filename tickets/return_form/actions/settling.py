"""Settlement: what was refunded, shipped, compensated; failed ones are tried again; the form closes itself when all is done."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import together
from tickets.people.models import Member
from tickets.return_form.actions import compensations
from tickets.return_form.actions.common import BESIDE, Locked, brief, expect, lock, move, tell
from tickets.return_form.actions.owing import owed
from tickets.return_form.actions.parcels import expect_parcel
from tickets.return_form.actions.promising import keep_word
from tickets.return_form.models import Parcel, ReturnForm, Settlement, State
from tickets.web.refusals import Refused

SETTLED = _("This was settled already.")
NOT_OWED = _("This form does not owe that.")
NEEDS_REFERENCE = _("Give the reference: the refund's number, the parcel's tracking number.")
NEEDS_WHY = _("Say why it failed.")
REFERENCE_USED = _("This reference paid another form already.")
KEEP_REJECTED = timedelta(days=3)
"""A decided form that owes nothing closes by itself after this long: until then it can still be put right."""


@transaction.atomic
def settle(
    form: ReturnForm,
    *,
    by: Member,
    kind: str = "",
    outcome: str = Settlement.State.SUCCEEDED,
    reference: str = "",
    failure: str = "",
    revision: int | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> ReturnForm:
    """Record that one kind of what the form owes (or, without `kind`, all that is left) succeeded, is pending, or failed.

    Refuses `wrong_state` (not decided; settled already), `stale`, `duplicate` (the reference paid another form), `invalid`.
    """
    held = lock(form, by=by, deed="return.settle", revision=revision, version=version, at=at)
    expect(held.form, State.APPROVED, State.PARTLY_APPROVED, State.REJECTED, State.SETTLING)
    rows = _rows(held)
    chosen = _choose(held, rows, kind)
    if chosen and outcome == Settlement.State.FAILED and not failure.strip():
        raise Refused("invalid", errors={"failure": [NEEDS_WHY]})
    if chosen and outcome != Settlement.State.FAILED and not reference.strip():
        raise Refused("invalid", errors={"reference": [NEEDS_REFERENCE]})
    for row in chosen:
        _say(held, row, outcome, reference.strip(), failure.strip())
    _write(rows, chosen, reference.strip())
    if outcome == Settlement.State.SUCCEEDED:
        _follow(held, {row.kind for row in chosen}, reference)
    all_done = all(row.state == Settlement.State.SUCCEEDED for row in rows)
    with together():
        if chosen:
            _tell_settled(held, chosen, outcome, reference.strip(), failure.strip())
        if all_done:
            _close(held)
            keep_word(held)
        elif chosen:
            move(held, State.SETTLING)
    return held.form


def _rows(held: Locked) -> list[Settlement]:
    """What is owed, as rows; not written down before somebody settles."""
    if held.settlements or held.form.state == State.SETTLING:
        return held.settlements
    return [
        Settlement(team=held.form.team, form=held.form, kind=kind, amount=amount, quantity=quantity, created_at=held.at)
        for kind, amount, quantity in owed(held.form, held.lines)
    ]


def _choose(held: Locked, rows: list[Settlement], kind: str) -> list[Settlement]:
    if not kind:
        return [row for row in rows if row.state != Settlement.State.SUCCEEDED]
    named = [row for row in rows if row.kind == kind]
    if not named:
        raise Refused("invalid", errors={"kind": [NOT_OWED]})
    if named[0].state == Settlement.State.SUCCEEDED:
        raise Refused("wrong_state", SETTLED, current=brief(held.form))
    return named


def _say(held: Locked, row: Settlement, outcome: str, reference: str, failure: str) -> None:
    row.state, row.by, row.changed_at, row.attempts = outcome, held.by, held.at, row.attempts + 1
    row.reference = reference or row.reference
    row.failure = failure if outcome == Settlement.State.FAILED else ""


def _write(rows: list[Settlement], chosen: list[Settlement], reference: str) -> None:
    """What is owed is written down with the first settlement; later ones change only what they are about."""
    new, again = [row for row in rows if row.pk is None], [row for row in chosen if row.pk is not None]
    try:
        with transaction.atomic():
            Settlement.objects.bulk_create(new)
            Settlement.objects.bulk_update(again, ["state", "by", "changed_at", "attempts", "reference", "failure"])
    except IntegrityError as error:
        raise Refused("duplicate", REFERENCE_USED, reference=reference) from error


def _follow(held: Locked, done: set[str], reference: str) -> None:
    """What else is true once these are done: goods are on their way; the platform's own list may have told of the payment already."""
    for _kind in done & {Settlement.Kind.SHIP, Settlement.Kind.SEND_BACK}:
        expect_parcel(held, reference, direction=Parcel.Direction.OUT)
    if Settlement.Kind.COMPENSATION in done:
        compensations.meet_settled(held.form)


def _tell_settled(held: Locked, chosen: list[Settlement], outcome: str, reference: str, failure: str) -> None:
    before, held.form.state = held.form.state, State.SETTLING
    facts = [{"id": row.pk, "kind": row.kind, "amount": row.amount, "quantity": row.quantity} for row in chosen]
    tell(held, "settled", before=before, outcome=outcome, reference=reference, failure=failure, rows=facts)


def _close(held: Locked) -> None:
    before = held.form.state
    move(held, State.CLOSED, closed_at=held.at)
    tell(held, "closed", before=before)


def close_idle(*, at: datetime) -> int:
    """The clock's deed: close decided forms that owe nothing and were not touched for `KEEP_REJECTED`. Returns how many."""
    found = ReturnForm.objects.filter(
        state__in=[State.APPROVED, State.PARTLY_APPROVED, State.REJECTED], updated_at__lt=at - KEEP_REJECTED
    ).order_by("id")
    return sum(_close_if_idle(pk, at) for pk in found.values_list("pk", flat=True)[:500])


@transaction.atomic
def _close_if_idle(pk: int, at: datetime) -> bool:
    rows = ReturnForm.objects.select_for_update(of=("self",), skip_locked=True)
    found = rows.select_related(*BESIDE).filter(pk=pk).first()
    if found is None or found.state not in (State.APPROVED, State.PARTLY_APPROVED, State.REJECTED):
        return False
    lines = list(found.lines.all())
    if found.updated_at >= at - KEEP_REJECTED or owed(found, lines):
        return False
    held = Locked(found, lines, None, at)
    _close(held)
    return True
