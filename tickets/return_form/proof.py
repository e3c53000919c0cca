"""What `manage.py verify` proves about return forms: every signature still covers what it was given for, and every row agrees with the
ledger and with the signed decision. Reads only; forms are read in pieces of `CHUNK`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Prefetch, QuerySet

from tickets.activity.models import Activity
from tickets.order.models import Order
from tickets.return_form import gathered, rules, scope
from tickets.return_form.actions.owing import NOTHING, compensation_of, owed
from tickets.return_form.book import Book, open_book
from tickets.return_form.models import DECIDED, Evidence, FormRevision, Resolution, ReturnForm, Signature, Stage, State

CHUNK = 2000
"""Forms in memory at once, with their lines, signatures and ledger rows: some 30 MB."""
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


def count() -> int:
    """How many forms there are to prove."""
    return ReturnForm.objects.count()


def findings(progress: Callable[[int], None] | None = None) -> Iterator[Finding]:
    """Every return form of every team, then every order that has one. `progress` is told after each piece how many forms are proved.

    Memory is bounded by the piece: forms are read by id, `CHUNK` at a time, each piece in a fixed number of queries.
    """
    last = proved = 0
    while forms := list(_with_everything(ReturnForm.objects.filter(pk__gt=last).order_by("id"))[:CHUNK]):
        last = forms[-1].pk
        told = _ledger([form.pk for form in forms])
        for form in forms:
            yield from _form(form, told.get(form.pk, []))
        yield from _orders({form.order_id for form in forms})
        proved += len(forms)
        if progress:
            progress(proved)


def _with_everything(forms: QuerySet[ReturnForm]) -> QuerySet[ReturnForm]:
    signatures = Signature.objects.select_related("voiding").order_by("id")
    revisions = FormRevision.objects.order_by("number")
    beside = ("lines", "settlements", "evidence", Prefetch("revisions", revisions), Prefetch("signatures", signatures))
    return forms.prefetch_related(*beside)


class Told(NamedTuple):
    """One row of the ledger about a form."""

    code: str
    data: dict[str, Any]


def _ledger(forms: list[int]) -> dict[int, list[Told]]:
    found: dict[int, list[Told]] = defaultdict(list)
    for form, code, data in Activity.objects.filter(return_form__in=forms).order_by("id").values_list("return_form_id", "code", "data"):
        found[form or 0].append(Told(code, data))
    return found


def _form(form: ReturnForm, told: list[Told]) -> Iterator[Finding]:
    signatures = list(form.signatures.all())
    live = [x for x in signatures if getattr(x, "voiding", None) is None]
    parts = _parts(form)
    yield from _signed(form, signatures, live, parts, told)
    yield from _people(form, live)
    yield from _state(form, live, told)
    yield from _revision(form, parts["content"])
    yield from _money(form, told)
    yield from _arrived(form)


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
    form: ReturnForm, signatures: list[Signature], live: list[Signature], parts: dict[str, scope.Part], told: list[Told]
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


def _state(form: ReturnForm, live: list[Signature], told: list[Told]) -> Iterator[Finding]:
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


def _money(form: ReturnForm, told: list[Told]) -> Iterator[Finding]:
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


def _orders(ids: set[int]) -> Iterator[Finding]:
    """R6 and R7 over all live forms of these orders: one query. An order with many forms may be proved with more than one piece."""
    orders: Any = Order.objects.filter(pk__in=ids).annotate(
        json_goods=gathered.rows(gathered.GOODS.format(order="tickets_order.id")),
        json_claims=gathered.rows(gathered.CLAIMS.format(order="tickets_order.id", without="0")),
    )
    for order in orders:
        yield from _order(order, open_book(order, order.json_goods, order.json_claims))


def _order(order: Order, book: Book) -> Iterator[Finding]:
    titles = {line.pk: line.title for line in book.lines}
    for pk, units in book.units.items():
        if units.used > units.bought + units.replaced:
            yield Finding(f"order {order.number}", "more_than_bought", titles[pk])
    given = sum(book.granted.values(), Decimal(0))
    if given > order.paid:
        yield Finding(f"order {order.number}", "more_than_paid", f"{given} / {order.paid}")


def _arrived(form: ReturnForm) -> Iterator[Finding]:
    """R7: no more is granted than came."""
    if form.state == State.CANCELLED:
        return
    for line in form.lines.all():  # type: ignore[attr-defined]
        granted = line.granted not in ("", Resolution.REJECT, Resolution.COMPENSATION)
        if granted and line.resolution in rules.GOODS and (line.approved_quantity or 0) > line.received:
            yield Finding(f"{form.number} line {line.place}", "more_than_came")
