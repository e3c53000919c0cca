"""The pressure's own roll-up, what makes it stale, and its days so far as marks: the job counts them, the newest first.

Who is on duty when was never rolled up before. A duty says its days itself; a member who begins or ceases to serve customers, and a ticket
that moves to another channel, are named by id and looked up by the job. See 0009_stale_rows.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# Twice a day: so that no day is stepped over, be it an hour shorter. The last instant is before the end.
MARK = """
    INSERT INTO handover_staleday (team_id, source, day)
    SELECT DISTINCT r.team_id, 'present', (x.at AT TIME ZONE z.time_zone)::date FROM ({rows}) r JOIN tickets_team z ON z.id = r.team_id
    CROSS JOIN LATERAL (SELECT generate_series(r.started_at, COALESCE(r.ended_at, r.lapses_at), interval '12 hours')
        UNION ALL SELECT COALESCE(r.ended_at, r.lapses_at) - interval '1 microsecond') x (at);"""
SPAN = "team_id, member_id, started_at, lapses_at, ended_at"
CHANGED = " IS DISTINCT FROM ".join(f"({', '.join(f'{row}.{c}' for c in SPAN.split(', '))})" for row in ("n", "o"))
BOTH = " UNION ALL ".join(f"SELECT {row}.* FROM fresh n JOIN old o ON o.id = n.id WHERE {CHANGED}" for row in ("o", "n"))
EVENTS = {
    "insert": ("NEW TABLE AS fresh", "SELECT * FROM fresh"),
    "update": ("OLD TABLE AS old NEW TABLE AS fresh", BOTH),
    "delete": ("OLD TABLE AS old", "SELECT * FROM old"),
}

# table, column, what of it counts, kind of mark
NAMED = (
    ("tickets_ticket", "channel", "{row}.channel", "ticket"),
    ("tickets_member", "roles", "({row}.roles && ARRAY['agent', 'after_sale']::varchar[])", "member"),
)


def forward() -> str:
    parts = [
        f"CREATE FUNCTION present_{event}_handover_duty() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {MARK.format(rows=rows)}"
        f" RETURN NULL; END $$; CREATE TRIGGER present_{event}_handover_duty AFTER {event} ON handover_duty REFERENCING {transition}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION present_{event}_handover_duty();"
        for event, (transition, rows) in EVENTS.items()
    ]
    for table, column, counts, kind in NAMED:
        name = f"stale_{column}_{table}"
        parts.append(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" INSERT INTO handover_stalerow (kind, ids) VALUES ('{kind}', ARRAY[NEW.id]); RETURN NULL; END $$;"
            f" CREATE TRIGGER {name} AFTER UPDATE OF {column} ON {table} FOR EACH ROW"
            f" WHEN ({counts.format(row='OLD')} IS DISTINCT FROM {counts.format(row='NEW')}) EXECUTE FUNCTION {name}();"
        )
    return "".join(parts)


def backward() -> str:
    duty = [f"DROP TRIGGER present_{event}_handover_duty ON handover_duty; DROP FUNCTION present_{event}_handover_duty();" for event in EVENTS]
    named = [f"DROP TRIGGER stale_{c}_{t} ON {t}; DROP FUNCTION stale_{c}_{t}();" for t, c, _counts, _kind in NAMED]
    marks = "DELETE FROM handover_staleday WHERE source IN ('present', 'hours'); DELETE FROM handover_stalerow WHERE kind = 'member';"
    return "".join([*duty, *named, marks])


# What is rolled up so far says on which days anything came.
FILL = f"""
    INSERT INTO handover_staleday (team_id, source, day)
    SELECT DISTINCT z.id, 'hours', f.day FROM tickets_team z
    CROSS JOIN LATERAL (SELECT x.day FROM handover_figure x WHERE x.team_id = z.id AND x.fact IN ('contacts', 'matters')
                        AND x.grain = 'd' AND x.cut = 0) f;
    {MARK.format(rows="SELECT * FROM handover_duty")}"""


class Migration(migrations.Migration):

    dependencies = [
        ('handover', '0019_messages_without_words'),
        ('tickets', '0017_counted_by_time'),
    ]

    operations = [
        migrations.CreateModel(
            name="HourFigure",
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fact', models.CharField(max_length=12)),
                ('dim', models.CharField(blank=True, max_length=8)),
                ('grain', models.CharField(choices=[('d', 'day'), ('m', 'month'), ('y', 'year')], max_length=1)),
                ('day', models.DateField()),
                ('weekday', models.SmallIntegerField()),
                ('key', models.CharField(blank=True, max_length=120)),
                ('hours', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=24)),
                ('team', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tickets.team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('team', 'fact', 'dim', 'grain', 'day', 'weekday', 'key'), name='hour_figure_is_counted_once'), models.CheckConstraint(condition=models.Q(('hours__len', 24)), name='hour_figure_has_every_hour')],
            },
        ),
        migrations.RunSQL(forward(), backward()),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
