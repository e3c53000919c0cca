"""The roll-up of the reports, what in it is stale, and what people add to the figures."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handover.duty.models import Duty
from tickets.people.models import Member, Shop, Team


class Figure(models.Model):
    """One cell of the roll-up: how many of a fact, and how much, on one day (or in one month, `day` its first) of the team's time zone.

    `cut` says which dimensions are told apart (`report.facts.mask`); the others are empty. Written only by `report.counting`.
    """

    class Grain(models.TextChoices):
        DAY = "d", _("day")
        MONTH = "m", _("month")

    team = models.ForeignKey(Team, models.CASCADE, related_name="+", db_index=False)
    fact = models.CharField(max_length=12)
    grain = models.CharField(max_length=1, choices=Grain)
    cut = models.PositiveSmallIntegerField()
    day = models.DateField()
    shop = models.BigIntegerField(default=0)
    item = models.CharField(max_length=120, blank=True)
    reason = models.BigIntegerField(default=0)
    member = models.BigIntegerField(default=0)
    shift = models.CharField(max_length=40, blank=True)
    hour = models.SmallIntegerField(default=0)
    mark = models.CharField(max_length=20, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    n = models.BigIntegerField()
    amount = models.DecimalField(max_digits=20, decimal_places=4)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "fact", "grain", "cut", "day", "shop", "item", "reason", "member", "shift", "hour", "mark", "currency"],
                name="figure_is_counted_once",
            ),
            models.CheckConstraint(condition=Q(n__gt=0), name="figure_counts_something"),
        ]
        indexes = [
            # a chart of years reads a row for each day, which lie on as many pages of the table
            models.Index(
                fields=["team", "fact", "day"], include=["mark", "currency", "n", "amount"], condition=Q(grain="d", cut=0),
                name="figure_day_by_day",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.fact} {self.day}: {self.n}"


class HourFigure(models.Model):
    """How many (of people on duty: how many seconds) in each of the 24 `hours` of the wall clock, for the pressure.

    Of one day, or of one weekday (1 Monday) of a month or a year, whose first day `day` is; in all, or (`dim`, `key`) of one shop … .
    Written only by `report.hours`.
    """

    class Grain(models.TextChoices):
        DAY = "d", _("day")
        MONTH = "m", _("month")
        YEAR = "y", _("year")

    team = models.ForeignKey(Team, models.CASCADE, related_name="+", db_index=False)
    fact = models.CharField(max_length=12)
    dim = models.CharField(max_length=8, blank=True)
    grain = models.CharField(max_length=1, choices=Grain)
    day = models.DateField()
    weekday = models.SmallIntegerField()
    key = models.CharField(max_length=120, blank=True)
    hours = ArrayField(models.IntegerField(), size=24)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "fact", "dim", "grain", "day", "weekday", "key"], name="hour_figure_is_counted_once"),
            models.CheckConstraint(condition=Q(hours__len=24), name="hour_figure_has_every_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.fact} {self.day}: {sum(self.hours)}"


class StaleDay(models.Model):
    """A day whose figures must be counted anew: triggers write it in the transaction that changed a row. Without `day`: all of them.

    Deliberately without a unique constraint: two writers never wait for each other here.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="+", db_constraint=False)
    source = models.CharField(max_length=8)
    day = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.team_id} {self.source} {self.day}"


class StaleRow(models.Model):
    """Rows that changed, where telling the days of what hangs on them would cost the writer a look-up for each: the job looks them up.

    `kind` order: an order, its products, what tickets and forms count of it. link: a ticket's own days and its orders. ticket: all that
    is counted of a ticket. member: the time on duty. Written by triggers, in the transaction of the change, one row a statement.
    """

    kind = models.CharField(max_length=8)
    ids = ArrayField(models.BigIntegerField())

    def __str__(self) -> str:
        return f"{self.kind}: {len(self.ids)}"


