"""What whoever comes on duty reads and takes over."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import migrations, models
from pgtrigger.compiler import Trigger, UpsertTriggerSql

OPERATIONS = [
    migrations.CreateModel(
        name="Digest",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("key", models.CharField(help_text="What this digest opens: a shift, or a day without one.", max_length=40)),
            ("version", models.PositiveIntegerField()),
            ("since", models.DateTimeField(null=True)),
            ("cut_off", models.DateTimeField()),
            ("until", models.DateTimeField()),
            ("content", models.JSONField(encoder=DjangoJSONEncoder)),
            ("content_hash", models.CharField(max_length=64)),
            ("opened_at", models.DateTimeField(blank=True, null=True)),
            ("answers", models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text="Answers given so far, by item.")),
            ("member", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="digests", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("shift", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="handover.shift")),
        ],
        options={
            "indexes": [
                models.Index(fields=["member", "-id"], name="digest_of_member"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("member", "key", "version"), name="digest_versions_are_numbered"),
            ],
        },
    ),
    migrations.CreateModel(
        name="DigestLink",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("token_hash", models.CharField(max_length=64, unique=True)),
            ("created_at", models.DateTimeField()),
            ("expires_at", models.DateTimeField()),
            ("revoked_at", models.DateTimeField(blank=True, null=True)),
            ("last_used_at", models.DateTimeField(blank=True, null=True)),
            ("member", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to="tickets.member")),
            ("key", models.CharField(blank=True, help_text="What it was sent for, so that it is sent once.", max_length=60)),
            ("nonce", models.CharField(default="", max_length=40)),
        ],
        options={
            "indexes": [
                models.Index(fields=["member", "-id"], name="digest_link_of_member"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("key", ""), _negated=True), fields=("member", "key"), name="digest_link_is_sent_once"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Question",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("text", models.TextField(verbose_name="question")),
            ("asked_at", models.DateTimeField()),
            ("answer", models.TextField(blank=True, verbose_name="answer")),
            ("answered_at", models.DateTimeField(blank=True, null=True)),
            ("answered_by", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("asked_by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("author", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("ticket", models.ForeignKey(on_delete=models.PROTECT, related_name="questions", to="tickets.ticket")),
        ],
        options={
            "indexes": [
                models.Index(condition=models.Q(("answered_at__isnull", True)), fields=["author"], name="question_unanswered"),
            ],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="question_asks_something"),
                models.CheckConstraint(
                    condition=models.Q(("answer", ""), ("answered_at__isnull", False), _connector="XOR"),
                    name="question_answered_has_an_instant",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Receipt",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("key", models.CharField(max_length=40)),
            ("version", models.PositiveIntegerField()),
            ("content_hash", models.CharField(max_length=64)),
            ("opened_at", models.DateTimeField()),
            ("answers", models.JSONField(encoder=DjangoJSONEncoder)),
            ("acknowledged_at", models.DateTimeField()),
            ("actor", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("digest", models.ForeignKey(on_delete=models.PROTECT, related_name="receipts", to="handover.digest")),
            ("member", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="receipts", to="tickets.member")),
            ("team", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("shift", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="receipts", to="handover.shift")),
        ],
        options={
            "indexes": [
                models.Index(fields=["team", "-acknowledged_at"], name="receipt_newest"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("member", "key"), name="receipt_is_one_per_shift_and_person"),
                models.CheckConstraint(
                    condition=models.Q(("acknowledged_at__gte", models.F("opened_at"))), name="receipt_is_opened_before_acknowledged"
                ),
            ],
            "triggers": [
                Trigger(
                    name="receipt_is_append_only",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_receipt_is_append_only_511ee",
                        table="handover_receipt",
                        when="BEFORE",
                        operation="UPDATE OR DELETE",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="433feb3daa1ba35ae228370a43ea32ecb8e76d86",
                    ),
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Addendum",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("number", models.PositiveSmallIntegerField()),
            ("source", models.CharField(help_text="What it tells of, so that nothing is told twice.", max_length=60)),
            ("content", models.JSONField(encoder=DjangoJSONEncoder)),
            ("at", models.DateTimeField()),
            ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
            ("answer", models.JSONField(default=dict, encoder=DjangoJSONEncoder)),
            ("duty", models.ForeignKey(on_delete=models.PROTECT, related_name="addenda", to="handover.duty")),
        ],
        options={
            "ordering": ["number"],
            "constraints": [
                models.UniqueConstraint(fields=("duty", "number"), name="addenda_are_numbered"),
                models.UniqueConstraint(fields=("duty", "source"), name="addendum_is_told_once"),
            ],
        },
    ),
]
