import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('handover', '0013_performance_sheets'),
        ('tickets', '0014_moving_in'),
    ]

    operations = [
        migrations.CreateModel(
            name='RosterCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20)),
                ('pattern', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='handover.shiftpattern')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tickets.team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('team', 'code'), name='roster_code_means_one_thing'), models.CheckConstraint(condition=models.Q(('code', ''), _negated=True), name='roster_code_is_not_empty')],
            },
        ),
    ]
