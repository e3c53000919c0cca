"""Who is meant to work when. Wall-clock patterns become shifts, which are instants."""

from __future__ import annotations

from datetime import datetime

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Deferrable, F, Q
from django.db.models.functions import Greatest, Lower
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member, Team

WITHIN_ITS_SHIFT = """
    IF EXISTS (
        SELECT 1 FROM handover_rosterentry e JOIN handover_shift s ON s.id = e.shift_id JOIN tickets_member m ON m.id = e.member_id
        WHERE e.{column} = NEW.id
            AND (NOT e.during <@ tstzrange(s.starts_at, s.ends_at) OR e.team_id <> s.team_id OR e.team_id <> m.team_id)
    ) THEN
        RAISE EXCEPTION 'roster_entry_lies_within_its_shift' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
"""


class ShiftPatternQuerySet(models.QuerySet["ShiftPattern"]):
    def visible_to(self, member: Member) -> ShiftPatternQuerySet:
        return self.filter(team_id=member.team_id)

    def active(self) -> ShiftPatternQuerySet:
        return self.filter(is_active=True)


class ShiftPattern(models.Model):
    """A shift as the wall clock of the team knows it: 22:00-08:00. An end at or before the start is on the next day."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="patterns")
    name = models.CharField(_("name"), max_length=40)
    letter = models.CharField(
        _("letter"), max_length=3, blank=True, help_text=_("What is typed for it in the week. Empty: made from the name.")
    )
    starts = models.TimeField(_("starts"))
    ends = models.TimeField(_("ends"))
    min_people = models.PositiveSmallIntegerField(_("people needed"), default=1)
    place = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = ShiftPatternQuerySet.as_manager()

    class Meta:
        ordering = ["place", "starts"]
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="shift_pattern_name_is_unique"),
            models.UniqueConstraint(
                "team", Lower("letter"), condition=~Q(letter="") & Q(is_active=True), name="shift_pattern_letter_is_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.starts:%H:%M}-{self.ends:%H:%M}"


class RosterCode(models.Model):
    """What a team writes in its roster's cells, said once: `晚` is the night shift, `假` is free (no pattern)."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    code = models.CharField(max_length=20)
    pattern = models.ForeignKey(ShiftPattern, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "code"], name="roster_code_means_one_thing"),
            models.CheckConstraint(condition=~Q(code=""), name="roster_code_is_not_empty"),
        ]

    def __str__(self) -> str:
        return self.code


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
        triggers = [
            pgtrigger.Trigger(
                name="shift_moves_with_its_entries",
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                operation=pgtrigger.UpdateOf("starts_at", "ends_at", "team_id"),
                func=WITHIN_ITS_SHIFT.format(column="shift_id"),
            ),
            pgtrigger.Trigger(
                name="shift_somebody_worked_does_not_change",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("starts_at", "ends_at", "business_date", "team_id") | pgtrigger.Delete,
                func="""
                    IF EXISTS (SELECT 1 FROM handover_duty d WHERE d.shift_id = OLD.id) THEN
                        RAISE EXCEPTION 'shift_somebody_worked_does_not_change' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN COALESCE(NEW, OLD);
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.business_date}"

    @property
    def span(self) -> tuple[datetime, datetime]:
        return self.starts_at, self.ends_at


class RosterEntryQuerySet(models.QuerySet["RosterEntry"]):
    def visible_to(self, member: Member) -> RosterEntryQuerySet:
        return self.filter(team_id=member.team_id)

    def at(self, at: datetime) -> RosterEntryQuerySet:
        """Start inclusive, end exclusive."""
        return self.filter(during__contains=at)

    def there_at(self, at: datetime) -> RosterEntryQuerySet:
        """Running at the instant, the person neither gone nor away nor signed off."""
        away = Absence.objects.filter(member=models.OuterRef("member"), during__contains=at)
        return self.at(at).filter(member__is_active=True, left_at__isnull=True).exclude(models.Exists(away))

    def to_work(self, at: datetime) -> RosterEntryQuerySet:
        """Still to be worked at the instant: not over, not signed off, and not all of what is left of it is leave."""
        left = models.Func(
            Greatest(models.OuterRef("during__startswith"), models.Value(at)),
            models.OuterRef("during__endswith"),
            function="tstzrange",
            output_field=DateTimeRangeField(),
        )
        away = Absence.objects.filter(member=models.OuterRef("member"), during__contains=left)
        return self.filter(during__endswith__gt=at, member__is_active=True, left_at__isnull=True).exclude(models.Exists(away))


class RosterEntry(models.Model):
    """One person on one shift, or on a part of it. A person's entries never overlap."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="entries")
    member = models.ForeignKey(Member, models.PROTECT, related_name="roster")
    during = DateTimeRangeField()
    instead_of = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", help_text=_("The person this one stands in for.")
    )
    left_at = models.DateTimeField(null=True, blank=True, help_text=_("When the person ended duty: over, though its hours may still run."))

    objects = RosterEntryQuerySet.as_manager()

    class Meta:
        ordering = ["during", "id"]
        indexes = [GistIndex(fields=["team", "during"], name="roster_entry_by_time", opclasses=["gist_int8_ops", "range_ops"])]
        triggers = [
            pgtrigger.Trigger(
                name="roster_entry_lies_within_its_shift",
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=WITHIN_ITS_SHIFT.format(column="id"),
            )
        ]
        constraints = [
            ExclusionConstraint(
                name="roster_entries_of_a_person_do_not_overlap",
                expressions=[("member", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                deferrable=Deferrable.IMMEDIATE,  # a pattern that moves by a day's length moves all its entries in one statement
            ),
            models.CheckConstraint(condition=Q(during__isempty=False), name="roster_entry_is_not_empty"),
            models.CheckConstraint(
                condition=Q(during__startswith__isnull=False, during__endswith__isnull=False), name="roster_entry_has_both_ends"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} on {self.shift_id}"

    @property
    def span(self) -> tuple[datetime, datetime]:
        return self.during.lower, self.during.upper


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def visible_to(self, member: Member) -> AbsenceQuerySet:
        return self.filter(team_id=member.team_id)


class Absence(models.Model):
    """Leave, illness: the person is not to be counted on in this range."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, models.PROTECT, related_name="absences")
    during = DateTimeRangeField()
    reason = models.CharField(_("reason"), max_length=120, blank=True)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["during", "id"]
        constraints = [
            ExclusionConstraint(
                name="absences_of_a_person_do_not_overlap",
                expressions=[("member", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=Q(during__isempty=False), name="absence_is_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.during}"

    @property
    def span(self) -> tuple[datetime, datetime]:
        return self.during.lower, self.during.upper


class SwapQuerySet(models.QuerySet["Swap"]):
    def visible_to(self, member: Member) -> SwapQuerySet:
        return self.filter(team_id=member.team_id)

    def undecided(self) -> SwapQuerySet:
        return self.filter(state__in=["open", "taken"])


class Swap(models.Model):
    """Somebody asks to be replaced on an entry; a colleague takes it; a manager approves."""

    class State(models.TextChoices):
        OPEN = "open", _("Looking for somebody")
        TAKEN = "taken", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        LAPSED = "lapsed", _("Nobody decided in time")

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    entry = models.ForeignKey(RosterEntry, models.CASCADE, related_name="swaps")
    asked_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    note = models.CharField(_("note"), max_length=200, blank=True)
    taken_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    decided_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    at = models.DateTimeField()

    objects = SwapQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["team", "-id"], name="swap_newest")]
        constraints = [
            models.UniqueConstraint(fields=["entry"], condition=Q(state__in=["open", "taken"]), name="swap_is_asked_once_per_entry"),
            models.CheckConstraint(condition=~Q(taken_by=F("asked_by")), name="swap_is_not_taken_by_its_asker"),
            models.CheckConstraint(
                condition=~Q(state__in=["taken", "approved"]) | Q(taken_by__isnull=False), name="swap_taken_says_by_whom"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "refused"]) | Q(decided_by__isnull=False), name="swap_decided_says_by_whom"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.state}"


class CalendarLink(models.Model):
    """The secret address under which a person's calendar program reads their shifts. Only the token's SHA-256 is kept."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(revoked_at__isnull=True), name="calendar_link_is_one_per_person")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} since {self.created_at}"
