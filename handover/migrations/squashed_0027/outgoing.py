"""What happens inside is told outside in the same transaction, whoever writes it: it cannot fail to be told."""

from django.db import migrations

# A team that is restored from a file brings its alerts along; they were told where they happened, and nobody is told again. `import_team`
# says so with a setting of its transaction.
ALERTS = """
CREATE FUNCTION handover_alert_to_message() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO handover_message (team_id, member_id, alert_id, code, data, key, at)
    SELECT a.team_id, a.member_id, a.id, a.code, '{}'::jsonb, a.key, a.at FROM fresh a WHERE current_setting('handover.restoring', true) IS DISTINCT FROM 'on';
    RETURN NULL;
END $$;
CREATE TRIGGER alert_becomes_message AFTER INSERT ON tickets_alert REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION handover_alert_to_message();
"""
NO_ALERTS = "DROP TRIGGER alert_becomes_message ON tickets_alert; DROP FUNCTION handover_alert_to_message();"

# What is older than a day when it is written is history that was brought in (another system's past), and no event. What webhooks write
# about themselves is none either: it would tell of itself for ever.
LEDGER = """
CREATE FUNCTION handover_ledger_to_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO handover_webhookdelivery (endpoint_id, activity_id, state, attempts, begun_at, next_at, status, error)
    SELECT e.id, a.id, 'waiting', 0, now(), now(), 0, '' FROM fresh a JOIN handover_endpoint e ON e.team_id = a.team_id AND e.is_active
     WHERE (cardinality(e.kinds) = 0 OR a.code = ANY (e.kinds) OR split_part(a.code, '.', 1) = ANY (e.kinds))
       AND a.code NOT LIKE 'webhook.%' AND a.at > now() - interval '1 day'
     ORDER BY a.id;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_to_webhooks AFTER INSERT ON tickets_activity REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION handover_ledger_to_webhooks();
"""
NO_LEDGER = "DROP TRIGGER ledger_to_webhooks ON tickets_activity; DROP FUNCTION handover_ledger_to_webhooks();"

OPERATIONS = [migrations.RunSQL(ALERTS, NO_ALERTS), migrations.RunSQL(LEDGER, NO_LEDGER)]
