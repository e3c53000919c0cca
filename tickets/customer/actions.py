"""What changes customers: the only writer of customers and handles, beside imports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import record
from tickets.customer import rules
from tickets.customer.models import KIND_OF_PLATFORM, Customer, Handle, HandleKind, handle_key
from tickets.customer.queries import living
from tickets.people.models import Member, Team
from tickets.web.refusals import Refused

NO_SUCH_KIND = _("There is no such kind of handle.")
NO_PHONE = _("This is not a phone number.")
MASKED = _("A masked handle does not tell one buyer from another. Ask for the full one.")
ELSEWHERE = _("%(handle)s belongs to another customer, %(name)s.")
SAME = _("This is the same customer.")
MERGED_ALREADY = _("This customer was merged into another already.")
ONE_AT_LEAST = _("Give a name or a handle.")

merge_hooks: list[Callable[[Customer, Customer], dict[str, int]]] = []
"""Called as hook(source, target) inside the transaction: rooms above move what they keep of a customer, and say how much of what."""


def find(team: Team, kind: str, value: str) -> Customer | None:
    """The customer with this handle, or None."""
    key = handle_key(KIND_OF_PLATFORM.get(kind, kind), value, team.region)
    if not key:
        return None
    found = Handle.objects.filter(team=team, kind=KIND_OF_PLATFORM.get(kind, kind), key=key).select_related("customer").first()
    return found.customer if found else None


@transaction.atomic
def find_or_create(team: Team, *, kind: str, value: str, name: str = "", by: Member | None, at: datetime | None = None) -> Customer:
    """The customer with this handle, made where it is new; two people who paste it at once get the same one.

    `kind` is a `HandleKind` or a platform. Refuses `invalid` for an unknown kind, a masked handle, or a phone that is none.
    """
    at = at or timezone.now()
    kind, key = _checked(team, kind, value)
    found = find(team, kind, value)
    if found is not None:
        return found
    try:
        with transaction.atomic():
            customer = Customer.objects.create(team=team, name=name.strip()[:120], created_at=at)
            Handle.objects.create(team=team, customer=customer, kind=kind, value=value.strip()[:160], key=key, created_at=at)
    except IntegrityError:
        return Handle.objects.select_related("customer").get(team=team, kind=kind, key=key).customer
    record("customer.created", team=team, actor=by, at=at, customer=customer, name=customer.name, kind=kind, handle=value.strip()[:160])
    return customer


def hold_living(customer: Customer) -> Customer:
    """The customer that this one has become (itself, where it was not merged), its row locked until the transaction ends: nobody merges
    it away meanwhile, and of two who look at once for what is open the second sees what the first has opened (C7)."""
    customer, seen = living(customer), set[int]()
    while customer.pk not in seen:
        seen.add(customer.pk)
        row = Customer.objects.select_for_update(no_key=True).only("merged_into").get(pk=customer.pk)
        customer = row.merged_into or customer
    return customer


@transaction.atomic
def create(team: Team, *, name: str, note: str = "", by: Member | None, at: datetime | None = None) -> Customer:
    """A customer of whom only the name is known. Refuses `invalid` without one."""
    if not name.strip():
        raise Refused("invalid", errors={"name": [ONE_AT_LEAST]})
    customer = Customer.objects.create(team=team, name=name.strip()[:120], note=note.strip(), created_at=at or timezone.now())
    record("customer.created", team=team, actor=by, at=at, customer=customer, name=customer.name)
    return customer


@transaction.atomic
def edit(customer: Customer, *, by: Member, at: datetime | None = None, **changes: str) -> Customer:
    """Change name or note. Refuses `wrong_state` for a merged customer."""
    locked = _locked(customer)
    before = {
        name: getattr(locked, name) for name in ("name", "note") if name in changes and changes[name].strip() != getattr(locked, name)
    }
    if not before:
        return locked
    for name in before:
        setattr(locked, name, changes[name].strip())
    locked.save(update_fields=list(before))
    record(
        "customer.edited", team=locked.team, actor=by, at=at, customer=locked, before=before, after={n: getattr(locked, n) for n in before}
    )
    return locked


@transaction.atomic
def add_handle(customer: Customer, *, kind: str, value: str, by: Member, at: datetime | None = None) -> Handle:
    """Give a customer one more name. Refuses `duplicate` (with `customer`) where it is another's, `invalid` as `find_or_create`."""
    at = at or timezone.now()
    locked = _locked(customer)
    kind, key = _checked(locked.team, kind, value)
    other = Handle.objects.filter(team=locked.team, kind=kind, key=key).select_related("customer").first()
    if other is not None:
        if other.customer_id == locked.pk:
            return other
        raise Refused("duplicate", ELSEWHERE % {"handle": other.value, "name": str(other.customer)}, customer=other.customer_id)
    try:
        with transaction.atomic():
            handle = Handle.objects.create(team=locked.team, customer=locked, kind=kind, value=value.strip()[:160], key=key, created_at=at)
    except IntegrityError as clash:
        raise Refused("duplicate", ELSEWHERE % {"handle": value, "name": "?"}) from clash
    record("customer.handle_added", team=locked.team, actor=by, at=at, customer=locked, kind=kind, handle=_shown(kind, value))
    return handle


