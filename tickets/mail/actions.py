"""A letter arrives: threaded onto its matter, or the beginning of one; each Message-ID once, whoever brings it and however often."""

from __future__ import annotations

import hashlib
import logging
import re
from datetime import datetime

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.validators import validate_email
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import record
from tickets.customer import actions as customers
from tickets.customer.models import Customer
from tickets.mail import rules
from tickets.mail.models import Letter, Mailbox
from tickets.mail.parsing import File, Read, read_letter
from tickets.people.access import may
from tickets.people.models import Member, Team
from tickets.ticket.actions import add_letter, attach_from_letter, open_from_letter
from tickets.ticket.models import Ticket
from tickets.ticket.queries import open_matters
from tickets.web.refusals import Refused
from tickets.web.sealed import seal

log = logging.getLogger(__name__)
MOST_BYTES = 25 * 1024 * 1024
MOST_FILES = 20
Outcome = Letter.Outcome
NO_SERVER = _("The name of an IMAP server, such as imap.example.com.")
NEEDS_SIGN_IN = _("A mailbox with a server needs a user name and a password.")
TAKEN = _("Another team has this address.")
TAKEN_ALREADY = _("This letter was taken already.")
NOT_KEPT = _("The letter itself was not kept; only what is shown of it.")
REST = _("the rest of the letter")
NO_LEAD = _("The team needs a lead before anything can lie in its pool.")
_HOST = re.compile(r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,253}[A-Za-z0-9])?$")


def receive(team: Team, raw: bytes, *, is_cut: bool = False, at: datetime | None = None) -> Letter:
    """Take one letter. The same Message-ID a second time does nothing and returns the first.

    Nothing is answered. Bounces, automatic answers, our own letters and floods open nothing and reopen nothing, nor does one of which only
    the beginning is here (`is_cut`: it was too large); they are kept for the manager to see and to take after all. What breaks on the way
    is kept as `failed` rather than lost. Refuses `too_large`.
    """
    if len(raw) > MOST_BYTES:
        raise Refused("too_large")
    at = at or timezone.now()
    letter = read_letter(raw)
    try:
        with transaction.atomic():
            return _take(team, letter, raw, is_cut, at)
    except Refused as refused:
        return _keep_failed(team, letter, raw, at, str(refused))
    except DatabaseError:
        if connection.connection is None or connection.connection.broken:
            raise
        log.exception("a letter was not taken", extra={"team": team.pk, "message": letter.message_id})
        return _keep_failed(team, letter, raw, at, "")


@transaction.atomic
def take_after_all(letter: Letter, *, by: Member, at: datetime | None = None) -> Letter:
    """A manager knows better: the letter of a machine, of a flood, or one that was too large goes where a person's would have gone.

    Refuses `forbidden` unless a manager does it, `not_found` for another team's, `wrong_state` for one that was taken (`ticket`) or whose
    bytes were not kept, and what opening a matter refuses.
    """
    at = at or timezone.now()
    if not may(by, "mail.edit"):
        raise Refused("forbidden")
    row = Letter.objects.select_for_update(of=("self",)).select_related("team").filter(pk=letter.pk, team=by.team_id).first()
    if row is None:
        raise Refused("not_found")
    if row.is_taken:
        raise Refused("wrong_state", TAKEN_ALREADY, ticket=row.ticket_id)
    if not row.raw:
        raise Refused("wrong_state", NOT_KEPT)
    was, row.text = row.outcome, ""
    with row.raw.open("rb") as file:
        _deliver(row.team, read_letter(file.read()), row, at)
    if was == Outcome.TOO_BIG:
        row.left_out.append(str(REST))
    row.save()
    record("team.letter_taken", team=by.team, actor=by, at=at, ticket=row.ticket, letter=row.pk, was=was, sender=row.sender)
    return row


def _take(team: Team, letter: Read, raw: bytes, is_cut: bool, at: datetime) -> Letter:
    """The row comes first: whoever brings the same letter meanwhile waits for us, and then finds it."""
    told = {"sender": letter.sender, "subject": letter.subject, "outcome": Outcome.FAILED, "at": at}
    made = Letter.objects.bulk_create([Letter(team=team, message_id=_key(letter), **told)], ignore_conflicts=True)
    row = Letter.objects.select_for_update().get(team=team, message_id=made[0].message_id)
    if row.outcome != Outcome.FAILED or row.text:
        return row
    address = Mailbox.objects.filter(team=team).values_list("address", flat=True).first() or ""
    row.outcome = Outcome.TOO_BIG if is_cut else _kind(team, letter, address, at)
    if row.outcome in (Outcome.ADDED, Outcome.OPENED):
        _deliver(team, letter, row, at)
    else:
        thread = _thread(team, letter)
        row.ticket, row.text = thread, letter.text
        row.raw.save("letter.eml", ContentFile(raw), save=False)
    row.save()
    return row


def _key(letter: Read) -> str:
    key = letter.message_id.replace("\x00", "")
    return key if len(key) < 255 else f"sha256:{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()}"


