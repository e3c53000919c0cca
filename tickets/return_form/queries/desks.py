"""Who must act on what: the three desks, what waits for one person, what is overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.utils import timezone

from tickets.people.models import Member, Role, Team
from tickets.return_form.models import FormRevision, ReturnForm, ReturnLine, State

SETTLE = (State.APPROVED, State.PARTLY_APPROVED, State.REJECTED, State.SETTLING)
DUE = {State.SUBMITTED: "count_by", State.INSPECTED: "decide_by"} | dict.fromkeys(SETTLE, "settle_by")


@dataclass(frozen=True)
class Waiting:
    """One form that waits for somebody: `what` is `sign`, `answer`, `finish` or `settle`; `due` an instant or None."""

    form: ReturnForm
    what: str
    due: datetime | None


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


def to_decide(member: Member) -> QuerySet[ReturnForm]:
    """What waits for a manager whose hand may sign it, the most urgent first."""
    ours = ReturnForm.objects.filter(team_id=member.team_id, state=State.INSPECTED)
    return ours.filter(~_edited_by(member)).order_by("decide_by", "id")


def like(forms: QuerySet[ReturnForm], case: ReturnForm) -> QuerySet[ReturnForm]:
    """Of these the ones of which the same was asked for the same reasons, and the warehouse found alike: as asked, or not."""
    lines = list(case.lines.all())
    asked = Q()
    for line in lines:
        asked |= Q(resolution=line.resolution, reason=line.reason_id)
    of_form = ReturnLine.objects.filter(form=OuterRef("pk"))
    otherwise = Exists(of_form.filter(Q(damaged__gt=0) | Q(wrong__gt=0) | Q(missing__gt=0)))
    found = otherwise if any(line.damaged or line.wrong or line.missing for line in lines) else ~otherwise
    alike = forms.filter(found, ~Exists(of_form.exclude(asked)), outcome=case.outcome)
    return alike.exclude(excess=[]) if case.excess else alike.filter(excess=[])


WHAT = {State.SUBMITTED: "sign", State.INSPECTED: "sign", State.SENT_BACK: "answer", State.DRAFT: "finish"}
"""What a form in this state waits for; from the decision on, to be settled."""


def most_urgent(member: Member, limit: int = 50) -> QuerySet[ReturnForm]:
    """The forms that wait for this person's hand, by `due`, for one query: of each desk its most urgent, each found by its own index."""
    parts = [forms.order_by(due, "id").values("pk")[:limit] for _what, forms, due in _desks(member)]
    if not parts:
        return ReturnForm.objects.none()
    first, *others = parts
    due = Case(*[When(state=state, then=F(name)) for state, name in DUE.items()], default=None)
    found = ReturnForm.objects.filter(pk__in=first.union(*others, all=True) if others else first).annotate(due=due)
    return found.order_by(F("due").asc(nulls_last=True), "id")[:limit]


def most_urgent_ids(member: Member, limit: int = 50) -> list[int]:
    """The ids of `most_urgent`; its statement is composed once for each set of roles, which takes longer than running it."""
    sql, params = _composed(frozenset(member.roles), limit)
    if not sql:
        return []
    values = {MEMBER: member.pk, TEAM: member.team_id}
    with connection.cursor() as cursor:
        cursor.execute(sql, [values.get(param, param) for param in params])
        return [row[0] for row in cursor.fetchall()]


MEMBER, TEAM = 9_100_000_000_000_000, 9_100_000_000_000_001
"""What stands for the two ids while a statement is composed."""


@cache
def _composed(roles: frozenset[str], limit: int) -> tuple[str, tuple[Any, ...]]:
    anybody = Member(pk=MEMBER, team_id=TEAM, roles=sorted(roles))
    found = most_urgent(anybody, limit).values_list("pk")
    try:
        sql, params = found.query.sql_with_params()
    except EmptyResultSet:
        return "", ()
    return sql, tuple(params)


def waiting_at_once(member: Member, *, limit: int = 50) -> list[Waiting]:
    """The same in one query for all desks, as the digest asks it; by due time."""
    found: Any = most_urgent(member, limit)
    if found.query.is_empty():  # whoever signs nothing: even nothing takes a millisecond to compose
        return []
    found = found.select_related("order", "customer")
    return [Waiting(form, WHAT.get(State(form.state), "settle"), form.due) for form in found]


def waiting_count(member: Member) -> int:
    """How many forms wait for this person."""
    return sum(forms.count() for _what, forms, _due in _desks(member))


STAGES = (((State.SUBMITTED,), "count_by"), ((State.INSPECTED,), "decide_by"), (SETTLE, "settle_by"))
"""States, and the column their stage is due by."""


def late(at: datetime, since: datetime | None = None) -> Q:
    """Forms whose present stage is overdue at the instant; with `since`, only those that became so after it."""
    until, after = {"lte": at}, {"gt": since} if since else {}
    found = Q(pk__in=[])
    for states, due in STAGES:
        found |= Q(state__in=states, **{f"{due}__{how}": instant for how, instant in (until | after).items()})
    return found


def overdue(team: Team, at: datetime | None = None, *, limit: int = 50) -> list[Waiting]:
    """The stages of a team that are overdue at the instant, the `limit` longest, longest first: for the board and for whoever must act."""
    at = at or timezone.now()
    ours = ReturnForm.objects.filter(team=team)
    parts = [
        ours.filter(state__in=states, **{f"{due}__lte": at}).order_by(due, "id").values("pk")[:limit] for states, due in STAGES
    ]  # each read along its own index
    rows = ReturnForm.objects.filter(pk__in=parts[0].union(*parts[1:], all=True)).select_related("order", "customer")
    found = [Waiting(form, "settle" if form.state in SETTLE else "sign", getattr(form, DUE[State(form.state)])) for form in rows]
    return sorted(found, key=lambda row: (row.due or at, row.form.pk))[:limit]
