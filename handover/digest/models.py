"""The digest before the shift, what the reader answered, and what came later."""

from __future__ import annotations

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from handover.duty.models import Duty
from handover.notice.rules import said
from handover.roster.models import Shift
from tickets.people.models import Member, Team
from tickets.ticket.models import Ticket


class Digest(models.Model):
    """One version of what one person reads before one duty. `since` is the end of the reader's last duty, `cut_off` when it was built;
    `content_hash` covers what asks for an answer."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, models.PROTECT, related_name="digests", db_index=False)
    shift = models.ForeignKey(Shift, models.PROTECT, null=True, blank=True, related_name="+")
    key = models.CharField(max_length=40, help_text=_("What this digest opens: a shift, or a day without one."))
    version = models.PositiveIntegerField()
    since = models.DateTimeField(null=True)
    cut_off = models.DateTimeField()
    until = models.DateTimeField()
    content = models.JSONField(encoder=DjangoJSONEncoder)
    content_hash = models.CharField(max_length=64)
    opened_at = models.DateTimeField(null=True, blank=True)
    answers = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text=_("Answers given so far, by item."))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "key", "version"], name="digest_versions_are_numbered")]
        indexes = [models.Index(fields=["member", "-id"], name="digest_of_member")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.key} v{self.version}"


class Receipt(models.Model):
    """That a person read and answered a digest. One per shift (`key`) and person; it never changes."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="receipts", db_index=False)
    shift = models.ForeignKey(Shift, models.PROTECT, null=True, blank=True, related_name="receipts")
    key = models.CharField(max_length=40)
    digest = models.ForeignKey(Digest, models.PROTECT, related_name="receipts")
    version = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    answers = models.JSONField(encoder=DjangoJSONEncoder)
    acknowledged_at = models.DateTimeField()
    actor = models.ForeignKey(Member, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "key"], name="receipt_is_one_per_shift_and_person"),
            models.CheckConstraint(condition=Q(acknowledged_at__gte=F("opened_at")), name="receipt_is_opened_before_acknowledged"),
        ]
        indexes = [models.Index(fields=["team", "-acknowledged_at"], name="receipt_newest")]
        triggers = [pgtrigger.Protect(name="receipt_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.member_id} {self.key}"


class Addendum(models.Model):
    """What came after the receipt, numbered from 1; it asks for an acknowledgement of its own."""

    duty = models.ForeignKey(Duty, models.PROTECT, related_name="addenda")
    number = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=60, help_text=_("What it tells of, so that nothing is told twice."))
    content = models.JSONField(encoder=DjangoJSONEncoder)
    at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    answer = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["duty", "number"], name="addenda_are_numbered"),
            models.UniqueConstraint(fields=["duty", "source"], name="addendum_is_told_once"),
        ]

    def __str__(self) -> str:
        return f"{self.duty_id}.{self.number}"

    @property
    def said(self) -> str:
        """What it says, in the reader's language where the system wrote it."""
        return said(self.content.get("facts"), self.content.get("text", ""))


class Question(models.Model):
    """A question back to the author of a handed-over matter."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="questions")
    asked_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    author = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    text = models.TextField(_("question"))
    asked_at = models.DateTimeField()
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="question_asks_something"),
            models.CheckConstraint(condition=Q(answer="") ^ Q(answered_at__isnull=False), name="question_answered_has_an_instant"),
        ]
        indexes = [models.Index(fields=["author"], condition=Q(answered_at__isnull=True), name="question_unanswered")]

    def __str__(self) -> str:
        return self.text


class DigestLink(models.Model):
    """A personal link that shows one person's digest before signing in. Only the token's SHA-256 is kept; `nonce` makes it anew, together
    with SECRET_KEY."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    nonce = models.CharField(max_length=40, default="")
    key = models.CharField(max_length=60, blank=True, help_text=_("What it was sent for, so that it is sent once."))
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "key"], condition=~Q(key=""), name="digest_link_is_sent_once")]
        indexes = [models.Index(fields=["member", "-id"], name="digest_link_of_member")]

    def __str__(self) -> str:
        return f"{self.member_id} until {self.expires_at}"
