"""What travels, and what was photographed."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member, Team
from tickets.return_form.models.form import ReturnForm, ReturnLine


class ParcelQuerySet(models.QuerySet["Parcel"]):
    def visible_to(self, member: Member) -> ParcelQuerySet:
        return self.filter(team_id=member.team_id)

    def unclaimed(self) -> ParcelQuerySet:
        """Came, and nobody knows what for."""
        return self.filter(direction=Parcel.Direction.IN, form__isnull=True)


class Parcel(models.Model):
    """One parcel on its way to us or to the customer. A parcel that came without a form is unclaimed (`form` empty).

    Tracking is no part of what is signed: it usually arrives days after the form.
    """

    class Direction(models.TextChoices):
        IN = "in", _("to us")
        OUT = "out", _("to the customer")

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    form = models.ForeignKey(ReturnForm, models.PROTECT, null=True, blank=True, related_name="parcels")
    direction = models.CharField(max_length=3, choices=Direction, default=Direction.IN)
    courier = models.CharField(_("courier"), max_length=80, blank=True)
    tracking = models.CharField(_("tracking number"), max_length=120)
    contents = models.TextField(_("what is in it"), blank=True)
    sender = models.CharField(_("sender"), max_length=160, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    matched_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    matched_at = models.DateTimeField(null=True, blank=True)

    objects = ParcelQuerySet.as_manager()

    class Meta:
        constraints = [
            # two forms may share one parcel, a form does not list a parcel twice, and an unclaimed one is there once
            models.UniqueConstraint(
                fields=["team", "tracking", "form", "direction"], nulls_distinct=False, name="parcel_is_listed_once_for_a_form"
            ),
            models.CheckConstraint(condition=~Q(tracking=""), name="parcel_has_a_tracking_number"),
            models.CheckConstraint(
                condition=Q(form__isnull=False) | Q(arrived_at__isnull=False, direction="in"), name="parcel_without_a_form_has_arrived"
            ),
        ]
        indexes = [
            models.Index(fields=["team", "tracking"], name="parcel_by_tracking"),
            models.Index(fields=["team", "-arrived_at"], condition=Q(direction="in", form__isnull=True), name="parcel_unclaimed"),
        ]

    def __str__(self) -> str:
        return self.tracking


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def visible_to(self, member: Member) -> EvidenceQuerySet:
        return self.filter(team_id=member.team_id)

    def standing(self) -> EvidenceQuerySet:
        return self.filter(removed_at__isnull=True)


class Evidence(models.Model):
    """A photo or a PDF of a form or a parcel: filed with the request, or taken while counting. Removed from the form it stays here."""

    class Kind(models.TextChoices):
        FILED = "filed", _("with the request")
        COUNTED = "counted", _("while counting")
        PARCEL = "parcel", _("of a parcel")

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    form = models.ForeignKey(ReturnForm, models.PROTECT, null=True, blank=True, related_name="evidence")
    line = models.ForeignKey(ReturnLine, models.SET_NULL, null=True, blank=True, related_name="+")
    parcel = models.ForeignKey(Parcel, models.PROTECT, null=True, blank=True, related_name="evidence")
    kind = models.CharField(max_length=7, choices=Kind)
    file = models.FileField(upload_to="returns/%Y/%m/")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=60)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(form__isnull=False) | Q(parcel__isnull=False), name="evidence_belongs_to_something"),
        ]
        triggers = [pgtrigger.Protect(name="evidence_is_never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name
