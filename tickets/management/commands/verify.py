"""Find every row that was changed behind the application's back. Exit status 1 where there is one."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from tickets.return_form.models import ReturnForm
from tickets.return_form.proof import Finding, findings, findings_of_files

LEDGER: dict[str, str] = {
    # what stands in a table of its own must be what the append-only rows beside it say
    "holder_is_not_the_last_assignment": """
        SELECT 'ticket ' || t.id FROM tickets_ticket t
        LEFT JOIN LATERAL (SELECT a.to_member_id FROM tickets_assignment a WHERE a.ticket_id = t.id ORDER BY a.id DESC LIMIT 1) a ON true
        WHERE t.status <> 'merged' AND t.holder_id IS DISTINCT FROM a.to_member_id""",
    "assignments_do_not_join": """
        SELECT 'assignment ' || x.id FROM (
            SELECT a.id, a.from_member_id, a.cause,
                   lag(a.to_member_id) OVER w AS before, row_number() OVER w AS place
            FROM tickets_assignment a WINDOW w AS (PARTITION BY a.ticket_id ORDER BY a.id)) x
        WHERE x.place > 1 AND x.from_member_id IS DISTINCT FROM x.before""",
    "touches_are_miscounted": """
        SELECT 'ticket ' || t.id FROM tickets_ticket t
        WHERE t.status <> 'merged' AND t.touches <> (SELECT count(*) FROM tickets_touch x WHERE x.ticket_id = t.id)""",
    "ledger_row_of_another_team": """
        SELECT 'activity ' || a.id FROM tickets_activity a JOIN tickets_ticket t ON t.id = a.ticket_id WHERE a.team_id <> t.team_id
        UNION ALL
        SELECT 'activity ' || a.id FROM tickets_activity a JOIN tickets_returnform f ON f.id = a.return_form_id
        WHERE a.team_id <> f.team_id""",
    "trigger_is_off": """
        SELECT c.relname || '.' || t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE t.tgname LIKE 'pgtrigger_%' AND t.tgenabled <> 'O'""",
}


SECONDS = 5
"""How often the progress is said."""
MANY = 20_000
"""Forms from which on it pays to begin more processes."""


class Command(BaseCommand):
    help = "Recompute every signature's hash and every invariant of the ledger, and name what was changed behind the application's back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--processes", type=int, default=0, help="How many prove return forms at once; as many as there are cores.")
        parser.add_argument("--files", action="store_true", help="Read every photo and compare it with the hash that was signed.")

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        files = findings_of_files() if options["files"] else ()
        for finding in itertools.chain(_ledger_findings(), self._findings_of_forms(options["processes"]), files):
            found += 1
            self.stdout.write(str(finding))
        if found:
            raise CommandError(f"{found} rows do not agree with what was signed or written down", returncode=1)
        self.stdout.write(self.style.SUCCESS("Everything agrees with what was signed and written down."))

    def _findings_of_forms(self, processes: int) -> Iterator[Finding]:
        forms = ReturnForm.objects.count()
        yield from findings(self._progress(forms), processes=processes or _processes(forms))

    def _progress(self, forms: int) -> Callable[[int], None]:
        """Says every few seconds, on the error stream, how far it is and how fast."""
        said = start = time.monotonic()

        def tell(proved: int) -> None:
            nonlocal said
            now = time.monotonic()
            if now - said >= SECONDS:
                said = now
                self.stderr.write(f"{proved:,} of {forms:,} return forms, {proved / (now - start):,.0f} a second", self.style.NOTICE)

        return tell


def _processes(forms: int) -> int:
    """One in somebody's transaction: what that wrote only its own connection sees."""
    return 1 if forms < MANY or connection.in_atomic_block else os.cpu_count() or 1


def _ledger_findings() -> Iterator[Finding]:
    for code, question in LEDGER.items():
        with connection.chunked_cursor() as cursor:
            cursor.execute(question)
            yield from (Finding(str(what), code) for (what,) in cursor)
