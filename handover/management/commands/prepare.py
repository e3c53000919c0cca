"""Makes a release ready to serve: migrations, translations, static files; in local mode also the demo team."""

from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from handover.server.translations import compile_translations
from tickets.people.models import Team


class Command(BaseCommand):
    help = "Migrates, compiles translations and collects static files; --demo adds the demo team to an empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="lay out the demo team when there is no team yet, and name its accounts")

    def handle(self, *args: Any, demo: bool, **options: Any) -> None:
        self._database_answers()
        compile_translations()
        call_command("migrate", interactive=False, verbosity=1 if options["verbosity"] > 1 else 0)
        if settings.HASHED_STATIC:
            call_command("collectstatic", interactive=False, verbosity=0)
        if demo:
            self._demo()

    @staticmethod
    def _database_answers() -> None:
        """Asked plainly first: the pool would try for ten seconds, and then say nothing about the reason."""
        try:
            psycopg.connect(**{"connect_timeout": 10} | connection.get_connection_params()).close()
        except psycopg.OperationalError as error:
            raise CommandError(f"The database (DATABASE_URL) does not let us in: {error}") from None

    def _demo(self) -> None:
        """Laid out in an empty database; at a later start brought up to the present; a team of one's own is left alone."""
        teams = Team.objects.values_list("slug", flat=True)
        if not teams:
            self.stdout.write("First start: laying out the demo team …")
            self.stdout.flush()
        if not teams or "demo" in teams:
            call_command("demo", stdout=self.stdout)
