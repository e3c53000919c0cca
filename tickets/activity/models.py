"""The ledger: what happened, by whom, when. Rows are added and never change."""

from __future__ import annotations

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from tickets.people.models import Member, Team


class ActivityQuerySet(models.QuerySet["Activity"]):
    def visible_to(self, member: Member) -> ActivityQuerySet:
        return self.filter(team_id=member.team_id)

    def told(self) -> ActivityQuerySet:
        """With everything that telling it needs, newest last."""
        return self.select_related("actor", "ticket").order_by("id")


class Activity(models.Model):
    """One thing that happened. `code` and `data` are stored, the sentence is made when shown.

    `at` is the instant it happened (UTC); `id` is the order in which it was written. `actor` is empty where the clock acted.
    """

    id = models.BigAutoField(primary_key=True)
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    actor = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=40)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, null=True, related_name="+", db_index=False)
    customer = models.ForeignKey("tickets.Customer", models.PROTECT, null=True, related_name="+", db_index=False)
    order = models.ForeignKey("tickets.Order", models.PROTECT, null=True, related_name="+", db_index=False)
    return_form = models.ForeignKey("tickets.ReturnForm", models.PROTECT, null=True, related_name="+", db_index=False)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["team", "id"], name="activity_by_team"),
            models.Index(fields=["ticket", "id"], condition=Q(ticket__isnull=False), name="activity_of_ticket"),
            models.Index(fields=["customer", "id"], condition=Q(customer__isnull=False), name="activity_of_customer"),
            models.Index(fields=["order", "id"], condition=Q(order__isnull=False), name="activity_of_order"),
            models.Index(fields=["return_form", "id"], condition=Q(return_form__isnull=False), name="activity_of_return_form"),
            models.Index(fields=["team", "at"], name="activity_by_instant"),
            models.Index(fields=["team", "code", "id"], name="activity_by_code"),
        ]
        triggers = [pgtrigger.Protect(name="activity_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.code}"


class Alert(models.Model):
    """A thing one member must be told. `key` makes it told once."""

    id = models.BigAutoField(primary_key=True)
    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, models.CASCADE, related_name="alerts", db_index=False)
    code = models.CharField(max_length=40)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, null=True, related_name="+")
    key = models.CharField(max_length=120)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "key"], name="alert_is_told_once")]
        indexes = [models.Index(fields=["member", "-id"], condition=Q(seen_at__isnull=True), name="alert_unseen")]

    def __str__(self) -> str:
        return f"{self.code} → {self.member_id}"
