"""What the clock does to the roster; each may run twice without doing anything twice."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from handover.roster.actions.patterns import materialise
from handover.roster.actions.planning import refresh_next
from handover.roster.actions.swaps import lapse_begun
from tickets.people.models import Member, Team


@app.periodic(cron="*/5 * * * *", periodic_id="refresh_next")
@app.task(name="roster.refresh_next", queueing_lock="roster.refresh_next")
def refresh_everybody(timestamp: int) -> None:
    """Every five minutes: shifts that have ended make room for the next ones in everybody's presence."""
    at = timezone.now()
    for team in Team.objects.values_list("pk", flat=True):
        refresh_next(Member.objects.filter(team=team, is_active=True).values_list("pk", flat=True), at)


@app.periodic(cron="* * * * *", periodic_id="lapse_swaps")
@app.task(name="roster.lapse_swaps", queueing_lock="roster.lapse_swaps")
def lapse_swaps(timestamp: int) -> None:
    """Every minute: a swap that nobody decided before its shift began is over."""
    lapse_begun()


@app.periodic(cron="7 * * * *", periodic_id="materialise")
@app.task(name="roster.materialise", queueing_lock="roster.materialise")
def make_shifts(timestamp: int) -> None:
    """Every hour: each team's shifts of the weeks ahead are there. Hourly, since midnight comes at a different hour in every zone."""
    for team in Team.objects.all():
        materialise(team)
