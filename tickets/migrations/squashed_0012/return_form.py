"""Return forms."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from pgtrigger.compiler import Trigger, UpsertTriggerSql

OPERATIONS = [
    migrations.CreateModel(
        name="ReturnPolicy",
        fields=[
            (
                "team",
                models.OneToOneField(
                    on_delete=models.CASCADE, primary_key=True, related_name="return_policy", serialize=False, to="tickets.team"
                ),
            ),
            (
                "max_amount",
                models.DecimalField(decimal_places=2, default=0, max_digits=12, verbose_name="let pass by rule up to this amount"),
            ),
            (
                "resolutions",
                ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("refund_only", "Refund only"),
                            ("return_and_refund", "Return and refund"),
                            ("exchange", "Exchange"),
                            ("reship", "Reship"),
                            ("compensation", "Compensation"),
                            ("reject", "Reject"),
                        ],
                        max_length=17,
                    ),
                    blank=True,
                    default=list,
                    size=None,
                ),
            ),
            ("count_hours", models.PositiveSmallIntegerField(default=72, verbose_name="hours to count")),
            ("decide_hours", models.PositiveSmallIntegerField(default=24, verbose_name="hours to decide")),
            ("settle_hours", models.PositiveSmallIntegerField(default=48, verbose_name="hours to settle")),
        ],
        options={
            "constraints": [
                models.CheckConstraint(condition=models.Q(("max_amount__gte", 0)), name="return_policy_amount_is_not_negative"),
            ],
        },
    ),
    migrations.CreateModel(
        name="ReturnForm",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("draft", "Draft"),
                        ("submitted", "Waiting for the warehouse"),
                        ("inspected", "Waiting for the manager"),
                        ("approved", "Approved"),
                        ("partly_approved", "Partly approved"),
                        ("rejected", "Rejected"),
                        ("settling", "Being settled"),
                        ("closed", "Closed"),
                        ("sent_back", "Sent back"),
                        ("cancelled", "Cancelled"),
                    ],
                    default="draft",
                    max_length=15,
                    verbose_name="state",
                ),
            ),
            ("revision", models.PositiveIntegerField(default=1)),
            ("version", models.PositiveIntegerField(default=1)),
            ("words", models.TextField(blank=True, verbose_name="the customer's words")),
            ("note", models.TextField(blank=True, verbose_name="note")),
            (
                "freight_payer",
                models.CharField(
                    choices=[("customer", "Customer"), ("us", "We")], default="customer", max_length=8, verbose_name="who pays the way back"
                ),
            ),
            ("count_by", models.DateTimeField(blank=True, null=True, verbose_name="count due")),
            ("decide_by", models.DateTimeField(blank=True, null=True, verbose_name="decision due")),
            ("settle_by", models.DateTimeField(blank=True, null=True, verbose_name="settlement due")),
            ("question", models.TextField(blank=True, verbose_name="question")),
            ("sent_backs", models.PositiveSmallIntegerField(default=0)),
            (
                "outcome",
                models.CharField(
                    blank=True,
                    choices=[("counted", "Counted"), ("no_goods_expected", "No goods expected"), ("not_received", "Not received")],
                    max_length=17,
                    verbose_name="inspection",
                ),
            ),
            ("count_note", models.TextField(blank=True, verbose_name="what was seen")),
            ("excess", models.JSONField(blank=True, default=list, verbose_name="more than asked")),
            ("received_at", models.DateTimeField(blank=True, null=True, verbose_name="goods came")),
            ("decision", models.CharField(blank=True, max_length=15, verbose_name="decision")),
            ("rationale", models.TextField(blank=True, verbose_name="why")),
            ("by_rule", models.BooleanField(default=False, verbose_name="let pass by rule")),
            ("freight_amount", models.DecimalField(decimal_places=2, default=0, max_digits=14, verbose_name="freight refunded")),
            ("compensation", models.DecimalField(decimal_places=2, default=0, max_digits=14, verbose_name="compensation")),
            ("filed_at", models.DateTimeField()),
            ("submitted_at", models.DateTimeField(blank=True, null=True)),
            ("inspected_at", models.DateTimeField(blank=True, null=True)),
            ("decided_at", models.DateTimeField(blank=True, null=True)),
            ("closed_at", models.DateTimeField(blank=True, null=True)),
            ("updated_at", models.DateTimeField()),
            (
                "customer",
                models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="return_forms", to="tickets.customer"),
            ),
            ("filed_by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("order", models.ForeignKey(on_delete=models.PROTECT, related_name="return_forms", to="tickets.order")),
            (
                "predecessor",
                models.OneToOneField(blank=True, null=True, on_delete=models.PROTECT, related_name="successor", to="tickets.returnform"),
            ),
            ("promise", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.promise")),
            ("shop", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.shop")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            (
                "ticket",
                models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="return_forms", to="tickets.ticket"),
            ),
        ],
        options={
            "indexes": [
                models.Index(condition=models.Q(("state", "submitted")), fields=["team", "count_by", "id"], name="return_form_to_count"),
                models.Index(condition=models.Q(("state", "inspected")), fields=["team", "decide_by", "id"], name="return_form_to_decide"),
                models.Index(
                    condition=models.Q(("state__in", ["approved", "partly_approved", "rejected", "settling"])),
                    fields=["team", "settle_by", "id"],
                    name="return_form_to_settle",
                ),
                models.Index(
                    condition=models.Q(("state__in", ["draft", "sent_back"])), fields=["team", "updated_at"], name="return_form_to_finish"
                ),
                models.Index(fields=["team", "-id"], name="return_form_newest"),
                models.Index(fields=["team", "state", "-id"], name="return_form_by_state"),
                models.Index(condition=models.Q(("customer__isnull", False)), fields=["customer", "-id"], name="return_form_of_customer"),
                models.Index(
                    condition=models.Q(("submitted_at__isnull", False)), fields=["team", "submitted_at"], name="return_form_by_submission"
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "state__in",
                            [
                                "draft",
                                "submitted",
                                "inspected",
                                "approved",
                                "partly_approved",
                                "rejected",
                                "settling",
                                "closed",
                                "sent_back",
                                "cancelled",
                            ],
                        )
                    ),
                    name="return_form_state_is_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(("compensation__gte", 0), ("freight_amount__gte", 0)), name="return_form_money_is_not_negative"
                ),
                models.UniqueConstraint(
                    condition=models.Q(("freight_amount__gt", 0)), fields=("order",), name="return_form_freight_is_refunded_once"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("predecessor__isnull", True), models.Q(("predecessor", models.F("id")), _negated=True), _connector="OR"
                    ),
                    name="return_form_does_not_succeed_itself",
                ),
            ],
            "triggers": [
                Trigger(
                    name="return_form_is_never_deleted",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_return_form_is_never_deleted_15eff",
                        table="tickets_returnform",
                        when="BEFORE",
                        operation="DELETE",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                        hash="ebb7df78a66b9882cc3be988a515556a974b948f",
                    ),
                ),
                Trigger(
                    name="return_form_closed_does_not_change",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_return_form_closed_does_not_change_d0726",
                        table="tickets_returnform",
                        when="BEFORE",
                        operation="UPDATE",
                        condition="WHEN (OLD.\"state\" IN ('closed', 'cancelled'))",
                        func="""
            IF (to_jsonb(NEW) - 'customer_id' - 'ticket_id') IS DISTINCT FROM (to_jsonb(OLD) - 'customer_id' - 'ticket_id') THEN
                RAISE EXCEPTION 'return_form_closed_does_not_change' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
                        hash="1f8cabf1a69415c6b2e9ee1fada3fe940204132e",
                    ),
                ),
                Trigger(
                    name="return_form_moves_along_its_states",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_return_form_moves_along_its_states_3cb64",
                        table="tickets_returnform",
                        when="BEFORE",
                        operation='UPDATE OF "state"',
                        condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                        func="""
            IF (OLD.state, NEW.state) NOT IN (('draft', 'submitted'), ('draft', 'cancelled'), ('sent_back', 'submitted'), ('sent_back', 'cancelled'), ('sent_back', 'draft'), ('submitted', 'inspected'), ('submitted', 'sent_back'), ('submitted', 'draft'), ('submitted', 'cancelled'), ('inspected', 'approved'), ('inspected', 'partly_approved'), ('inspected', 'rejected'), ('inspected', 'sent_back'), ('inspected', 'draft'), ('inspected', 'submitted'), ('approved', 'settling'), ('approved', 'closed'), ('approved', 'draft'), ('partly_approved', 'settling'), ('partly_approved', 'closed'), ('partly_approved', 'draft'), ('rejected', 'settling'), ('rejected', 'closed'), ('rejected', 'draft'), ('settling', 'closed')) THEN
                RAISE EXCEPTION 'return_form_moves_along_its_states: % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
                        hash="59fb464a159c456c231060882d314bff2299861f",
                    ),
                ),
                Trigger(
                    name="return_form_state_has_its_signatures",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_return_form_state_has_its_signatures_4b1f3",
                        table="tickets_returnform",
                        when="AFTER",
                        operation='INSERT OR UPDATE OF "state", "revision"',
                        constraint="CONSTRAINT",
                        timing="DEFERRABLE INITIALLY DEFERRED",
                        declare="DECLARE stages integer; people integer; needed integer; now tickets_returnform%ROWTYPE;",
                        func="""
            SELECT * INTO now FROM tickets_returnform f WHERE f.id = NEW.id;
            needed := CASE now.state WHEN 'submitted' THEN 1 WHEN 'inspected' THEN 2
                      WHEN 'draft' THEN 0 WHEN 'sent_back' THEN 0 WHEN 'cancelled' THEN 0 ELSE 3 END;
            SELECT count(DISTINCT s.stage), count(DISTINCT s.member_id) INTO stages, people
                FROM 
    tickets_signature s WHERE s.form_id = now.id AND NOT EXISTS (SELECT 1 FROM tickets_voiding v WHERE v.signature_id = s.id)
 AND s.revision = now.revision;
            IF stages < needed OR people < needed THEN
                RAISE EXCEPTION 'return_form_state_has_its_signatures' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        """,
                        hash="bf29833b5187043142bb30c81c1d22e6f4fed673",
                    ),
                ),
            ],
        },
    ),
]
