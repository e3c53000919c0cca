"""Orders, and the wordings of the goods in them."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import migrations, models

# In the order of the titles, so that two writers of several wait for each other in one direction only.
TRIGGER = """
CREATE FUNCTION tickets_goods_of_orders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tickets_goods (team_id, title)
    SELECT DISTINCT n.team_id, n.title FROM written n
     WHERE n.title <> '' AND NOT EXISTS (SELECT FROM tickets_goods g WHERE g.team_id = n.team_id AND g.title = n.title)
     ORDER BY n.title
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER goods_of_orders AFTER INSERT ON tickets_order
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION tickets_goods_of_orders();
CREATE TRIGGER goods_of_changed_orders AFTER UPDATE ON tickets_order
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION tickets_goods_of_orders();
"""
NO_TRIGGER = """
DROP TRIGGER goods_of_orders ON tickets_order;
DROP TRIGGER goods_of_changed_orders ON tickets_order;
DROP FUNCTION tickets_goods_of_orders();
"""

OPERATIONS = [
    migrations.CreateModel(
        name="Order",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("number", models.CharField(max_length=64, verbose_name="order number")),
            (
                "status",
                models.CharField(
                    choices=[
                        ("pending", "Waiting for payment"),
                        ("paid", "Paid, to be shipped"),
                        ("shipped", "Shipped"),
                        ("completed", "Completed"),
                        ("closed", "Closed"),
                        ("refunded", "Refunded"),
                        ("unknown", "Unknown"),
                    ],
                    default="unknown",
                    max_length=10,
                    verbose_name="status",
                ),
            ),
            ("status_text", models.CharField(blank=True, max_length=80)),
            ("close_reason", models.CharField(blank=True, max_length=120)),
            ("currency", models.CharField(default="CNY", max_length=3)),
            ("total", models.DecimalField(decimal_places=2, default=0, max_digits=14, verbose_name="amount")),
            ("paid", models.DecimalField(decimal_places=2, default=0, max_digits=14, verbose_name="paid")),
            ("freight", models.DecimalField(decimal_places=2, default=0, max_digits=14, verbose_name="freight")),
            ("refunded", models.DecimalField(decimal_places=2, default=0, max_digits=14, verbose_name="refunded")),
            ("placed_at", models.DateTimeField(blank=True, null=True, verbose_name="placed")),
            ("paid_at", models.DateTimeField(blank=True, null=True, verbose_name="paid at")),
            ("shipped_at", models.DateTimeField(blank=True, null=True, verbose_name="shipped")),
            ("completed_at", models.DateTimeField(blank=True, null=True, verbose_name="completed")),
            ("buyer", models.CharField(blank=True, max_length=160, verbose_name="buyer's handle")),
            ("recipient", models.CharField(blank=True, max_length=120, verbose_name="recipient")),
            ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
            ("address", models.CharField(blank=True, max_length=400, verbose_name="address")),
            ("courier", models.CharField(blank=True, max_length=80, verbose_name="courier")),
            ("tracking", models.CharField(blank=True, max_length=120, verbose_name="tracking number")),
            ("title", models.CharField(blank=True, max_length=300, verbose_name="what was bought")),
            ("buyer_message", models.TextField(blank=True, verbose_name="buyer's message")),
            ("request", models.TextField(blank=True, verbose_name="special request")),
            (
                "source",
                models.CharField(
                    choices=[("hand", "Logged by hand"), ("import", "Imported"), ("push", "Pushed by the platform")],
                    default="hand",
                    max_length=6,
                ),
            ),
            ("exported_at", models.DateTimeField(blank=True, null=True)),
            ("created_at", models.DateTimeField()),
            ("updated_at", models.DateTimeField()),
            ("version", models.PositiveIntegerField(default=1)),
            (
                "customer",
                models.ForeignKey(
                    blank=True,
                    db_constraint=False,
                    db_index=False,
                    null=True,
                    on_delete=models.PROTECT,
                    related_name="orders",
                    to="tickets.customer",
                ),
            ),
            (
                "logged_by",
                models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member"),
            ),
            (
                "sold_by",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=models.PROTECT,
                    related_name="sales",
                    to="tickets.member",
                    verbose_name="sold by",
                ),
            ),
            (
                "shop",
                models.ForeignKey(db_constraint=False, db_index=False, on_delete=models.PROTECT, related_name="orders", to="tickets.shop"),
            ),
            ("team", models.ForeignKey(db_constraint=False, db_index=False, on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("layout", models.CharField(blank=True, db_default="", default="", max_length=40)),
            ("memo", models.TextField(blank=True, db_default="", default="", verbose_name="seller's note")),
        ],
        options={
            "indexes": [
                models.Index(fields=["team", "-placed_at", "-id"], name="order_newest"),
                models.Index(condition=models.Q(("tracking", ""), _negated=True), fields=["team", "tracking"], name="order_by_tracking"),
                models.Index(condition=models.Q(("paid_at__isnull", False)), fields=["team", "paid_at"], name="order_by_payment"),
                models.Index(condition=models.Q(("sold_by__isnull", False)), fields=["sold_by", "-placed_at"], name="order_by_seller"),
                models.Index(models.F("team"), OpClass("number", name="varchar_pattern_ops"), name="order_by_number"),
                models.Index(condition=models.Q(("phone", ""), _negated=True), fields=["team", "phone"], name="order_by_phone"),
                models.Index(fields=["customer", "-placed_at", "-id"], name="order_of_customer"),
                GinIndex(
                    models.Func(
                        models.F("buyer_message"),
                        models.F("memo"),
                        models.F("request"),
                        arg_joiner=" || ' ' || ",
                        function="handover_bigrams",
                    ),
                    condition=models.Q(("buyer_message", ""), ("memo", ""), ("request", ""), _negated=True),
                    name="order_written",
                ),
                models.Index(
                    models.F("team"),
                    models.Func(models.F("title"), models.Value(0), function="hashtextextended"),
                    models.OrderBy(models.F("placed_at"), descending=True),
                    condition=models.Q(("title", ""), _negated=True),
                    name="order_by_title",
                ),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("shop", "number"), name="order_number_is_unique_in_its_shop"),
                models.CheckConstraint(
                    condition=models.Q(("freight__gte", 0), ("paid__gte", 0), ("refunded__gte", 0), ("total__gte", 0)),
                    name="order_money_is_not_negative",
                ),
                models.CheckConstraint(condition=models.Q(("number", ""), _negated=True), name="order_has_a_number"),
            ],
        },
    ),
    migrations.CreateModel(
        name="OrderLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("key", models.CharField(max_length=120)),
            ("sku", models.CharField(blank=True, max_length=120, verbose_name="SKU")),
            ("title", models.CharField(max_length=300, verbose_name="product")),
            ("spec", models.CharField(blank=True, max_length=300, verbose_name="variant")),
            ("quantity", models.PositiveIntegerField(default=1, verbose_name="quantity")),
            ("price", models.DecimalField(decimal_places=2, default=0, max_digits=14, verbose_name="unit price")),
            ("paid", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="paid")),
            ("order", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="lines", to="tickets.order")),
        ],
        options={
            "ordering": ["id"],
            "constraints": [
                models.UniqueConstraint(fields=("order", "key"), name="order_line_key_is_unique"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Goods",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("title", models.CharField(max_length=300)),
            (
                "search",
                models.GeneratedField(
                    db_persist=True,
                    expression=models.Func(models.F("title"), function="handover_bigrams"),
                    output_field=SearchVectorField(),
                ),
            ),
            ("team", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="+", to="tickets.team")),
        ],
        options={
            "indexes": [
                GinIndex(fields=["search"], name="goods_search"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("team", "title"), name="goods_are_named_once"),
            ],
        },
    ),
    migrations.RunSQL(TRIGGER, NO_TRIGGER),
]
