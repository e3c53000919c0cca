"""After-sale's deeds: file, edit, submit, cancel, reopen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import together
from tickets.order.models import Order
from tickets.people.models import Member, Team
from tickets.return_form import gathered, rules
from tickets.return_form.actions.asking import NO_LINES, Asked, check_lines, check_units, keep_files
from tickets.return_form.actions.common import (
    Locked,
    brief,
    editable,
    expect,
    lock,
    move,
    require,
    sign,
    tell,
    void,
)
from tickets.return_form.actions.parcels import expect_parcel
from tickets.return_form.actions.promising import give_word, moved_word, take_back_word
from tickets.return_form.book import book_of
from tickets.return_form.models import Evidence, FormRevision, ReturnForm, ReturnLine, ReturnPolicy, Signature, Stage, State
from tickets.ticket.models import Ticket
from tickets.web.kept import Kept
from tickets.web.refusals import Refused

SAY_WHY = _("Say why.")
CAME_ALREADY = _("Goods of it came already: it must be counted and decided.")
HEADER = ("words", "note", "freight_payer")
DUES = ("count_by", "decide_by", "settle_by")
_NOT_COUNTED: dict[str, Any] = dict.fromkeys(rules.COUNTS) | {"disposition": "", "count_note": ""}
_NOT_DECIDED: dict[str, Any] = {"granted": "", "approved_quantity": None, "amount": None, "fault": ""}


def _to_file(pk: int, team: int, ticket: int) -> QuerySet[Order]:
    """The order, locked, with its team's policy, who may countersign, the ticket that the form is attached to, and who has the customer's
    newest open one."""
    return (
        Order.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk=pk, team_id=team)
        .select_related("team__return_policy")
        .annotate(
            json_signers=gathered.rows(gathered.SIGNERS.format(team="tickets_order.team_id")),
            json_ticket=gathered.rows(gathered.TICKET.format(team="tickets_order.team_id"), (ticket,)),
            json_holder=gathered.rows(gathered.HOLDER.format(customer="tickets_order.customer_id", team="tickets_order.team_id")),
        )
    )


ORDER = Kept(_to_file)


@transaction.atomic
def file(
    order: Order,
    lines: Sequence[Asked],
    *,
    by: Member,
    ticket: Ticket | None = None,
    tracking: str = "",
    courier: str = "",
    files: Iterable[UploadedFile[Any]] = (),
    signed: bool = False,
    at: datetime | None = None,
    **header: Any,
) -> ReturnForm:
    """A new draft over one order; with `signed`, submitted at once. `header`: words, note, freight_payer, count_by, decide_by, settle_by.

    Of `order` and `ticket` only the ids are used. Refuses `forbidden`, `not_found`, `invalid`, `over_quantity`, `over_paid`.
    """
    require(by, "return.file")
    at = at or timezone.now()
    found: Any = ORDER.first(pk=order.pk, team=by.team_id, ticket=ticket.pk if ticket else 0)
    if found is None or (ticket is not None and found.json_ticket is None):
        raise Refused("not_found")
    order, ticket = found, gathered.ticket(found)
    check_lines(lines, book_of(order), order.team)
    form = ReturnForm.objects.create(
        team=order.team,
        shop_id=order.shop_id,
        order=order,
        customer_id=order.customer_id or (ticket.customer_id if ticket else None),
        ticket=ticket,
        filed_by=by,
        filed_at=at,
        updated_at=at,
        **header,
    )
    _read_with_the_order(form, found)
    rows = ReturnLine.objects.bulk_create([ReturnLine(form=form, place=n, **_columns(x)) for n, x in enumerate(lines, 1)])
    held = Locked(form, list(rows), by, at)
    if keep_files(list(files), Evidence.Kind.FILED, by=by, at=at, form=form):
        held.read_evidence()
    if tracking:
        expect_parcel(held, tracking, courier)
    keep_revision(held, FormRevision.Cause.FILED)
    with together():
        tell(held, "filed", before="")
        if signed:
            _hand_over(held)
    return form


def _read_with_the_order(form: Any, order: Any) -> None:
    """What a form that is read under its lock brings along."""
    form.json_signers = order.json_signers
    if order.customer_id:
        form.json_holder = order.json_holder


def _columns(asked: Asked) -> dict[str, Any]:
    return {
        "order_line_id": asked.order_line,
        "quantity": asked.quantity,
        "resolution": asked.resolution,
        "reason_id": asked.reason,
        "exchange_for": asked.exchange_for.strip() if asked.resolution in rules.SHIPS else "",  # a refund sends nothing
        "asked_amount": asked.amount,
        "note": asked.note.strip(),
    }


def keep_revision(held: Locked, cause: str) -> None:
    """Write down what is asked as of now."""
    form = held.form
    FormRevision.objects.create(form=form, number=form.revision, cause=cause, content=held.content(), by=held.person, at=held.at)


@transaction.atomic
def edit(
    form: ReturnForm,
    *,
    by: Member,
    revision: int | None,
    version: int | None = None,
    lines: Sequence[Asked] | None = None,
    files: Iterable[UploadedFile[Any]] = (),
    remove: Iterable[int] = (),
    at: datetime | None = None,
    **header: Any,
) -> ReturnForm:
    """Change what is asked. Every signature given is void from then on (R5), and the form is a draft again.

    `remove`: ids of photos. Due dates (in `header`) are no content: changing only them voids nothing, and the promise follows the last of
    them. What changes nothing does nothing.
    Refuses `stale`, `wrong_state`, and what filing refuses.
    """
    held = lock(form, by=by, deed="return.file", revision=revision, version=version, at=at)
    editable(held.form)
    before = held.content()
    dues = {name: header.pop(name) for name in DUES if name in header}
    for name in HEADER:
        if name in header:
            setattr(held.form, name, header[name])
    if lines is not None:
        book = book_of(held.form.order, without=held.form.pk)
        check_lines(lines, book, held.form.team)
        _rewrite(held, lines)
    _change_evidence(held, list(files), list(remove))
    after = held.content()
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        _open_again(held, changed, dues | moved_word(held, dues))
    elif any(getattr(held.form, name) != value for name, value in dues.items()):
        move(held, held.form.state, **dues, **moved_word(held, dues))
        tell(held, "dues_changed", before=held.form.state)
    return held.form


def _change_evidence(held: Locked, files: list[UploadedFile[Any]], remove: list[int]) -> None:
    gone = Evidence.objects.standing().filter(form=held.form, kind=Evidence.Kind.FILED, pk__in=remove) if remove else None
    removed = gone.update(removed_at=held.at) if gone is not None else 0
    if keep_files(files, Evidence.Kind.FILED, by=held.person, at=held.at, form=held.form) or removed:
        held.read_evidence()


def _open_again(held: Locked, changed: list[str], more: dict[str, Any]) -> None:
    form, before = held.form, held.form.state
    voided = void(held, held.standing, "edited", changed)
    counted = all(line.is_counted for line in held.lines if line.resolution in rules.GOODS)
    fits = form.outcome in rules.fitting_outcomes(line.resolution for line in held.lines)
    changes: dict[str, Any] = {name: getattr(form, name) for name in HEADER} | more
    changes |= {"revision": form.revision + 1, "decision": "", "rationale": "", "by_rule": False, "freight_amount": 0, "compensation": 0}
    if not (counted and fits):
        changes |= {"outcome": "", "count_note": "", "excess": []}
    if before in ("approved", "partly_approved", "rejected"):
        for line in held.lines:
            _set(line, _NOT_DECIDED)
    move(held, State.SENT_BACK if before == State.SENT_BACK else State.DRAFT, **changes)
    keep_revision(held, FormRevision.Cause.EDITED)
    tell(held, "edited", before=before, changed=changed, voided=voided)


def _rewrite(held: Locked, asked: Sequence[Asked]) -> None:
    """Make the rows say what is asked now. A count stays where the same units of the same product are still expected."""
    rows = dict(enumerate(held.lines))
    for n, new in enumerate(asked):
        row = rows.get(n)
        if row is None:
            held.lines.append(ReturnLine.objects.create(form=held.form, place=n + 1, **_columns(new)))
            continue
        columns = _columns(new)
        same = row.order_line_id == new.order_line and row.quantity == new.quantity and new.resolution in rules.GOODS
        if not same:
            columns |= _NOT_COUNTED
        if row.granted:
            columns |= _NOT_DECIDED
        _set(row, columns)
    for row in held.lines[len(asked) :]:
        row.delete()
    del held.lines[len(asked) :]


def _set(row: ReturnLine, columns: dict[str, Any]) -> None:
    changed = [name for name, value in columns.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, columns[name])
    if changed:
        row.save(update_fields=[name.removesuffix("_id") for name in changed])


@transaction.atomic
def submit(
    form: ReturnForm, *, by: Member, revision: int | None = None, version: int | None = None, at: datetime | None = None
) -> ReturnForm:
    """Sign what is asked (S1) and hand the form to the warehouse. Refuses `wrong_state`, `stale`, `over_quantity`, `invalid`."""
    held = lock(form, by=by, deed="return.file", revision=revision, version=version, at=at)
    expect(held.form, State.DRAFT, State.SENT_BACK)
    if not held.lines:
        raise Refused("invalid", errors={"lines": [NO_LINES]})
    asked = [Asked(x.order_line_id, x.quantity, x.resolution, x.reason_id, x.exchange_for, x.asked_amount) for x in held.lines]
    check_units(asked, held.book)
    with together():
        _hand_over(held)
    return held.form


def _hand_over(held: Locked) -> None:
    """S1, and on to the warehouse."""
    before = held.form.state
    signature = sign(held, Stage.INITIATOR, Signature.Meaning.FILED, held.content())
    policy = policy_of(held.form.team)
    due = held.form.count_by or held.at + timedelta(hours=policy.count_hours)
    word = give_word(held, policy)
    move(held, State.SUBMITTED, submitted_at=held.at, count_by=due, question="", promise=word)
    tell(held, "submitted", before=before, signature=signature.pk, hash=signature.hash)


def policy_of(team: Team) -> ReturnPolicy:
    """The team's policy; without one, the default: nothing passes by rule, and the usual hours."""
    found: ReturnPolicy | None = getattr(team, "return_policy", None)
    return found or ReturnPolicy(team=team)


@transaction.atomic
def cancel(
    form: ReturnForm, *, by: Member, reason: str, revision: int | None = None, version: int | None = None, at: datetime | None = None
) -> ReturnForm:
    """Give the form up, before any count or money: its units are free again. Refuses `wrong_state`, `stale`, `invalid`."""
    held = lock(form, by=by, deed="return.cancel", revision=revision, version=version, at=at)
    before = held.form.state
    expect(held.form, State.DRAFT, State.SENT_BACK, State.SUBMITTED)
    if held.form.received_at is not None:
        raise Refused("wrong_state", CAME_ALREADY, current=brief(held.form))
    if not reason.strip():
        raise Refused("invalid", errors={"reason": [SAY_WHY]})
    voided = void(held, held.standing, "cancelled")
    move(held, State.CANCELLED, closed_at=held.at)
    take_back_word(held, reason)
    tell(held, "cancelled", before=before, reason=reason, voided=voided)
    return held.form