class Surprise(models.Model):
    """Something that somebody was not told, said with one tap at the end of a shift. Once per duty; it never changes."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    duty = models.OneToOneField(Duty, models.PROTECT, related_name="surprise")
    text = models.CharField(_("what"), max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        triggers = [pgtrigger.Protect(name="surprise_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.text or f"{self.duty_id}"


class Target(models.Model):
    """What the team (or, with `shop`, one shop) wants a measure to be: `report.code` of the declared measures.

    `value` as the measure is stored: shares from 0 to 1, times in seconds, money; of a sum, what may come together in 15 days.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    shop = models.ForeignKey(Shop, models.CASCADE, null=True, related_name="+")
    measure = models.CharField(max_length=60)
    value = models.DecimalField(max_digits=14, decimal_places=4)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "shop", "measure"], name="target_is_set_once", nulls_distinct=False),
            models.CheckConstraint(condition=Q(value__gte=0), name="target_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.measure}: {self.value}"


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def visible_to(self, member: Member) -> ScheduleQuerySet:
        return self.filter(team_id=member.team_id)

    def running(self) -> ScheduleQuerySet:
        return self.filter(ended_at__isnull=True)


class Schedule(models.Model):
    """A view of a report that is sent regularly, at an hour of the team's clock. `query` is its address; each member gets what the member
    may read. `weekday` (1 Monday) of weekly ones, `monthday` (1 to 28, so that every month has it) of monthly ones."""

    class Every(models.TextChoices):
        DAY = "day", _("every day")
        WEEK = "week", _("every week")
        MONTH = "month", _("every month")

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    report = models.CharField(_("report"), max_length=20)
    query = models.CharField(max_length=500, blank=True)
    every = models.CharField(_("how often"), max_length=5, choices=Every)
    hour = models.PositiveSmallIntegerField(_("hour"))
    weekday = models.PositiveSmallIntegerField(_("weekday"), null=True)
    monthday = models.PositiveSmallIntegerField(_("day of the month"), null=True)
    members = models.ManyToManyField(Member, related_name="+")
    channels = models.BooleanField(_("also to the team's channels"), default=False)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(hour__lte=23), name="schedule_has_an_hour_of_the_day"),
            models.CheckConstraint(
                condition=(Q(every="day") & Q(weekday=None) & Q(monthday=None))
                | (Q(every="week") & Q(weekday__isnull=False, weekday__gte=1, weekday__lte=7) & Q(monthday=None))
                | (Q(every="month") & Q(monthday__isnull=False, monthday__gte=1, monthday__lte=28) & Q(weekday=None)),
                name="schedule_says_which_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report}{self.query} {self.every}"


class Sending(models.Model):
    """That a schedule was sent for a day: written in the transaction that puts the messages into the outbox, once."""

    schedule = models.ForeignKey(Schedule, models.PROTECT, related_name="sendings")
    day = models.DateField()
    at = models.DateTimeField()
    readers = models.PositiveIntegerField()

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["schedule", "day"], name="schedule_is_sent_once_a_period")]

    def __str__(self) -> str:
        return f"{self.schedule_id} {self.day}"


class SheetWeight(models.Model):
    """How much a figure counts in the performance sheets from a month on (`month` its first day); earlier sheets keep what they were."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    month = models.DateField()
    part = models.CharField(max_length=20)
    weight = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "part", "month"], name="sheet_weight_is_set_once_a_month"),
            models.CheckConstraint(condition=Q(weight__lte=100), name="sheet_weight_is_at_most_100"),
            models.CheckConstraint(condition=Q(month__day=1), name="sheet_weight_begins_with_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.month}: {self.weight}"


class SheetAnswer(models.Model):
    """What a member says to the own sheet of a month, or a manager to it. It never changes."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    month = models.DateField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    text = models.CharField(_("answer"), max_length=2000)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["member", "month"], name="answers_to_a_sheet")]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="sheet_answer_says_something"),
            models.CheckConstraint(condition=Q(month__day=1), name="sheet_answer_is_of_a_month"),
        ]
        triggers = [pgtrigger.Protect(name="sheet_answer_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.text


class ServiceDay(models.Model):
    """One customer-service account's day as the platform's tools (赤兔, 生意参谋) tell it. `account` empty: the shop as a whole.

    Empty values are not known, or not final yet where `pending` names them; a later export fills them in. Times in seconds, means.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="+", db_index=False)
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+")
    account = models.CharField(_("account"), max_length=80, blank=True)
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    day = models.DateField()
    asked = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    received = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    reply = models.DecimalField(max_digits=9, decimal_places=4, null=True, help_text=_("share of those who asked that was answered"))
    moved_in = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    moved_out = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    first = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    average = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    satisfied = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    rated = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    inquired = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    ordered = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    paid = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    paid_share = models.DecimalField(max_digits=9, decimal_places=4, null=True)
    pending = models.BooleanField(default=False, help_text=_("The export said of some figure: not final yet."))
    imported_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "day", "shop", "account"], name="service_day_is_one_per_account")]
        indexes = [models.Index(fields=["team", "account"], name="service_day_of_account")]

    def __str__(self) -> str:
        return f"{self.account} {self.day}"
