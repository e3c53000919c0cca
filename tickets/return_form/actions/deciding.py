"""The manager's deeds: decide one form line by line, or like cases together, each with its own signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import together
from tickets.people.models import Member
from tickets.return_form import rules, scope
from tickets.return_form.actions.common import Locked, expect, lock, move, require, sign, tell
from tickets.return_form.actions.filing import policy_of
from tickets.return_form.actions.owing import NOTHING, compensation_of, owed
from tickets.return_form.actions.promising import keep_word, take_back_word
from tickets.return_form.book import Book
from tickets.return_form.models import Fault, Resolution, ReturnForm, ReturnLine, Signature, Stage, State
from tickets.web.refusals import Refused

MORE_THAN_CAME = _("Line %(place)s: at most %(most)s of these came.")
MORE_THAN_SHARE = _("Line %(place)s: at most %(most)s was paid for these.")
MORE_THAN_LEFT = _("At most %(most)s of this order is still paid.")
FREIGHT_TWICE = _("The freight of this order was refunded already, or is more than was paid for it.")
OVER_CAP = _("Compensation is at most %(most)s a form.")
NO_GOODS_CAME = _("No goods were asked for here, so this cannot be granted.")
NO_MONEY = _("Nothing is paid for this; compensation has its own line.")
SAY_WHY = _("Say why.")
NOT_BY_RULE = _("The team's policy does not let this pass by rule.")
NOTHING_DONE = _("Nothing was decided: one of them cannot be.")


@dataclass(frozen=True)
class Granted:
    """The decision about one line; what is left out is as asked, as far as goods came and money is left."""

    place: int
    granted: str = ""
    approved_quantity: int | None = None
    amount: Decimal | None = None
    fault: str = ""


@transaction.atomic
def decide(
    form: ReturnForm,
    *,
    by: Member,
    lines: Sequence[Granted] = (),
    reject: bool = False,
    freight: Decimal = NOTHING,
    compensation: Decimal = NOTHING,
    rationale: str = "",
    by_rule: bool = False,
    revision: int | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> ReturnForm:
    """Decide and sign (S3 = S2 + decision). Amounts in the order's currency, per line rounded to hundredths.

    `reject` turns down whatever `lines` does not grant. Refuses `wrong_state`, `stale`, `same_hand`, `over_quantity` (more than asked or
    came), `over_paid` (R7: share, order, freight twice, compensation cap), `invalid` (a decision that differs says why).
    """
    held = lock(form, by=by, deed="return.decide", revision=revision, version=version, at=at)
    before = held.form.state
    expect(held.form, State.INSPECTED)
    _grant_lines(held, held.book, lines, reject)
    _cap_form(held, held.book, freight, compensation)
    outcome = rules.outcome_of((x.resolution, x.granted, x.quantity, x.approved_quantity or 0) for x in held.lines)
    policy = policy_of(held.form.team)
    if by_rule and not lets_pass(held.form, held.lines, policy.max_amount, policy.resolutions):
        raise Refused("invalid", NOT_BY_RULE, errors={"by_rule": [NOT_BY_RULE]})
    if outcome != State.APPROVED and not rationale.strip():
        raise Refused("invalid", errors={"rationale": [SAY_WHY]})
    held.form.rationale, held.form.by_rule, held.form.decision = rationale.strip(), by_rule, outcome
    ReturnLine.objects.bulk_update(held.lines, ["granted", "approved_quantity", "amount", "fault"])
    signature = sign(held, Stage.MANAGER, Signature.Meaning.DECIDED, scope.decision(held.form, held.lines))
    due = held.form.settle_by or held.at + timedelta(hours=policy.settle_hours)
    kept = {name: getattr(held.form, name) for name in ("rationale", "by_rule", "decision", "freight_amount", "compensation")}
    move(held, outcome, decided_at=held.at, settle_by=due, **kept)
    with together():
        if outcome == State.REJECTED:
            take_back_word(held, held.form.rationale)
        elif not owed(held.form, held.lines):
            keep_word(held)
        tell(held, "decided", before=before, outcome=outcome, by_rule=by_rule, signature=signature.pk, hash=signature.hash)
    return held.form


def _grant_lines(held: Locked, book: Book, lines: Sequence[Granted], reject: bool) -> None:
    chosen = {grant.place: grant for grant in lines}
    for place in chosen:
        held.line(place)
    given: dict[int, Decimal] = {}
    for line in held.lines:
        grant = chosen.get(line.place, Granted(line.place, granted=Resolution.REJECT if reject else ""))
        _grant_line(line, grant, book, given)


def _grant_line(line: ReturnLine, grant: Granted, book: Book, given: dict[int, Decimal]) -> None:
    """Decide one line; `given` is what this form has refunded so far, per order line."""
    line.granted = grant.granted or line.resolution
    line.fault = grant.fault
    if line.granted not in Resolution.values or (line.fault and line.fault not in Fault.values):
        raise Refused("invalid", errors={f"lines.{line.place}": [NO_GOODS_CAME]})
    goods = line.resolution in rules.GOODS
    if line.granted in rules.GOODS and not goods:
        raise Refused("invalid", errors={f"lines.{line.place}.granted": [NO_GOODS_CAME]})
    most = line.quantity if not goods or line.granted == Resolution.COMPENSATION else line.received
    if line.granted == Resolution.REJECT:
        line.approved_quantity = 0
    else:
        line.approved_quantity = most if grant.approved_quantity is None else grant.approved_quantity
    if not 0 <= line.approved_quantity <= most:
        raise Refused("over_quantity", MORE_THAN_CAME % {"place": line.place, "most": most}, lines=[line.place])
    line.amount = _amount(line, grant, book, given)


def _amount(line: ReturnLine, grant: Granted, book: Book, given: dict[int, Decimal]) -> Decimal:
    if line.granted == Resolution.COMPENSATION:
        return rules.cents(grant.amount if grant.amount is not None else line.asked_amount or NOTHING)
    if line.granted not in rules.REFUNDS:
        if grant.amount:
            raise Refused("invalid", errors={f"lines.{line.place}.amount": [NO_MONEY]})
        return NOTHING
    cap = book.cap(line.order_line_id, line.approved_quantity or 0, given.get(line.order_line_id, NOTHING))
    wanted = cap if line.asked_amount is None else min(cap, line.asked_amount)
    amount = rules.cents(wanted if grant.amount is None else grant.amount)
    if not 0 <= amount <= cap:
        raise Refused("over_paid", MORE_THAN_SHARE % {"place": line.place, "most": cap}, lines=[line.place])
    given[line.order_line_id] = given.get(line.order_line_id, NOTHING) + amount
    return amount


def _cap_form(held: Locked, book: Book, freight: Decimal, compensation: Decimal) -> None:
    form = held.form
    form.freight_amount, form.compensation = rules.cents(freight), rules.cents(compensation)
    refunds = sum((x.amount or NOTHING for x in held.lines if x.granted != Resolution.COMPENSATION), NOTHING)
    if freight < 0 or (freight > 0 and (book.freight_form is not None or freight > form.order.freight)):
        raise Refused("over_paid", FREIGHT_TWICE)
    if refunds + freight > book.left:
        raise Refused("over_paid", MORE_THAN_LEFT % {"most": book.left})
    if compensation < 0 or compensation_of(form, held.lines) > form.team.compensation_cap:
        raise Refused("over_paid", OVER_CAP % {"most": form.team.compensation_cap})


def lets_pass(form: ReturnForm, lines: Sequence[ReturnLine], most: Decimal, allowed: Sequence[str]) -> bool:
    """Whether what is about to be granted may pass by rule: exactly as asked, nothing odd found, and within the policy."""
    agrees = not form.excess and all(not (x.damaged or x.wrong or x.missing) for x in lines)
    as_asked = all(x.granted == x.resolution and x.approved_quantity == x.quantity for x in lines)
    amount = form.freight_amount + form.compensation + sum((x.amount or NOTHING for x in lines), NOTHING)
    resolutions = {x.resolution for x in lines}
    return as_asked and rules.within_policy(amount=amount, resolutions=resolutions, agrees=agrees, most=most, allowed=allowed)


@transaction.atomic
def decide_together(
    seen: Mapping[int, Mapping[str, Any]],
    *,
    by: Member,
    reject: bool = False,
    rationale: str = "",
    by_rule: bool = False,
    at: datetime | None = None,
) -> list[ReturnForm]:
    """Decide like cases, as asked (or all rejected), each with its own signature. `seen`: of each form's id what was seen of it, its
    `version` or `revision`.

    All or nothing: Refused `bulk_refused` names which and why; what is not the team's is among them as `not_found`.
    """
    require(by, "return.decide")
    ours = ReturnForm.objects.visible_to(by).filter(pk__in=seen).order_by("order_id", "pk")  # the order in which they are locked
    done, forms = [], list(ours)
    problems = [_problem(ReturnForm(pk=pk), Refused("not_found")) for pk in sorted(set(seen) - {form.pk for form in forms})]
    for form in forms:
        try:
            with transaction.atomic():
                done.append(decide(form, by=by, reject=reject, rationale=rationale, by_rule=by_rule, at=at, **seen[form.pk]))
        except Refused as refused:
            problems.append(_problem(form, refused))
    if problems:
        raise Refused("bulk_refused", NOTHING_DONE, refused=problems)
    return done


def _problem(form: ReturnForm, refused: Refused) -> dict[str, Any]:
    return {"id": form.pk, "number": form.number, "code": refused.code, "detail": str(refused.problem()["detail"])}
