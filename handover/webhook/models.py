"""Where other systems want to be told (Endpoint), and each event for each of them (WebhookDelivery)."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.activity.models import Activity
from tickets.people.models import Member, Team


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def visible_to(self, member: Member) -> EndpointQuerySet:
        return self.filter(team_id=member.team_id, removed_at__isnull=True)


class Endpoint(models.Model):
    """An address that is told of events. `kinds`: families (`ticket`) or codes (`ticket.resolved`); empty means every kind.

    `secret` is sealed and shown once, when it is made. `rest_until`: after a failure the whole endpoint rests. `failing_since` is the
    first failure since the last success; too long, and the endpoint is switched off (`disabled_at`).
    """

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=60, blank=True)
    url = models.CharField(_("address"), max_length=500)
    secret = models.TextField()
    kinds = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("events"))
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True)
    rest_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    disabled_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(disabled_at__isnull=True) | Q(is_active=False), name="endpoint_switched_off_is_not_in_use"),
            models.CheckConstraint(condition=Q(removed_at__isnull=True) | Q(is_active=False), name="endpoint_removed_is_not_in_use"),
        ]
        indexes = [models.Index(fields=["team"], condition=Q(is_active=True), name="endpoint_in_use")]

    def __str__(self) -> str:
        return self.url


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def visible_to(self, member: Member) -> WebhookDeliveryQuerySet:
        return self.filter(endpoint__team_id=member.team_id, endpoint__removed_at__isnull=True)

    def due(self, at: datetime) -> WebhookDeliveryQuerySet:
        return self.filter(state=WebhookDelivery.State.WAITING, next_at__lte=at)


class WebhookDelivery(models.Model):
    """One event for one endpoint, made by a trigger in the transaction of its ledger row; `activity` is the event, or empty for a test.

    waiting → sending → sent; or waiting again, and after a day parked until somebody sends it again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        PARKED = "parked", _("parked")

    id = models.BigAutoField(primary_key=True)
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="deliveries")
    activity = models.ForeignKey(Activity, models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField()
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "activity"], name="webhook_delivery_once_for_an_event"),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_until__isnull=False), name="webhook_delivery_in_hand_has_a_lease"
            ),
        ]
        indexes = [
            models.Index(fields=["endpoint", "id"], condition=Q(state="waiting"), name="webhook_waiting"),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="webhook_in_hand"),
            models.Index(fields=["endpoint", "-id"], name="webhook_of_endpoint"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.state}"

    @property
    def event(self) -> str:
        """The event's id, the same in every repetition."""
        return f"evt_{self.activity_id}" if self.activity_id else f"test_{self.pk}"
