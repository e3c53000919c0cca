"""Shops, and customers under all their names."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import migrations, models

import tickets.people.models

OPERATIONS = [
    migrations.CreateModel(
        name="Shop",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "platform",
                models.CharField(
                    choices=[
                        ("taobao", "Taobao"),
                        ("tmall", "Tmall"),
                        ("jd", "JD"),
                        ("pdd", "Pinduoduo"),
                        ("douyin", "Douyin"),
                        ("shopify", "Shopify"),
                        ("other", "Other"),
                    ],
                    max_length=10,
                    verbose_name="platform",
                ),
            ),
            ("name", models.CharField(max_length=80, verbose_name="name")),
            ("currency", models.CharField(default="CNY", max_length=3, verbose_name="currency")),
            (
                "time_zone",
                models.CharField(
                    default="Asia/Shanghai",
                    max_length=50,
                    validators=[tickets.people.models.check_time_zone],
                    verbose_name="time zone of its exports",
                ),
            ),
            ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ("team", models.ForeignKey(on_delete=models.CASCADE, related_name="shops", to="tickets.team")),
        ],
        options={
            "ordering": ["name"],
            "constraints": [
                models.UniqueConstraint(fields=("team", "platform", "name"), name="shop_name_is_unique_on_its_platform"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Customer",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(blank=True, max_length=120, verbose_name="name")),
            ("note", models.TextField(blank=True, verbose_name="note")),
            ("created_at", models.DateTimeField()),
            (
                "merged_into",
                models.ForeignKey(
                    blank=True, db_index=False, null=True, on_delete=models.PROTECT, related_name="merged_from", to="tickets.customer"
                ),
            ),
            ("team", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            (
                "search",
                models.GeneratedField(
                    db_persist=True,
                    expression=models.Func(models.F("name"), models.F("note"), arg_joiner=" || ' ' || ", function="handover_bigrams"),
                    output_field=SearchVectorField(),
                ),
            ),
        ],
        options={
            "indexes": [
                models.Index(fields=["team", "-id"], name="customer_by_team"),
                GinIndex(fields=["search"], name="customer_search"),
                models.Index(condition=models.Q(("merged_into__isnull", False)), fields=["merged_into"], name="customer_merged"),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("merged_into__isnull", True), models.Q(("merged_into", models.F("id")), _negated=True), _connector="OR"
                    ),
                    name="customer_is_not_merged_into_itself",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Handle",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("taobao", "Taobao"),
                        ("jd", "JD"),
                        ("pdd", "Pinduoduo"),
                        ("douyin", "Douyin"),
                        ("shopify", "Shopify"),
                        ("wechat", "WeChat"),
                        ("phone", "Phone"),
                        ("email", "E-mail"),
                        ("other", "Other"),
                    ],
                    max_length=10,
                    verbose_name="kind",
                ),
            ),
            ("value", models.CharField(max_length=160, verbose_name="handle")),
            ("key", models.CharField(max_length=160)),
            ("created_at", models.DateTimeField()),
            ("customer", models.ForeignKey(db_constraint=False, on_delete=models.PROTECT, related_name="handles", to="tickets.customer")),
            ("team", models.ForeignKey(db_constraint=False, db_index=False, on_delete=models.PROTECT, related_name="+", to="tickets.team")),
        ],
        options={
            "indexes": [
                models.Index(models.F("team"), OpClass("key", name="varchar_pattern_ops"), name="handle_by_key"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("team", "kind", "key"), name="handle_belongs_to_one_customer"),
                models.CheckConstraint(condition=models.Q(("key", ""), _negated=True), name="handle_is_not_empty"),
            ],
        },
    ),
]
