"""What hangs on a matter: its text as it is found, orders, files, watchers; and the views it is found with."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import migrations, models

OPERATIONS = [
    migrations.CreateModel(
        name="TicketText",
        fields=[
            (
                "ticket",
                models.OneToOneField(on_delete=models.CASCADE, primary_key=True, related_name="text", serialize=False, to="tickets.ticket"),
            ),
            ("text", models.TextField()),
            (
                "search",
                models.GeneratedField(
                    db_persist=True, expression=models.Func(models.F("text"), function="handover_bigrams"), output_field=SearchVectorField()
                ),
            ),
            ("team", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="+", to="tickets.team")),
        ],
        options={
            "indexes": [
                GinIndex(fastupdate=False, fields=["search"], name="ticket_text_search"),
                models.Index(fields=["team", "-ticket"], name="ticket_text_newest"),
            ],
        },
    ),
    migrations.CreateModel(
        name="TicketOrder",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("order", models.ForeignKey(on_delete=models.PROTECT, related_name="ticket_links", to="tickets.order")),
            ("ticket", models.ForeignKey(on_delete=models.PROTECT, related_name="order_links", to="tickets.ticket")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("ticket", "order"), name="ticket_order_is_linked_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Attachment",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("file", models.FileField(upload_to="attachments/%Y/%m/")),
            ("name", models.CharField(max_length=255)),
            ("content_type", models.CharField(max_length=60)),
            ("size", models.PositiveBigIntegerField()),
            ("sha256", models.CharField(max_length=64)),
            ("at", models.DateTimeField()),
            ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("ticket", models.ForeignKey(on_delete=models.PROTECT, related_name="attachments", to="tickets.ticket")),
        ],
    ),
    migrations.CreateModel(
        name="SavedView",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=60, verbose_name="name")),
            ("page", models.CharField(default="tickets", max_length=30)),
            ("query", models.CharField(max_length=500)),
            ("shared", models.BooleanField(default=False, verbose_name="for the whole team")),
            ("owner", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to="tickets.team")),
        ],
        options={
            "ordering": ["name"],
            "constraints": [
                models.UniqueConstraint(fields=("owner", "page", "name"), name="saved_view_name_is_unique"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Watcher",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("mentioned", models.BooleanField(default=False)),
            ("member", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to="tickets.member")),
            ("ticket", models.ForeignKey(on_delete=models.CASCADE, related_name="watchers", to="tickets.ticket")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("ticket", "member"), name="watcher_watches_once"),
            ],
        },
    ),
]
