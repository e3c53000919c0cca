"""The sheets made of figures, and when they are sent."""

from django.db import migrations, models
from pgtrigger.compiler import Trigger, UpsertTriggerSql

OPERATIONS = [
    migrations.CreateModel(
        name="SheetWeight",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("month", models.DateField()),
            ("part", models.CharField(max_length=20)),
            ("weight", models.PositiveSmallIntegerField()),
            ("team", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to="tickets.team")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("team", "part", "month"), name="sheet_weight_is_set_once_a_month"),
                models.CheckConstraint(condition=models.Q(("weight__lte", 100)), name="sheet_weight_is_at_most_100"),
                models.CheckConstraint(condition=models.Q(("month__day", 1)), name="sheet_weight_begins_with_a_month"),
            ],
        },
    ),
    migrations.CreateModel(
        name="SheetAnswer",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("month", models.DateField()),
            ("text", models.CharField(max_length=2000, verbose_name="answer")),
            ("at", models.DateTimeField()),
            ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("member", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
        ],
        options={
            "ordering": ["id"],
            "indexes": [
                models.Index(fields=["member", "month"], name="answers_to_a_sheet"),
            ],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="sheet_answer_says_something"),
                models.CheckConstraint(condition=models.Q(("month__day", 1)), name="sheet_answer_is_of_a_month"),
            ],
            "triggers": [
                Trigger(
                    name="sheet_answer_is_append_only",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_sheet_answer_is_append_only_4b331",
                        table="handover_sheetanswer",
                        when="BEFORE",
                        operation="UPDATE OR DELETE",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="4943bc868ff78dd5847e2f4f226fa05d80f27c1b",
                    ),
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Schedule",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("report", models.CharField(max_length=20, verbose_name="report")),
            ("query", models.CharField(blank=True, max_length=500)),
            (
                "every",
                models.CharField(
                    choices=[("day", "every day"), ("week", "every week"), ("month", "every month")], max_length=5, verbose_name="how often"
                ),
            ),
            ("hour", models.PositiveSmallIntegerField(verbose_name="hour")),
            ("weekday", models.PositiveSmallIntegerField(null=True, verbose_name="weekday")),
            ("monthday", models.PositiveSmallIntegerField(null=True, verbose_name="day of the month")),
            ("channels", models.BooleanField(default=False, verbose_name="also to the team's channels")),
            ("created_at", models.DateTimeField()),
            ("ended_at", models.DateTimeField(null=True)),
            ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("members", models.ManyToManyField(related_name="+", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
        ],
        options={
            "ordering": ["-id"],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("hour__lte", 23)), name="schedule_has_an_hour_of_the_day"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("every", "day"), ("weekday", None), ("monthday", None)),
                        models.Q(
                            ("every", "week"), ("weekday__gte", 1), ("weekday__isnull", False), ("weekday__lte", 7), ("monthday", None)
                        ),
                        models.Q(
                            ("every", "month"), ("monthday__gte", 1), ("monthday__isnull", False), ("monthday__lte", 28), ("weekday", None)
                        ),
                        _connector="OR",
                    ),
                    name="schedule_says_which_day",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Sending",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("day", models.DateField()),
            ("at", models.DateTimeField()),
            ("readers", models.PositiveIntegerField()),
            ("schedule", models.ForeignKey(on_delete=models.PROTECT, related_name="sendings", to="handover.schedule")),
        ],
        options={
            "ordering": ["-day"],
            "constraints": [
                models.UniqueConstraint(fields=("schedule", "day"), name="schedule_is_sent_once_a_period"),
            ],
        },
    ),
]
