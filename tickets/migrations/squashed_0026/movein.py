"""What is brought in from another system."""

from django.db import migrations, models

OPERATIONS = [
    migrations.CreateModel(
        name="Move",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "system",
                models.CharField(
                    choices=[("zendesk", "Zendesk"), ("helpscout", "Help Scout"), ("gorgias", "Gorgias"), ("csv", "A plain csv file")],
                    max_length=9,
                    verbose_name="system",
                ),
            ),
            ("file", models.FileField(upload_to="moves/%Y/%m/")),
            ("name", models.CharField(max_length=255)),
            ("dry_run", models.BooleanField(default=False)),
            (
                "state",
                models.CharField(
                    choices=[("waiting", "Waiting"), ("running", "Running"), ("done", "Done"), ("failed", "Failed")],
                    default="waiting",
                    max_length=7,
                ),
            ),
            ("done", models.PositiveBigIntegerField(default=0)),
            ("customers", models.PositiveBigIntegerField(default=0)),
            ("tickets", models.PositiveBigIntegerField(default=0)),
            ("entries", models.PositiveBigIntegerField(default=0)),
            ("known", models.PositiveBigIntegerField(default=0)),
            ("problems", models.PositiveBigIntegerField(default=0)),
            ("error", models.CharField(blank=True, max_length=40)),
            ("created_at", models.DateTimeField()),
            ("finished_at", models.DateTimeField(null=True)),
            ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("team", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="tickets.team")),
        ],
        options={
            "indexes": [
                models.Index(fields=["team", "-id"], name="move_newest"),
            ],
        },
    ),
    migrations.CreateModel(
        name="MoveProblem",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("place", models.PositiveBigIntegerField()),
            ("external_id", models.CharField(blank=True, max_length=80)),
            ("code", models.CharField(max_length=40)),
            ("where", models.CharField(blank=True, max_length=120)),
            ("move", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="problem_rows", to="tickets.move")),
        ],
        options={
            "ordering": ["place", "id"],
            "constraints": [
                models.UniqueConstraint(fields=("move", "place"), name="move_problem_is_told_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Twin",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "system",
                models.CharField(
                    choices=[("zendesk", "Zendesk"), ("helpscout", "Help Scout"), ("gorgias", "Gorgias"), ("csv", "A plain csv file")],
                    max_length=9,
                ),
            ),
            ("kind", models.CharField(choices=[("person", "Person"), ("ticket", "Ticket"), ("entry", "Entry")], max_length=6)),
            ("external_id", models.CharField(max_length=80)),
            ("name", models.CharField(blank=True, max_length=120)),
            ("email", models.CharField(blank=True, max_length=160)),
            ("customer", models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.customer")),
            ("team", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("ticket", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="twins", to="tickets.ticket")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("team", "system", "kind", "external_id"), name="twin_is_brought_in_once"),
                models.CheckConstraint(
                    condition=models.Q(("kind", "person"), ("ticket__isnull", False), _connector="OR"), name="twin_says_which_ticket"
                ),
            ],
        },
    ),
]
