"""The clock's word on stages that are overdue: each is told once to each who must act."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from tickets.activity.actions import alert
from tickets.activity.models import Alert
from tickets.people.models import Member, Role, Team
from tickets.return_form.models import ReturnForm, State
from tickets.return_form.queries.desks import DUE, late

WHO = {State.SUBMITTED: Role.WAREHOUSE, State.INSPECTED: Role.MANAGER}
"""Whose stage it is; from the decision on, after-sale's."""
NEWS = timedelta(days=7)
"""What is late for longer was told long ago, or the clock stood still: board and digest have it all the same."""
BATCH = 500


def tell_overdue(*, at: datetime) -> int:
    """Alert whoever must act on a stage whose due time has passed at `at`: once a person, stage and due time (a due time that is moved
    is told anew). Where nobody has the role the lead is told. Safe with several workers. Returns how many forms were told of."""
    teams = Team.objects.filter(pk__in=ReturnForm.objects.filter(late(at, since=at - NEWS)).values("team")).select_related("lead")
    return sum(_tell_team(team, at) for team in teams)


@transaction.atomic
def _tell_team(team: Team, at: datetime) -> int:
    people = list(Member.objects.filter(team=team).active())
    forms = list(ReturnForm.objects.filter(late(at, since=at - NEWS), team=team).select_related("ticket").order_by("id")[:BATCH])
    told = set(Alert.objects.filter(member__in=people, key__in=[key_of(form) for form in forms]).values_list("key", flat=True))
    new = [form for form in forms if key_of(form) not in told]
    for form in new:
        what = {"form": form.pk, "number": form.number, "subject": form.number, "state": form.state, "due_at": due_of(form)}
        alert(_who(form, people, team), "return_form.overdue", key=key_of(form), at=at, ticket=form.ticket, **what)
    return len(new)


def _who(form: ReturnForm, people: Iterable[Member], team: Team) -> list[Member]:
    role = WHO.get(State(form.state), Role.AFTER_SALE)
    return [member for member in people if member.has_role(role)] or ([team.lead] if team.lead else [])


def due_of(form: ReturnForm) -> datetime:
    """When the present stage of an overdue form was due (UTC)."""
    due: datetime = getattr(form, DUE[State(form.state)])
    return due


def key_of(form: ReturnForm) -> str:
    return f"return_form_overdue:{form.pk}:{DUE[State(form.state)]}:{due_of(form):%Y%m%dT%H%M%S}"
