"""What leaves the house for other systems."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

OPERATIONS = [
    migrations.CreateModel(
        name="Endpoint",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(blank=True, max_length=60, verbose_name="name")),
            ("url", models.CharField(max_length=500, verbose_name="address")),
            ("secret", models.TextField()),
            ("kinds", ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None, verbose_name="events")),
            ("is_active", models.BooleanField(default=True, verbose_name="in use")),
            ("created_at", models.DateTimeField()),
            ("failing_since", models.DateTimeField(null=True)),
            ("rest_until", models.DateTimeField(null=True)),
            ("failures", models.PositiveIntegerField(default=0)),
            ("disabled_at", models.DateTimeField(null=True)),
            ("removed_at", models.DateTimeField(null=True)),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
        ],
        options={
            "indexes": [
                models.Index(condition=models.Q(("is_active", True)), fields=["team"], name="endpoint_in_use"),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("disabled_at__isnull", True), ("is_active", False), _connector="OR"),
                    name="endpoint_switched_off_is_not_in_use",
                ),
                models.CheckConstraint(
                    condition=models.Q(("removed_at__isnull", True), ("is_active", False), _connector="OR"),
                    name="endpoint_removed_is_not_in_use",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="WebhookDelivery",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "state",
                models.CharField(
                    choices=[("waiting", "waiting"), ("sending", "being sent"), ("sent", "sent"), ("parked", "parked")],
                    default="waiting",
                    max_length=7,
                ),
            ),
            ("attempts", models.PositiveIntegerField(default=0)),
            ("begun_at", models.DateTimeField()),
            ("next_at", models.DateTimeField()),
            ("lease_until", models.DateTimeField(null=True)),
            ("ended_at", models.DateTimeField(null=True)),
            ("status", models.PositiveSmallIntegerField(default=0)),
            ("error", models.CharField(blank=True, max_length=200)),
            ("activity", models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.activity")),
            ("endpoint", models.ForeignKey(on_delete=models.PROTECT, related_name="deliveries", to="handover.endpoint")),
        ],
        options={
            "indexes": [
                models.Index(condition=models.Q(("state", "waiting")), fields=["endpoint", "id"], name="webhook_waiting"),
                models.Index(condition=models.Q(("state", "sending")), fields=["lease_until"], name="webhook_in_hand"),
                models.Index(fields=["endpoint", "-id"], name="webhook_of_endpoint"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("endpoint", "activity"), name="webhook_delivery_once_for_an_event"),
                models.CheckConstraint(
                    condition=models.Q(models.Q(("state", "sending"), _negated=True), ("lease_until__isnull", False), _connector="OR"),
                    name="webhook_delivery_in_hand_has_a_lease",
                ),
            ],
        },
    ),
]
