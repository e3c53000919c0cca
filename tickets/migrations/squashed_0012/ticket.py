"""Matters."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from pgtrigger.compiler import Trigger, UpsertTriggerSql

OPERATIONS = [
    migrations.CreateModel(
        name="Ticket",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[("question", "Question"), ("issue", "Issue"), ("return", "Return or exchange"), ("request", "Request")],
                    default="issue",
                    max_length=8,
                    verbose_name="kind",
                ),
            ),
            ("subject", models.CharField(max_length=160, verbose_name="subject")),
            ("body", models.TextField(blank=True, verbose_name="what happened")),
            (
                "severity",
                models.CharField(
                    choices=[("act_now", "Act now"), ("watch", "Watch"), ("stable", "Stable")],
                    default="watch",
                    max_length=7,
                    verbose_name="severity",
                ),
            ),
            (
                "channel",
                models.CharField(
                    choices=[
                        ("chat", "Chat"),
                        ("phone", "Phone"),
                        ("email", "E-mail"),
                        ("review", "Review"),
                        ("platform", "Platform"),
                        ("other", "Other"),
                    ],
                    default="chat",
                    max_length=8,
                    verbose_name="channel",
                ),
            ),
            ("tags", ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, size=None)),
            (
                "status",
                models.CharField(
                    choices=[("open", "Open"), ("waiting", "Waiting"), ("resolved", "Resolved"), ("merged", "Merged")],
                    default="open",
                    max_length=8,
                    verbose_name="status",
                ),
            ),
            (
                "waiting_on",
                models.CharField(
                    blank=True,
                    choices=[("customer", "Customer"), ("warehouse", "Warehouse"), ("logistics", "Courier"), ("manager", "Manager")],
                    max_length=9,
                    verbose_name="waiting on",
                ),
            ),
            ("next_action", models.CharField(blank=True, max_length=300, verbose_name="next action")),
            ("next_at", models.DateTimeField(blank=True, null=True, verbose_name="next action at")),
            ("due_at", models.DateTimeField(blank=True, null=True)),
            ("held_since", models.DateTimeField()),
            ("touches", models.PositiveSmallIntegerField(default=0)),
            (
                "complaint",
                models.CharField(
                    blank=True,
                    choices=[("bad_review", "Bad review"), ("dispute", "Dispute"), ("platform", "Platform intervention")],
                    max_length=10,
                    verbose_name="complaint",
                ),
            ),
            ("complained_at", models.DateTimeField(blank=True, null=True)),
            ("resolved_at", models.DateTimeField(blank=True, null=True)),
            ("opened_at", models.DateTimeField()),
            ("last_contact_at", models.DateTimeField(blank=True, null=True)),
            ("updated_at", models.DateTimeField()),
            ("version", models.PositiveIntegerField(default=1)),
            ("customer", models.ForeignKey(on_delete=models.PROTECT, related_name="tickets", to="tickets.customer")),
            (
                "holder",
                models.ForeignKey(
                    blank=True, null=True, on_delete=models.PROTECT, related_name="held", to="tickets.member", verbose_name="holder"
                ),
            ),
            ("last_answered_by", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            (
                "merged_into",
                models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="merged_from", to="tickets.ticket"),
            ),
            (
                "next_by",
                models.ForeignKey(
                    blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member", verbose_name="next action by"
                ),
            ),
            ("opened_by", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            (
                "reason",
                models.ForeignKey(
                    blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.reason", verbose_name="reason"
                ),
            ),
            (
                "resolution",
                models.ForeignKey(
                    blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.resolution", verbose_name="resolution"
                ),
            ),
            ("shop", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.shop")),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.team")),
            ("orders", models.ManyToManyField(related_name="tickets", through="tickets.TicketOrder", to="tickets.order")),
        ],
        options={
            "indexes": [
                models.Index(
                    condition=models.Q(("status__in", ("open", "waiting"))), fields=["holder", "due_at", "id"], name="ticket_held"
                ),
                models.Index(
                    condition=models.Q(("status__in", ("open", "waiting"))),
                    fields=["team", "due_at", "id"],
                    name="ticket_unresolved_by_due",
                ),
                models.Index(
                    condition=models.Q(("status__in", ("open", "waiting"))), fields=["team", "-id"], name="ticket_unresolved_newest"
                ),
                models.Index(
                    condition=models.Q(("holder__isnull", True), ("status__in", ("open", "waiting"))),
                    fields=["team", "due_at", "id"],
                    name="ticket_pool",
                ),
                models.Index(fields=["team", "-id"], name="ticket_newest"),
                models.Index(fields=["customer", "-id"], name="ticket_of_customer"),
                models.Index(
                    condition=models.Q(("complaint", ""), _negated=True), fields=["team", "complained_at"], name="ticket_complaints"
                ),
                models.Index(fields=["team", "opened_at"], name="ticket_by_opening"),
                models.Index(
                    condition=models.Q(("status__in", ("open", "waiting"))), fields=["holder", "opened_at"], name="ticket_held_by_age"
                ),
                GinIndex(condition=models.Q(("tags", []), _negated=True), fields=["tags"], name="ticket_by_tag"),
                models.Index(condition=models.Q(("touches__gte", 4)), fields=["team", "opened_at"], name="ticket_passed_around"),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("status", "waiting"), ("waiting_on", ""), _connector="XOR"),
                    name="ticket_waits_on_somebody_exactly_while_waiting",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("status", "resolved"), _negated=True),
                        models.Q(("resolution__isnull", False), ("resolved_at__isnull", False)),
                        _connector="OR",
                    ),
                    name="ticket_resolved_says_how_and_when",
                ),
                models.CheckConstraint(
                    condition=models.Q(("status", "merged"), ("merged_into__isnull", True), _connector="XOR"),
                    name="ticket_merged_says_into_which",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("merged_into__isnull", True), models.Q(("merged_into", models.F("id")), _negated=True), _connector="OR"
                    ),
                    name="ticket_is_not_merged_into_itself",
                ),
                models.CheckConstraint(
                    condition=models.Q(("complaint", ""), ("complained_at__isnull", False), _connector="XOR"),
                    name="ticket_complaint_has_an_instant",
                ),
                models.CheckConstraint(condition=models.Q(("subject", ""), _negated=True), name="ticket_has_a_subject"),
            ],
            "triggers": [
                Trigger(
                    name="ticket_is_never_deleted",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_ticket_is_never_deleted_5242b",
                        table="tickets_ticket",
                        when="BEFORE",
                        operation="DELETE",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                        hash="4839d816e2c2592ac4e6dd43cb5197e44e1a4d4b",
                    ),
                ),
                Trigger(
                    name="ticket_in_the_pool_has_a_lead",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_ticket_in_the_pool_has_a_lead_b0cab",
                        table="tickets_ticket",
                        when="BEFORE",
                        operation='INSERT OR UPDATE OF "holder_id", "status", "team_id"',
                        condition="WHEN (NEW.\"holder_id\" IS NULL AND NEW.\"status\" IN ('open', 'waiting'))",
                        func="""
                    IF NOT EXISTS (SELECT 1 FROM tickets_team t WHERE t.id = NEW.team_id AND t.lead_id IS NOT NULL) THEN
                        RAISE EXCEPTION 'ticket_in_the_pool_has_a_lead' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
                        hash="3bcf758171c4c213540dad9b459b46a00f4efdeb",
                    ),
                ),
                Trigger(
                    name="ticket_reason_is_a_leaf",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_ticket_reason_is_a_leaf_6d44e",
                        table="tickets_ticket",
                        when="BEFORE",
                        operation='INSERT OR UPDATE OF "reason_id"',
                        condition='WHEN (NEW."reason_id" IS NOT NULL)',
                        func="""
                    IF EXISTS (SELECT 1 FROM tickets_reason c WHERE c.parent_id = NEW.reason_id) THEN
                        RAISE EXCEPTION 'ticket_reason_is_a_leaf' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
                        hash="2d2082b29364a2be40f65b4390f23a8c7d8f63a4",
                    ),
                ),
                Trigger(
                    name="ticket_holder_is_the_last_assignment",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_ticket_holder_is_the_last_assignment_1ada2",
                        table="tickets_ticket",
                        when="AFTER",
                        operation='INSERT OR UPDATE OF "holder_id"',
                        constraint="CONSTRAINT",
                        timing="DEFERRABLE INITIALLY DEFERRED",
                        func="""
                    IF EXISTS (
                        SELECT 1 FROM tickets_ticket t WHERE t.id = NEW.id AND t.holder_id IS DISTINCT FROM
                            (SELECT a.to_member_id FROM tickets_assignment a WHERE a.ticket_id = t.id ORDER BY a.id DESC LIMIT 1)
                    ) OR NOT EXISTS (SELECT 1 FROM tickets_assignment a WHERE a.ticket_id = NEW.id) THEN
                        RAISE EXCEPTION 'ticket_holder_is_the_last_assignment' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
                        hash="42bcdccbb11dbcd866d09ce66ac1e6513e123664",
                    ),
                ),
                Trigger(
                    name="ticket_holder_is_able",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_ticket_holder_is_able_16d79",
                        table="tickets_ticket",
                        when="BEFORE",
                        operation='INSERT OR UPDATE OF "holder_id", "status"',
                        condition="WHEN (NEW.\"holder_id\" IS NOT NULL AND NEW.\"status\" IN ('open', 'waiting'))",
                        func="""
                    IF NOT EXISTS (SELECT 1 FROM tickets_member m WHERE m.id = NEW.holder_id AND m.team_id = NEW.team_id AND m.is_active
                                   AND m.roles && ARRAY['agent', 'after_sale', 'manager']::varchar[] FOR SHARE) THEN
                        RAISE EXCEPTION 'ticket_holder_is_able' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
                        hash="ac43f831c67651515461cb43dd67c4bf1b8ad494",
                    ),
                ),
                Trigger(
                    name="ticket_merges_into_a_living_one_of_its_team",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_ticket_merges_into_a_living_one_of_its_team_e1df6",
                        table="tickets_ticket",
                        when="BEFORE",
                        operation='INSERT OR UPDATE OF "merged_into_id"',
                        condition='WHEN (NEW."merged_into_id" IS NOT NULL)',
                        func="""
                    IF NOT EXISTS (SELECT 1 FROM tickets_ticket t WHERE t.id = NEW.merged_into_id AND t.team_id = NEW.team_id
                                   AND t.status <> 'merged' FOR SHARE) THEN
                        RAISE EXCEPTION 'ticket_merges_into_a_living_one_of_its_team' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
                        hash="20f510cb1ce040e856ff85970eca7b64c68edcda",
                    ),
                ),
            ],
        },
    ),
]
