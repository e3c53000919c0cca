"""What a customer was told would happen."""

from __future__ import annotations

from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member, Team
from tickets.ticket.models.ticket import Ticket


class PromiseQuerySet(models.QuerySet["Promise"]):
    def visible_to(self, member: Member) -> PromiseQuerySet:
        return self.filter(team_id=member.team_id)

    def unkept(self) -> PromiseQuerySet:
        """Still to be kept: open, or broken and not yet made good."""
        return self.filter(status__in=["open", "broken"])

    def due_before(self, at: datetime) -> PromiseQuerySet:
        return self.filter(due_at__lt=at)


class Promise(models.Model):
    """What a customer was told would happen, by when, and who sees to it (`owner` empty: the pool and its lead).

    `broken` is set by the clock after `due_at`; a broken promise can still be kept, late (`closed_at` after `due_at`).
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        KEPT = "kept", _("Kept")
        BROKEN = "broken", _("Broken")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="promises")
    text = models.CharField(_("promise"), max_length=300)
    due_at = models.DateTimeField(_("due"))
    owner = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="promises")
    made_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    status = models.CharField(max_length=9, choices=State, default=State.OPEN)
    broken_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="promise_says_what"),
            models.CheckConstraint(
                condition=Q(status__in=["open", "broken"]) ^ Q(closed_at__isnull=False), name="promise_closed_has_an_instant"
            ),
            models.CheckConstraint(condition=~Q(status="withdrawn") | ~Q(reason=""), name="promise_withdrawn_says_why"),
            models.CheckConstraint(condition=~Q(status="broken") | Q(broken_at__gte=F("due_at")), name="promise_breaks_after_its_due_time"),
        ]
        indexes = [
            models.Index(fields=["team", "due_at", "id"], condition=Q(status__in=["open", "broken"]), name="promise_unkept_by_due"),
            models.Index(fields=["owner", "due_at", "id"], condition=Q(status__in=["open", "broken"]), name="promise_unkept_of_owner"),
            models.Index(fields=["team", "due_at"], name="promise_by_due"),
            models.Index(fields=["due_at"], condition=Q(status="open"), name="promise_open_by_due"),
        ]
        triggers = [
            pgtrigger.Protect(name="promise_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="promise_owner_is_able",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("owner_id", "status"),
                condition=pgtrigger.Q(new__owner__isnull=False, new__status__in=["open", "broken"]),
                func="""
                    IF NOT EXISTS (SELECT 1 FROM tickets_member m WHERE m.id = NEW.owner_id AND m.team_id = NEW.team_id AND m.is_active
                                   AND m.roles && ARRAY['agent', 'after_sale', 'manager']::varchar[] FOR SHARE) THEN
                        RAISE EXCEPTION 'promise_owner_is_able' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.text
