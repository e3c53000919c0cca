"""What is paid, and what the platforms say of it."""

from django.db import migrations, models
from pgtrigger.compiler import Trigger, UpsertTriggerSql

OPERATIONS = [
    migrations.CreateModel(
        name="Settlement",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("refund", "Refund"),
                        ("freight", "Freight refund"),
                        ("compensation", "Compensation"),
                        ("ship", "Ship the replacement"),
                        ("send_back", "Send the goods back"),
                    ],
                    max_length=12,
                ),
            ),
            ("amount", models.DecimalField(decimal_places=2, default=0, max_digits=14, verbose_name="amount")),
            ("quantity", models.PositiveIntegerField(default=0, verbose_name="quantity")),
            (
                "state",
                models.CharField(
                    choices=[("due", "to be done"), ("pending", "under way"), ("succeeded", "done"), ("failed", "failed")],
                    default="due",
                    max_length=9,
                    verbose_name="state",
                ),
            ),
            ("reference", models.CharField(blank=True, max_length=120, verbose_name="reference")),
            ("failure", models.CharField(blank=True, max_length=300, verbose_name="why it failed")),
            ("attempts", models.PositiveSmallIntegerField(default=0)),
            ("created_at", models.DateTimeField()),
            ("changed_at", models.DateTimeField(null=True)),
            ("by", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("form", models.ForeignKey(on_delete=models.PROTECT, related_name="settlements", to="tickets.returnform")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
        ],
        options={
            "ordering": ["id"],
            "indexes": [
                models.Index(condition=models.Q(("state", "succeeded")), fields=["team", "changed_at"], name="settlement_done_by_instant"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("form", "kind"), name="settlement_is_one_of_its_kind"),
                models.UniqueConstraint(
                    condition=models.Q(("kind__in", ["refund", "freight", "compensation"]), ("state__in", ["pending", "succeeded"])),
                    fields=("team", "kind", "reference"),
                    name="settlement_reference_pays_once",
                ),
                models.CheckConstraint(
                    condition=models.Q(("amount__gte", 0), models.Q(("amount__gt", 0), ("quantity__gt", 0), _connector="OR")),
                    name="settlement_owes_something",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["pending", "succeeded"]), _negated=True),
                        models.Q(("reference", ""), _negated=True),
                        _connector="OR",
                    ),
                    name="settlement_done_has_a_reference",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "failed"), _negated=True), models.Q(("failure", ""), _negated=True), _connector="OR"
                    ),
                    name="settlement_failed_says_why",
                ),
            ],
            "triggers": [
                Trigger(
                    name="settlement_is_never_deleted",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_settlement_is_never_deleted_bd541",
                        table="tickets_settlement",
                        when="BEFORE",
                        operation="DELETE",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                        hash="c12f5df09a8106e033fbaabb56250001dd67ccb6",
                    ),
                ),
                Trigger(
                    name="settlement_done_does_not_change",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_settlement_done_does_not_change_096a7",
                        table="tickets_settlement",
                        when="BEFORE",
                        operation="UPDATE",
                        func="""
            IF OLD.state = 'succeeded' OR NEW.form_id <> OLD.form_id OR NEW.kind <> OLD.kind OR NEW.amount <> OLD.amount
               OR NEW.quantity <> OLD.quantity OR (OLD.state = 'pending' AND NEW.state = 'due') THEN
                RAISE EXCEPTION 'settlement_done_does_not_change' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
                        hash="21983911b5f69a63f211beded1b05fd23a02307d",
                    ),
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="PlatformRefund",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("number", models.CharField(max_length=64, verbose_name="refund number")),
            ("order_number", models.CharField(max_length=64, verbose_name="order number")),
            ("title", models.CharField(blank=True, max_length=300)),
            ("amount", models.DecimalField(decimal_places=2, default=0, max_digits=14, verbose_name="refunded")),
            ("paid", models.DecimalField(decimal_places=2, default=0, max_digits=14, verbose_name="paid")),
            ("goods_return", models.BooleanField(default=False, verbose_name="goods come back")),
            ("status_text", models.CharField(blank=True, max_length=80, verbose_name="status")),
            ("reason_text", models.CharField(blank=True, max_length=200, verbose_name="reason")),
            ("tracking", models.CharField(blank=True, max_length=120, verbose_name="tracking number")),
            ("fault_text", models.CharField(blank=True, max_length=80)),
            ("asked_at", models.DateTimeField(null=True)),
            ("ended_at", models.DateTimeField(null=True)),
            ("updated_at", models.DateTimeField()),
            ("order", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="platform_refunds", to="tickets.order")),
            ("shop", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.shop")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("form", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="platform_refunds", to="tickets.returnform")),
        ],
        options={
            "indexes": [
                models.Index(fields=["team", "order_number"], name="platform_refund_by_order"),
                models.Index(condition=models.Q(("form__isnull", True)), fields=["team", "-id"], name="platform_refund_unmatched"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("shop", "number"), name="platform_refund_number_is_unique_in_its_shop"),
                models.CheckConstraint(
                    condition=models.Q(models.Q(("number", ""), _negated=True), models.Q(("order_number", ""), _negated=True)),
                    name="platform_refund_has_its_numbers",
                ),
            ],
        },
    ),
]
