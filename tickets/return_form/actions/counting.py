"""The warehouse's deeds: count, co-sign; and, with the manager, send back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import alert, together
from tickets.people.models import Member
from tickets.return_form import rules, scope
from tickets.return_form.actions.asking import keep_files
from tickets.return_form.actions.common import (
    NOT_NOW,
    Locked,
    alert_data,
    alert_key,
    brief,
    expect,
    lock,
    move,
    require,
    sign,
    tell,
    void,
)
from tickets.return_form.actions.filing import policy_of
from tickets.return_form.models import Disposition, Evidence, FormRevision, Outcome, ReturnForm, ReturnLine, Stage, State
from tickets.web.refusals import Refused

DOES_NOT_FIT = _("Goods are expected here: count them, or say that they did not arrive.")
NO_GOODS = _("No goods are expected for this form.")
COUNT_ALL = _("Count every line first.")
COUNT_FIRST = _("Count first, then sign.")
TOO_MANY = _("Line %(place)s: more than the %(asked)s asked for. What is more goes under “more than asked”.")
TOO_FEW = _("These add up to %(sum)s, but %(asked)s were asked for. Say how many are missing.")
WHERE_TO = _("Say where the goods go.")
ASK_SOMETHING = _("Say what must be put right.")
EXCESS = _("Say what it is and how many.")


@dataclass(frozen=True)
class Counted:
    """What the warehouse found of one line. The five numbers add up to what was asked; `files` are photos of these units."""

    place: int
    ok: int = 0
    opened: int = 0
    damaged: int = 0
    wrong: int = 0
    missing: int = 0
    disposition: str = ""
    note: str = ""
    files: Sequence[UploadedFile[Any]] = ()

    @property
    def sum(self) -> int:
        return self.ok + self.opened + self.damaged + self.wrong + self.missing


@transaction.atomic
def inspect(
    form: ReturnForm,
    *,
    by: Member,
    outcome: str = Outcome.COUNTED,
    counts: Sequence[Counted] = (),
    excess: Sequence[Mapping[str, Any]] = (),
    note: str = "",
    files: Iterable[UploadedFile[Any]] = (),
    recount: bool = False,
    signed: bool = False,
    revision: int | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> ReturnForm:
    """Write down what came. With `recount`, also after the warehouse signed: that signature is void then; S1 stands (R5). With `signed`,
    `cosign` in the same breath, under the same lock: a refused signature leaves no count behind.

    Refuses `wrong_state`, `stale`, `over_quantity` (R6: counted more than asked; that is `excess`), `invalid`; signed, also `same_hand`.
    """
    held = lock(form, by=by, deed="return.count", revision=revision, version=version, at=at)
    with together():
        _inspect(held, outcome, counts, excess, note, files, recount)
        if signed:
            require(by, "return.cosign")
            _cosign(held)
    return held.form


def _inspect(
    held: Locked,
    outcome: str,
    counts: Sequence[Counted],
    excess: Sequence[Mapping[str, Any]],
    note: str,
    files: Iterable[UploadedFile[Any]],
    recount: bool,
) -> None:
    before = held.form.state
    expect(held.form, *((State.SUBMITTED, State.INSPECTED) if recount else (State.SUBMITTED,)))
    _answer(held, outcome, counts)
    _keep_photos(held, counts, list(files))
    voided = void(held, [x for x in held.standing if x.stage != Stage.INITIATOR], "recounted")
    came = any(line.received for line in held.lines) or bool(excess)
    move(
        held,
        State.SUBMITTED,
        outcome=outcome,
        count_note=note.strip(),
        excess=_excess(excess),
        received_at=held.form.received_at or (held.at if came else None),
    )
    tell(held, "inspected", before=before, outcome=outcome, voided=voided)


def _keep_photos(held: Locked, counts: Sequence[Counted], files: list[UploadedFile[Any]]) -> None:
    """Those of single lines first: a photo is kept once."""
    of_lines = [(list(count.files), held.line(count.place)) for count in counts if count.files]
    for own, line in [*of_lines, (files, None)] if files or of_lines else ():
        keep_files(own, Evidence.Kind.COUNTED, by=held.person, at=held.at, form=held.form, line=line)
    if files or of_lines:
        held.read_evidence()


def _answer(held: Locked, outcome: str, counts: Sequence[Counted]) -> None:
    if outcome not in rules.fitting_outcomes(line.resolution for line in held.lines):
        goods = any(line.resolution in rules.GOODS for line in held.lines)
        raise Refused("invalid", errors={"outcome": [DOES_NOT_FIT if goods else NO_GOODS]})
    expected = [line for line in held.lines if line.resolution in rules.GOODS]
    if outcome == Outcome.NOT_RECEIVED:
        counts = [Counted(line.place, missing=line.quantity) for line in expected]
    by_place = {count.place: count for count in counts}
    if {line.place for line in expected} != set(by_place) or len(by_place) != len(counts):
        raise Refused("invalid", errors={"lines": [COUNT_ALL]})
    for line in expected:
        _take_count(line, by_place[line.place])
    ReturnLine.objects.bulk_update(expected, [*rules.COUNTS, "disposition", "count_note"])


def _take_count(line: ReturnLine, count: Counted) -> None:
    place = {"place": line.place, "asked": line.quantity, "sum": count.sum}
    if min(count.ok, count.opened, count.damaged, count.wrong, count.missing) < 0 or count.sum < line.quantity:
        raise Refused("invalid", errors={f"lines.{line.place}": [TOO_FEW % place]})
    if count.sum > line.quantity:
        raise Refused("over_quantity", TOO_MANY % place, lines=[line.place])
    if count.sum > count.missing and count.disposition not in Disposition.values:
        raise Refused("invalid", errors={f"lines.{line.place}.disposition": [WHERE_TO]})
    for name in rules.COUNTS:
        setattr(line, name, getattr(count, name))
    line.disposition = count.disposition if count.sum > count.missing else ""
    line.count_note = count.note.strip()


def _excess(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """More than asked, as its own discrepancy: `[{title, quantity, note}]`."""
    found = []
    for row in rows:
        title, quantity = str(row.get("title", "")).strip(), int(row.get("quantity") or 0)
        if not title or quantity < 1:
            raise Refused("invalid", errors={"excess": [EXCESS]})
        found.append({"title": title[:300], "quantity": quantity, "note": str(row.get("note", "")).strip()[:300]})
    return found


@transaction.atomic
def cosign(
    form: ReturnForm,
    *,
    by: Member,
    outcome: str = "",
    revision: int | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> ReturnForm:
    """Sign the count (S2 = S1 + inspections), or, with `outcome`, that no goods are expected or that they did not arrive.

    Refuses `wrong_state` (not counted; signed already), `stale`, `same_hand` (R4).
    """
    held = lock(form, by=by, deed="return.cosign", revision=revision, version=version, at=at)
    _cosign(held, outcome)
    return held.form


def _cosign(held: Locked, outcome: str = "") -> None:
    before = held.form.state
    expect(held.form, State.SUBMITTED)
    if not outcome and not held.form.outcome and not any(line.resolution in rules.GOODS for line in held.lines):
        outcome = Outcome.NO_GOODS_EXPECTED
    if outcome and outcome != held.form.outcome:
        if outcome == Outcome.COUNTED:
            raise Refused("wrong_state", COUNT_FIRST, current=brief(held.form))
        _answer(held, outcome, ())
        held.form.outcome = outcome
    if not held.form.outcome:
        raise Refused("wrong_state", COUNT_FIRST, current=brief(held.form))
    part = scope.inspection(held.form, held.lines, held.hashes["counted"])
    signature = sign(held, Stage.WAREHOUSE, held.form.outcome, part)
    due = held.form.decide_by or held.at + timedelta(hours=policy_of(held.form.team).decide_hours)
    move(held, State.INSPECTED, inspected_at=held.at, decide_by=due, outcome=held.form.outcome)
    tell(held, "cosigned", before=before, outcome=held.form.outcome, signature=signature.pk, hash=signature.hash)


@transaction.atomic
def send_back(
    form: ReturnForm,
    *,
    by: Member,
    question: str,
    revision: int | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> ReturnForm:
    """Back to after-sale with a question: a new revision opens and every signature is void. Refuses `wrong_state`, `stale`, `invalid`."""
    held = lock(form, by=by, deed="return.send_back", revision=revision, version=version, at=at)
    before = held.form.state
    if before not in (State.SUBMITTED, State.INSPECTED):
        raise Refused("wrong_state", NOT_NOW % {"state": held.form.get_state_display()}, current=brief(held.form))
    if not question.strip():
        raise Refused("invalid", errors={"question": [ASK_SOMETHING]})
    standing = held.standing
    voided = void(held, standing, "sent_back")
    revision_now = held.form.revision + 1
    move(held, State.SENT_BACK, question=question.strip(), revision=revision_now, sent_backs=held.form.sent_backs + 1)
    FormRevision.objects.create(
        form=held.form, number=revision_now, cause=FormRevision.Cause.SENT_BACK, content=held.content(), by=by, at=held.at
    )
    tell(held, "sent_back", before=before, question=question.strip(), voided=voided)
    filed = Member.objects.filter(pk__in=[x.member_id for x in standing if x.stage == Stage.INITIATOR])
    alert(filed, "return_form.sent_back", key=alert_key(held, "sent_back"), at=held.at, ticket=held.form.ticket, **alert_data(held))
    return held.form
