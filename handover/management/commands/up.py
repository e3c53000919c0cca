"""The whole system on this machine with one command: `manage.py up` (or `make run`)."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from handover.server import env
from handover.server.pgplace import CannotStart
from handover.server.supervisor import Supervisor


class Command(BaseCommand):
    help = "Runs database (embedded unless DATABASE_URL is set), web server and job worker; stops them all on Ctrl-C."
    requires_system_checks: list[str] = []  # they would need the database that is about to be started

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-demo", action="store_false", dest="demo", help="start without the demo team")

    def handle(self, *args: Any, demo: bool, **options: Any) -> None:
        try:
            Supervisor(settings.VAR, env.number("PORT", 8000), self._say, demo=demo).run()
        except CannotStart as reason:
            raise CommandError(str(reason)) from None

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
