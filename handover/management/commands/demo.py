"""`manage.py demo`: a lively team to try everything on; run again later it brings the scene up to the present."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from handover.demo import evenings, figures, history, returns, scene
from handover.demo.people import CAST, PASSWORD, find_team, make_team


class Command(BaseCommand):
    help = "Lays out the demo team around the present moment (local mode only)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("The demo's passwords are printed in its source: it is for HANDOVER_LOCAL=1 only.")
        now = timezone.now()
        accounts = "\n".join(f"  {person.username:<11} {PASSWORD}   {person.name}: {person.story}" for person in CAST)
        (settings.VAR / "demo-accounts.txt").write_text(f"Demo accounts (user name, password):\n{accounts}\n", encoding="utf-8")
        with transaction.atomic():
            demo = find_team()
            if demo is None:
                demo = make_team(now)
                self.stdout.write("  two months of orders and matters …")
                history.write(demo, now)
                evenings.write(demo, now)
                returns.write(demo, now)
                returns.lay_out(demo, now)
                figures.write(demo, now)
            elif scene.is_stale(demo, now):
                scene.clear(demo, now)
            else:
                return
            self.stdout.write("  the shifts around this moment …")
            scene.lay_out(demo, now)