def _kind(team: Team, letter: Read, address: str, at: datetime) -> str:
    if rules.is_ours(letter, address):
        return Outcome.LOOP
    if rules.is_bounce(letter):
        return Outcome.BOUNCE
    if rules.is_automatic(letter):
        return Outcome.AUTO
    before = Letter.objects.filter(team=team, sender=letter.sender, at__gt=at - rules.WITHIN, at__lte=at)
    return Outcome.TOO_MANY if before.count() > rules.MOST_PER_SENDER else Outcome.ADDED  # the count has this one in it


def _deliver(team: Team, letter: Read, row: Letter, at: datetime) -> None:
    sender = letter.sender_name or letter.sender
    ticket = _thread(team, letter)
    if ticket is None:
        customer = _customer(team, letter, at)
        ticket = next(iter(open_matters(customer)), None)  # the newest of whoever wrote (C7)
    if ticket is not None:
        row.ticket, row.outcome = add_letter(ticket, text=letter.text or letter.subject, sender=sender, at=at), Outcome.ADDED
    else:
        row.ticket = open_from_letter(customer=customer, subject=letter.subject, text=letter.text, sender=sender, at=at)
        row.outcome = Outcome.OPENED
    for file in letter.files[:MOST_FILES]:
        if not _attached(row.ticket, file, sender, at):
            row.left_out.append(file.name)
    row.left_out += [file.name for file in letter.files[MOST_FILES:]]


def _attached(ticket: Ticket, file: File, sender: str, at: datetime) -> bool:
    """False where the rules of attachments leave the file out; the letter says its name."""
    try:
        with transaction.atomic():
            attach_from_letter(ticket, file=SimpleUploadedFile(file.name or "file", file.content), sender=sender, at=at)
    except Refused:
        return False
    return True


def _thread(team: Team, letter: Read) -> Ticket | None:
    """The ticket that the letter itself names: by a token of ours, or by answering a letter that is in a ticket."""
    for number, token in rules.tokens_in(letter):
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        if any(rules.reply_token(team.pk, number, key) == token for key in keys):
            found = Ticket.objects.filter(team=team, pk=number).first()
            if found is not None:
                return found
    if letter.references:
        known = Letter.objects.filter(team=team, message_id__in=letter.references, ticket__isnull=False)
        latest = known.select_related("ticket").order_by("-id").first()
        return latest.ticket if latest else None
    return None


def _customer(team: Team, letter: Read, at: datetime) -> Customer:
    """Whoever wrote, held: the next letter of theirs finds what this one opens."""
    name = letter.sender_name or letter.sender
    return customers.hold_living(customers.find_or_create(team, kind="email", value=letter.sender, name=name, by=None, at=at))


def _keep_failed(team: Team, letter: Read, raw: bytes, at: datetime, why: str) -> Letter:
    text = f"{why}\n\n{letter.text}".strip() or letter.subject or "?"
    told = {"sender": letter.sender, "subject": letter.subject, "outcome": Outcome.FAILED, "text": text, "at": at}
    row, made = Letter.objects.get_or_create(team=team, message_id=_key(letter), defaults=told)
    if made:
        row.raw.save("letter.eml", ContentFile(raw))
    return row


@transaction.atomic
def set_mailbox(
    *, by: Member, address: str, host: str = "", port: int = 993, security: str = "ssl", username: str = "", password: str = "",
    folder: str = "INBOX", is_on: bool = True, at: datetime | None = None,
) -> Mailbox:  # fmt: skip
    """The team's one mailbox; an empty password keeps the one there is. Another server or folder is read from its newest letter on.

    Refuses `forbidden` unless a manager does it, `wrong_state` for a team without a lead, `invalid` by field.
    """
    at = at or timezone.now()
    if not may(by, "mail.edit"):
        raise Refused("forbidden")
    if by.team.lead_id is None:
        raise Refused("wrong_state", NO_LEAD)
    try:
        validate_email(address)
    except ValidationError as wrong:
        raise Refused("invalid", errors={"address": list(wrong.messages)}) from wrong
    if host and not _HOST.match(host):
        raise Refused("invalid", errors={"host": [NO_SERVER]})
    box = Mailbox.objects.select_for_update().filter(team=by.team).first() or Mailbox(team=by.team)
    if Mailbox.objects.filter(address=address.lower()).exclude(team=by.team).exists():
        raise Refused("invalid", errors={"address": [TAKEN]})
    if host and not (username and (password or box.password)):
        raise Refused("invalid", errors={"password": [NEEDS_SIGN_IN]})
    if (box.host, box.username, box.folder) != (host, username, folder):
        box.uid_validity = box.seen_uid = 0
    box.address, box.host, box.port, box.security = address.lower(), host, port, security
    box.username, box.folder, box.is_on = username, folder or "INBOX", is_on
    box.password = seal(password) if password else box.password
    box.failures, box.last_error, box.next_at, box.by, box.updated_at = 0, "", at, by, at
    box.save()
    caches["local"].delete(f"mailbox-{by.team_id}")
    record("team.mailbox_set", team=by.team, actor=by, at=at, address=box.address, host=host, new_password=bool(password))
    return box
