"""Who is meant to work when."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import migrations, models
from django.db.models.functions import Lower
from pgtrigger.compiler import Trigger, UpsertTriggerSql

OPERATIONS = [
    migrations.CreateModel(
        name="ShiftPattern",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=40, verbose_name="name")),
            ("starts", models.TimeField(verbose_name="starts")),
            ("ends", models.TimeField(verbose_name="ends")),
            ("min_people", models.PositiveSmallIntegerField(default=1, verbose_name="people needed")),
            ("place", models.PositiveSmallIntegerField(default=0)),
            ("is_active", models.BooleanField(default=True, verbose_name="in use")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="patterns", to="tickets.team")),
            (
                "letter",
                models.CharField(
                    blank=True,
                    help_text="What is typed for it in the week. Empty: made from the name.",
                    max_length=3,
                    verbose_name="letter",
                ),
            ),
        ],
        options={
            "ordering": ["place", "starts"],
            "constraints": [
                models.UniqueConstraint(fields=("team", "name"), name="shift_pattern_name_is_unique"),
                models.UniqueConstraint(
                    models.F("team"),
                    Lower("letter"),
                    condition=models.Q(models.Q(("letter", ""), _negated=True), ("is_active", True)),
                    name="shift_pattern_letter_is_unique",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Shift",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=40, verbose_name="name")),
            ("business_date", models.DateField(verbose_name="date")),
            ("starts_at", models.DateTimeField(verbose_name="starts")),
            ("ends_at", models.DateTimeField(verbose_name="ends")),
            ("min_people", models.PositiveSmallIntegerField(default=1, verbose_name="people needed")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="shifts", to="tickets.team")),
            (
                "pattern",
                models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="shifts", to="handover.shiftpattern"),
            ),
        ],
        options={
            "ordering": ["starts_at", "id"],
            "indexes": [
                models.Index(fields=["team", "starts_at"], name="shift_by_start"),
            ],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="shift_ends_after_it_starts"),
                models.UniqueConstraint(
                    condition=models.Q(("pattern__isnull", False)), fields=("team", "pattern", "business_date"), name="shift_is_made_once"
                ),
            ],
            "triggers": [
                Trigger(
                    name="shift_moves_with_its_entries",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_shift_moves_with_its_entries_ca88e",
                        table="handover_shift",
                        when="AFTER",
                        operation='UPDATE OF "starts_at", "ends_at", "team_id"',
                        constraint="CONSTRAINT",
                        timing="DEFERRABLE INITIALLY DEFERRED",
                        func="""
    IF EXISTS (
        SELECT 1 FROM handover_rosterentry e JOIN handover_shift s ON s.id = e.shift_id JOIN tickets_member m ON m.id = e.member_id
        WHERE e.shift_id = NEW.id
            AND (NOT e.during <@ tstzrange(s.starts_at, s.ends_at) OR e.team_id <> s.team_id OR e.team_id <> m.team_id)
    ) THEN
        RAISE EXCEPTION 'roster_entry_lies_within_its_shift' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
