"""The handover note, and the offers in it."""

from django.db import migrations, models
from pgtrigger.compiler import Trigger, UpsertTriggerSql

OPERATIONS = [
    migrations.CreateModel(
        name="Note",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("unmet_wish", models.TextField(blank=True, verbose_name="what customers asked for that we could not give")),
            ("stock_outs", models.TextField(blank=True, verbose_name="stock-outs")),
            ("news", models.TextField(blank=True, verbose_name="news for the shops")),
            ("built_by_system", models.BooleanField(default=False)),
            ("started_at", models.DateTimeField()),
            ("saved_at", models.DateTimeField()),
            ("version", models.PositiveIntegerField(default=1)),
            ("signed_at", models.DateTimeField(blank=True, null=True)),
            ("content_hash", models.CharField(blank=True, max_length=64)),
            ("duty", models.OneToOneField(on_delete=models.PROTECT, related_name="note", to="handover.duty")),
            ("member", models.ForeignKey(on_delete=models.PROTECT, related_name="notes", to="tickets.member")),
            ("signed_by", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("next_shift", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="handover.shift")),
            ("shift", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="notes", to="handover.shift")),
        ],
        options={
            "indexes": [
                models.Index(condition=models.Q(("signed_at__isnull", False)), fields=["team", "-signed_at"], name="note_signed_newest"),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("signed_at__isnull", True), models.Q(("content_hash", ""), _negated=True), _connector="XOR"),
                    name="note_signed_has_a_hash",
                ),
            ],
            "triggers": [
                Trigger(
                    name="note_signed_does_not_change",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_note_signed_does_not_change_071d3",
                        table="handover_note",
                        when="BEFORE",
                        operation="UPDATE OR DELETE",
                        condition='WHEN (OLD."signed_at" IS NOT NULL)',
                        func="RAISE EXCEPTION 'note_signed_does_not_change' USING ERRCODE = 'check_violation';",
                        hash="2efdd8dea2c4ad412253a5f751b9b2e788e0f791",
                    ),
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="NoteItem",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "severity",
                models.CharField(
                    choices=[("act_now", "Act now"), ("watch", "Watch"), ("stable", "Stable")], max_length=7, verbose_name="severity"
                ),
            ),
            ("state", models.CharField(blank=True, max_length=300, verbose_name="state")),
            ("promise", models.CharField(blank=True, max_length=400, verbose_name="last promise")),
            ("next_action", models.CharField(blank=True, max_length=300, verbose_name="next action")),
            ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="by")),
            ("if_then", models.CharField(blank=True, max_length=300, verbose_name="if …, then …")),
            ("typed", models.JSONField(default=list, help_text="The fields a person has typed; the system no longer fills these.")),
            ("note", models.ForeignKey(on_delete=models.PROTECT, related_name="items", to="handover.note")),
            ("ticket", models.ForeignKey(on_delete=models.PROTECT, related_name="note_items", to="tickets.ticket")),
            (
                "to_member",
                models.ForeignKey(
                    blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member", verbose_name="to"
                ),
            ),
            (
                "version",
                models.PositiveIntegerField(
                    default=1, help_text="Counts what a person typed, so that two windows do not overwrite each other."
                ),
            ),
        ],
        options={
            "ordering": ["id"],
            "constraints": [
                models.UniqueConstraint(fields=("note", "ticket"), name="note_covers_a_ticket_once"),
            ],
            "triggers": [
                Trigger(
                    name="note_item_of_a_signed_note_does_not_change",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_note_item_of_a_signed_note_does_not_change_628bd",
                        table="handover_noteitem",
                        when="BEFORE",
                        operation="UPDATE OR DELETE",
                        func="""
    IF EXISTS (SELECT 1 FROM handover_note n WHERE n.id = OLD.note_id AND n.signed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'note_item_of_a_signed_note_does_not_change' USING ERRCODE = 'check_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
""",
                        hash="8ad66d07d420846c3b60d83fd94111b5fadca603",
                    ),
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="NoteAddendum",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("number", models.PositiveSmallIntegerField()),
            ("text", models.TextField(verbose_name="addendum")),
            ("at", models.DateTimeField()),
            ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("note", models.ForeignKey(on_delete=models.PROTECT, related_name="addenda", to="handover.note")),
            ("ticket", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.ticket")),
        ],
        options={
            "ordering": ["number"],
            "constraints": [
                models.UniqueConstraint(fields=("note", "number"), name="note_addenda_are_numbered"),
                models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="note_addendum_says_something"),
            ],
            "triggers": [
                Trigger(
                    name="note_addendum_is_append_only",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_note_addendum_is_append_only_46c7d",
                        table="handover_noteaddendum",
                        when="BEFORE",
                        operation="UPDATE OR DELETE",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="db8977cd683cc23a9b4570c7b16abeabed2c3ba5",
                    ),
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Offer",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("open", "Not taken over yet"),
                        ("taken", "Taken over"),
                        ("pooled", "Put into the pool"),
                        ("closed", "No longer needed"),
                    ],
                    default="open",
                    max_length=6,
                ),
            ),
            ("offered_at", models.DateTimeField()),
            ("escalated_at", models.DateTimeField(blank=True, null=True)),
            ("closed_at", models.DateTimeField(blank=True, null=True)),
            (
                "closed_by",
                models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member"),
            ),
            ("from_member", models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("item", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="offers", to="handover.noteitem")),
            ("team", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("ticket", models.ForeignKey(on_delete=models.PROTECT, related_name="offers", to="tickets.ticket")),
            ("to_member", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
        ],
        options={
            "indexes": [
                models.Index(condition=models.Q(("state", "open")), fields=["team", "offered_at"], name="offer_open"),
                models.Index(condition=models.Q(("state", "open")), fields=["to_member"], name="offer_open_to_member"),
            ],
            "constraints": [
                models.UniqueConstraint(condition=models.Q(("state", "open")), fields=("ticket",), name="offer_is_open_once_per_ticket"),
                models.CheckConstraint(
                    condition=models.Q(("state", "open"), ("closed_at__isnull", False), _connector="XOR"),
                    name="offer_closed_has_an_instant",
                ),
            ],
        },
    ),
]
