"""What the platforms pay for lost and damaged goods."""

from django.db import migrations, models
from pgtrigger.compiler import Trigger, UpsertTriggerSql

OPERATIONS = [
    migrations.CreateModel(
        name="PlatformCompensation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("number", models.CharField(max_length=64, verbose_name="payment number")),
            ("order_number", models.CharField(max_length=64, verbose_name="order number")),
            ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="amount")),
            (
                "state",
                models.CharField(
                    choices=[("open", "not paid yet"), ("paid", "paid"), ("failed", "not paid")], max_length=6, verbose_name="state"
                ),
            ),
            ("is_ours", models.BooleanField(default=True, verbose_name="borne by the shop")),
            ("status_text", models.CharField(blank=True, max_length=80, verbose_name="status")),
            ("kind_text", models.CharField(blank=True, max_length=80, verbose_name="kind")),
            ("reason_text", models.CharField(blank=True, max_length=200, verbose_name="reason")),
            ("bearer_text", models.CharField(blank=True, max_length=80)),
            ("asked_at", models.DateTimeField(null=True)),
            ("paid_at", models.DateTimeField(null=True)),
            ("told_at", models.DateTimeField()),
            (
                "form",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="platform_compensations", to="tickets.returnform"),
            ),
            ("order", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="platform_compensations", to="tickets.order")),
            (
                "settlement",
                models.OneToOneField(null=True, on_delete=models.PROTECT, related_name="platform_compensation", to="tickets.settlement"),
            ),
            ("shop", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="tickets.shop")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
        ],
        options={
            "indexes": [
                models.Index(fields=["team", "-id"], name="platform_compensation_newest"),
                models.Index(condition=models.Q(("order__isnull", True)), fields=["team", "-id"], name="platform_compensation_waits"),
                models.Index(
                    condition=models.Q(("is_ours", True), ("state", "paid")), fields=["team", "paid_at"], name="platform_compensation_paid"
                ),
                models.Index(fields=["shop", "order_number"], name="platform_compensation_by_order"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("shop", "number"), name="platform_compensation_number_is_unique_in_its_shop"),
                models.CheckConstraint(
                    condition=models.Q(models.Q(("number", ""), _negated=True), models.Q(("order_number", ""), _negated=True)),
                    name="platform_compensation_has_its_numbers",
                ),
                models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="platform_compensation_pays_something"),
                models.CheckConstraint(
                    condition=models.Q(models.Q(("state", "paid"), _negated=True), ("paid_at__isnull", False), _connector="OR"),
                    name="platform_compensation_paid_says_when",
                ),
                models.CheckConstraint(
                    condition=models.Q(("settlement__isnull", True), models.Q(("form__isnull", False), ("state", "paid")), _connector="OR"),
                    name="platform_compensation_settles_its_form",
                ),
            ],
            "triggers": [
                Trigger(
                    name="platform_compensation_is_of_one_team",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_platform_compensation_is_of_one_team_2ce66",
                        table="tickets_platformcompensation",
                        when="BEFORE",
                        operation='INSERT OR UPDATE OF "team_id", "shop_id", "order_id", "form_id", "settlement_id"',
                        func="""
            IF NOT EXISTS (SELECT 1 FROM tickets_shop x WHERE x.id = NEW.shop_id AND x.team_id = NEW.team_id)
               OR NEW.order_id IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM tickets_order x WHERE x.id = NEW.order_id AND x.team_id = NEW.team_id)
               OR NEW.form_id IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM tickets_returnform x WHERE x.id = NEW.form_id AND x.team_id = NEW.team_id)
               
               OR NEW.settlement_id IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM tickets_settlement x WHERE x.id = NEW.settlement_id AND x.form_id = NEW.form_id) THEN
                RAISE EXCEPTION 'platform_compensation_is_of_one_team' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
                        hash="e53ca5a5fddec693a7fc4722ad450e076d037102",
                    ),
                ),
            ],
        },
    ),
]
