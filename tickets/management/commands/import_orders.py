"""manage.py import_orders FILE --shop SHOP [--team TEAM] [--by USER] [--dry-run] [--report FILE]"""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from tickets.order.imports.run import run_import
from tickets.order.imports.uploads import upload
from tickets.order.models import Import
from tickets.order.queries import report_rows
from tickets.people.models import Member, Shop
from tickets.web.refusals import Refused
from tickets.web.sheets import harmless

COLUMNS_FIRST = "no platform exports these columns: say once, at %(page)s, which is what; then import the file again"


class Command(BaseCommand):
    help = "Import a file of orders, as the page does, here and now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--shop", required=True, help="the shop's number or name")
        parser.add_argument("--team", default="", help="the team's short name, where several have such a shop")
        parser.add_argument("--by", default="", help="user name of the member in whose name it is done (default: the team's lead)")
        parser.add_argument("--kind", default="", help="such as taobao.orders; told from the columns by default")
        parser.add_argument("--dry-run", action="store_true", help="write nothing, say what would happen")
        parser.add_argument("--report", type=Path, help="write the rows that need attention to this csv file")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"{path} is not a file")
        shop = self.shop(options["shop"], options["team"])
        by = self.member(shop, options["by"])
        try:
            with path.open("rb") as content:
                run = upload(by=by, shop=shop, file=File(content, path.name), kind=options["kind"], start_now=False)
        except Refused as refused:
            told = "; ".join(str(text) for texts in (refused.errors or {}).values() for text in texts)
            raise CommandError(told or str(refused)) from refused
        if not run.kind:
            raise CommandError(COLUMNS_FIRST % {"page": reverse("order:import_columns", args=[run.pk])})
        Import.objects.filter(pk=run.pk).update(state=Import.State.WAITING, dry_run=options["dry_run"])
        done = run_import(run.pk)
        if done is None or done.state != Import.State.DONE:
            raise CommandError(f"import {run.pk} failed: {done.error if done else 'taken by another worker'}")
        self.tell(done)
        if options["report"]:
            self.report(done, options["report"])

    def shop(self, wanted: str, team: str) -> Shop:
        found = Shop.objects.select_related("team", "team__lead")
        found = found.filter(pk=int(wanted)) if wanted.isdecimal() else found.filter(name=wanted)
        shops = list(found.filter(team__slug=team) if team else found)
        if len(shops) != 1:
            raise CommandError(f"{len(shops)} shops are called {wanted!r}; give the shop's number or --team")
        return shops[0]

    def member(self, shop: Shop, name: str) -> Member:
        member = Member.objects.filter(team=shop.team, user__username=name).first() if name else shop.team.lead
        if member is None:
            raise CommandError("no such member; give --by USER")
        return member

    def tell(self, run: Import) -> None:
        would = "would be " if run.dry_run else ""
        self.stdout.write(
            f"{run.kind}: {run.rows} rows, {run.orders} orders: {run.created} {would}new, {run.updated} {would}updated, "
            f"{run.unchanged} unchanged, {run.older} left since a newer export is stored; {run.customers} new customers; "
            f"{run.problems} rows not taken, {run.reviews} to look at"
        )

    def report(self, run: Import, path: Path) -> None:
        with path.open("w", encoding="utf-8-sig", newline="") as target:
            csv.writer(target).writerows([harmless(cell) for cell in row] for row in report_rows(run))
