"""What hangs on a ticket: watchers and attachments."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any

import filetype
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member
from tickets.ticket.actions._base import invalid, lock_for, now, save, tell_ledger
from tickets.ticket.actions._deed import deed
from tickets.ticket.models import Attachment, Ticket, Watcher
from tickets.web.refusals import Refused

BIG = _("“%(name)s” is too large: a file has at most %(mb)s MB. Nothing was attached.")
KIND = _("“%(name)s” is neither a picture (PNG, JPEG, GIF, WebP) nor a PDF. Nothing was attached.")
EMPTY = _("“%(name)s” is empty. Nothing was attached.")
HEAD = 4096
ENDINGS = {"", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf"}


@deed
def watch(ticket: Ticket, *, by: Member, at: datetime | None = None) -> Ticket:
    """Hear of what happens to a ticket from now on. Watching twice is watching once."""
    ticket = lock_for("note", ticket, by, follow=True)
    _row, made = Watcher.objects.get_or_create(ticket=ticket, member=by)
    if made:
        tell_ledger("ticket.watched", ticket, by=by, at=now(at))
    return ticket


@deed
def unwatch(ticket: Ticket, *, by: Member, at: datetime | None = None) -> Ticket:
    """Hear no more of a ticket."""
    ticket = lock_for("note", ticket, by, follow=True)
    gone, _kinds = Watcher.objects.filter(ticket=ticket, member=by).delete()
    if gone:
        tell_ledger("ticket.unwatched", ticket, by=by, at=now(at))
    return ticket


def attach(ticket: Ticket, *, by: Member, file: UploadedFile[Any], at: datetime | None = None) -> Attachment:
    """Keep a picture or a PDF, recognised by its content and not by its name; stored under a name of ours.

    Refuses `too_large`, `unsupported_media`, `invalid` for an empty file.
    """
    return attach_all(ticket, by=by, files=[file], at=at)[0]


@deed
def attach_all(ticket: Ticket, *, by: Member, files: Sequence[UploadedFile[Any]], at: datetime | None = None) -> list[Attachment]:
    """Keep several, all or none: each is looked at by itself, and the first that is not taken is named. Refuses as `attach` does."""
    for file in files:
        _recognised(file)
    ticket, kept = lock_for("attach", ticket, by, follow=True), []
    try:
        for file in files:
            kept.append(keep_file(ticket, file, by=by, at=now(at)))
    except Exception:
        for one in kept:
            one.file.delete(save=False)  # their rows are rolled back as well
        raise
    return kept


def keep_file(ticket: Ticket, file: UploadedFile[Any], *, by: Member | None, at: datetime, **more: str) -> Attachment:
    """Keep a file with a locked ticket; `by` is empty where a letter brought it. Refuses as `attach` does."""
    kind = _recognised(file)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    name = _named(file.name or "", kind)
    found = Attachment(
        team=ticket.team, ticket=ticket, name=name, content_type=kind.mime, size=file.size or 0, sha256=digest.hexdigest(), by=by, at=at
    )
    found.file.save(f"{uuid.uuid4().hex}.{kind.extension}", file, save=False)
    try:
        found.save()
        save(ticket, at, content=False)
        tell_ledger("ticket.attached", ticket, by=by, at=at, attachment=found.pk, name=name, size=file.size, **more)
    except Exception:
        found.file.delete(save=False)  # the row is rolled back; do not leave the file
        raise
    return found


def _named(given: str, kind: filetype.Type) -> str:
    """The file's own name; a picture called `bill.html` gets an ending of its own, else who saves and opens it runs it as a page."""
    name = PurePath(given.replace("\\", "/")).name[:240] or str(_("attachment"))
    return name if PurePath(name).suffix.lower() in ENDINGS else f"{name}.{kind.extension}"


def _recognised(file: UploadedFile[Any]) -> filetype.Type:
    named = {"name": PurePath((file.name or "").replace("\\", "/")).name[:80]}
    if not file.size:
        raise invalid("file", EMPTY % named)
    if file.size > settings.ATTACHMENT_MAX_BYTES:
        raise Refused("too_large", BIG % (named | {"mb": settings.ATTACHMENT_MAX_BYTES // (1024 * 1024)}))
    kind = filetype.guess(file.read(HEAD))
    file.seek(0)
    if kind is None or kind.mime not in settings.ATTACHMENT_TYPES:
        raise Refused("unsupported_media", KIND % named)
    return kind
