"""Who signed what, when, over which revision; and which signature is void, by whose change. Rows are added and never change."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member
from tickets.return_form.models import guards
from tickets.return_form.models.form import ReturnForm
from tickets.return_form.models.words import Stage


class Signature(models.Model):
    """One person's hand under one stage of one revision.

    `part` is what this stage adds (what is asked, what was counted, what was decided); `hash` is SHA-256 over the canonical JSON of
    that part, the parts it stands on (`base`) and the signer's own line. See docs/decisions/return-form-signatures.md.
    """

    class Meaning(models.TextChoices):
        FILED = "filed", _("filed this, complete and true to the best of my knowledge")
        COUNTED = "counted", _("counted these goods myself")
        NO_GOODS_EXPECTED = "no_goods_expected", _("no goods are expected for this")
        NOT_RECEIVED = "not_received", _("these goods did not arrive")
        DECIDED = "decided", _("decided this")

    id = models.BigAutoField(primary_key=True)
    form = models.ForeignKey(ReturnForm, models.PROTECT, related_name="signatures")
    stage = models.CharField(max_length=9, choices=Stage)
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    meaning = models.CharField(max_length=17, choices=Meaning)
    revision = models.PositiveIntegerField()
    take = models.PositiveSmallIntegerField(default=1)
    base = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    part = models.JSONField(encoder=DjangoJSONEncoder)
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["form", "revision", "stage", "take"], name="signature_is_given_once"),
            models.CheckConstraint(condition=Q(stage="initiator") ^ Q(base__isnull=False), name="signature_stands_on_the_one_before"),
            models.CheckConstraint(condition=Q(hash__regex="^[0-9a-f]{64}$"), name="signature_has_a_hash"),
        ]
        indexes = [
            models.Index(fields=["member", "-id"], name="signature_by_member"),
            models.Index(fields=["at", "member", "form"], condition=models.Q(meaning="counted"), name="signature_counted_by_time"),
            # signatures come in the order of time: a few kilobytes say which pages a month is on
            BrinIndex(fields=["at"], pages_per_range=32, autosummarize=True, name="signature_by_time"),
        ]
        triggers = guards.SIGNATURE

    def __str__(self) -> str:
        return f"R{self.form_id} rev. {self.revision} {self.stage}: {self.name}"


class Voiding(models.Model):
    """A signature that no longer counts: since when, by whose change, and what that change was."""

    class Cause(models.TextChoices):
        EDITED = "edited", _("the content was edited")
        SENT_BACK = "sent_back", _("the form was sent back")
        RECOUNTED = "recounted", _("the goods were counted again")
        CANCELLED = "cancelled", _("the form was cancelled")

    signature = models.OneToOneField(Signature, models.PROTECT, related_name="voiding")
    cause = models.CharField(max_length=9, choices=Cause)
    changed = models.JSONField(default=list)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        triggers = [pgtrigger.Protect(name="voiding_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.signature_id}: {self.cause}"
