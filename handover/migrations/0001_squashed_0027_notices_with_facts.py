"""The tables of the team's side and the triggers on all tables, as 0001 to 0027 leave them; see docs/decisions/squashed-migrations.md."""

from django.db import migrations

from handover.migrations.squashed_0027 import (
    digest,
    duty,
    figures,
    message,
    note,
    outgoing,
    roster,
    sheets,
    stale_days,
    stale_duties,
    stale_forms,
    stale_rows,
    stale_sheets,
    webhook,
)
from tickets.migrations._together import Together

ROOMS = (
    roster, duty, note, digest, figures, sheets, message, webhook, stale_days, stale_rows, stale_duties, stale_forms, stale_sheets, outgoing
)  # fmt: skip


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("handover", "0001_initial"),
        ("handover", "0002_initial"),
        ("handover", "0003_roster_and_duty_guards"),
        ("handover", "0004_note_item_version_and_link_key"),
        ("handover", "0005_report_figures"),
        ("handover", "0006_stale_days"),
        ("handover", "0007_service_days"),
        ("handover", "0008_stale_service_days"),
        ("handover", "0009_stale_rows"),
        ("handover", "0010_targets"),
        ("handover", "0011_messages"),
        ("handover", "0012_alerts_become_messages"),
        ("handover", "0013_performance_sheets"),
        ("handover", "0014_roster_codes"),
        ("handover", "0015_report_schedules"),
        ("handover", "0016_webhooks"),
        ("handover", "0017_ledger_to_webhooks"),
        ("handover", "0018_restored_alerts_are_not_sent"),
        ("handover", "0019_messages_without_words"),
        ("handover", "0020_hour_figures"),
        ("handover", "0021_shifts_of_passing_on"),
        ("handover", "0022_stale_compensations"),
        ("handover", "0023_fewer_indexes"),
        ("handover", "0024_forms_by_member"),
        ("handover", "0025_figures_day_by_day"),
        ("handover", "0026_swaps_that_lapse"),
        ("handover", "0027_notices_with_facts"),
    ]

    dependencies = [("tickets", "0013_squashed_0026_a_view_to_open_with")]

    operations = [Together(operation for room in ROOMS for operation in room.OPERATIONS)]
