"""Replies kept ready, and campaigns."""

from django.db import migrations, models

OPERATIONS = [
    migrations.CreateModel(
        name="Campaign",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=80, verbose_name="name")),
            ("text", models.TextField(max_length=2000, verbose_name="what agents must know")),
            ("starts_at", models.DateTimeField(verbose_name="from")),
            ("ends_at", models.DateTimeField(verbose_name="until")),
            ("created_at", models.DateTimeField()),
            ("ended_at", models.DateTimeField(blank=True, null=True)),
            ("version", models.PositiveIntegerField(default=1)),
            (
                "shop",
                models.ForeignKey(
                    blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.shop", verbose_name="shop"
                ),
            ),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
        ],
        options={
            "ordering": ["-starts_at", "-id"],
            "indexes": [
                models.Index(condition=models.Q(("ended_at__isnull", True)), fields=["team", "ends_at"], name="campaign_not_ended"),
            ],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="campaign_ends_after_it_starts"),
                models.CheckConstraint(
                    condition=models.Q(models.Q(("name", ""), _negated=True), models.Q(("text", ""), _negated=True)),
                    name="campaign_says_something",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Script",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("shortcut", models.CharField(max_length=20, verbose_name="shortcut")),
            ("title", models.CharField(max_length=80, verbose_name="title")),
            ("body", models.TextField(max_length=4000, verbose_name="reply")),
            ("created_at", models.DateTimeField()),
            ("ended_at", models.DateTimeField(blank=True, null=True)),
            ("version", models.PositiveIntegerField(default=1)),
            (
                "reason",
                models.ForeignKey(
                    blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.reason", verbose_name="reason"
                ),
            ),
            (
                "shop",
                models.ForeignKey(
                    blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.shop", verbose_name="shop"
                ),
            ),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
        ],
        options={
            "ordering": ["shortcut", "id"],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("ended_at__isnull", True)), fields=("team", "shortcut"), name="script_shortcut_means_one_reply"
                ),
                models.CheckConstraint(condition=models.Q(("shortcut__regex", "^[^\\s/{}、]{1,20}$")), name="script_shortcut_is_one_word"),
                models.CheckConstraint(
                    condition=models.Q(models.Q(("title", ""), _negated=True), models.Q(("body", ""), _negated=True)),
                    name="script_says_something",
                ),
            ],
        },
    ),
]
