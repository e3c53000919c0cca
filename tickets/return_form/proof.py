"""What `manage.py verify` proves about return forms: every signature still covers what it was given for, and every row agrees with the
ledger and with the signed decision. Reads only; forms are read in pieces of `CHUNK`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet

from tickets.activity.models import Activity
from tickets.order.models import Order
from tickets.return_form import rules, scope
from tickets.return_form.actions.owing import NOTHING, compensation_of, owed
from tickets.return_form.book import book_of
from tickets.return_form.models import DECIDED, Evidence, FormRevision, Resolution, ReturnForm, ReturnLine, Signature, Stage, State

CHUNK = 500
NEEDED = {"submitted": 1, "inspected": 2, "draft": 0, "sent_back": 0, "cancelled": 0}
PART = {Stage.INITIATOR: "content", Stage.WAREHOUSE: "inspection", Stage.MANAGER: "decision"}


@dataclass(frozen=True)
class Finding:
    """A row that was changed behind the application's back: which, and what does not agree."""

    what: str
    code: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.code}" + (f" ({self.detail})" if self.detail else "")


def findings() -> Iterator[Finding]:
    """Every return form of every team."""
    last = 0
    while forms := list(_with_everything(ReturnForm.objects.filter(pk__gt=last).order_by("id"))[:CHUNK]):
        last = forms[-1].pk
        told = _ledger([form.pk for form in forms])
        for form in forms:
            yield from _form(form, told[form.pk])
    yield from _orders()


def _with_everything(forms: QuerySet[ReturnForm]) -> QuerySet[ReturnForm]:
    signatures = Signature.objects.select_related("voiding", "base").order_by("id")
    revisions = FormRevision.objects.order_by("number")
    beside = ("lines", "settlements", "evidence", Prefetch("revisions", revisions), Prefetch("signatures", signatures))
    return forms.select_related("order", "team").prefetch_related(*beside)


def _ledger(forms: list[int]) -> dict[int, list[Activity]]:
    found: dict[int, list[Activity]] = defaultdict(list)
    for row in Activity.objects.filter(return_form__in=forms).order_by("id"):
        found[row.return_form_id or 0].append(row)
    return found


def _form(form: ReturnForm, told: list[Activity]) -> Iterator[Finding]:
    signatures = list(form.signatures.all())
    live = [x for x in signatures if getattr(x, "voiding", None) is None]
    parts = _parts(form)
    yield from _signed(form, signatures, live, parts, told)
    yield from _people(form, live)
    yield from _state(form, live, told)
    yield from _revision(form, parts["content"])
    yield from _money(form, told)


def _parts(form: ReturnForm) -> dict[str, scope.Part]:
    """What each stage would sign now, from the rows as they are."""
    lines = sorted(form.lines.all(), key=lambda line: line.place)
    photos = [x for x in form.evidence.all() if x.removed_at is None]
    return {
        "content": scope.content(form, lines, [x.sha256 for x in photos if x.kind == Evidence.Kind.FILED]),
        "inspection": scope.inspection(form, lines, [x.sha256 for x in photos if x.kind == Evidence.Kind.COUNTED]),
        "decision": scope.decision(form, lines),
    }


def _signed(
    form: ReturnForm, signatures: list[Signature], live: list[Signature], parts: dict[str, scope.Part], told: list[Activity]
) -> Iterator[Finding]:
    """Hashes: of every signature over what it kept, of every live one over the rows as they are, and as the ledger wrote it down."""
    written = {row.data.get("signature"): row.data.get("hash") for row in told if row.data.get("signature")}
    by_id = {x.pk: x for x in signatures}
    for x in signatures:
        name = f"{form.number} signature {x.pk} of {x.name}"
        if x.hash != scope.digest(x, _chain(x, by_id)):
            yield Finding(name, "hash_differs")
        if written.get(x.pk) != x.hash:
            yield Finding(name, "not_as_in_the_ledger")
    for x in live:
        now = parts[PART[Stage(x.stage)]]
        if now != x.part:
            changed = [field for field in now if now[field] != x.part.get(field)]
            yield Finding(f"{form.number} signature {x.pk} of {x.name}", "content_changed", ", ".join(changed))
    for pk in set(written) - set(by_id):
        yield Finding(f"{form.number} signature {pk}", "signature_is_gone")


