"""What leaves the house for people."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import migrations, models

import handover.message.models

OPERATIONS = [
    migrations.CreateModel(
        name="Destination",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(max_length=16)),
            ("name", models.CharField(blank=True, max_length=60, verbose_name="name")),
            ("address", models.TextField(blank=True)),
            ("shown", models.CharField(blank=True, max_length=80)),
            ("robot", models.CharField(max_length=64)),
            (
                "topics",
                ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("digest", "My digest is ready"),
                            ("promise_due", "A promise is due soon"),
                            ("promise_broken", "A promise is overdue"),
                            ("handover", "A handover was not taken, or not written"),
                            ("signature", "A return form waits for a signature"),
                            ("handler", "One handler more is asked for"),
                            ("complaint", "A complaint was opened"),
                            ("alarm", "Product alarm"),
                            ("asked", "Somebody asks or mentions me"),
                            ("roster", "Swaps and duty"),
                            ("report", "Reports"),
                            ("system", "Something here does not work"),
                        ],
                        max_length=16,
                    ),
                    default=handover.message.models.every_topic,
                    size=None,
                    verbose_name="what",
                ),
            ),
            ("quiet_from", models.TimeField(blank=True, null=True, verbose_name="quiet from")),
            ("quiet_until", models.TimeField(blank=True, null=True, verbose_name="quiet until")),
            ("is_active", models.BooleanField(default=True, verbose_name="in use")),
            ("resume_at", models.DateTimeField(null=True)),
            ("broken_at", models.DateTimeField(null=True)),
            ("broken_why", models.CharField(blank=True, max_length=200)),
            ("created_at", models.DateTimeField()),
            ("removed_at", models.DateTimeField(null=True)),
            ("member", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="destinations", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
        ],
        options={
            "indexes": [
                models.Index(condition=models.Q(("removed_at__isnull", True)), fields=["team", "member"], name="destination_in_use"),
            ],
            "constraints": [
                models.UniqueConstraint(condition=models.Q(("kind", "email")), fields=("member",), name="destination_one_email_a_person"),
                models.CheckConstraint(
                    condition=models.Q(models.Q(("kind", "email"), _negated=True), ("member__isnull", False), _connector="OR"),
                    name="destination_email_is_a_persons",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("quiet_from__isnull", True), ("quiet_until__isnull", True)),
                        models.Q(("quiet_from__isnull", False), ("quiet_until__isnull", False)),
                        _connector="OR",
                    ),
                    name="destination_quiet_hours_have_two_ends",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Message",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("code", models.CharField(max_length=40)),
            ("data", models.JSONField(default=dict, encoder=DjangoJSONEncoder)),
            ("key", models.CharField(max_length=120)),
            ("at", models.DateTimeField()),
            ("expires_at", models.DateTimeField(null=True)),
            ("routed_at", models.DateTimeField(null=True)),
            ("alert", models.OneToOneField(null=True, on_delete=models.CASCADE, related_name="+", to="tickets.alert")),
            ("member", models.ForeignKey(null=True, on_delete=models.CASCADE, related_name="+", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to="tickets.team")),
        ],
        options={
            "indexes": [
                models.Index(condition=models.Q(("routed_at__isnull", True)), fields=["id"], name="message_not_routed"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("alert__isnull", True)),
                    fields=("team", "member", "key"),
                    name="message_is_told_once",
                    nulls_distinct=False,
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Parcel",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
            (
                "state",
                models.CharField(
                    choices=[
                        ("waiting", "to be tried again"),
                        ("claimed", "being prepared"),
                        ("sending", "being sent"),
                        ("sent", "sent"),
                        ("failed", "failed"),
                    ],
                    default="claimed",
                    max_length=8,
                ),
            ),
            ("attempts", models.PositiveIntegerField(default=0)),
            ("uncertain", models.BooleanField(default=False)),
            ("error", models.CharField(blank=True, max_length=200)),
            ("made_at", models.DateTimeField()),
            ("tried_at", models.DateTimeField(null=True)),
            ("next_at", models.DateTimeField(null=True)),
            ("lease_until", models.DateTimeField(null=True)),
            ("ended_at", models.DateTimeField(null=True)),
            ("destination", models.ForeignKey(on_delete=models.PROTECT, related_name="parcels", to="handover.destination")),
        ],
        options={
            "indexes": [
                models.Index(fields=["destination", "-made_at"], name="parcel_of_destination"),
                models.Index(condition=models.Q(("state__in", ["claimed", "sending"])), fields=["lease_until"], name="parcel_in_hand"),
                models.Index(fields=["tried_at"], name="parcel_by_try"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state__in", ["waiting", "claimed", "sending"])),
                    fields=("destination",),
                    name="parcel_one_at_a_time_for_a_destination",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["claimed", "sending"]), _negated=True), ("lease_until__isnull", False), _connector="OR"
                    ),
                    name="parcel_in_hand_has_a_lease",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["sent", "failed"]), _negated=True), ("ended_at__isnull", False), _connector="OR"
                    ),
                    name="parcel_that_ended_says_when",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Delivery",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("key", models.CharField(max_length=120)),
            ("not_before", models.DateTimeField()),
            (
                "dropped",
                models.CharField(
                    blank=True,
                    choices=[
                        ("expired", "no longer of use"),
                        ("removed", "the destination was removed"),
                        ("failed", "it could not be put into words"),
                    ],
                    max_length=8,
                ),
            ),
            ("destination", models.ForeignKey(on_delete=models.PROTECT, related_name="deliveries", to="handover.destination")),
            ("message", models.ForeignKey(on_delete=models.CASCADE, related_name="deliveries", to="handover.message")),
            ("parcel", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="deliveries", to="handover.parcel")),
        ],
        options={
            "indexes": [
                models.Index(
                    condition=models.Q(("dropped", ""), ("parcel__isnull", True)),
                    fields=["destination", "not_before"],
                    name="delivery_waiting",
                ),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("destination", "key"), name="delivery_once_for_an_event"),
            ],
        },
    ),
]
