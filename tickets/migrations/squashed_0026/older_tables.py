"""What changed about the tables of 0012: the indexes that are read, and two guards more."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models
from django.db.models.functions import Coalesce
from pgtrigger.compiler import Trigger, UpsertTriggerSql
from pgtrigger.migrations import AddTrigger, RemoveTrigger

OPERATIONS = [
    migrations.AlterField(
        model_name="attachment",
        name="by",
        field=models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member"),
    ),
    migrations.AddIndex(
        model_name="signature",
        index=models.Index(condition=models.Q(("meaning", "counted")), fields=["at", "member", "form"], name="signature_counted_by_time"),
    ),
    migrations.AddIndex(
        model_name="returnform",
        index=models.Index(
            models.F("team"),
            models.F("state"),
            Coalesce("decided_at", "inspected_at", "submitted_at", "filed_at"),
            condition=models.Q(
                ("state__in", ("draft", "submitted", "inspected", "approved", "partly_approved", "rejected", "settling", "sent_back"))
            ),
            name="return_form_by_stage",
        ),
    ),
    AddTrigger(
        model_name="returnform",
        trigger=Trigger(
            name="return_form_draft_receives_nothing",
            sql=UpsertTriggerSql(
                pgid="pgtrigger_return_form_draft_receives_nothing_fb5d5",
                table="tickets_returnform",
                when="BEFORE",
                operation='UPDATE OF "received_at"',
                condition='WHEN (NEW."received_at" IS NOT NULL AND NEW."state" = \'draft\' AND OLD."received_at" IS NULL)',
                func="""
            IF NOT EXISTS (SELECT 1 FROM tickets_parcel p WHERE p.form_id = NEW.id AND p.matched_at IS NOT NULL
                           AND p.arrived_at = NEW.received_at) THEN
                RAISE EXCEPTION 'return_form_draft_receives_nothing' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
                hash="59152b357412be5ff533c0bd32c7648638a1ac39",
            ),
        ),
    ),
    migrations.AlterField(
        model_name="signature",
        name="member",
        field=models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="tickets.member"),
    ),
    migrations.AddIndex(
        model_name="signature", index=BrinIndex(autosummarize=True, fields=["at"], name="signature_by_time", pages_per_range=32)
    ),
    AddTrigger(
        model_name="platformrefund",
        trigger=Trigger(
            name="platform_refund_is_of_one_team",
            sql=UpsertTriggerSql(
                pgid="pgtrigger_platform_refund_is_of_one_team_96d42",
                table="tickets_platformrefund",
                when="BEFORE",
                operation='INSERT OR UPDATE OF "team_id", "shop_id", "order_id", "form_id"',
                func="""
            IF NOT EXISTS (SELECT 1 FROM tickets_shop x WHERE x.id = NEW.shop_id AND x.team_id = NEW.team_id)
               OR NEW.order_id IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM tickets_order x WHERE x.id = NEW.order_id AND x.team_id = NEW.team_id)
               OR NEW.form_id IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM tickets_returnform x WHERE x.id = NEW.form_id AND x.team_id = NEW.team_id)
                THEN
                RAISE EXCEPTION 'platform_refund_is_of_one_team' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
                hash="48b0606318b6f1de9f87dcb4f34960e83d651dbe",
            ),
        ),
    ),
    RemoveTrigger(model_name="ticket", name="ticket_holder_is_the_last_assignment"),
    migrations.AlterField(
        model_name="activity",
        name="team",
        field=models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="tickets.team"),
    ),
    migrations.AlterField(
        model_name="alert",
        name="member",
        field=models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="alerts", to="tickets.member"),
    ),
    migrations.AlterField(
        model_name="assignment",
        name="actor",
        field=models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member"),
    ),
    migrations.AlterField(
        model_name="assignment",
        name="from_member",
        field=models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member"),
    ),
    migrations.AlterField(
        model_name="assignment",
        name="ticket",
        field=models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="assignments", to="tickets.ticket"),
    ),
    migrations.AlterField(
        model_name="assignment",
        name="to_member",
        field=models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member"),
    ),
    migrations.AlterField(
        model_name="promise",
        name="team",
        field=models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="tickets.team"),
    ),
    migrations.AlterField(
        model_name="ticket",
        name="customer",
        field=models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="tickets", to="tickets.customer"),
    ),
    migrations.AlterField(
        model_name="ticket",
        name="last_answered_by",
        field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member"),
    ),
    migrations.AlterField(
        model_name="ticket",
        name="merged_into",
        field=models.ForeignKey(
            blank=True, db_index=False, null=True, on_delete=models.PROTECT, related_name="merged_from", to="tickets.ticket"
        ),
    ),
    migrations.AlterField(
        model_name="ticket",
        name="next_by",
        field=models.ForeignKey(
            blank=True,
            db_index=False,
            null=True,
            on_delete=models.PROTECT,
            related_name="+",
            to="tickets.member",
            verbose_name="next action by",
        ),
    ),
    migrations.AlterField(
        model_name="ticket",
        name="opened_by",
        field=models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="tickets.member"),
    ),
    migrations.AlterField(
        model_name="ticket",
        name="resolution",
        field=models.ForeignKey(
            blank=True,
            db_index=False,
            null=True,
            on_delete=models.PROTECT,
            related_name="+",
            to="tickets.resolution",
            verbose_name="resolution",
        ),
    ),
    migrations.AlterField(
        model_name="ticket",
        name="team",
        field=models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="tickets.team"),
    ),
    migrations.AlterField(
        model_name="ticketorder",
        name="ticket",
        field=models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="order_links", to="tickets.ticket"),
    ),
    migrations.AlterField(
        model_name="touch",
        name="member",
        field=models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="tickets.member"),
    ),
    migrations.AlterField(
        model_name="touch",
        name="ticket",
        field=models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="touched", to="tickets.ticket"),
    ),
    migrations.AlterField(
        model_name="watcher",
        name="ticket",
        field=models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="watchers", to="tickets.ticket"),
    ),
    migrations.AddIndex(
        model_name="ticket",
        index=models.Index(condition=models.Q(("merged_into__isnull", False)), fields=["merged_into"], name="ticket_merged"),
    ),
    AddTrigger(
        model_name="ticket",
        trigger=Trigger(
            name="ticket_holder_is_the_last_assignment",
            sql=UpsertTriggerSql(
                pgid="pgtrigger_ticket_holder_is_the_last_assignment_1ada2",
                table="tickets_ticket",
                when="AFTER",
                operation='INSERT OR UPDATE OF "holder_id"',
                constraint="CONSTRAINT",
                timing="DEFERRABLE INITIALLY DEFERRED",
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM tickets_ticket t CROSS JOIN LATERAL (
                            SELECT a.to_member_id FROM tickets_assignment a WHERE a.ticket_id = t.id ORDER BY a.id DESC LIMIT 1
                        ) last WHERE t.id = NEW.id AND t.holder_id IS NOT DISTINCT FROM last.to_member_id
                    ) THEN
                        RAISE EXCEPTION 'ticket_holder_is_the_last_assignment' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
                hash="bac9775bf2ed4fc4a3592ecdabd3da54627f4d09",
            ),
        ),
    ),
]
