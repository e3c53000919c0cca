"""What a token may do, and how often it called."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

# Tokens from before could do everything; they go on doing so until they expire or are revoked. In a new database this runs while knox's
# table is empty and has no such column yet, hence not by its name.
GRANT_ALL = """
INSERT INTO tickets_tokengrant (token_id, name, scopes)
SELECT to_jsonb(t) ->> 'digest', '', ARRAY['read', 'write', 'import', 'reports'] FROM knox_authtoken t
"""

OPERATIONS = [
    migrations.CreateModel(
        name="TokenGrant",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(blank=True, max_length=60, verbose_name="what it is for")),
            (
                "scopes",
                ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("read", "read: look at the team's customers, orders, tickets, forms, shifts"),
                            ("write", "write: log, claim, answer, file, plan"),
                            ("import", "import: bring in files of orders, refunds and figures"),
                            ("reports", "reports: read the figures"),
                        ],
                        max_length=10,
                    ),
                    size=None,
                    verbose_name="scopes",
                ),
            ),
            ("per_minute", models.PositiveIntegerField(blank=True, null=True, verbose_name="calls a minute")),
            ("last_used_at", models.DateTimeField(blank=True, null=True)),
            ("token", models.OneToOneField(on_delete=models.CASCADE, related_name="grant", to=settings.KNOX_TOKEN_MODEL)),
        ],
        options={
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("scopes__len__gt", 0), ("scopes__contained_by", ["read", "write", "import", "reports"])),
                    name="token_has_known_scopes",
                ),
                models.CheckConstraint(
                    condition=models.Q(("per_minute__isnull", True), ("per_minute__gt", 0), _connector="OR"), name="token_rate_is_positive"
                ),
            ],
        },
    ),
    migrations.RunSQL(GRANT_ALL, migrations.RunSQL.noop),
    migrations.CreateModel(
        name="TokenCalls",
        fields=[
            (
                "grant",
                models.OneToOneField(
                    on_delete=models.CASCADE, primary_key=True, related_name="+", serialize=False, to="tickets.tokengrant"
                ),
            ),
            ("minute", models.BigIntegerField()),
            ("calls", models.PositiveIntegerField()),
            ("before", models.PositiveIntegerField()),
        ],
    ),
    # A count is worth no write-ahead log: after a crash it begins anew.
    migrations.RunSQL("ALTER TABLE tickets_tokencalls SET UNLOGGED", "ALTER TABLE tickets_tokencalls SET LOGGED"),
]
