"""Counts the figures of the reports anew from the rows, without downtime, and says whether they were right."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from handover.report import counting
from tickets.people.models import Team


class Command(BaseCommand):
    help = "Counts every figure anew beside the ones in use and replaces what differs. --check only compares (exit 1 if not equal)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--team", help="only this team (its short name)")
        parser.add_argument("--check", action="store_true", help="compare only")

    def handle(self, *args: Any, team: str | None, check: bool, **options: Any) -> None:
        teams = Team.objects.filter(slug=team) if team else Team.objects.order_by("slug")
        if team and not teams:
            raise CommandError(f"There is no team {team}.")
        wrong = sum([self._team(found, check) for found in teams])
        if wrong and check:
            raise CommandError(f"Cells that differ from the rows: {wrong}")

    def _team(self, team: Team, check: bool) -> int:
        """What was stale is counted first, so that what differs afterwards was really wrong."""
        counting.count_stale()
        different = counting.recount(team, write=not check)
        told = ", ".join(f"{fact}: {count}" for fact, count in sorted(different.items())) or "equal"
        self.stdout.write(f"{team.slug}: {told}")
        if different and not check:
            again = counting.recount(team, write=False)
            self.stdout.write(f"{team.slug}: {again or 'equal now'}")
        return sum(different.values())
