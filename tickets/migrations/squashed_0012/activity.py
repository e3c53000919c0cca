"""The ledger, alerts, and answers kept for a second press."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import migrations, models
from pgtrigger.compiler import Trigger, UpsertTriggerSql

OPERATIONS = [
    migrations.CreateModel(
        name="Alert",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("code", models.CharField(max_length=40)),
            ("data", models.JSONField(default=dict, encoder=DjangoJSONEncoder)),
            ("key", models.CharField(max_length=120)),
            ("at", models.DateTimeField()),
            ("seen_at", models.DateTimeField(null=True)),
            ("member", models.ForeignKey(on_delete=models.CASCADE, related_name="alerts", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to="tickets.team")),
            ("ticket", models.ForeignKey(null=True, on_delete=models.CASCADE, related_name="+", to="tickets.ticket")),
        ],
        options={
            "indexes": [
                models.Index(condition=models.Q(("seen_at__isnull", True)), fields=["member", "-id"], name="alert_unseen"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("member", "key"), name="alert_is_told_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Activity",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("at", models.DateTimeField()),
            ("code", models.CharField(max_length=40)),
            ("data", models.JSONField(default=dict, encoder=DjangoJSONEncoder)),
            ("customer", models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.customer")),
            ("actor", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("order", models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.order")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("ticket", models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.ticket")),
            (
                "return_form",
                models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.returnform"),
            ),
        ],
        options={
            "indexes": [
                models.Index(fields=["team", "id"], name="activity_by_team"),
                models.Index(condition=models.Q(("ticket__isnull", False)), fields=["ticket", "id"], name="activity_of_ticket"),
                models.Index(condition=models.Q(("customer__isnull", False)), fields=["customer", "id"], name="activity_of_customer"),
                models.Index(condition=models.Q(("order__isnull", False)), fields=["order", "id"], name="activity_of_order"),
                models.Index(fields=["team", "at"], name="activity_by_instant"),
                models.Index(
                    condition=models.Q(("return_form__isnull", False)), fields=["return_form", "id"], name="activity_of_return_form"
                ),
                models.Index(fields=["team", "code", "id"], name="activity_by_code"),
            ],
            "triggers": [
                Trigger(
                    name="activity_is_append_only",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_activity_is_append_only_20c9f",
                        table="tickets_activity",
                        when="BEFORE",
                        operation="UPDATE OR DELETE",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="ad1c4fd844ab6417033688090d19aa5c18a5e69d",
                    ),
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Reply",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("key", models.CharField(max_length=120)),
            ("fingerprint", models.CharField(max_length=64)),
            ("status", models.PositiveSmallIntegerField(default=0)),
            ("headers", models.JSONField(default=dict)),
            ("body", models.BinaryField(default=b"")),
            ("created_at", models.DateTimeField(auto_now_add=True, db_index=True)),
            ("user", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("user", "key"), name="reply_key_is_used_once"),
            ],
        },
    ),
]
