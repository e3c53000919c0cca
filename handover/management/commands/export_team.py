"""`manage.py export_team SLUG --to FILE.jsonl.gz`: everything of a team in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from handover.server.teamdump.writing import export_team
from tickets.people.models import Team


class Command(BaseCommand):
    help = "Write everything of a team as JSON Lines (docs/systems.md), for a nightly copy or another installation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the team's short name")
        parser.add_argument("--to", type=Path, required=True, metavar="FILE", help="packed where it ends in .gz")
        parser.add_argument("--files", action="store_true", help="the attachments and photos too")

    def handle(self, *args: Any, **options: Any) -> None:
        team = Team.objects.filter(slug=options["slug"]).first()
        if team is None:
            raise CommandError(f"There is no team “{options['slug']}”.")
        counts = export_team(team, options["to"], files=options["files"])
        self.stdout.write(f"{sum(counts.values())} rows of {sum(map(bool, counts.values()))} tables written to {options['to']}.")
