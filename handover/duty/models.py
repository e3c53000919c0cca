"""Duty: actually at work, from the gate to the signed note."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from handover.roster.models import Shift
from tickets.people.models import Member, Team


class DutyQuerySet(models.QuerySet["Duty"]):
    def visible_to(self, member: Member) -> DutyQuerySet:
        return self.filter(team_id=member.team_id)

    def running(self) -> DutyQuerySet:
        return self.filter(ended_at__isnull=True)


class Duty(models.Model):
    """One stretch of work of one person. `lapses_at` closes the workspace by itself: shift end plus the team's grace."""

    class End(models.TextChoices):
        SIGNED = "signed", _("note signed")
        ON_BEHALF = "on_behalf", _("ended by a manager")
        LAPSED = "lapsed", _("not ended; closed by the clock")
        DEPARTURE = "departure", _("left the team")

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, models.PROTECT, related_name="duties")
    shift = models.ForeignKey(Shift, models.PROTECT, null=True, blank=True, related_name="duties")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    let_in_reason = models.TextField(blank=True, help_text=_("Why a manager let this person in without the digest."))
    until = models.DateTimeField(null=True, blank=True)
    lapses_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    end = models.CharField(max_length=9, choices=End, blank=True)
    end_reason = models.TextField(blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(ended_at__isnull=True), name="duty_runs_once_per_person"),
            models.CheckConstraint(condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")), name="duty_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(ended_at__isnull=True) ^ ~Q(end=""), name="duty_ended_says_how"),
            models.CheckConstraint(
                condition=Q(started_by=F("member")) | ~Q(let_in_reason=""), name="duty_started_for_somebody_else_says_why"
            ),
            models.CheckConstraint(condition=~Q(end="on_behalf") | ~Q(end_reason=""), name="duty_ended_for_somebody_else_says_why"),
            models.CheckConstraint(condition=Q(let_in_reason="") | ~Q(started_by=F("member")), name="duty_let_in_is_by_somebody_else"),
            models.CheckConstraint(
                condition=~Q(end="on_behalf") | Q(ended_by__isnull=False) & ~Q(ended_by=F("member")),
                name="duty_on_behalf_is_by_somebody_else",
            ),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(lapses_at__gte=F("until")), name="duty_lapses_after_its_shift"),
        ]
        indexes = [
            models.Index(fields=["team"], condition=Q(ended_at__isnull=True), name="duty_running"),
            models.Index(fields=["member", "-started_at"], name="duty_of_member"),
            models.Index(fields=["lapses_at"], condition=Q(ended_at__isnull=True), name="duty_running_by_lapse"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="duty_ended_does_not_change",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__ended_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.member_id} from {self.started_at}"
