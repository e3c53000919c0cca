"""Who holds a matter, who touched it, and what was promised."""

from django.db import migrations, models
from pgtrigger.compiler import Trigger, UpsertTriggerSql

OPERATIONS = [
    migrations.CreateModel(
        name="HandlerRequest",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("reason", models.TextField(verbose_name="reason")),
            ("asked_at", models.DateTimeField()),
            (
                "state",
                models.CharField(
                    choices=[
                        ("waiting", "Waiting for a manager"),
                        ("approved", "Approved"),
                        ("refused", "Refused"),
                        ("let_through", "Let through: no manager on duty"),
                    ],
                    default="waiting",
                    max_length=11,
                ),
            ),
            ("decided_at", models.DateTimeField(null=True)),
            ("decision", models.TextField(blank=True, verbose_name="decision")),
            ("decided_by", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("member", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("ticket", models.ForeignKey(on_delete=models.PROTECT, related_name="handler_requests", to="tickets.ticket")),
        ],
        options={
            "indexes": [
                models.Index(condition=models.Q(("state", "waiting")), fields=["team", "id"], name="handler_request_waiting"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state", "waiting")), fields=("ticket", "member"), name="handler_request_waits_once"
                ),
                models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="handler_request_says_why"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["approved", "refused"]), _negated=True),
                        models.Q(("decided_by__isnull", False), models.Q(("decision", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="handler_request_is_decided_by_somebody_with_a_reason",
                ),
                models.CheckConstraint(
                    condition=models.Q(("decided_by", models.F("member")), _negated=True),
                    name="handler_request_is_not_decided_by_its_asker",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Assignment",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "cause",
                models.CharField(
                    choices=[
                        ("opened", "opened"),
                        ("claim", "claimed"),
                        ("transfer", "passed on"),
                        ("release", "put into the pool"),
                        ("takeover", "taken over at shift change"),
                        ("merge", "merged"),
                        ("departure", "holder left"),
                        ("absence", "holder absent"),
                        ("reopen", "reopened"),
                        ("import", "imported"),
                    ],
                    max_length=9,
                ),
            ),
            ("reason", models.TextField(blank=True)),
            ("next_step", models.CharField(blank=True, max_length=300)),
            ("at", models.DateTimeField()),
            ("actor", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("from_member", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("to_member", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("ticket", models.ForeignKey(on_delete=models.PROTECT, related_name="assignments", to="tickets.ticket")),
        ],
        options={
            "ordering": ["id"],
            "indexes": [
                models.Index(fields=["ticket", "id"], name="assignment_of_ticket"),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("cause", "opened"),
                        models.Q(("from_member__isnull", True), ("to_member__isnull", False)),
                        models.Q(("from_member__isnull", False), ("to_member__isnull", True)),
                        models.Q(
                            ("from_member__isnull", False),
                            ("to_member__isnull", False),
                            models.Q(("from_member", models.F("to_member")), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    name="assignment_changes_the_holder",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("cause", "transfer"), _negated=True),
                        models.Q(models.Q(("reason", ""), _negated=True), models.Q(("next_step", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="assignment_by_transfer_says_why_and_what_next",
                ),
            ],
            "triggers": [
                Trigger(
                    name="assignment_is_append_only",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_assignment_is_append_only_8bac8",
                        table="tickets_assignment",
                        when="BEFORE",
                        operation="UPDATE OR DELETE",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="2a30b20973a753930e5354604a241156a6b341a3",
                    ),
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Touch",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("place", models.PositiveSmallIntegerField()),
            (
                "how",
                models.CharField(
                    choices=[
                        ("opened", "logged it"),
                        ("answered", "answered"),
                        ("claim", "claimed"),
                        ("transfer", "passed on to"),
                        ("merge", "came with a merged ticket"),
                    ],
                    max_length=8,
                ),
            ),
            ("at", models.DateTimeField()),
            ("member", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("request", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="tickets.handlerrequest")),
            ("ticket", models.ForeignKey(on_delete=models.PROTECT, related_name="touched", to="tickets.ticket")),
        ],
        options={
            "ordering": ["place"],
            "indexes": [
                models.Index(fields=["member", "-id"], name="touch_by_member"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("ticket", "member"), name="touch_is_one_per_person"),
                models.UniqueConstraint(fields=("ticket", "place"), name="touch_places_do_not_repeat"),
                models.CheckConstraint(condition=models.Q(("place__gte", 1)), name="touch_counts_from_one"),
            ],
            "triggers": [
                Trigger(
                    name="touch_is_append_only",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_touch_is_append_only_320f6",
                        table="tickets_touch",
                        when="BEFORE",
                        operation="UPDATE OR DELETE",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="1d7d76f2888982b95d04557cc6390e99bf487110",
                    ),
                ),
                Trigger(
                    name="touch_beyond_the_limit_is_approved",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_touch_beyond_the_limit_is_approved_1a9bc",
                        table="tickets_touch",
                        when="BEFORE",
                        operation="INSERT",
                        condition="WHEN (NOT (NEW.\"how\" = 'merge'))",
                        declare="DECLARE most integer; have integer;",
                        func="""
                    PERFORM 1 FROM tickets_ticket t WHERE t.id = NEW.ticket_id FOR NO KEY UPDATE;
                    SELECT team.max_handlers INTO most
                        FROM tickets_ticket t JOIN tickets_team team ON team.id = t.team_id WHERE t.id = NEW.ticket_id;
                    SELECT count(*) INTO have FROM tickets_touch x WHERE x.ticket_id = NEW.ticket_id AND x.member_id <> NEW.member_id;
                    IF have >= most AND NOT EXISTS (
                        SELECT 1 FROM tickets_handlerrequest r WHERE r.id = NEW.request_id AND r.ticket_id = NEW.ticket_id
                            AND r.member_id = NEW.member_id AND r.state IN ('approved', 'let_through')
                    ) THEN
                        RAISE EXCEPTION 'touch_beyond_the_limit_is_approved' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
                        hash="03b7b10c4a0eb31f178608395449fe10941f3b5f",
                    ),
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Promise",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("text", models.CharField(max_length=300, verbose_name="promise")),
            ("due_at", models.DateTimeField(verbose_name="due")),
            ("made_at", models.DateTimeField()),
            (
                "status",
                models.CharField(
                    choices=[("open", "Open"), ("kept", "Kept"), ("broken", "Broken"), ("withdrawn", "Withdrawn")],
                    default="open",
                    max_length=9,
                ),
            ),
            ("broken_at", models.DateTimeField(blank=True, null=True)),
            ("closed_at", models.DateTimeField(blank=True, null=True)),
            ("reason", models.TextField(blank=True)),
            ("reminded_at", models.DateTimeField(blank=True, null=True)),
            ("closed_by", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("made_by", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("owner", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="promises", to="tickets.member")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("ticket", models.ForeignKey(on_delete=models.PROTECT, related_name="promises", to="tickets.ticket")),
        ],
        options={
            "ordering": ["due_at", "id"],
            "indexes": [
                models.Index(
                    condition=models.Q(("status__in", ["open", "broken"])), fields=["team", "due_at", "id"], name="promise_unkept_by_due"
                ),
                models.Index(
                    condition=models.Q(("status__in", ["open", "broken"])), fields=["owner", "due_at", "id"], name="promise_unkept_of_owner"
                ),
                models.Index(condition=models.Q(("status", "open")), fields=["due_at"], name="promise_open_by_due"),
                models.Index(fields=["team", "due_at"], name="promise_by_due"),
            ],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="promise_says_what"),
                models.CheckConstraint(
                    condition=models.Q(("status__in", ["open", "broken"]), ("closed_at__isnull", False), _connector="XOR"),
                    name="promise_closed_has_an_instant",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("status", "withdrawn"), _negated=True), models.Q(("reason", ""), _negated=True), _connector="OR"
                    ),
                    name="promise_withdrawn_says_why",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("status", "broken"), _negated=True), ("broken_at__gte", models.F("due_at")), _connector="OR"
                    ),
                    name="promise_breaks_after_its_due_time",
                ),
            ],
            "triggers": [
                Trigger(
                    name="promise_is_never_deleted",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_promise_is_never_deleted_52f71",
                        table="tickets_promise",
                        when="BEFORE",
                        operation="DELETE",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                        hash="6a81c5b50b82ae663ff9b62aa663d9f0fcdc56d3",
                    ),
                ),
            ],
        },
    ),
]