def _chain(signature: Signature, by_id: dict[int, Signature]) -> list[scope.Part]:
    """The parts from S1 up to this signature."""
    parts: list[scope.Part] = []
    step: Signature | None = signature
    while step is not None and len(parts) < len(Stage):
        parts.insert(0, step.part)
        step = by_id.get(step.base_id) if step.base_id else None
    return parts


def _people(form: ReturnForm, live: list[Signature]) -> Iterator[Finding]:
    if len({x.member_id for x in live}) < len(live):
        yield Finding(form.number, "same_hand")
    editors = {x.by_id for x in form.revisions.all() if x.cause in ("filed", "edited")}
    if any(x.member_id in editors for x in live if x.stage != Stage.INITIATOR):
        yield Finding(form.number, "editor_countersigned")


def _state(form: ReturnForm, live: list[Signature], told: list[Activity]) -> Iterator[Finding]:
    if len({x.stage for x in live}) < NEEDED.get(form.state, 3):
        yield Finding(form.number, "state_without_signatures", form.state)
    if any(x.revision != form.revision for x in live):
        yield Finding(form.number, "signature_of_another_revision")
    last = told[-1].data.get("after") if told else None
    if last != form.state:
        yield Finding(form.number, "state_not_as_in_the_ledger", f"{last} / {form.state}")
    if told and told[-1].data.get("revision") != form.revision:
        yield Finding(form.number, "revision_not_as_in_the_ledger")


def _revision(form: ReturnForm, content: scope.Part) -> Iterator[Finding]:
    kept = [x for x in form.revisions.all() if x.number == form.revision]
    if not kept or kept[0].content != content:
        yield Finding(form.number, "content_not_as_in_its_revision")


def _money(form: ReturnForm, told: list[Activity]) -> Iterator[Finding]:
    """Settlements are what the signed decision owes, and what the ledger says was done."""
    rows = list(form.settlements.all())
    if form.state in (State.SETTLING, State.CLOSED) or rows:
        due = {(kind, amount, quantity) for kind, amount, quantity in owed(form, list(form.lines.all()))}
        if {(x.kind, x.amount, x.quantity) for x in rows} != due:
            yield Finding(form.number, "settlements_are_not_what_was_decided")
    done: dict[int, tuple[Any, Any]] = {}
    for entry in told:
        if entry.code == "return_form.settled":
            done.update({fact["id"]: (entry.data.get("outcome"), Decimal(fact["amount"])) for fact in entry.data["rows"]})
    for row in rows:
        outcome, amount = done.get(row.pk, ("due", row.amount))
        if outcome != row.state or amount != row.amount:
            yield Finding(f"{form.number} {row.kind}", "settlement_not_as_in_the_ledger", f"{outcome} / {row.state}")
    for pk in set(done) - {row.pk for row in rows}:
        yield Finding(f"{form.number} settlement {pk}", "settlement_is_gone")
    if compensation_of(form, list(form.lines.all())) > NOTHING and form.state in DECIDED and not form.decision:
        yield Finding(form.number, "compensation_without_a_decision")


def _orders() -> Iterator[Finding]:
    """R6 and R7 over all live forms of every order that has one."""
    last = 0
    with_forms = Order.objects.filter(return_forms__isnull=False).distinct().order_by("id")
    while orders := list(with_forms.filter(pk__gt=last)[:CHUNK]):
        last = orders[-1].pk
        for order in orders:
            yield from _order(order)


def _order(order: Order) -> Iterator[Finding]:
    book = book_of(order)
    titles = {line.pk: line.title for line in book.lines}
    for pk, units in book.units.items():
        if units.used > units.bought + units.replaced:
            yield Finding(f"order {order.number}", "more_than_bought", titles[pk])
    given = sum(book.granted.values(), Decimal(0))
    if given > order.paid:
        yield Finding(f"order {order.number}", "more_than_paid", f"{given} / {order.paid}")
    lines = ReturnLine.objects.filter(form__order=order).exclude(form__state=State.CANCELLED).exclude(granted__in=["", Resolution.REJECT])
    for line in lines:
        if line.resolution in rules.GOODS and line.granted != Resolution.COMPENSATION and (line.approved_quantity or 0) > line.received:
            yield Finding(f"R{line.form_id} line {line.place}", "more_than_came")
