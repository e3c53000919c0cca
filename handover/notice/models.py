"""Standing facts that the next shifts must know."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from handover.notice.rules import said
from tickets.people.models import Member, Shop, Team


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, member: Member) -> NoticeQuerySet:
        return self.filter(team_id=member.team_id)

    def standing(self, at: datetime) -> NoticeQuerySet:
        """In force at the instant."""
        return self.filter(valid_from__lte=at, ended_at__isnull=True).filter(Q(valid_until__isnull=True) | Q(valid_until__gt=at))


class Notice(models.Model):
    """A fact with a time it holds. An edit raises `version`, and everybody reads it again."""

    class Kind(models.TextChoices):
        STOCK_OUT = "stock_out", _("Stock-out")
        PRICE = "price", _("Price change")
        COURIER = "courier", _("Courier")
        CAMPAIGN = "campaign", _("Campaign")
        ALARM = "alarm", _("Product alarm")
        OTHER = "other", _("Other")

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("shop"))
    kind = models.CharField(_("kind"), max_length=9, choices=Kind, default=Kind.OTHER)
    text = models.CharField(_("notice"), max_length=500)
    facts = models.JSONField(null=True, blank=True)
    """Code and data of what the system itself tells; shown is the sentence they make, `text` is that sentence as the lead had it."""
    valid_from = models.DateTimeField(_("from"))
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="notice_says_something"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")), name="notice_ends_after_it_begins"
            ),
        ]
        indexes = [models.Index(fields=["team", "-id"], condition=Q(ended_at__isnull=True), name="notice_not_ended")]

    def __str__(self) -> str:
        return self.text

    @property
    def said(self) -> str:
        """What it says, in the reader's language."""
        return said(self.facts, self.text)


class NoticeRead(models.Model):
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="reads", db_index=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "member", "version"], name="notice_is_read_once_per_version")]

    def __str__(self) -> str:
        return f"{self.notice_id} v{self.version}: {self.member_id}"