@transaction.atomic
def unmask(handle: Handle, *, by: Member, at: datetime | None = None) -> str:
    """The full phone number, one at a time; that somebody looked is in the ledger (A2)."""
    record(
        "customer.unmasked",
        team=handle.team,
        actor=by,
        at=at,
        customer=handle.customer,
        kind=handle.kind,
        handle=_shown(handle.kind, handle.value),
    )
    return handle.value


@transaction.atomic
def merge(source: Customer, target: Customer, *, by: Member, at: datetime | None = None) -> Customer:
    """Make `source` a part of `target`: handles, orders and matters move, the target's own values win, `source` points to it.

    The ledger is not rewritten: a customer's timeline reads those of whoever was merged into it. Rows are locked by id, so two
    opposite merges at once cannot wait for each other; the second is refused. Refuses `wrong_state` for itself, for a customer that
    was merged already, `not_found` for another team's.
    """
    at = at or timezone.now()
    if source.pk == target.pk:
        raise Refused("wrong_state", SAME)
    both = {c.pk: c for c in Customer.objects.select_for_update().filter(pk__in=[source.pk, target.pk], team=by.team_id).order_by("pk")}
    if len(both) < 2:
        raise Refused("not_found")
    source, target = both[source.pk], both[target.pk]
    if source.merged_into_id or target.merged_into_id:
        raise Refused("wrong_state", MERGED_ALREADY)
    moved = Handle.objects.filter(customer=source).update(customer=target)
    facts: dict[str, Any] = {"source": source.pk, "name": source.name, "handles": moved}
    for hook in merge_hooks:
        facts |= hook(source, target)
    target.name, target.note = target.name or source.name, rules.merged_text(target.note, source.note)
    target.save(update_fields=["name", "note"])
    Customer.objects.filter(merged_into=source).update(merged_into=target)  # one step to the living one, always
    source.merged_into = target
    source.save(update_fields=["merged_into"])
    record("customer.merged", team=target.team, actor=by, at=at, customer=target, **facts)
    return target


def _locked(customer: Customer) -> Customer:
    locked = Customer.objects.select_for_update(of=("self",)).select_related("team").get(pk=customer.pk)
    if locked.merged_into_id is not None:
        raise Refused("wrong_state", MERGED_ALREADY, into=locked.merged_into_id)
    return locked


def _checked(team: Team, kind: str, value: str) -> tuple[str, str]:
    kind = KIND_OF_PLATFORM.get(kind, kind)
    if kind not in HandleKind.values:
        raise Refused("invalid", errors={"kind": [NO_SUCH_KIND]})
    if not rules.identifies(value):
        raise Refused("invalid", errors={"handle": [MASKED if value.strip() else ONE_AT_LEAST]})
    key = handle_key(kind, value, team.region)
    if not key:
        raise Refused("invalid", errors={"handle": [NO_PHONE]})
    return kind, key


def _shown(kind: str, value: str) -> str:
    """How the ledger writes a handle: phones masked, as everywhere."""
    digits = value.strip()
    return f"{digits[:3]}****{digits[-4:]}" if kind == HandleKind.PHONE and len(digits) > 7 else digits[:160]
