"""The outbox: what is to be told (Message), to which places (Destination, Delivery), and what was sent together (Parcel)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.activity.models import Alert
from tickets.people.models import Member, Team


class Topic(models.TextChoices):
    """What one can choose to be told, and not to be told."""

    DIGEST = "digest", _("My digest is ready")
    PROMISE_DUE = "promise_due", _("A promise is due soon")
    PROMISE_BROKEN = "promise_broken", _("A promise is overdue")
    HANDOVER = "handover", _("A handover was not taken, or not written")
    SIGNATURE = "signature", _("A return form waits for a signature")
    HANDLER = "handler", _("One handler more is asked for")
    COMPLAINT = "complaint", _("A complaint was opened")
    ALARM = "alarm", _("Product alarm")
    ASKED = "asked", _("Somebody asks or mentions me")
    ROSTER = "roster", _("Swaps and duty")
    REPORT = "report", _("Reports")
    SYSTEM = "system", _("Something here does not work")


def every_topic() -> list[str]:
    return list(Topic.values)


class DestinationQuerySet(models.QuerySet["Destination"]):
    def visible_to(self, member: Member) -> DestinationQuerySet:
        """Those of the team that were not removed; a page narrows them to one's own, or to the channels."""
        return self.filter(team_id=member.team_id, removed_at__isnull=True)


class Destination(models.Model):
    """A place that messages go to: a person's, or (without a member) a channel of the team.

    `address` is sealed (an apprise URL) and never shown again; `shown` is what the page says instead. An e-mail destination has none: it
    is the account's own address. `robot` is a hash of the address: the platforms' limits hold for it, however many destinations share it.
    """

    EMAIL = "email"

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="destinations")
    kind = models.CharField(max_length=16)
    name = models.CharField(_("name"), max_length=60, blank=True)
    address = models.TextField(blank=True)
    shown = models.CharField(max_length=80, blank=True)
    robot = models.CharField(max_length=64)
    topics = ArrayField(models.CharField(max_length=16, choices=Topic), default=every_topic, verbose_name=_("what"))
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    resume_at = models.DateTimeField(null=True)
    broken_at = models.DateTimeField(null=True)
    broken_why = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    objects = DestinationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(kind="email"), name="destination_one_email_a_person"),
            models.CheckConstraint(condition=~Q(kind="email") | Q(member__isnull=False), name="destination_email_is_a_persons"),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True) | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="destination_quiet_hours_have_two_ends",
            ),
        ]
        indexes = [models.Index(fields=["team", "member"], condition=Q(removed_at__isnull=True), name="destination_in_use")]

    def __str__(self) -> str:
        return f"{self.kind} {self.shown}"


class Message(models.Model):
    """One thing to tell one person, or (without a member) the team's channels. Alerts become messages by a trigger, in their transaction.

    `key` names the event: the same event told to three managers is one line in a channel. After `expires_at` it is not worth sending.
    """

    id = models.BigAutoField(primary_key=True)
    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, models.CASCADE, null=True, related_name="+")
    alert = models.OneToOneField(Alert, models.CASCADE, null=True, related_name="+")
    code = models.CharField(max_length=40)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    key = models.CharField(max_length=120)
    at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    routed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "member", "key"], condition=Q(alert__isnull=True), nulls_distinct=False, name="message_is_told_once"
            )
        ]
        indexes = [models.Index(fields=["id"], condition=Q(routed_at__isnull=True), name="message_not_routed")]

    def __str__(self) -> str:
        return f"{self.code} → {self.member_id}"


class Parcel(models.Model):
    """What is sent in one go to one destination. It is also the record of what came of it.

    waiting → claimed (a worker has it, nothing left the house) → sending (it may have left) → sent | failed | waiting again.
    `uncertain`: a try whose answer nobody knows; what follows says that it may be a repeat.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("to be tried again")
        CLAIMED = "claimed", _("being prepared")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    OPEN = (State.WAITING, State.CLAIMED, State.SENDING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    destination = models.ForeignKey(Destination, models.PROTECT, related_name="parcels")
    state = models.CharField(max_length=8, choices=State, default=State.CLAIMED)
    attempts = models.PositiveIntegerField(default=0)
    uncertain = models.BooleanField(default=False)
    error = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["destination"],
                condition=Q(state__in=["waiting", "claimed", "sending"]),
                name="parcel_one_at_a_time_for_a_destination",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["claimed", "sending"]) | Q(lease_until__isnull=False), name="parcel_in_hand_has_a_lease"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "failed"]) | Q(ended_at__isnull=False), name="parcel_that_ended_says_when"
            ),
        ]
        indexes = [
            models.Index(fields=["destination", "-made_at"], name="parcel_of_destination"),
            models.Index(fields=["lease_until"], condition=Q(state__in=["claimed", "sending"]), name="parcel_in_hand"),
            models.Index(fields=["tried_at"], name="parcel_by_try"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.state}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, member: Member) -> DeliveryQuerySet:
        return self.filter(destination__team_id=member.team_id)

    def due(self, at: datetime) -> DeliveryQuerySet:
        return self.filter(parcel__isnull=True, dropped="", not_before__lte=at)


class Delivery(models.Model):
    """One message to one destination: a line of the parcel it went with. `dropped` says why it was never sent."""

    class Dropped(models.TextChoices):
        EXPIRED = "expired", _("no longer of use")
        REMOVED = "removed", _("the destination was removed")
        FAILED = "failed", _("it could not be put into words")

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, models.CASCADE, related_name="deliveries")
    destination = models.ForeignKey(Destination, models.PROTECT, related_name="deliveries")
    key = models.CharField(max_length=120)
    not_before = models.DateTimeField()
    parcel = models.ForeignKey(Parcel, models.PROTECT, null=True, related_name="deliveries")
    dropped = models.CharField(max_length=8, choices=Dropped, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["destination", "key"], name="delivery_once_for_an_event")]
        indexes = [
            models.Index(fields=["destination", "not_before"], condition=Q(parcel__isnull=True, dropped=""), name="delivery_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.key} → {self.destination_id}"
