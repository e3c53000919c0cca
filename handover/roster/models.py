"""Who is meant to work when. Wall-clock patterns become shifts, which are instants."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member, Team


class ShiftPattern(models.Model):
    """A shift as the wall clock of the team knows it: 22:00-08:00. An end at or before the start is on the next day."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="patterns")
    name = models.CharField(_("name"), max_length=40)
    starts = models.TimeField(_("starts"))
    ends = models.TimeField(_("ends"))
    min_people = models.PositiveSmallIntegerField(_("people needed"), default=1)
    place = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["place", "starts"]
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="shift_pattern_name_is_unique")]

    def __str__(self) -> str:
        return f"{self.name} {self.starts:%H:%M}-{self.ends:%H:%M}"


class ShiftQuerySet(models.QuerySet["Shift"]):
    def visible_to(self, member: Member) -> ShiftQuerySet:
        return self.filter(team_id=member.team_id)

    def running(self, at: datetime) -> ShiftQuerySet:
        """Start inclusive, end exclusive."""
        return self.filter(starts_at__lte=at, ends_at__gt=at)

    def between(self, start: datetime, end: datetime) -> ShiftQuerySet:
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class Shift(models.Model):
    """One shift of one day: the instants `[starts_at, ends_at)`. `business_date` is the day it starts, in the team's zone."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="shifts")
    pattern = models.ForeignKey(ShiftPattern, models.PROTECT, null=True, blank=True, related_name="shifts")
    name = models.CharField(_("name"), max_length=40)
    business_date = models.DateField(_("date"))
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    min_people = models.PositiveSmallIntegerField(_("people needed"), default=1)

    objects = ShiftQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="shift_ends_after_it_starts"),
            models.UniqueConstraint(
                fields=["team", "pattern", "business_date"], condition=Q(pattern__isnull=False), name="shift_is_made_once"
            ),
        ]
        indexes = [models.Index(fields=["team", "starts_at"], name="shift_by_start")]

    def __str__(self) -> str:
        return f"{self.name} {self.business_date}"


class RosterEntry(models.Model):
    """One person on one shift, or on a part of it. A person's entries never overlap."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="entries")
    member = models.ForeignKey(Member, models.PROTECT, related_name="roster")
    during = DateTimeRangeField()
    covers = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", help_text=_("The entry this one stands in for.")
    )

    class Meta:
        ordering = ["during", "id"]
        constraints = [
            ExclusionConstraint(
                name="roster_entries_of_a_person_do_not_overlap",
                expressions=[("member", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=Q(during__isempty=False), name="roster_entry_is_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} on {self.shift_id}"


class Absence(models.Model):
    """Leave, illness: the person is not to be counted on in this range."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, models.PROTECT, related_name="absences")
    during = DateTimeRangeField()
    reason = models.CharField(_("reason"), max_length=120, blank=True)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="absences_of_a_person_do_not_overlap",
                expressions=[("member", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=Q(during__isempty=False), name="absence_is_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.during}"


class Swap(models.Model):
    """Somebody asks to be replaced on an entry; a colleague takes it; a manager approves."""

    class State(models.TextChoices):
        OPEN = "open", _("Looking for somebody")
        TAKEN = "taken", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    entry = models.ForeignKey(RosterEntry, models.CASCADE, related_name="swaps")
    asked_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    note = models.CharField(_("note"), max_length=200, blank=True)
    taken_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    decided_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry"], condition=Q(state__in=["open", "taken"]), name="swap_is_asked_once_per_entry"),
            models.CheckConstraint(condition=~Q(taken_by=F("asked_by")), name="swap_is_not_taken_by_its_asker"),
            models.CheckConstraint(
                condition=~Q(state__in=["taken", "approved"]) | Q(taken_by__isnull=False), name="swap_taken_says_by_whom"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.state}"
