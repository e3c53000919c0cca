"""Figures rolled up, which days of them are stale, and what they are held against."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from pgtrigger.compiler import Trigger, UpsertTriggerSql

OPERATIONS = [
    migrations.CreateModel(
        name="StaleDay",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("source", models.CharField(max_length=8)),
            ("day", models.DateField(null=True)),
            ("team", models.ForeignKey(db_constraint=False, on_delete=models.CASCADE, related_name="+", to="tickets.team")),
        ],
    ),
    migrations.CreateModel(
        name="StaleRow",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(max_length=8)),
            ("ids", ArrayField(base_field=models.BigIntegerField(), size=None)),
        ],
    ),
    migrations.CreateModel(
        name="Figure",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("fact", models.CharField(max_length=12)),
            ("grain", models.CharField(choices=[("d", "day"), ("m", "month")], max_length=1)),
            ("cut", models.PositiveSmallIntegerField()),
            ("day", models.DateField()),
            ("shop", models.BigIntegerField(default=0)),
            ("item", models.CharField(blank=True, max_length=120)),
            ("reason", models.BigIntegerField(default=0)),
            ("member", models.BigIntegerField(default=0)),
            ("shift", models.CharField(blank=True, max_length=40)),
            ("hour", models.SmallIntegerField(default=0)),
            ("mark", models.CharField(blank=True, max_length=20)),
            ("currency", models.CharField(blank=True, max_length=3)),
            ("n", models.BigIntegerField()),
            ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
            ("team", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="+", to="tickets.team")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    fields=("team", "fact", "grain", "cut", "day", "shop", "item", "reason", "member", "shift", "hour", "mark", "currency"),
                    name="figure_is_counted_once",
                ),
                models.CheckConstraint(condition=models.Q(("n__gt", 0)), name="figure_counts_something"),
            ],
            "indexes": [
                models.Index(
                    condition=models.Q(("cut", 0), ("grain", "d")),
                    fields=["team", "fact", "day"],
                    include=("mark", "currency", "n", "amount"),
                    name="figure_day_by_day",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="HourFigure",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("fact", models.CharField(max_length=12)),
            ("dim", models.CharField(blank=True, max_length=8)),
            ("grain", models.CharField(choices=[("d", "day"), ("m", "month"), ("y", "year")], max_length=1)),
            ("day", models.DateField()),
            ("weekday", models.SmallIntegerField()),
            ("key", models.CharField(blank=True, max_length=120)),
            ("hours", ArrayField(base_field=models.IntegerField(), size=24)),
            ("team", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="+", to="tickets.team")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    fields=("team", "fact", "dim", "grain", "day", "weekday", "key"), name="hour_figure_is_counted_once"
                ),
                models.CheckConstraint(condition=models.Q(("hours__len", 24)), name="hour_figure_has_every_hour"),
            ],
        },
    ),
    migrations.CreateModel(
        name="ServiceDay",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("account", models.CharField(blank=True, max_length=80, verbose_name="account")),
            ("day", models.DateField()),
            ("asked", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
            ("received", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
            (
                "reply",
                models.DecimalField(decimal_places=4, help_text="share of those who asked that was answered", max_digits=9, null=True),
            ),
            ("moved_in", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
            ("moved_out", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
            ("first", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
            ("average", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
            ("satisfied", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
            ("rated", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
            ("inquired", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
            ("ordered", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
            ("paid", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
            ("paid_share", models.DecimalField(decimal_places=4, max_digits=9, null=True)),
            ("pending", models.BooleanField(default=False, help_text="The export said of some figure: not final yet.")),
            ("imported_at", models.DateTimeField()),
            ("member", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("shop", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to="tickets.shop")),
            ("team", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="+", to="tickets.team")),
        ],
        options={
            "indexes": [
                models.Index(fields=["team", "account"], name="service_day_of_account"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("team", "day", "shop", "account"), name="service_day_is_one_per_account"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Target",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("measure", models.CharField(max_length=60)),
            ("value", models.DecimalField(decimal_places=4, max_digits=14)),
            ("shop", models.ForeignKey(null=True, on_delete=models.CASCADE, related_name="+", to="tickets.shop")),
            ("team", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to="tickets.team")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("team", "shop", "measure"), name="target_is_set_once", nulls_distinct=False),
                models.CheckConstraint(condition=models.Q(("value__gte", 0)), name="target_is_not_negative"),
            ],
        },
    ),
    migrations.RunSQL(
        "ALTER TABLE handover_target ADD CONSTRAINT target_is_of_its_shops_team FOREIGN KEY (shop_id, team_id)"
        " REFERENCES tickets_shop (id, team_id) DEFERRABLE INITIALLY DEFERRED",
        "ALTER TABLE handover_target DROP CONSTRAINT target_is_of_its_shops_team",
    ),
    migrations.CreateModel(
        name="Surprise",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("text", models.CharField(blank=True, max_length=300, verbose_name="what")),
            ("at", models.DateTimeField()),
            ("duty", models.OneToOneField(on_delete=models.PROTECT, related_name="surprise", to="handover.duty")),
            ("member", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
        ],
        options={
            "triggers": [
                Trigger(
                    name="surprise_is_append_only",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_surprise_is_append_only_ea21f",
                        table="handover_surprise",
                        when="BEFORE",
                        operation="UPDATE OR DELETE",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="51febe7509d5107e12e1b83c7ccb1cfd0b669e1e",
                    ),
                ),
            ],
        },
    ),
]
