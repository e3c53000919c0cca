"""Every ledger row becomes, in its own transaction, an event for each endpoint that wants its kind.

What is older than a day when it is written is history that was brought in (another system's past), and no event. What webhooks write about
themselves is none either: it would tell of itself for ever.
"""

from django.db import migrations

UP = """
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
DOWN = "DROP TRIGGER ledger_to_webhooks ON tickets_activity; DROP FUNCTION handover_ledger_to_webhooks();"


class Migration(migrations.Migration):
    dependencies = [("handover", "0016_webhooks"), ("tickets", "0010_find_by_goods")]

    operations = [migrations.RunSQL(UP, DOWN)]
