"""Reading a mailbox by IMAP: what came since last time, without changing anything in it.

Failures put the next attempt off, further each time.
"""

from __future__ import annotations

import imaplib
import ipaddress
import logging
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from tickets.activity.actions import alert, record
from tickets.mail.actions import MOST_BYTES, receive
from tickets.mail.models import Mailbox
from tickets.people.queries import managers_to_tell
from tickets.web.alone import alone
from tickets.web.sealed import unseal

log = logging.getLogger(__name__)
AT_ONCE = 100
TIMEOUT = 20.0
BEGINNING = 512 * 1024
"""As much is kept of a letter that is too large: its head and, as a rule, all of its text."""
EVERY = timedelta(minutes=1)
LONGEST = timedelta(hours=1)
TELL_AFTER = 5
_LOCK = 7_405


class Unreachable(Exception):
    """The mailbox cannot be read now; the text says why."""


def fetch_due(at: datetime | None = None) -> int:
    """Read every mailbox whose time has come; returns how many letters were taken. One that fails stops no other."""
    at = at or timezone.now()
    due = Mailbox.objects.filter(is_on=True, next_at__lte=at).exclude(host="")
    return sum(fetch(pk, at=at) for pk in due.order_by("next_at").values_list("pk", flat=True))


def fetch(pk: int, *, at: datetime | None = None) -> int:
    """Read one mailbox. 0 where another worker is at it, or it cannot be reached: then it waits, twice as long each time."""
    at = at or timezone.now()
    with alone(_LOCK, pk) as only:
        box = Mailbox.objects.select_related("team").filter(pk=pk).first()
        if not only or box is None or not box.is_on or not box.host:
            return 0
        try:
            taken = _read(box, at)
        except (Unreachable, imaplib.IMAP4.error, OSError, ssl.SSLError) as broken:
            _put_off(box, at, _said(broken))
            return 0
        told = {"failures": 0, "last_error": "", "last_at": at, "next_at": at + (timedelta() if taken == AT_ONCE else EVERY)}
        Mailbox.objects.filter(pk=pk).update(**told)
        return taken


def _read(box: Mailbox, at: datetime) -> int:
    """Take what is new, oldest first. How far it has come is kept after each letter: one taken twice after a kill is taken once."""
    taken = 0
    with _opened(box) as imap:
        _choose_folder(box, imap)
        for uid in _new(imap, box.seen_uid)[:AT_ONCE]:
            raw, is_cut = _letter(imap, uid)
            if raw is not None:
                receive(box.team, raw, is_cut=is_cut, at=at)
                taken += 1
            box.seen_uid = uid
            Mailbox.objects.filter(pk=box.pk).update(uid_validity=box.uid_validity, seen_uid=uid)
    return taken


@contextmanager
def _opened(box: Mailbox) -> Iterator[imaplib.IMAP4]:
    _may_be_reached(box.host, box.port)
    context = ssl.create_default_context(cafile=settings.IMAP_CA_FILE or None)
    if box.security == Mailbox.Security.SSL:
        imap: imaplib.IMAP4 = imaplib.IMAP4_SSL(box.host, box.port, ssl_context=context, timeout=TIMEOUT)
    else:
        imap = imaplib.IMAP4(box.host, box.port, timeout=TIMEOUT)
    try:
        if box.security == Mailbox.Security.STARTTLS:
            imap.starttls(context)
        imap.login(box.username, unseal(box.password))
        yield imap
    finally:
        try:
            imap.logout()
        except (imaplib.IMAP4.error, OSError):
            imap.shutdown()


def _may_be_reached(host: str, port: int) -> None:
    """A manager names the server, so it must not be one of ours behind the firewall, unless whoever runs this system allows it."""
    if settings.IMAP_PRIVATE_HOSTS:
        return
    for *_more, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        if not ipaddress.ip_address(str(address[0]).split("%")[0]).is_global:
            raise Unreachable("a private address")


def _choose_folder(box: Mailbox, imap: imaplib.IMAP4) -> None:
    quoted = '"' + box.folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
    state, _count = imap.select(quoted, readonly=True)
    if state != "OK":
        raise Unreachable(f"no folder {box.folder}")
    _code, found = imap.response("UIDVALIDITY")
    validity = int(found[0]) if found and found[0] else 1
    if validity != box.uid_validity:  # the folder was made anew, or is read for the first time
        first = box.uid_validity == 0
        box.uid_validity, box.seen_uid = validity, _newest(imap) if first else 0
        Mailbox.objects.filter(pk=box.pk).update(uid_validity=validity, seen_uid=box.seen_uid)


def _newest(imap: imaplib.IMAP4) -> int:
    """Where reading begins: what lies in the mailbox when it is set up was answered elsewhere."""
    return max(_new(imap, 0), default=0)


def _new(imap: imaplib.IMAP4, after: int) -> list[int]:
    state, found = imap.uid("SEARCH", "UID", f"{after + 1}:*")
    if state != "OK":
        raise Unreachable("the search was refused")
    uids = {int(uid) for part in found if part for uid in part.split()}
    return sorted(uid for uid in uids if uid > after)  # `n:*` names the last letter even where it is older


def _letter(imap: imaplib.IMAP4, uid: int) -> tuple[bytes | None, bool]:
    """A letter's bytes, and whether they are only its beginning, since it is larger than a letter may be; None where it is gone."""
    state, found = imap.uid("FETCH", str(uid), "(RFC822.SIZE)")
    size = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(part if isinstance(part, bytes) else part[0] for part in found if part))
    if state != "OK" or size is None:
        return None, False
    is_cut = int(size[1]) > MOST_BYTES
    state, found = imap.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{BEGINNING}>)" if is_cut else "(BODY.PEEK[])")
    return next((part[1] for part in found if isinstance(part, tuple)), None) if state == "OK" else None, is_cut


def _said(broken: Exception) -> str:
    return str(broken)[:280] or type(broken).__name__


def _put_off(box: Mailbox, at: datetime, why: str) -> None:
    failures = box.failures + 1
    wait = min(EVERY * 2 ** min(failures, 10), LONGEST)
    Mailbox.objects.filter(pk=box.pk).update(failures=failures, last_error=why, next_at=at + wait)
    log.warning("a mailbox cannot be read", extra={"mailbox": box.pk, "failures": failures, "error": why})
    if failures == TELL_AFTER:
        row = record("team.mailbox_failed", team=box.team, actor=None, at=at, address=box.address, error=why)
        alert(managers_to_tell(box.team, at), "team.mailbox_failed", key=f"activity:{row.pk}", at=at, address=box.address)
