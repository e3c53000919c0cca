"""`manage.py import_team FILE`: restore what `export_team` wrote, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from handover.server.teamdump.reading import import_team


class Command(BaseCommand):
    help = "Restore a team from a file of export_team. Refuses a damaged file, and whatever does not agree with what was signed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--link-accounts", action="store_true", help="sign-in names that exist here are the same people")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = import_team(options["file"], link_accounts=options["link_accounts"])
        self.stdout.write(f"{sum(counts.values())} rows of {sum(map(bool, counts.values()))} tables restored; every signature holds.")
        self.stdout.write("New accounts have no password yet (manage.py changepassword). The figures: manage.py recount.")
