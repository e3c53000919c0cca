"""Where orders come from: files, what was wrong in them, and doors that others push through."""

from django.db import migrations, models

OPERATIONS = [
    migrations.CreateModel(
        name="Layout",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("fingerprint", models.CharField(max_length=64)),
            ("columns", models.JSONField()),
            ("updated_at", models.DateTimeField()),
            ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("shop", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="+", to="tickets.shop")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("shop", "fingerprint"), name="layout_is_chosen_once_per_shop"),
                models.CheckConstraint(condition=models.Q(("columns__has_key", "number")), name="layout_names_the_order_number"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Import",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(max_length=40)),
            ("file", models.FileField(upload_to="imports/%Y/%m/")),
            ("name", models.CharField(max_length=255)),
            ("size", models.PositiveBigIntegerField(default=0)),
            ("dry_run", models.BooleanField(default=False)),
            ("exported_at", models.DateTimeField(null=True)),
            (
                "state",
                models.CharField(
                    choices=[
                        ("uploaded", "To be confirmed"),
                        ("waiting", "Waiting"),
                        ("running", "Running"),
                        ("done", "Done"),
                        ("failed", "Failed"),
                    ],
                    default="waiting",
                    max_length=8,
                ),
            ),
            ("rows", models.PositiveBigIntegerField(default=0)),
            ("created", models.PositiveBigIntegerField(default=0)),
            ("updated", models.PositiveBigIntegerField(default=0)),
            ("unchanged", models.PositiveBigIntegerField(default=0)),
            ("problems", models.PositiveBigIntegerField(default=0)),
            ("error", models.TextField(blank=True)),
            ("created_at", models.DateTimeField()),
            ("finished_at", models.DateTimeField(null=True)),
            ("by", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("shop", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="tickets.shop")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("customers", models.PositiveBigIntegerField(db_default=0, default=0)),
            ("done", models.PositiveBigIntegerField(db_default=0, default=0)),
            ("older", models.PositiveBigIntegerField(db_default=0, default=0)),
            ("orders", models.PositiveBigIntegerField(db_default=0, default=0)),
            ("reviews", models.PositiveBigIntegerField(db_default=0, default=0)),
            ("layout", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="tickets.layout")),
        ],
        options={
            "indexes": [
                models.Index(fields=["team", "-id"], name="import_newest"),
            ],
        },
    ),
    migrations.CreateModel(
        name="ImportProblem",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("line", models.PositiveBigIntegerField()),
            ("column", models.CharField(blank=True, max_length=80)),
            ("code", models.CharField(max_length=40)),
            ("value", models.CharField(blank=True, max_length=300)),
            ("row", models.JSONField(default=list)),
            ("run", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="problem_rows", to="tickets.import")),
        ],
        options={
            "ordering": ["line", "id"],
            "indexes": [
                models.Index(fields=["run", "line", "id"], name="import_problem_by_line"),
            ],
        },
    ),
    migrations.CreateModel(
        name="PushDoor",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("token", models.CharField(max_length=64, unique=True)),
            ("domain", models.CharField(max_length=255)),
            ("secret", models.TextField()),
            ("updated_at", models.DateTimeField()),
            ("last_at", models.DateTimeField(null=True)),
            ("last_topic", models.CharField(blank=True, max_length=60)),
            ("last_problem", models.CharField(blank=True, max_length=300)),
            ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("shop", models.OneToOneField(on_delete=models.CASCADE, related_name="+", to="tickets.shop")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
        ],
        options={
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("token", ""), _negated=True),
                        models.Q(("domain", ""), _negated=True),
                        models.Q(("secret", ""), _negated=True),
                    ),
                    name="push_door_is_locked",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Pushed",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("external_id", models.CharField(max_length=64)),
            ("refunds", models.JSONField(default=dict)),
            ("order", models.OneToOneField(null=True, on_delete=models.PROTECT, related_name="pushed", to="tickets.order")),
            ("shop", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="tickets.shop")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("shop", "external_id"), name="pushed_order_is_known_once"),
            ],
        },
    ),
]
