"""Why customers turn to us and how matters end, as the team words it."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member, Team


class ReasonQuerySet(models.QuerySet["Reason"]):
    def visible_to(self, member: Member) -> ReasonQuerySet:
        return self.filter(team_id=member.team_id)

    def leaves(self) -> ReasonQuerySet:
        """What may be chosen: active, and nothing below it."""
        return self.filter(is_active=True, children__isnull=True)


class Reason(models.Model):
    """Why customers turn to us: a list of two levels that the team edits. Only a leaf may be chosen."""

    class Fault(models.TextChoices):
        CUSTOMER = "customer", _("Customer's choice")
        OURS = "ours", _("Our fault")
        NOBODY = "nobody", _("Nobody's fault")

    team = models.ForeignKey(Team, models.CASCADE, related_name="reasons")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    name = models.CharField(_("name"), max_length=60)
    fault = models.CharField(_("fault"), max_length=8, choices=Fault, default=Fault.NOBODY)
    is_active = models.BooleanField(_("in use"), default=True)
    place = models.PositiveSmallIntegerField(default=0)

    objects = ReasonQuerySet.as_manager()

    class Meta:
        ordering = ["place", "name"]
        constraints = [
            models.UniqueConstraint(fields=["team", "parent", "name"], nulls_distinct=False, name="reason_name_is_unique_under_its_parent"),
            models.CheckConstraint(condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="reason_is_not_its_own_parent"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="reason_has_two_levels_at_most",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id"),
                condition=pgtrigger.Q(new__parent__isnull=False),
                func="""
                    IF EXISTS (SELECT 1 FROM tickets_reason p WHERE p.id = NEW.parent_id
                               AND (p.parent_id IS NOT NULL OR p.team_id <> NEW.team_id))
                       OR EXISTS (SELECT 1 FROM tickets_reason c WHERE c.parent_id = NEW.id) THEN
                        RAISE EXCEPTION 'reason_has_two_levels_at_most' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="reason_that_was_chosen_stays_a_leaf",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id"),
                condition=pgtrigger.Q(new__parent__isnull=False),
                func="""
                    PERFORM 1 FROM tickets_reason p WHERE p.id = NEW.parent_id FOR UPDATE;  -- after whoever chooses it just now
                    IF EXISTS (SELECT 1 FROM tickets_ticket t WHERE t.reason_id = NEW.parent_id)
                       OR EXISTS (SELECT 1 FROM tickets_returnline l WHERE l.reason_id = NEW.parent_id) THEN
                        RAISE EXCEPTION 'reason_that_was_chosen_stays_a_leaf' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Resolution(models.Model):
    """How a matter ended, as the team words it."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="resolutions")
    name = models.CharField(_("name"), max_length=60)
    is_active = models.BooleanField(_("in use"), default=True)
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["place", "name"]
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="resolution_name_is_unique")]

    def __str__(self) -> str:
        return self.name
