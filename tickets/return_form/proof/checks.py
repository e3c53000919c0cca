"""What must agree of one form: pure, over the rows that `reading` brings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from tickets.return_form import rules, scope
from tickets.return_form.actions.owing import NOTHING, compensation_of, owed
from tickets.return_form.models import DECIDED, Evidence, Resolution, Stage, State
from tickets.return_form.proof.reading import Case, Signed

NEEDED = {"submitted": 1, "inspected": 2, "draft": 0, "sent_back": 0, "cancelled": 0}


@dataclass(frozen=True)
class Finding:
    """A row that was changed behind the application's back: which, and what does not agree."""

    what: str
    code: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.code}" + (f" ({self.detail})" if self.detail else "")


def findings_of(case: Case) -> Iterator[Finding]:
    """All that does not agree of one form."""
    content = scope.canonical(scope.content(case.form, case.lines, case.hashes(Evidence.Kind.FILED)))
    yield from _hands(case)
    yield from _covered(case, content)
    yield from _people(case)
    yield from _state(case)
    yield from _ledger(case)
    yield from _revision(case, content)
    yield from _settled(case)
    yield from _arrived(case)


@lru_cache(maxsize=512)
def _text(part: str) -> str:
    """A part as PostgreSQL writes it, as canonical text. The same part stands in a revision and under one to three signatures."""
    return scope.canonical(json.loads(part))


def _hands(case: Case) -> Iterator[Finding]:
    """Every signature, void ones too: its hash over what it kept, and hash and person as the ledger wrote them down."""
    written = {row.data["signature"]: (row.data.get("hash"), row.actor_id) for row in case.told if row.data.get("signature")}
    by_id = {x.id: x for x in case.signatures}
    for x in case.signatures:
        name = f"{case.form.number} signature {x.id} of {x.name}"
        if x.hash != scope.digest(x, _chain(x, by_id)):
            yield Finding(name, "hash_differs")
        if written.get(x.id) != (x.hash, x.member_id):
            yield Finding(name, "not_as_in_the_ledger")
    for pk in written.keys() - by_id.keys():
        yield Finding(f"{case.form.number} signature {pk}", "signature_is_gone")


def _chain(signature: Signed, by_id: dict[int, Signed]) -> list[str]:
    """The parts from S1 up to this signature."""
    parts: list[str] = []
    step: Signed | None = signature
    while step is not None and len(parts) < len(Stage):
        parts.insert(0, _text(step.part))
        step = by_id.get(step.base_id) if step.base_id else None
    return parts


def _covered(case: Case, content: str) -> Iterator[Finding]:
    """Every live signature covers the rows as they are."""
    for x in case.live:
        now, then = _now(case, x.stage, content), _text(x.part)
        if now != then:
            rows, kept = json.loads(now), json.loads(then)
            changed = ", ".join(field for field in rows if rows[field] != kept.get(field))
            yield Finding(f"{case.form.number} signature {x.id} of {x.name}", "content_changed", changed)


def _now(case: Case, stage: str, content: str) -> str:
    """What this stage would sign now, from the rows as they are."""
    if stage == Stage.INITIATOR:
        return content
    if stage == Stage.WAREHOUSE:
        return scope.canonical(scope.inspection(case.form, case.lines, case.hashes(Evidence.Kind.COUNTED)))
    return scope.canonical(scope.decision(case.form, case.lines))


def _people(case: Case) -> Iterator[Finding]:
    live = case.live
    if len({x.member_id for x in live}) < len(live):
        yield Finding(case.form.number, "same_hand")
    editors = {x.by_id for x in case.revisions if x.cause in ("filed", "edited")}
    if any(x.member_id in editors for x in live if x.stage != Stage.INITIATOR):
        yield Finding(case.form.number, "editor_countersigned")


def _state(case: Case) -> Iterator[Finding]:
    form, live = case.form, case.live
    if len({x.stage for x in live}) < NEEDED.get(form.state, len(Stage)):
        yield Finding(form.number, "state_without_signatures", form.state)
    if any(x.revision != form.revision for x in live):
        yield Finding(form.number, "signature_of_another_revision")
    last = case.told[-1].data if case.told else {}
    if last.get("after") != form.state:
        yield Finding(form.number, "state_not_as_in_the_ledger", f"{last.get('after')} / {form.state}")
    if last.get("revision", form.revision) != form.revision:
        yield Finding(form.number, "revision_not_as_in_the_ledger")


def _ledger(case: Case) -> Iterator[Finding]:
    """Each step begins where the one before it ended: none was taken out or put in."""
    before = ""
    for row in case.told:
        if row.data.get("before") != before:
            yield Finding(f"{case.form.number} activity {row.id}", "ledger_does_not_join", f"{before} / {row.data.get('before')}")
        before = row.data.get("after", "")


def _revision(case: Case, content: str) -> Iterator[Finding]:
    kept = [x for x in case.revisions if x.number == case.form.revision]
    if not kept or _text(kept[0].content) != content:
        yield Finding(case.form.number, "content_not_as_in_its_revision")


def _settled(case: Case) -> Iterator[Finding]:
    """Settlements are what the signed decision owes, and what the ledger says was done."""
    form, rows = case.form, case.settlements
    written_down = form.state in (State.SETTLING, State.CLOSED) or rows
    if written_down and {(x.kind, x.amount, x.quantity) for x in rows} != set(owed(form, case.lines)):
        yield Finding(form.number, "settlements_are_not_what_was_decided")
    done: dict[int, tuple[Any, Any]] = {}
    for entry in case.told:
        if entry.code == "return_form.settled":
            done.update({fact["id"]: (entry.data.get("outcome"), Decimal(fact["amount"])) for fact in entry.data["rows"]})
    for row in rows:
        outcome, amount = done.get(row.id, ("due", row.amount))
        if outcome != row.state or amount != row.amount:
            yield Finding(f"{form.number} {row.kind}", "settlement_not_as_in_the_ledger", f"{outcome} / {row.state}")
    for pk in done.keys() - {row.id for row in rows}:
        yield Finding(f"{form.number} settlement {pk}", "settlement_is_gone")
    if compensation_of(form, case.lines) > NOTHING and form.state in DECIDED and not form.decision:
        yield Finding(form.number, "compensation_without_a_decision")


def _arrived(case: Case) -> Iterator[Finding]:
    """R7: no more is granted than came."""
    if case.form.state == State.CANCELLED:
        return
    for line in case.lines:
        granted = line.granted not in ("", Resolution.REJECT, Resolution.COMPENSATION)
        if granted and line.resolution in rules.GOODS and (line.approved_quantity or 0) > line.received:
            yield Finding(f"{case.form.number} line {line.place}", "more_than_came")
