"""Who must act on what: the three desks, what waits for one person, what is overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.utils import timezone

from tickets.people.models import Member, Role, Team
from tickets.return_form.models import FormRevision, Parcel, ReturnForm, State

SETTLE = (State.APPROVED, State.PARTLY_APPROVED, State.REJECTED, State.SETTLING)
DUE = {State.SUBMITTED: "count_by", State.INSPECTED: "decide_by"} | dict.fromkeys(SETTLE, "settle_by")


@dataclass(frozen=True)
class Waiting:
    """One form that waits for somebody: `what` is `sign`, `answer`, `finish` or `settle`; `due` an instant or None."""

    form: ReturnForm
    what: str
    due: datetime | None

    def is_overdue(self, at: datetime) -> bool:
        return self.due is not None and self.due <= at


def _edited_by(member: Member) -> Exists:
    return Exists(FormRevision.objects.filter(form=OuterRef("pk"), by=member, cause__in=("filed", "edited")))


def _desks(member: Member) -> list[tuple[str, QuerySet[ReturnForm], str]]:
    """(what, forms, the column they are due by) of each of the member's desks, most urgent first; a hand that may not sign has none."""
    ours = ReturnForm.objects.filter(team_id=member.team_id)
    found: list[tuple[str, QuerySet[ReturnForm], str]] = []
    if member.has_role(Role.WAREHOUSE):
        found.append(("sign", ours.filter(state=State.SUBMITTED).filter(~_edited_by(member)), "count_by"))
    if member.has_role(Role.MANAGER):
        found.append(("sign", ours.filter(state=State.INSPECTED).filter(~_edited_by(member)), "decide_by"))
    if member.has_role(Role.AFTER_SALE):
        found.append(("answer", ours.filter(state=State.SENT_BACK), "updated_at"))
        found.append(("finish", ours.filter(state=State.DRAFT, filed_by=member), "updated_at"))
        found.append(("settle", ours.filter(state__in=SETTLE), "settle_by"))
    return found


def waiting_for(member: Member, *, limit: int = 50) -> list[Waiting]:
    """What waits for this person's hand, by due time; one query for each of their desks."""
    found: list[Waiting] = []
    for what, forms, due in _desks(member):
        rows = forms.select_related("order", "customer").order_by(due, "id")[:limit]
        found += [Waiting(form, what, getattr(form, due) if due != "updated_at" else None) for form in rows]
    far = datetime.max.replace(tzinfo=timezone.get_default_timezone())
    return sorted(found, key=lambda row: (row.due or far, row.form.pk))[:limit]


def waiting_at_once(member: Member, *, limit: int = 50) -> list[Waiting]:
    """The same in one query for all desks, as the digest asks it; by due time."""
    mine = Q(pk__in=[])
    if member.has_role(Role.WAREHOUSE):
        mine |= Q(state=State.SUBMITTED) & ~Q(_edited_by(member))
    if member.has_role(Role.MANAGER):
        mine |= Q(state=State.INSPECTED) & ~Q(_edited_by(member))
    if member.has_role(Role.AFTER_SALE):
        mine |= Q(state__in=(State.SENT_BACK, *SETTLE)) | Q(state=State.DRAFT, filed_by=member)
    if not mine.children or not {Role.WAREHOUSE, Role.MANAGER, Role.AFTER_SALE} & set(member.roles):
        return []
    due = Case(*[When(state=state, then=F(name)) for state, name in DUE.items()], default=None)
    rows = ReturnForm.objects.filter(mine, team_id=member.team_id).annotate(due=due).select_related("order", "customer")
    what = {State.SUBMITTED: "sign", State.INSPECTED: "sign", State.SENT_BACK: "answer", State.DRAFT: "finish"}
    found = rows.order_by(F("due").asc(nulls_last=True), "id")[:limit]
    return [Waiting(form, what.get(State(form.state), "settle"), form.due) for form in found]


def waiting_count(member: Member) -> int:
    """How many forms wait for this person."""
    return sum(forms.count() for _what, forms, _due in _desks(member))


def late(at: datetime, since: datetime | None = None) -> Q:
    """Forms whose present stage is overdue at the instant; with `since`, only those that became so after it."""
    until, after = {"lte": at}, {"gt": since} if since else {}
    found = Q(pk__in=[])
    for states, due in (((State.SUBMITTED,), "count_by"), ((State.INSPECTED,), "decide_by"), (SETTLE, "settle_by")):
        found |= Q(state__in=states, **{f"{due}__{how}": instant for how, instant in (until | after).items()})
    return found


def overdue(team: Team, at: datetime | None = None, *, limit: int = 50) -> list[Waiting]:
    """The stages of a team that are overdue at the instant, longest first: for the board and for whoever must act."""
    at = at or timezone.now()
    rows = ReturnForm.objects.filter(late(at), team=team).select_related("order", "customer")[:limit]
    found = [Waiting(form, "settle" if form.state in SETTLE else "sign", getattr(form, DUE[State(form.state)])) for form in rows]
    return sorted(found, key=lambda row: row.due or at)


@dataclass(frozen=True)
class Desk:
    """The warehouse's lists, each oldest first: arrived and uncounted, to be signed, expected, and parcels that nobody claimed."""

    arrived: list[ReturnForm]
    to_sign: list[ReturnForm]
    expected: list[ReturnForm]
    unclaimed: list[Parcel]


def warehouse_desk(member: Member, *, at: datetime | None = None, limit: int = 50) -> Desk:
    """Four lists in two queries. Expected: submitted, not here yet, due within a day or already; the rest follows by its due time."""
    at = at or timezone.now()
    rows = list(
        ReturnForm.objects.filter(team_id=member.team_id, state=State.SUBMITTED)
        .select_related("order", "customer")
        .prefetch_related("lines__order_line")
        .order_by("count_by", "id")[: 3 * limit]
    )
    soon = at + timedelta(days=1)
    expected = [form for form in rows if form.received_at is None and not form.outcome]
    today = [form for form in expected if form.count_by is None or form.count_by <= soon]
    return Desk(
        arrived=[form for form in rows if form.received_at is not None and not form.outcome],
        to_sign=[form for form in rows if form.outcome],
        expected=today + [form for form in expected if form not in today],
        unclaimed=list(Parcel.objects.visible_to(member).unclaimed().order_by("arrived_at")[:limit]),
    )
