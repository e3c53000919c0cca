"""manage.py import_history FILE --system SYSTEM --team TEAM [--by USER] [--dry-run] [--report FILE]"""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError

from tickets.movein.actions import run_move, upload
from tickets.movein.models import Move, System
from tickets.movein.queries import report_rows
from tickets.people.models import Member, Team
from tickets.web.refusals import Refused
from tickets.web.sheets import harmless


class Command(BaseCommand):
    help = "Bring customers and matters of another system in, as the page does, here and now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--system", required=True, choices=System.values)
        parser.add_argument("--team", required=True, help="the team's short name")
        parser.add_argument("--by", default="", help="user name of the manager in whose name it is done (default: the team's lead)")
        parser.add_argument("--dry-run", action="store_true", help="write nothing, say what would happen")
        parser.add_argument("--report", type=Path, help="write the documents that were not taken to this csv file")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"{path} is not a file")
        by = self.member(options["team"], options["by"])
        try:
            with path.open("rb") as content:
                move = upload(by=by, system=options["system"], file=File(content, path.name), dry_run=options["dry_run"], start_now=False)
        except Refused as refused:
            told = "; ".join(str(text) for texts in (refused.errors or {}).values() for text in texts)
            raise CommandError(told or str(refused)) from refused
        done = run_move(move.pk)
        if done is None or done.state != Move.State.DONE:
            raise CommandError(f"move {move.pk} failed: {done.error if done else 'taken by another worker'}")
        would = "would be " if done.dry_run else ""
        self.stdout.write(
            f"{done.system}: {done.done} documents: {done.customers} customers, {done.tickets} matters and {done.entries} entries "
            f"{would}new, {done.known} brought nothing new, {done.problems} not taken"
        )
        if options["report"]:
            with options["report"].open("w", encoding="utf-8-sig", newline="") as target:
                csv.writer(target).writerows([harmless(cell) for cell in row] for row in report_rows(done))

    def member(self, slug: str, name: str) -> Member:
        team = Team.objects.select_related("lead").filter(slug=slug).first()
        if team is None:
            raise CommandError(f"there is no team {slug!r}")
        member = Member.objects.filter(team=team, user__username=name).first() if name else team.lead
        if member is None:
            raise CommandError("no such member; give --by USER")
        return member
