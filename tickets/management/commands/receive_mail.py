"""manage.py receive_mail [--team TEAM] < message"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from tickets.mail.actions import MOST_BYTES, receive
from tickets.mail.models import Mailbox
from tickets.mail.parsing import read_letter
from tickets.people.models import Team
from tickets.web.refusals import Refused

TRY_AGAIN, NO_USER, TOO_LARGE = 75, 67, 65  # sysexits.h: the mail server keeps the letter, or sends it back


class Command(BaseCommand):
    help = "Take one letter from standard input, as a mail server pipes it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--team", default="", help="the team's short name (default: whose mailbox the letter is addressed to)")

    def handle(self, *args: Any, **options: Any) -> None:
        raw = sys.stdin.buffer.read(MOST_BYTES + 1)
        if not raw.strip():
            raise CommandError("there is no letter", returncode=TOO_LARGE)
        try:
            letter = receive(self.team(options["team"], raw), raw)
        except DatabaseError as broken:
            raise CommandError(f"try again: {broken}", returncode=TRY_AGAIN) from broken
        except Refused as refused:
            raise CommandError(str(refused), returncode=TOO_LARGE) from refused
        where = f" #{letter.ticket_id}" if letter.ticket_id else ""
        self.stdout.write(f"{letter.outcome}{where}")

    def team(self, slug: str, raw: bytes) -> Team:
        if slug:
            team = Team.objects.filter(slug=slug).first()
        else:
            bare = [_without_token(address) for address in read_letter(raw).recipients]
            box = Mailbox.objects.select_related("team").filter(address__in=bare, is_on=True).first()
            team = box.team if box else None
        if team is None:
            raise CommandError("no team has this address; give --team", returncode=NO_USER)
        return team


def _without_token(address: str) -> str:
    name, _at, domain = address.partition("@")
    return f"{name.split('+')[0]}@{domain}"
