"""Who works, and the notices that stand meanwhile."""

from django.db import migrations, models
from pgtrigger.compiler import Trigger, UpsertTriggerSql

OPERATIONS = [
    migrations.CreateModel(
        name="Duty",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("started_at", models.DateTimeField()),
            ("let_in_reason", models.TextField(blank=True, help_text="Why a manager let this person in without the digest.")),
            ("until", models.DateTimeField(blank=True, null=True)),
            ("lapses_at", models.DateTimeField()),
            ("ended_at", models.DateTimeField(blank=True, null=True)),
            (
                "end",
                models.CharField(
                    blank=True,
                    choices=[
                        ("signed", "note signed"),
                        ("on_behalf", "ended by a manager"),
                        ("lapsed", "not ended; closed by the clock"),
                        ("departure", "left the team"),
                    ],
                    max_length=9,
                ),
            ),
            ("end_reason", models.TextField(blank=True)),
            ("ended_by", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("member", models.ForeignKey(on_delete=models.PROTECT, related_name="duties", to="tickets.member")),
            ("started_by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("shift", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="duties", to="handover.shift")),
        ],
        options={
            "indexes": [
                models.Index(condition=models.Q(("ended_at__isnull", True)), fields=["team"], name="duty_running"),
                models.Index(fields=["member", "-started_at"], name="duty_of_member"),
                models.Index(condition=models.Q(("ended_at__isnull", True)), fields=["lapses_at"], name="duty_running_by_lapse"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("ended_at__isnull", True)), fields=("member",), name="duty_runs_once_per_person"
                ),
                models.CheckConstraint(
                    condition=models.Q(("ended_at__isnull", True), ("ended_at__gte", models.F("started_at")), _connector="OR"),
                    name="duty_ends_after_it_starts",
                ),
                models.CheckConstraint(
                    condition=models.Q(("ended_at__isnull", True), models.Q(("end", ""), _negated=True), _connector="XOR"),
                    name="duty_ended_says_how",
                ),
                models.CheckConstraint(
                    condition=models.Q(("started_by", models.F("member")), models.Q(("let_in_reason", ""), _negated=True), _connector="OR"),
                    name="duty_started_for_somebody_else_says_why",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("end", "on_behalf"), _negated=True), models.Q(("end_reason", ""), _negated=True), _connector="OR"
                    ),
                    name="duty_ended_for_somebody_else_says_why",
                ),
                models.CheckConstraint(
                    condition=models.Q(("let_in_reason", ""), models.Q(("started_by", models.F("member")), _negated=True), _connector="OR"),
                    name="duty_let_in_is_by_somebody_else",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("end", "on_behalf"), _negated=True),
                        models.Q(("ended_by__isnull", False), models.Q(("ended_by", models.F("member")), _negated=True)),
                        _connector="OR",
                    ),
                    name="duty_on_behalf_is_by_somebody_else",
                ),
                models.CheckConstraint(
                    condition=models.Q(("until__isnull", True), ("lapses_at__gte", models.F("until")), _connector="OR"),
                    name="duty_lapses_after_its_shift",
                ),
            ],
            "triggers": [
                Trigger(
                    name="duty_ended_does_not_change",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_duty_ended_does_not_change_2961e",
                        table="handover_duty",
                        when="BEFORE",
                        operation="UPDATE OR DELETE",
                        condition='WHEN (OLD."ended_at" IS NOT NULL)',
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="533ffef3d5054b055bb086fa21baa1c396263081",
                    ),
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Notice",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("stock_out", "Stock-out"),
                        ("price", "Price change"),
                        ("courier", "Courier"),
                        ("campaign", "Campaign"),
                        ("alarm", "Product alarm"),
                        ("other", "Other"),
                    ],
                    default="other",
                    max_length=9,
                    verbose_name="kind",
                ),
            ),
            ("text", models.CharField(max_length=500, verbose_name="notice")),
            ("valid_from", models.DateTimeField(verbose_name="from")),
            ("valid_until", models.DateTimeField(blank=True, null=True, verbose_name="until")),
            ("ended_at", models.DateTimeField(blank=True, null=True)),
            ("created_at", models.DateTimeField()),
            ("version", models.PositiveIntegerField(default=1)),
            ("by", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            (
                "shop",
                models.ForeignKey(
                    blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.shop", verbose_name="shop"
                ),
            ),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("facts", models.JSONField(blank=True, null=True)),
        ],
        options={
            "ordering": ["-id"],
            "indexes": [
                models.Index(condition=models.Q(("ended_at__isnull", True)), fields=["team", "-id"], name="notice_not_ended"),
            ],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="notice_says_something"),
                models.CheckConstraint(
                    condition=models.Q(("valid_until__isnull", True), ("valid_until__gt", models.F("valid_from")), _connector="OR"),
                    name="notice_ends_after_it_begins",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="NoticeRead",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("version", models.PositiveIntegerField()),
            ("at", models.DateTimeField()),
            ("member", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to="tickets.member")),
            ("notice", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="reads", to="handover.notice")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("notice", "member", "version"), name="notice_is_read_once_per_version"),
            ],
        },
    ),
]
