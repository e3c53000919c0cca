"""A team that is restored from a file brings its alerts along; they were told where they happened, and nobody is told again.

`import_team` says so with a setting of its transaction.
"""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION handover_alert_to_message() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO handover_message (team_id, member_id, alert_id, code, data, key, at)
    SELECT a.team_id, a.member_id, a.id, a.code, '{}'::jsonb, a.key, a.at FROM fresh a%s;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("handover", "0017_ledger_to_webhooks")]

    operations = [
        migrations.RunSQL(
            FUNCTION % " WHERE current_setting('handover.restoring', true) IS DISTINCT FROM 'on'",
            FUNCTION % "",
        )
    ]
