"""What 0013 to 0026 add and change. Apart from the tables before, since the tokens it speaks of stand on those; see
docs/decisions/squashed-migrations.md."""

from django.conf import settings
from django.db import migrations

from tickets.migrations._together import Together
from tickets.migrations.squashed_0026 import compensation, mail, movein, older_tables, token, view

ROOMS = (token, movein, mail, compensation, view, older_tables)


class Migration(migrations.Migration):
    replaces = [
        ("tickets", "0013_token_scopes"),
        ("tickets", "0014_moving_in"),
        ("tickets", "0015_letters"),
        ("tickets", "0016_drafts"),
        ("tickets", "0017_counted_by_time"),
        ("tickets", "0018_oldest_of_a_stage"),
        ("tickets", "0019_platform_compensations"),
        ("tickets", "0020_drafts_receive_nothing"),
        ("tickets", "0021_token_calls"),
        ("tickets", "0022_letters_kept"),
        ("tickets", "0023_signatures_by_time"),
        ("tickets", "0024_platforms_tell_of_one_team"),
        ("tickets", "0025_fewer_indexes"),
        ("tickets", "0026_a_view_to_open_with"),
    ]

    dependencies = [
        ("tickets", "0001_squashed_0012_pushed_orders"),
        migrations.swappable_dependency(settings.KNOX_TOKEN_MODEL),
    ]

    operations = [Together(operation for room in ROOMS for operation in room.OPERATIONS)]
