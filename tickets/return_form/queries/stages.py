"""Where the team's open forms stand: how many in each stage, since when the oldest, and how many are late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce

from tickets.people.models import Member
from tickets.return_form.models import ReturnForm
from tickets.return_form.models.words import OPEN, State


@dataclass(frozen=True)
class Stage:
    """`since` is when the oldest came into it (UTC); `late` counts those past the due time of their stage."""

    state: State
    count: int
    since: datetime
    late: int


def stages(member: Member, at: datetime) -> list[Stage]:
    """The stages that have forms, in the order a form goes through them; one query."""
    late = (
        Q(state=State.SUBMITTED, count_by__lt=at)
        | Q(state=State.INSPECTED, decide_by__lt=at)
        | Q(state__in=[State.APPROVED, State.PARTLY_APPROVED, State.REJECTED, State.SETTLING], settle_by__lt=at)
    )
    rows = (
        ReturnForm.objects.visible_to(member)
        .open()
        .order_by()
        .values("state")
        .annotate(
            count=Count("pk"),
            late=Count("pk", filter=late),
            since=Min(Coalesce("decided_at", "inspected_at", "submitted_at", "filed_at")),
        )
    )
    found = {row["state"]: row for row in rows}
    return [
        Stage(state, found[state]["count"], found[state]["since"], found[state]["late"])
        for state in State
        if state in found and state in OPEN
    ]
