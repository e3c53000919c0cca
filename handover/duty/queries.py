"""Who is actually at work."""

from __future__ import annotations

from handover.duty.models import Duty
from tickets.people.models import Member, Team


def running_duty(member: Member) -> Duty | None:
    """The person's duty that has not ended, with its shift."""
    return Duty.objects.running().filter(member=member).select_related("shift", "team", "member__team").first()


def running_duties(team: Team) -> list[Duty]:
    """Everybody's running duty, by name."""
    found = Duty.objects.running().filter(team=team).select_related("member__presence", "member__user", "shift")
    return list(found.order_by("member__display_name"))
