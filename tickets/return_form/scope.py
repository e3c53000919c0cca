"""What a signature covers, as canonical text, and its hash. The text of a decision page: docs/decisions/return-form-signatures.md.

Only the form's own columns and ids go in: a product renamed by the next import, or a reason by the manager, changes no hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

from tickets.return_form.models import Evidence, ReturnForm, ReturnLine
from tickets.return_form.rules import COUNTS

VERSION = 1
Part = dict[str, Any]


class Hand(Protocol):
    """The signer's own line of a signature."""

    @property
    def form_id(self) -> int: ...
    @property
    def revision(self) -> int: ...
    @property
    def stage(self) -> str: ...
    @property
    def member_id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def meaning(self) -> str: ...
    @property
    def at(self) -> datetime: ...


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"not part of a scope: {type(value)}")


canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain).encode
"""The one way to write a scope down: keys sorted, no spaces, money with two decimals, instants in UTC with microseconds."""


def frozen(part: Part) -> Part:
    """The part as it will read when it comes back from the database: strings for money."""
    kept: Part = json.loads(canonical(part))
    return kept


def content(form: ReturnForm, lines: Iterable[ReturnLine], evidence: Iterable[str]) -> Part:
    """S1: header, lines, evidence. `evidence`: SHA-256 of each photo filed."""
    return {
        "order": form.order_id,
        "predecessor": form.predecessor_id,
        "words": form.words,
        "note": form.note,
        "freight_payer": form.freight_payer,
        "lines": [
            {
                "place": line.place,
                "order_line": line.order_line_id,
                "quantity": line.quantity,
                "resolution": line.resolution,
                "reason": line.reason_id,
                "exchange_for": line.exchange_for,
                "asked_amount": line.asked_amount,
                "note": line.note,
            }
            for line in lines
        ],
        "evidence": sorted(evidence),
    }


def inspection(form: ReturnForm, lines: Iterable[ReturnLine], evidence: Iterable[str]) -> Part:
    """What S2 adds: the warehouse's answer, line by line."""
    return {
        "outcome": form.outcome,
        "note": form.count_note,
        "excess": form.excess,
        "lines": [
            {name: getattr(line, name) for name in COUNTS} | {"place": line.place, "disposition": line.disposition, "note": line.count_note}
            for line in lines
        ],
        "evidence": sorted(evidence),
    }


def decision(form: ReturnForm, lines: Iterable[ReturnLine]) -> Part:
    """What S3 adds: the manager's decision, line by line."""
    return {
        "decision": form.decision,
        "rationale": form.rationale,
        "by_rule": form.by_rule,
        "freight": Decimal(form.freight_amount),
        "compensation": Decimal(form.compensation),
        "lines": [
            {
                "place": line.place,
                "granted": line.granted,
                "approved_quantity": line.approved_quantity,
                "amount": line.amount,
                "fault": line.fault,
            }
            for line in lines
        ],
    }


def digest(signature: Hand, parts: Iterable[str]) -> str:
    """SHA-256, in hex, over the signer's own line and the parts (canonical text) from S1 up to this stage.

    Sorted by name, `parts` stands between the two halves of the signer's line.
    """
    before = canonical(
        {
            "at": signature.at,
            "form": signature.form_id,
            "meaning": signature.meaning,
            "member": signature.member_id,
            "name": signature.name,
        }
    )
    after = canonical({"revision": signature.revision, "stage": signature.stage, "v": VERSION})
    text = f'{before[:-1]},"parts":[{",".join(parts)}],{after[1:]}'
    return hashlib.sha256(text.encode()).hexdigest()


def filed_hashes(form: ReturnForm, kind: str) -> list[str]:
    """The SHA-256 of the standing evidence of one kind."""
    return list(Evidence.objects.standing().filter(form=form, kind=kind).values_list("sha256", flat=True))
