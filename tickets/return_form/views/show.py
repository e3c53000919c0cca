"""One form: where it stands, what was asked, counted and decided, who signed, and what this person may do now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tickets.activity.telling import tell_all
from tickets.people.access import may
from tickets.people.models import Member
from tickets.return_form import queries, rules
from tickets.return_form.actions import owed
from tickets.return_form.book import Book, book_of
from tickets.return_form.models import (
    DECIDED,
    EDITABLE,
    Evidence,
    Fault,
    FormRevision,
    Resolution,
    ReturnForm,
    ReturnLine,
    Settlement,
    Signature,
    Stage,
    State,
)
from tickets.return_form.queries.story import purchase_story
from tickets.return_form.views import common, differing
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused


@door(GET="return.read")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole story of one form on one page."""
    return sheet(request, pk)


def sheet(request: HttpRequest, pk: int, refused: Refused | None = None) -> HttpResponse:
    """The page, with what went wrong and what was typed where a deed was refused."""
    form, member = common.one(request, pk), member_of(request)
    signatures = list(form.signatures.all())
    lines = list(form.lines.all())
    deeds = deeds_now(form, member, signatures)
    context = {
        "form": form,
        "lines": _lines(form, lines),
        "steps": steps(form, signatures),
        "signatures": signatures,
        "voids": [x for x in signatures if is_void(x)],
        "owed": list(form.settlements.all()) or (_owed(form, lines) if form.state in DECIDED else []),
        "payments": list(form.platform_compensations.order_by("id")) if may(member, "see.money") else [],
        "story": purchase_story(member, form.order, form),
        "told": tell_all(queries.story_of(form), member),
        "photos": list(Evidence.objects.standing().filter(form=form).select_related("line__order_line")),
        "deeds": deeds,
        "waits": "" if {"submit", "count", "decide", "settle"} & set(deeds) else waits_for(form),
        "resolutions": Resolution.choices,
        "faults": Fault.choices,
        "goods": any(x.resolution in rules.GOODS for x in lines),
        "names": differing.names,
    }
    return common.answer(request, "show", context, refused)


@dataclass(frozen=True)
class Shown:
    """A line with what stands around it: bought, shipped, on other forms, and the most that may be refunded."""

    line: ReturnLine
    bought: int
    shipped: int
    elsewhere: int
    cap: Any
    most: int


def _lines(form: ReturnForm, lines: list[ReturnLine]) -> list[Shown]:
    book: Book = book_of(form.order, without=form.pk)
    found = []
    for line in lines:
        units = book.units[line.order_line_id]
        most = line.received if line.resolution in rules.GOODS else line.quantity
        cap = book.cap(line.order_line_id, most) if line.resolution in rules.REFUNDS else line.asked_amount or 0
        wanted = cap if line.asked_amount is None else min(cap, line.asked_amount)
        found.append(Shown(line, units.bought, units.bought if units.shipped else 0, units.used, wanted, most))
    return found


def _owed(form: ReturnForm, lines: list[ReturnLine]) -> list[Settlement]:
    """What will be settled, as rows that nobody has written down yet."""
    return [Settlement(form=form, kind=kind, amount=amount, quantity=quantity) for kind, amount, quantity in owed(form, lines)]


def is_void(signature: Signature) -> bool:
    return getattr(signature, "voiding", None) is not None


class Step(NamedTuple):
    """One of the five steps: `state` is `done`, `void` (its last signature is), `now` or `next`; who signed it, and when (UTC)."""

    name: str
    state: str
    who: str = ""
    at: datetime | None = None


def steps(form: ReturnForm, signatures: list[Signature]) -> list[Step]:
    """The five steps of a form."""
    found = []
    reached = {"draft": 0, "sent_back": 0, "submitted": 1, "inspected": 2, "settling": 3, "closed": 5}
    at = 3 if form.state in DECIDED else reached.get(form.state, 5)
    names = {Stage.INITIATOR: _("Filed"), Stage.WAREHOUSE: _("Counted"), Stage.MANAGER: _("Decided")}
    for place, (stage, name) in enumerate(names.items()):
        given = [x for x in signatures if x.stage == stage]
        live = [x for x in given if not is_void(x)]
        if live:
            found.append(Step(name, "done", live[-1].name, live[-1].at))
        else:
            text = _("%(name)s, void") % {"name": given[-1].name} if given else ""
            found.append(Step(name, "void" if given and at != place else "now" if at == place else "next", text))
    is_closed = form.state == State.CLOSED
    found.append(Step(_("Settled"), "done" if is_closed else "now" if at == 3 else "next"))
    found.append(Step(_("Closed"), "done" if is_closed else "next", at=form.closed_at if is_closed else None))
    return found


def waits_for(form: ReturnForm) -> str:
    """Whose turn it is, for everybody else."""
    if form.state in (State.DRAFT, State.SENT_BACK):
        return _("after-sale: finish and sign it")
    if form.state == State.SUBMITTED:
        return _("the warehouse: count and sign")
    if form.state == State.INSPECTED:
        return _("a manager: decide and sign")
    if form.state in (*DECIDED, State.SETTLING):
        return _("after-sale: settle it")
    return ""


def deeds_now(form: ReturnForm, member: Member, signatures: list[Signature]) -> dict[str, str | None]:
    """What this person may do with the form now: deed → None, or the reason why it may not be done by this hand."""
    where = {
        "edit": ("return.file", EDITABLE),
        "submit": ("return.file", (State.DRAFT, State.SENT_BACK)),
        "count": ("return.count", (State.SUBMITTED,)),
        "recount": ("return.count", (State.INSPECTED,)),
        "decide": ("return.decide", (State.INSPECTED,)),
        "send_back": ("return.send_back", (State.SUBMITTED, State.INSPECTED)),
        "settle": ("return.settle", (*DECIDED, State.SETTLING)),
        "reopen": ("return.reopen", (State.CLOSED,)),
        "cancel": ("return.cancel", (State.DRAFT, State.SENT_BACK, State.SUBMITTED) if form.received_at is None else ()),
        "receive": ("parcel.record", (State.SUBMITTED,) if form.received_at is None else ()),
    }
    found: dict[str, str | None] = {name: None for name, (deed, states) in where.items() if may(member, deed) and form.state in states}
    if hasattr(form, "successor"):
        found.pop("reopen", None)
    if {"count", "decide"} & set(found):
        why = same_hand(form, member, signatures)
        for name in ("count", "decide"):
            if name in found:
                found[name] = why
    return found


def same_hand(form: ReturnForm, member: Member, signatures: list[Signature]) -> str | None:
    """Why this person may not countersign (R4), or None."""
    if any(x.member_id == member.pk and x.revision == form.revision and x.stage == Stage.INITIATOR for x in signatures):
        return _("You filed it: another person signs here.")
    if form.state == State.INSPECTED and any(
        x.member_id == member.pk and x.revision == form.revision and x.stage == Stage.WAREHOUSE for x in signatures
    ):
        return _("You counted it: another person decides.")
    if FormRevision.objects.filter(form=form, by=member, cause__in=("filed", "edited")).exists():
        return _("You edited it: another person signs here.")
    return None
