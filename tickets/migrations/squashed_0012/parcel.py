"""Parcels that came back, and the pictures of what was in them."""

from django.db import migrations, models
from pgtrigger.compiler import Trigger, UpsertTriggerSql

OPERATIONS = [
    migrations.CreateModel(
        name="Parcel",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("direction", models.CharField(choices=[("in", "to us"), ("out", "to the customer")], default="in", max_length=3)),
            ("courier", models.CharField(blank=True, max_length=80, verbose_name="courier")),
            ("tracking", models.CharField(max_length=120, verbose_name="tracking number")),
            ("contents", models.TextField(blank=True, verbose_name="what is in it")),
            ("sender", models.CharField(blank=True, max_length=160, verbose_name="sender")),
            ("arrived_at", models.DateTimeField(blank=True, null=True)),
            ("recorded_at", models.DateTimeField()),
            ("matched_at", models.DateTimeField(blank=True, null=True)),
            ("matched_by", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("recorded_by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("form", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="parcels", to="tickets.returnform")),
        ],
        options={
            "indexes": [
                models.Index(fields=["team", "tracking"], name="parcel_by_tracking"),
                models.Index(
                    condition=models.Q(("direction", "in"), ("form__isnull", True)), fields=["team", "-arrived_at"], name="parcel_unclaimed"
                ),
            ],
            "constraints": [
                models.UniqueConstraint(
                    fields=("team", "tracking", "form", "direction"), name="parcel_is_listed_once_for_a_form", nulls_distinct=False
                ),
                models.CheckConstraint(condition=models.Q(("tracking", ""), _negated=True), name="parcel_has_a_tracking_number"),
                models.CheckConstraint(
                    condition=models.Q(
                        ("form__isnull", False), models.Q(("arrived_at__isnull", False), ("direction", "in")), _connector="OR"
                    ),
                    name="parcel_without_a_form_has_arrived",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Evidence",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[("filed", "with the request"), ("counted", "while counting"), ("parcel", "of a parcel")], max_length=7
                ),
            ),
            ("file", models.FileField(upload_to="returns/%Y/%m/")),
            ("name", models.CharField(max_length=255)),
            ("content_type", models.CharField(max_length=60)),
            ("size", models.PositiveBigIntegerField()),
            ("sha256", models.CharField(max_length=64)),
            ("at", models.DateTimeField()),
            ("removed_at", models.DateTimeField(blank=True, null=True)),
            ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("parcel", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="evidence", to="tickets.parcel")),
            ("form", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="evidence", to="tickets.returnform")),
            ("line", models.ForeignKey(blank=True, null=True, on_delete=models.SET_NULL, related_name="+", to="tickets.returnline")),
        ],
        options={
            "ordering": ["id"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("form__isnull", False), ("parcel__isnull", False), _connector="OR"),
                    name="evidence_belongs_to_something",
                ),
            ],
            "triggers": [
                Trigger(
                    name="evidence_is_never_deleted",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_evidence_is_never_deleted_f7adc",
                        table="tickets_evidence",
                        when="BEFORE",
                        operation="DELETE",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                        hash="d12ad1b99a31299c7686e61427e1f207c26c1c68",
                    ),
                ),
            ],
        },
    ),
]
