"""What every deed on a form shares: locking, staleness, signing, voiding, telling."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import alert, record
from tickets.order.models import Order
from tickets.people.access import may
from tickets.people.models import Member, Role
from tickets.return_form import gathered, rules, scope
from tickets.return_form.book import Book, open_book
from tickets.return_form.models import (
    EDITABLE,
    Evidence,
    FormRevision,
    ReturnForm,
    ReturnLine,
    Settlement,
    Signature,
    Stage,
    State,
    Voiding,
)
from tickets.ticket.models import UNRESOLVED, Ticket
from tickets.web.kept import Kept
from tickets.web.refusals import Refused

BESIDE = ("order", "team__return_policy", "ticket__holder", "promise")
STALE = _("Somebody changed this form meanwhile. See the difference, then decide again.")
NOT_NOW = _("This is not possible while the form is: %(state)s.")
SAME_HAND = _("The three signatures come from three different people, and nobody countersigns what they edited.")


@dataclass
class Locked:
    """A form under lock (its order's row first, then its own), with its lines, at one instant.

    Its settlements are written under the form's lock only, so they need none of their own.
    """

    form: ReturnForm
    lines: list[ReturnLine]
    by: Member | None
    at: datetime
    edited: bool = False
    """Whether the actor ever edited the form's content."""
    hashes: dict[str, list[str]] = field(default_factory=dict)
    """SHA-256 of the standing photos, by kind, as of the lock."""
    signatures: list[Signature] = field(default_factory=list)
    """Every signature of the form so far, each with its voiding, in the order they were given."""
    settlements: list[Settlement] = field(default_factory=list)

    @property
    def person(self) -> Member:
        """Who acts; only the clock's own closing has nobody."""
        if self.by is None:
            raise ValueError("a person must act here")
        return self.by

    def line(self, place: int) -> ReturnLine:
        for line in self.lines:
            if line.place == place:
                return line
        raise Refused("invalid", errors={"lines": [_("There is no line %(place)s.") % {"place": place}]})

    @cached_property
    def book(self) -> Book:
        """What the order's other live forms claim and were granted, as of the lock."""
        form: Any = self.form
        return open_book(form.order, form.json_goods, form.json_claims)

    @property
    def standing(self) -> list[Signature]:
        """The signatures that count."""
        return live(self.signatures)

    def content(self) -> scope.Part:
        return scope.frozen(scope.content(self.form, self.lines, self.hashes.get("filed", [])))

    @cached_property
    def holder(self) -> Member | None:
        """Who is accountable for the customer's matter."""
        return _holder(self.form)

    def read_evidence(self) -> None:
        """Photos came or went since the lock."""
        self.hashes = {kind: scope.filed_hashes(self.form, kind) for kind in ("filed", "counted")}


def require(by: Member, deed: str) -> None:
    """The access table, asked once more below every door: Refused `forbidden`."""
    if not may(by, deed):
        raise Refused("forbidden")


def _hashes(kind: str) -> ArraySubquery:
    return ArraySubquery(Evidence.objects.standing().filter(form=OuterRef("pk"), kind=kind).values("sha256"))


def _to_lock(pk: int, by: int) -> QuerySet[ReturnForm]:
    """The form, locked, with all that belongs to it and what the order's other forms claim."""
    return (
        gathered.whole(ReturnForm.objects.select_for_update(of=("self",)).filter(pk=pk))
        .select_related(*BESIDE)
        .annotate(
            edited=Exists(FormRevision.objects.filter(form=OuterRef("pk"), by=by, cause__in=("filed", "edited"))),
            filed=_hashes("filed"),
            counted=_hashes("counted"),
            json_signers=gathered.rows(gathered.SIGNERS.format(team="tickets_returnform.team_id")),
            json_holder=gathered.rows(gathered.HOLDER.format(customer="tickets_returnform.customer_id", team="tickets_returnform.team_id")),
            json_goods=gathered.rows(gathered.GOODS.format(order="tickets_returnform.order_id")),
            json_claims=gathered.rows(gathered.CLAIMS.format(order="tickets_returnform.order_id", without="tickets_returnform.id")),
        )
    )


FORM = Kept(_to_lock)
ORDER_OF = Kept(
    lambda form, team: Order.objects.select_for_update(no_key=True, of=("self",)).filter(return_forms=form, team_id=team).only("id")
)


def lock(
    form: ReturnForm, *, by: Member, deed: str, revision: int | None = None, version: int | None = None, at: datetime | None = None
) -> Locked:
    """R8: lock the order, then the form; two statements. Of `form` only its id is used.

    Refuses `forbidden`, `not_found` (another team's) and `stale` (with `current`, `difference`).
    """
    require(by, deed)
    if ORDER_OF.first(form=form.pk, team=by.team_id) is None:
        raise Refused("not_found")
    # A statement of its own after the order's lock: it sees what whoever held that lock has written.
    locked: Any = FORM.all(pk=form.pk, by=by.pk)[0]
    held = Locked(
        locked,
        gathered.lines(locked),
        by,
        at or timezone.now(),
        locked.edited,
        {"filed": locked.filed, "counted": locked.counted},
        gathered.signatures(locked),
        gathered.settlements(locked),
    )
    if (revision is not None and revision != locked.revision) or (version is not None and version != locked.version):
        raise Refused("stale", STALE, current=brief(locked), difference=difference(held, revision))
    return held


def brief(form: ReturnForm) -> dict[str, Any]:
    """Where a form stands now, for somebody who saw an older one."""
    return {"id": form.pk, "number": form.number, "state": form.state, "revision": form.revision, "version": form.version}


def difference(held: Locked, revision: int | None) -> list[dict[str, Any]]:
    """What changed of the content since the revision that was seen: `[{field, before, after}]`."""
    seen = FormRevision.objects.filter(form=held.form, number=revision).first() if revision else None
    if seen is None:
        return []
    now = held.content()
    return [{"field": name, "before": seen.content.get(name), "after": now[name]} for name in now if seen.content.get(name) != now[name]]


def expect(form: ReturnForm, *states: str) -> None:
    """Refuse `wrong_state` unless the form is in one of these."""
    if form.state not in states:
        raise Refused("wrong_state", NOT_NOW % {"state": form.get_state_display()}, current=brief(form))


def move(held: Locked, state: str, **changes: Any) -> None:
    """Write a step: state, version, and what else changes with it. The state machine is asked first (and again by the database)."""
    form = held.form
    if state != form.state and not rules.may_move(form.state, state):
        raise Refused("wrong_state", NOT_NOW % {"state": form.get_state_display()}, current=brief(form))
    changes |= {"state": state, "version": form.version + 1, "updated_at": held.at}
    for name, value in changes.items():
        setattr(form, name, value)
    form.save(update_fields=list(changes))


def tell(held: Locked, code: str, *, before: str, **data: Any) -> None:
    """The ledger row of a step, and an alert to whoever holds the customer's matter (unless it is the one who acts)."""
    form = held.form
    record(
        f"return_form.{code}",
        team=form.team,
        actor=held.by,
        at=held.at,
        ticket=form.ticket,
        customer=form.customer_id,
        order=form.order,
        return_form=form,
        number=form.number,
        before=before,
        after=form.state,
        revision=form.revision,
        **data,
    )
    holder = held.holder
    if holder is not None and (held.by is None or holder.pk != held.by.pk):
        alert([holder], f"return_form.{code}", key=alert_key(held, code), at=held.at, ticket=form.ticket, **alert_data(held))
    if (code, form.state) in SIGNED_NEXT:
        _ask_for_signature(held, SIGNED_NEXT[(code, form.state)])


SIGNED_NEXT: dict[tuple[str, str], Role] = {("submitted", State.SUBMITTED): Role.WAREHOUSE, ("cosigned", State.INSPECTED): Role.MANAGER}
"""Step, and the state it led to → who signs next."""


def _ask_for_signature(held: Locked, role: Role) -> None:
    """Tell whoever can sign next and is at work or coming; where nobody is, everybody with the role."""
    able = [member for member in gathered.signers(held.form) if member.has_role(role)]
    told = [member for member in at_work_first(able, held.at) if held.by is None or member.pk != held.by.pk]
    code = "signature_wanted"
    alert(told, f"return_form.{code}", key=alert_key(held, code), at=held.at, ticket=held.form.ticket, **alert_data(held))


def at_work_first(able: list[Member], at: datetime) -> list[Member]:
    """Of these the ones at work or coming, with their presence read; where nobody is, all of them."""
    soon = [m for m in able if (presence := getattr(m, "presence", None)) and (presence.is_on(at) or presence.is_coming(at))]
    return soon or able


def alert_key(held: Locked, code: str) -> str:
    """Told once for each step."""
    return f"return_form:{held.form.pk}:{code}:{held.form.version}"


def alert_data(held: Locked) -> dict[str, Any]:
    """What an alert about a form says."""
    by = {"by": held.by.pk, "by_name": held.by.display_name} if held.by else {}
    return by | {"form": held.form.pk, "number": held.form.number, "subject": held.form.number, "state": held.form.state}


def _holder(form: ReturnForm) -> Member | None:
    """Who is accountable for the customer's matter: the form's ticket's holder, else the holder of the customer's newest open ticket."""
    if form.ticket is not None and form.ticket.is_unresolved:
        return form.ticket.holder
    if not form.customer_id:
        return None
    if hasattr(form, "json_holder"):  # read with the lock
        return gathered.holder(form)
    found = Ticket.objects.filter(team_id=form.team_id, customer_id=form.customer_id, status__in=UNRESOLVED, holder__isnull=False)
    ticket = found.select_related("holder").order_by("-id").first()
    return ticket.holder if ticket else None


def live(signatures: Iterable[Signature]) -> list[Signature]:
    """Of these the ones that count."""
    return [x for x in signatures if getattr(x, "voiding", None) is None]


def void(held: Locked, signatures: Iterable[Signature], cause: str, changed: list[str] | None = None) -> list[int]:
    """R5: declare signatures void, for good. Returns their ids."""
    rows = [
        Voiding(signature=signature, cause=cause, changed=changed or [], by=held.person, name=held.person.display_name, at=held.at)
        for signature in signatures
    ]
    Voiding.objects.bulk_create(rows)
    return [row.signature_id for row in rows]


def sign(held: Locked, stage: str, meaning: str, part: scope.Part) -> Signature:
    """Put the actor's hand under a stage. Refuses `same_hand` (R4)."""
    form, standing = held.form, held.standing
    given = [(x.stage, x.member_id) for x in held.signatures if x.revision == form.revision]
    if any(other == held.person.pk for name, other in given if name != stage) or (stage != Stage.INITIATOR and held.edited):
        raise Refused("same_hand", SAME_HAND)
    signature = Signature(
        form=form,
        stage=stage,
        member=held.person,
        name=held.person.display_name,
        meaning=meaning,
        revision=form.revision,
        take=1 + sum(1 for name, _other in given if name == stage),
        base=standing[-1] if standing else None,
        part=scope.frozen(part),
        at=held.at,
    )
    signature.hash = scope.digest(signature, [scope.canonical(found.part) for found in [*standing, signature]])
    signature.save(force_insert=True)
    held.signatures.append(signature)
    return signature


def editable(form: ReturnForm) -> None:
    """Refuse `wrong_state` where the content can no longer change."""
    expect(form, *EDITABLE)
