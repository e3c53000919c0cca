"""Why customers turn to the team, and how a matter ended."""

from django.db import migrations, models
from pgtrigger.compiler import Trigger, UpsertTriggerSql

OPERATIONS = [
    migrations.CreateModel(
        name="Reason",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=60, verbose_name="name")),
            (
                "fault",
                models.CharField(
                    choices=[("customer", "Customer's choice"), ("ours", "Our fault"), ("nobody", "Nobody's fault")],
                    default="nobody",
                    max_length=8,
                    verbose_name="fault",
                ),
            ),
            ("is_active", models.BooleanField(default=True, verbose_name="in use")),
            ("place", models.PositiveSmallIntegerField(default=0)),
            ("parent", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="children", to="tickets.reason")),
            ("team", models.ForeignKey(on_delete=models.CASCADE, related_name="reasons", to="tickets.team")),
        ],
        options={
            "ordering": ["place", "name"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("team", "parent", "name"), name="reason_name_is_unique_under_its_parent", nulls_distinct=False
                ),
                models.CheckConstraint(
                    condition=models.Q(("parent__isnull", True), models.Q(("parent", models.F("id")), _negated=True), _connector="OR"),
                    name="reason_is_not_its_own_parent",
                ),
            ],
            "triggers": [
                Trigger(
                    name="reason_has_two_levels_at_most",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_reason_has_two_levels_at_most_f4045",
                        table="tickets_reason",
                        when="BEFORE",
                        operation='INSERT OR UPDATE OF "parent_id"',
                        condition='WHEN (NEW."parent_id" IS NOT NULL)',
                        func="""
                    IF EXISTS (SELECT 1 FROM tickets_reason p WHERE p.id = NEW.parent_id
                               AND (p.parent_id IS NOT NULL OR p.team_id <> NEW.team_id))
                       OR EXISTS (SELECT 1 FROM tickets_reason c WHERE c.parent_id = NEW.id) THEN
                        RAISE EXCEPTION 'reason_has_two_levels_at_most' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
                        hash="60a721abb096249b8baf4b016ae0eea6eab5d2fb",
                    ),
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Resolution",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=60, verbose_name="name")),
            ("is_active", models.BooleanField(default=True, verbose_name="in use")),
            ("place", models.PositiveSmallIntegerField(default=0)),
            ("team", models.ForeignKey(on_delete=models.CASCADE, related_name="resolutions", to="tickets.team")),
        ],
        options={
            "ordering": ["place", "name"],
            "constraints": [
                models.UniqueConstraint(fields=("team", "name"), name="resolution_name_is_unique"),
            ],
        },
    ),
]
