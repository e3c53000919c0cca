"""The tables of what happened to a customer, as 0001 to 0012 leave them; see docs/decisions/squashed-migrations.md."""

from django.db import migrations

from tickets.migrations._together import Together
from tickets.migrations.squashed_0012 import (
    activity,
    beside,
    custody,
    customer,
    imports,
    money,
    one_team,
    order,
    parcel,
    people,
    reason,
    return_form,
    return_line,
    script,
    signing,
    ticket,
    words,
)

ROOMS = (
    customer, order, imports, reason, ticket, beside, custody, return_form, return_line, parcel, signing, money, activity, script, one_team
)  # fmt: skip


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("tickets", "0001_initial"),
        ("tickets", "0002_order_search_and_imports"),
        ("tickets", "0003_custody_guards"),
        ("tickets", "0004_return_forms"),
        ("tickets", "0005_one_team_per_order"),
        ("tickets", "0006_tickets_held_by_age"),
        ("tickets", "0007_find_by_tag_and_code"),
        ("tickets", "0008_read_by_reports"),
        ("tickets", "0009_scripts_and_campaigns"),
        ("tickets", "0010_find_by_goods"),
        ("tickets", "0011_layouts_chosen_by_hand"),
        ("tickets", "0012_pushed_orders"),
    ]

    dependencies = [("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        *words.OPERATIONS,
        *people.OPERATIONS,  # a team's lead is a member of a team: one after the other
        Together(operation for room in ROOMS for operation in room.OPERATIONS),
    ]
