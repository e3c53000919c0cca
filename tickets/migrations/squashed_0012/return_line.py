"""What comes back on a form, and the form as it was."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import migrations, models
from django.db.models.expressions import CombinedExpression
from pgtrigger.compiler import Trigger, UpsertTriggerSql

OPERATIONS = [
    migrations.CreateModel(
        name="ReturnLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("place", models.PositiveSmallIntegerField()),
            ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
            (
                "resolution",
                models.CharField(
                    choices=[
                        ("refund_only", "Refund only"),
                        ("return_and_refund", "Return and refund"),
                        ("exchange", "Exchange"),
                        ("reship", "Reship"),
                        ("compensation", "Compensation"),
                        ("reject", "Reject"),
                    ],
                    max_length=17,
                    verbose_name="wanted",
                ),
            ),
            ("exchange_for", models.CharField(blank=True, max_length=300, verbose_name="exchange for")),
            ("asked_amount", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="amount asked")),
            ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
            ("ok", models.PositiveIntegerField(blank=True, null=True, verbose_name="ok")),
            ("opened", models.PositiveIntegerField(blank=True, null=True, verbose_name="opened")),
            ("damaged", models.PositiveIntegerField(blank=True, null=True, verbose_name="damaged")),
            ("wrong", models.PositiveIntegerField(blank=True, null=True, verbose_name="wrong item")),
            ("missing", models.PositiveIntegerField(blank=True, null=True, verbose_name="missing")),
            (
                "disposition",
                models.CharField(
                    blank=True,
                    choices=[
                        ("restock", "Back to stock"),
                        ("quarantine", "Quarantine"),
                        ("scrap", "Scrap"),
                        ("send_back", "Send back to the customer"),
                    ],
                    max_length=10,
                    verbose_name="where it goes",
                ),
            ),
            ("count_note", models.CharField(blank=True, max_length=300, verbose_name="what was seen")),
            (
                "granted",
                models.CharField(
                    blank=True,
                    choices=[
                        ("refund_only", "Refund only"),
                        ("return_and_refund", "Return and refund"),
                        ("exchange", "Exchange"),
                        ("reship", "Reship"),
                        ("compensation", "Compensation"),
                        ("reject", "Reject"),
                    ],
                    max_length=17,
                    verbose_name="granted",
                ),
            ),
            ("approved_quantity", models.PositiveIntegerField(blank=True, null=True, verbose_name="approved")),
            ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="amount")),
            (
                "fault",
                models.CharField(
                    blank=True,
                    choices=[
                        ("customer", "Customer"),
                        ("warehouse", "Warehouse"),
                        ("agent", "Agent"),
                        ("supplier", "Supplier"),
                        ("courier", "Courier"),
                    ],
                    max_length=9,
                    verbose_name="fault",
                ),
            ),
            ("form", models.ForeignKey(on_delete=models.PROTECT, related_name="lines", to="tickets.returnform")),
            ("order_line", models.ForeignKey(on_delete=models.PROTECT, related_name="return_lines", to="tickets.orderline")),
            ("reason", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.reason", verbose_name="reason")),
        ],
        options={
            "ordering": ["place"],
            "constraints": [
                models.UniqueConstraint(fields=("form", "place"), name="return_line_places_do_not_repeat"),
                models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="return_line_asks_for_something"),
                models.CheckConstraint(
                    condition=models.Q(("resolution", "reject"), _negated=True), name="return_line_does_not_ask_to_be_rejected"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("damaged__isnull", True),
                            ("missing__isnull", True),
                            ("ok__isnull", True),
                            ("opened__isnull", True),
                            ("wrong__isnull", True),
                        ),
                        (
                            "quantity",
                            CombinedExpression(
                                CombinedExpression(
                                    CombinedExpression(
                                        CombinedExpression(models.F("ok"), "+", models.F("opened")), "+", models.F("damaged")
                                    ),
                                    "+",
                                    models.F("wrong"),
                                ),
                                "+",
                                models.F("missing"),
                            ),
                        ),
                        _connector="OR",
                    ),
                    name="return_line_count_adds_up_to_what_was_asked",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("amount__isnull", True), ("approved_quantity__isnull", True), ("granted", "")),
                        models.Q(
                            models.Q(("granted", ""), _negated=True),
                            ("amount__isnull", False),
                            ("approved_quantity__isnull", False),
                            ("approved_quantity__lte", models.F("quantity")),
                        ),
                        _connector="OR",
                    ),
                    name="return_line_grants_at_most_what_was_asked",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("granted", "reject"), _negated=True), models.Q(("amount", 0), ("approved_quantity", 0)), _connector="OR"
                    ),
                    name="return_line_rejected_grants_nothing",
                ),
                models.CheckConstraint(
                    condition=models.Q(("amount__isnull", True), ("amount__gte", 0), _connector="OR"),
                    name="return_line_amount_is_not_negative",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("resolution__in", ["return_and_refund", "exchange"]), _negated=True),
                        ("granted__in", ["", "reject", "compensation"]),
                        models.Q(
                            ("approved_quantity__lte", CombinedExpression(models.F("quantity"), "-", models.F("missing"))),
                            ("missing__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="return_line_grants_at_most_what_came",
                ),
            ],
            "triggers": [
                Trigger(
                    name="return_line_of_a_closed_form_does_not_change",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_return_line_of_a_closed_form_does_not_change_c9798",
                        table="tickets_returnline",
                        when="BEFORE",
                        operation="UPDATE OR DELETE",
                        func="""
            IF EXISTS (SELECT 1 FROM tickets_returnform f WHERE f.id = OLD.form_id AND f.state IN ('closed', 'cancelled')) THEN
                RAISE EXCEPTION 'return_line_of_a_closed_form_does_not_change' USING ERRCODE = 'check_violation';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,
                        hash="a0c5edda7c5b482e84fc15f5f92e4f35e9b6fae7",
                    ),
                ),
                Trigger(
                    name="return_line_reason_is_a_leaf_of_its_team",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_return_line_reason_is_a_leaf_of_its_team_b7a52",
                        table="tickets_returnline",
                        when="BEFORE",
                        operation='INSERT OR UPDATE OF "reason_id"',
                        func="""
            IF NOT EXISTS (SELECT 1 FROM tickets_reason x JOIN tickets_returnform f ON f.team_id = x.team_id
                           WHERE x.id = NEW.reason_id AND f.id = NEW.form_id)
               OR EXISTS (SELECT 1 FROM tickets_reason c WHERE c.parent_id = NEW.reason_id) THEN
                RAISE EXCEPTION 'return_line_reason_is_a_leaf_of_its_team' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
                        hash="cbd54a14ecf61e951e126549d6b94afb4c2ddc53",
                    ),
                ),
                Trigger(
                    name="return_line_is_within_its_order",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_return_line_is_within_its_order_7f44b",
                        table="tickets_returnline",
                        when="AFTER",
                        operation='INSERT OR UPDATE OF "quantity", "resolution", "granted", "approved_quantity", "amount", "order_line_id"',
                        constraint="CONSTRAINT",
                        timing="DEFERRABLE INITIALLY DEFERRED",
                        declare="DECLARE bought integer; shipped boolean; replaced integer; used integer; goods integer; paid numeric; given numeric; the_order bigint;",
                        func="""
            SELECT o.id, l.quantity, o.shipped_at IS NOT NULL OR o.status IN ('shipped', 'completed', 'unknown'), o.paid
                INTO the_order, bought, shipped, paid
                FROM tickets_orderline l JOIN tickets_order o ON o.id = l.order_id WHERE l.id = NEW.order_line_id FOR NO KEY UPDATE OF o;
            IF NOT EXISTS (SELECT 1 FROM tickets_returnform f WHERE f.id = NEW.form_id AND f.order_id = the_order) THEN
                RAISE EXCEPTION 'return_line_is_of_its_form_s_order' USING ERRCODE = 'check_violation';
            END IF;
            SELECT coalesce(sum(
    CASE WHEN r.granted IN ('reject', 'compensation') THEN 0
         WHEN r.granted <> '' THEN r.approved_quantity
         WHEN r.resolution = 'compensation' THEN 0
         ELSE r.quantity END
), 0),
                   coalesce(sum(
    CASE WHEN r.granted IN ('reject', 'compensation') THEN 0
         WHEN r.granted <> '' THEN r.approved_quantity
         WHEN r.resolution = 'compensation' THEN 0
         ELSE r.quantity END
) FILTER (WHERE r.resolution IN ('return_and_refund', 'exchange', 'reship')), 0),
                   coalesce(sum(r.approved_quantity) FILTER (WHERE r.granted IN ('exchange', 'reship') AND EXISTS (
                       SELECT 1 FROM tickets_settlement p WHERE p.form_id = f.id AND p.kind = 'ship' AND p.state = 'succeeded')), 0)
                INTO used, goods, replaced
                FROM tickets_returnline r JOIN tickets_returnform f ON f.id = r.form_id
                WHERE r.order_line_id = NEW.order_line_id AND f.state <> 'cancelled';
            IF used > bought + replaced OR goods > (CASE WHEN shipped THEN bought ELSE 0 END) + replaced THEN
                RAISE EXCEPTION 'return_line_is_within_what_was_bought' USING ERRCODE = 'check_violation';
            END IF;
            IF coalesce(NEW.amount, 0) > 0 AND NEW.granted <> 'compensation' THEN
                SELECT coalesce(sum(r.amount), 0) INTO given FROM tickets_returnline r JOIN tickets_returnform f ON f.id = r.form_id
                    WHERE f.order_id = the_order AND f.state <> 'cancelled' AND r.granted <> 'compensation';
                given := given + (SELECT coalesce(sum(f.freight_amount), 0) FROM tickets_returnform f
                                  WHERE f.order_id = the_order AND f.state <> 'cancelled');
                IF given > paid THEN
                    RAISE EXCEPTION 'return_line_is_within_what_was_paid' USING ERRCODE = 'check_violation';
                END IF;
            END IF;
            RETURN NULL;
        """,
                        hash="35d421f7b0d86790afe4df3b288c98710d46e53a",
                    ),
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="FormRevision",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("number", models.PositiveIntegerField()),
            (
                "cause",
                models.CharField(
                    choices=[("filed", "filed"), ("edited", "edited"), ("sent_back", "sent back"), ("reopened", "reopened")], max_length=9
                ),
            ),
            ("content", models.JSONField(encoder=DjangoJSONEncoder)),
            ("at", models.DateTimeField()),
            ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("form", models.ForeignKey(on_delete=models.PROTECT, related_name="revisions", to="tickets.returnform")),
        ],
        options={
            "ordering": ["number"],
            "constraints": [
                models.UniqueConstraint(fields=("form", "number"), name="form_revision_number_is_unique"),
            ],
            "triggers": [
                Trigger(
                    name="form_revision_is_append_only",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_form_revision_is_append_only_727a4",
                        table="tickets_formrevision",
                        when="BEFORE",
                        operation="UPDATE OR DELETE",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="785e3dff73467e88a59bc9ad47f1de7afdb0949f",
                    ),
                ),
            ],
        },
    ),
]
