"""What the team says again and again, and what its shops run for a while."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member, Shop, Team
from tickets.script.rules import SHORTCUT
from tickets.ticket.models import Reason


class ScriptQuerySet(models.QuerySet["Script"]):
    def visible_to(self, member: Member) -> ScriptQuerySet:
        return self.filter(team_id=member.team_id)

    def in_use(self) -> ScriptQuerySet:
        """Not taken out of use."""
        return self.filter(ended_at__isnull=True)

    def for_shops(self, shops: list[int]) -> ScriptQuerySet:
        """Said in all shops, or in one of these."""
        return self.filter(Q(shop__isnull=True) | Q(shop__in=shops))


class Script(models.Model):
    """A quick reply. Its `body` may hold {customer}, {order} and {agent}; `/` and its `shortcut` bring it into an answer.

    Foreign keys over two columns (`one_team.py` of the migrations) hold shop, reason and team together.
    """

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("shop"))
    reason = models.ForeignKey(Reason, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reason"))
    shortcut = models.CharField(_("shortcut"), max_length=20)
    title = models.CharField(_("title"), max_length=80)
    body = models.TextField(_("reply"), max_length=4000)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ScriptQuerySet.as_manager()

    class Meta:
        ordering = ["shortcut", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "shortcut"], condition=Q(ended_at__isnull=True), name="script_shortcut_means_one_reply"
            ),
            models.CheckConstraint(condition=Q(shortcut__regex=SHORTCUT), name="script_shortcut_is_one_word"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(body=""), name="script_says_something"),
        ]

    def __str__(self) -> str:
        return self.title


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, member: Member) -> CampaignQuerySet:
        return self.filter(team_id=member.team_id)

    def running(self, at: datetime) -> CampaignQuerySet:
        """In force at the instant: its start belongs to it, its end does not."""
        return self.holding(at, at)

    def holding(self, at: datetime, until: datetime) -> CampaignQuerySet:
        """In force at the instant, or from some instant up to `until`."""
        return self.filter(starts_at__lte=until, ends_at__gt=at, ended_at__isnull=True)

    def coming(self, at: datetime) -> CampaignQuerySet:
        return self.filter(starts_at__gt=at, ended_at__isnull=True)

    def over(self, at: datetime) -> CampaignQuerySet:
        return self.filter(Q(ended_at__isnull=False) | Q(ends_at__lte=at))


class Campaign(models.Model):
    """What a shop runs from `starts_at` until `ends_at`, or until it is ended before that."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("shop"))
    name = models.CharField(_("name"), max_length=80)
    text = models.TextField(_("what agents must know"), max_length=2000)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="campaign_ends_after_it_starts"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(text=""), name="campaign_says_something"),
        ]
        indexes = [models.Index(fields=["team", "ends_at"], condition=Q(ended_at__isnull=True), name="campaign_not_ended")]

    def __str__(self) -> str:
        return self.name
