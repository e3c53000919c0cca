"""Mailboxes and letters."""

from django.db import migrations, models

OPERATIONS = [
    migrations.CreateModel(
        name="Mailbox",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("address", models.EmailField(max_length=160, unique=True, verbose_name="address")),
            ("host", models.CharField(blank=True, max_length=255, verbose_name="IMAP server")),
            ("port", models.PositiveIntegerField(default=993, verbose_name="port")),
            (
                "security",
                models.CharField(choices=[("ssl", "TLS"), ("starttls", "STARTTLS")], default="ssl", max_length=8, verbose_name="security"),
            ),
            ("username", models.CharField(blank=True, max_length=255, verbose_name="user name")),
            ("password", models.TextField(blank=True)),
            ("folder", models.CharField(default="INBOX", max_length=120, verbose_name="folder")),
            ("is_on", models.BooleanField(default=True, verbose_name="in use")),
            ("uid_validity", models.BigIntegerField(default=0)),
            ("seen_uid", models.BigIntegerField(default=0)),
            ("failures", models.PositiveIntegerField(default=0)),
            ("next_at", models.DateTimeField()),
            ("last_at", models.DateTimeField(null=True)),
            ("last_error", models.CharField(blank=True, max_length=300)),
            ("updated_at", models.DateTimeField()),
            ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("team", models.OneToOneField(on_delete=models.CASCADE, related_name="mailbox", to="tickets.team")),
        ],
        options={
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("host", ""),
                        models.Q(models.Q(("username", ""), _negated=True), models.Q(("password", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="mailbox_with_a_server_signs_in",
                ),
                models.CheckConstraint(condition=models.Q(("port__gte", 1), ("port__lte", 65535)), name="mailbox_port_is_one"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Letter",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("message_id", models.CharField(max_length=255)),
            ("sender", models.CharField(blank=True, max_length=160, verbose_name="from")),
            ("subject", models.CharField(blank=True, max_length=300, verbose_name="subject")),
            (
                "outcome",
                models.CharField(
                    choices=[
                        ("opened", "Opened a matter"),
                        ("added", "Added to a matter"),
                        ("auto", "Automatic answer"),
                        ("bounce", "Could not be delivered"),
                        ("loop", "Our own letter"),
                        ("too_many", "Too many from this sender"),
                        ("too_big", "Too large"),
                        ("failed", "Could not be read"),
                    ],
                    max_length=8,
                ),
            ),
            ("text", models.TextField(blank=True)),
            ("left_out", models.JSONField(default=list)),
            ("at", models.DateTimeField()),
            ("team", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("ticket", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="letters", to="tickets.ticket")),
            ("raw", models.FileField(blank=True, upload_to="letters/%Y/%m/")),
        ],
        options={
            "indexes": [
                models.Index(fields=["team", "-id"], name="letter_newest"),
                models.Index(fields=["team", "sender", "at"], name="letter_by_sender"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("team", "message_id"), name="letter_is_taken_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("outcome__in", ["opened", "added"]), ("ticket__isnull", False)),
                        models.Q(("outcome__in", ["opened", "added"]), _negated=True),
                        _connector="OR",
                    ),
                    name="letter_that_was_taken_says_where",
                ),
            ],
        },
    ),
]
