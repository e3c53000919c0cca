import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def grant_all(apps, schema_editor):
    """Tokens from before could do everything; they go on doing so until they expire or are revoked."""
    token, grant = apps.get_model("knox", "AuthToken"), apps.get_model("tickets", "TokenGrant")
    everything = ["read", "write", "import", "reports"]
    grant.objects.bulk_create([grant(token=each, scopes=everything) for each in token.objects.all()])


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0012_pushed_orders'),
        migrations.swappable_dependency(settings.KNOX_TOKEN_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TokenGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, max_length=60, verbose_name='what it is for')),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('read', "read: look at the team's customers, orders, tickets, forms, shifts"), ('write', 'write: log, claim, answer, file, plan'), ('import', 'import: bring in files of orders, refunds and figures'), ('reports', 'reports: read the figures')], max_length=10), size=None, verbose_name='scopes')),
                ('per_minute', models.PositiveIntegerField(blank=True, null=True, verbose_name='calls a minute')),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('token', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='grant', to=settings.KNOX_TOKEN_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('scopes__len__gt', 0), ('scopes__contained_by', ['read', 'write', 'import', 'reports'])), name='token_has_known_scopes'), models.CheckConstraint(condition=models.Q(('per_minute__isnull', True), ('per_minute__gt', 0), _connector='OR'), name='token_rate_is_positive')],
            },
        ),
        migrations.RunPython(grant_all, migrations.RunPython.noop),
    ]
