"""Half-typed texts, and the view that somebody opens with."""

from django.db import migrations, models
from pgtrigger.compiler import Trigger, UpsertTriggerSql

OPERATIONS = [
    migrations.CreateModel(
        name="Draft",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("key", models.CharField(max_length=80)),
            ("values", models.JSONField()),
            ("at", models.DateTimeField()),
            ("member", models.ForeignKey(on_delete=models.CASCADE, related_name="drafts", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to="tickets.team")),
        ],
        options={
            "indexes": [
                models.Index(fields=["team", "at"], name="draft_of_team_at"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("member", "key"), name="a_member_has_one_draft_of_a_form"),
            ],
        },
    ),
    migrations.CreateModel(
        name="OpeningView",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("member", models.OneToOneField(on_delete=models.CASCADE, related_name="+", to="tickets.member")),
            ("view", models.ForeignKey(on_delete=models.CASCADE, related_name="opens_for", to="tickets.savedview")),
        ],
        options={
            "triggers": [
                Trigger(
                    name="opening_view_is_ones_own_or_shared",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_opening_view_is_ones_own_or_shared_7ea0b",
                        table="tickets_openingview",
                        when="BEFORE",
                        operation="INSERT OR UPDATE",
                        func="""
                    IF NOT EXISTS (SELECT 1 FROM tickets_savedview v JOIN tickets_member m ON m.team_id = v.team_id
                                   WHERE v.id = NEW.view_id AND m.id = NEW.member_id AND (v.shared OR v.owner_id = m.id)) THEN
                        RAISE EXCEPTION 'opening_view_is_ones_own_or_shared' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
                        hash="e75c27cf88a977c27011d2b3bbe4b94a6f82798e",
                    ),
                ),
            ],
        },
    ),
]
