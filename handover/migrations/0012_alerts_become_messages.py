"""An alert becomes a message in the transaction that writes it, whoever writes it: what is told inside cannot fail to be told outside.

The trigger stands here and not beside the alerts, which know nothing of messages. A statement trigger: one INSERT, however many rows.
"""

from django.db import migrations

UP = """
CREATE FUNCTION handover_alert_to_message() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO handover_message (team_id, member_id, alert_id, code, data, key, at)
    SELECT a.team_id, a.member_id, a.id, a.code, '{}'::jsonb, a.key, a.at FROM fresh a;
    RETURN NULL;
END $$;
CREATE TRIGGER alert_becomes_message AFTER INSERT ON tickets_alert REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION handover_alert_to_message();
"""
DOWN = "DROP TRIGGER alert_becomes_message ON tickets_alert; DROP FUNCTION handover_alert_to_message();"


class Migration(migrations.Migration):
    dependencies = [("handover", "0011_messages"), ("tickets", "0010_find_by_goods")]

    operations = [migrations.RunSQL(UP, DOWN)]
