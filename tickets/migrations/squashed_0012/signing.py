"""What is signed, and what takes a signature back."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import migrations, models
from pgtrigger.compiler import Trigger, UpsertTriggerSql

OPERATIONS = [
    migrations.CreateModel(
        name="Signature",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "stage",
                models.CharField(choices=[("initiator", "After-sale"), ("warehouse", "Warehouse"), ("manager", "Manager")], max_length=9),
            ),
            ("name", models.CharField(max_length=60)),
            (
                "meaning",
                models.CharField(
                    choices=[
                        ("filed", "filed this, complete and true to the best of my knowledge"),
                        ("counted", "counted these goods myself"),
                        ("no_goods_expected", "no goods are expected for this"),
                        ("not_received", "these goods did not arrive"),
                        ("decided", "decided this"),
                    ],
                    max_length=17,
                ),
            ),
            ("revision", models.PositiveIntegerField()),
            ("take", models.PositiveSmallIntegerField(default=1)),
            ("part", models.JSONField(encoder=DjangoJSONEncoder)),
            ("hash", models.CharField(max_length=64)),
            ("at", models.DateTimeField()),
            ("base", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="tickets.signature")),
            ("form", models.ForeignKey(on_delete=models.PROTECT, related_name="signatures", to="tickets.returnform")),
            ("member", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
        ],
        options={
            "ordering": ["id"],
            "indexes": [
                models.Index(fields=["member", "-id"], name="signature_by_member"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("form", "revision", "stage", "take"), name="signature_is_given_once"),
                models.CheckConstraint(
                    condition=models.Q(("stage", "initiator"), ("base__isnull", False), _connector="XOR"),
                    name="signature_stands_on_the_one_before",
                ),
                models.CheckConstraint(condition=models.Q(("hash__regex", "^[0-9a-f]{64}$")), name="signature_has_a_hash"),
            ],
            "triggers": [
                Trigger(
                    name="signature_is_append_only",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_signature_is_append_only_8251e",
                        table="tickets_signature",
                        when="BEFORE",
                        operation="UPDATE OR DELETE",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="faf9bf7fc7d8eb1ac942c864d59cd55e8f7102f5",
                    ),
                ),
                Trigger(
                    name="return_form_signed_by_different_people",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_return_form_signed_by_different_people_d8a33",
                        table="tickets_signature",
                        when="BEFORE",
                        operation="INSERT",
                        declare="DECLARE form tickets_returnform%ROWTYPE; needed text[];",
                        func="""
            SELECT * INTO form FROM tickets_returnform f WHERE f.id = NEW.form_id FOR UPDATE;
            IF EXISTS (SELECT 1 FROM tickets_signature s WHERE s.form_id = NEW.form_id AND s.revision = NEW.revision
                       AND s.member_id = NEW.member_id AND s.stage <> NEW.stage) THEN
                RAISE EXCEPTION 'return_form_signed_by_different_people' USING ERRCODE = 'check_violation';
            END IF;
            IF NEW.stage <> 'initiator' AND EXISTS (SELECT 1 FROM tickets_formrevision x WHERE x.form_id = NEW.form_id
                       AND x.by_id = NEW.member_id AND x.cause IN ('filed', 'edited')) THEN
                RAISE EXCEPTION 'return_form_countersigned_by_nobody_who_edited_it' USING ERRCODE = 'check_violation';
            END IF;
            IF NEW.revision <> form.revision OR EXISTS (
                SELECT 1 FROM 
    tickets_signature s WHERE s.form_id = NEW.form_id AND NOT EXISTS (SELECT 1 FROM tickets_voiding v WHERE v.signature_id = s.id)
 AND (s.stage = NEW.stage OR s.stage = 'manager')
            ) THEN
                RAISE EXCEPTION 'return_form_stage_is_signed_once' USING ERRCODE = 'check_violation';
            END IF;
            needed := CASE NEW.stage WHEN 'initiator' THEN ARRAY['after_sale'] WHEN 'warehouse' THEN ARRAY['warehouse']
                      ELSE ARRAY['manager'] END;
            IF NOT EXISTS (SELECT 1 FROM tickets_member m WHERE m.id = NEW.member_id AND m.team_id = form.team_id AND m.is_active
                           AND m.roles::text[] && needed FOR SHARE) THEN
                RAISE EXCEPTION 'return_form_signed_in_one_s_own_role' USING ERRCODE = 'check_violation';
            END IF;
            IF NEW.stage <> 'initiator' AND NOT EXISTS (
                SELECT 1 FROM 
    tickets_signature s WHERE s.form_id = NEW.form_id AND NOT EXISTS (SELECT 1 FROM tickets_voiding v WHERE v.signature_id = s.id)
 AND s.id = NEW.base_id AND s.revision = NEW.revision
                    AND s.stage = CASE NEW.stage WHEN 'warehouse' THEN 'initiator' ELSE 'warehouse' END
            ) THEN
                RAISE EXCEPTION 'return_form_signed_in_order' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
                        hash="0e7c960efdb38e30fe52a4e4cdf035fd6a73a477",
                    ),
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Voiding",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "cause",
                models.CharField(
                    choices=[
                        ("edited", "the content was edited"),
                        ("sent_back", "the form was sent back"),
                        ("recounted", "the goods were counted again"),
                        ("cancelled", "the form was cancelled"),
                    ],
                    max_length=9,
                ),
            ),
            ("changed", models.JSONField(default=list)),
            ("name", models.CharField(max_length=60)),
            ("at", models.DateTimeField()),
            ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="tickets.member")),
            ("signature", models.OneToOneField(on_delete=models.PROTECT, related_name="voiding", to="tickets.signature")),
        ],
        options={
            "triggers": [
                Trigger(
                    name="voiding_is_append_only",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_voiding_is_append_only_34517",
                        table="tickets_voiding",
                        when="BEFORE",
                        operation="UPDATE OR DELETE",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="8f22e13ddc56ed3b7d1202b13fd1decc82e2cde3",
                    ),
                ),
            ],
        },
    ),
]