""",
                        hash="cbb50e6e77c3e67b78efe68c1429e074ac3e7bb9",
                    ),
                ),
                Trigger(
                    name="shift_somebody_worked_does_not_change",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_shift_somebody_worked_does_not_change_7fd2e",
                        table="handover_shift",
                        when="BEFORE",
                        operation='UPDATE OF "starts_at", "ends_at", "business_date", "team_id" OR DELETE',
                        func="""
                    IF EXISTS (SELECT 1 FROM handover_duty d WHERE d.shift_id = OLD.id) THEN
                        RAISE EXCEPTION 'shift_somebody_worked_does_not_change' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN COALESCE(NEW, OLD);
                """,
                        hash="826b8cfcd0e3fac9735e84367a708e473dbaae6a",
                    ),
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="RosterEntry",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("during", DateTimeRangeField()),
            ("member", models.ForeignKey(on_delete=models.PROTECT, related_name="roster", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("shift", models.ForeignKey(on_delete=models.PROTECT, related_name="entries", to="handover.shift")),
            (
                "instead_of",
                models.ForeignKey(
                    blank=True,
                    help_text="The person this one stands in for.",
                    null=True,
                    on_delete=models.PROTECT,
                    related_name="+",
                    to="tickets.member",
                ),
            ),
            (
                "left_at",
                models.DateTimeField(blank=True, help_text="When the person ended duty: over, though its hours may still run.", null=True),
            ),
        ],
        options={
            "ordering": ["during", "id"],
            "indexes": [
                GistIndex(fields=["team", "during"], name="roster_entry_by_time", opclasses=["gist_int8_ops", "range_ops"]),
            ],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("during__isempty", False)), name="roster_entry_is_not_empty"),
                ExclusionConstraint(
                    deferrable=models.Deferrable["IMMEDIATE"],
                    expressions=[("member", "="), ("during", "&&")],
                    name="roster_entries_of_a_person_do_not_overlap",
                ),
                models.CheckConstraint(
                    condition=models.Q(("during__endswith__isnull", False), ("during__startswith__isnull", False)),
                    name="roster_entry_has_both_ends",
                ),
            ],
            "triggers": [
                Trigger(
                    name="roster_entry_lies_within_its_shift",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_roster_entry_lies_within_its_shift_a6c3f",
                        table="handover_rosterentry",
                        when="AFTER",
                        operation="INSERT OR UPDATE",
                        constraint="CONSTRAINT",
                        timing="DEFERRABLE INITIALLY DEFERRED",
                        func="""
    IF EXISTS (
        SELECT 1 FROM handover_rosterentry e JOIN handover_shift s ON s.id = e.shift_id JOIN tickets_member m ON m.id = e.member_id
        WHERE e.id = NEW.id
            AND (NOT e.during <@ tstzrange(s.starts_at, s.ends_at) OR e.team_id <> s.team_id OR e.team_id <> m.team_id)
    ) THEN
        RAISE EXCEPTION 'roster_entry_lies_within_its_shift' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
""",
                        hash="3efa0c1a23e395dd59b11e519f149644b93620bd",
                    ),
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Absence",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("during", DateTimeRangeField()),
            ("reason", models.CharField(blank=True, max_length=120, verbose_name="reason")),
            ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("member", models.ForeignKey(on_delete=models.PROTECT, related_name="absences", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
        ],
        options={
            "constraints": [
                ExclusionConstraint(expressions=[("member", "="), ("during", "&&")], name="absences_of_a_person_do_not_overlap"),
                models.CheckConstraint(condition=models.Q(("during__isempty", False)), name="absence_is_not_empty"),
            ],
            "ordering": ["during", "id"],
        },
    ),
    migrations.CreateModel(
        name="Swap",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
            ("decision", models.CharField(blank=True, max_length=200)),
            (
                "state",
                models.CharField(
                    choices=[
                        ("open", "Looking for somebody"),
                        ("taken", "Waiting for approval"),
                        ("approved", "Approved"),
                        ("refused", "Refused"),
                        ("withdrawn", "Withdrawn"),
                        ("lapsed", "Nobody decided in time"),
                    ],
                    default="open",
                    max_length=9,
                ),
            ),
            ("at", models.DateTimeField()),
            ("asked_by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("decided_by", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("entry", models.ForeignKey(on_delete=models.CASCADE, related_name="swaps", to="handover.rosterentry")),
            ("taken_by", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
        ],
        options={
            "indexes": [
                models.Index(fields=["team", "-id"], name="swap_newest"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state__in", ["open", "taken"])), fields=("entry",), name="swap_is_asked_once_per_entry"
                ),
                models.CheckConstraint(
                    condition=models.Q(("taken_by", models.F("asked_by")), _negated=True), name="swap_is_not_taken_by_its_asker"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["taken", "approved"]), _negated=True), ("taken_by__isnull", False), _connector="OR"
                    ),
                    name="swap_taken_says_by_whom",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["approved", "refused"]), _negated=True), ("decided_by__isnull", False), _connector="OR"
                    ),
                    name="swap_decided_says_by_whom",
                ),
            ],
            "ordering": ["-id"],
        },
    ),
    migrations.CreateModel(
        name="CalendarLink",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("token_hash", models.CharField(max_length=64, unique=True)),
            ("created_at", models.DateTimeField()),
            ("revoked_at", models.DateTimeField(blank=True, null=True)),
            ("last_used_at", models.DateTimeField(blank=True, null=True)),
            ("member", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to="tickets.member")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("revoked_at__isnull", True)), fields=("member",), name="calendar_link_is_one_per_person"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="RosterCode",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("code", models.CharField(max_length=20)),
            ("pattern", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="handover.shiftpattern")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("team", "code"), name="roster_code_means_one_thing"),
                models.CheckConstraint(condition=models.Q(("code", ""), _negated=True), name="roster_code_is_not_empty"),
            ],
        },
    ),
]
