"""The personal link: one person's digest before signing in. The token is signed, only its hash is stored; it expires and can be revoked."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from handover.digest.models import DigestLink
from handover.message.actions import Words, address, send
from handover.message.models import Message
from tickets.activity.actions import record
from tickets.people.models import Member

SALT = "handover.digest.link"
_signer = signing.Signer(salt=SALT, sep=".")


def make_link(member: Member, *, expires_at: datetime, key: str = "", at: datetime | None = None) -> str:
    """A new token for the member, good until `expires_at`. Nobody can read it from the database.

    Raises IntegrityError where one was made for the same `key` already.
    """
    return token_of(_made(member, key, expires_at, at or timezone.now()))


@transaction.atomic
def _made(member: Member, key: str, expires_at: datetime, at: datetime) -> DigestLink:
    link = DigestLink(member=member, key=key, nonce=secrets.token_urlsafe(24), created_at=at, expires_at=expires_at)
    link.token_hash = _hash(token_of(link))
    link.save()
    record("digest.link_made", team=member.team, actor=None, at=at, member=member.pk, expires_at=expires_at)
    return link


def token_of(link: DigestLink) -> str:
    """The link's token, made from the row and SECRET_KEY (or the one it was made with): it can be sent again, yet stands nowhere."""
    tokens = [_signed(link.nonce, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return next((token for token in tokens if _hash(token) == link.token_hash), tokens[0])


def _signed(nonce: str, key: str) -> str:
    return signing.Signer(key=key, salt=SALT, sep=".").sign(salted_hmac(SALT, nonce, key, algorithm="sha256").hexdigest())


@transaction.atomic
def open_link(token: str, *, at: datetime | None = None) -> Member | None:
    """Whose digest the token shows, noting its use; None for a wrong, expired or revoked one, or one of somebody who left."""
    at = at or timezone.now()
    try:
        _signer.unsign(token)
    except signing.BadSignature:
        return None
    links = DigestLink.objects.select_for_update(of=("self",)).select_related("member__team__lead", "member__presence", "member__user")
    link = links.filter(token_hash=_hash(token), revoked_at__isnull=True, expires_at__gt=at, created_at__lte=at).first()
    if link is None or not link.member.is_active or not link.member.user.is_active:
        return None
    link.last_used_at = at
    link.save(update_fields=["last_used_at"])
    record("digest.link_opened", team=link.member.team, actor=None, at=at, member=link.member_id, link=link.pk)
    return link.member


@transaction.atomic
def revoke_links(member: Member, *, by: Member | None, at: datetime | None = None) -> int:
    """Make the member's links worthless from now on. Returns how many there were."""
    at = at or timezone.now()
    count = DigestLink.objects.filter(member=member, revoked_at__isnull=True, expires_at__gt=at).update(revoked_at=at)
    if count:
        record("digest.links_revoked", team=member.team, actor=by, at=at, member=member.pk, count=count)
    return count


def send_link(member: Member, *, starts_at: datetime, expires_at: datetime, at: datetime | None = None) -> bool:
    """Put the link of the shift that starts then into the outbox, in one transaction with the link, once; False where that was done."""
    at = at or timezone.now()
    try:
        with transaction.atomic():
            link = _made(member, f"shift:{starts_at.isoformat()}", expires_at, at)
            key = f"digest:{link.pk}"
            send("digest.ready", key=key, members=[member], at=at, expires_at=expires_at, link=link.pk, starts_at=starts_at)
    except IntegrityError:
        return False
    return True


def words_of_link(message: Message) -> Words | None:
    """What is said when the message leaves; nothing for a link that was revoked or has expired."""
    link = DigestLink.objects.select_related("member").filter(pk=message.data["link"], revoked_at__isnull=True).first()
    starts_at = parse_datetime(message.data["starts_at"])
    if link is None or starts_at is None or link.expires_at <= timezone.now():
        return None
    clock = date_format(timezone.localtime(starts_at), "H:i")
    text = _(
        "%(name)s, what you take over at %(time)s can be read here, also without signing in:\n\n%(url)s\n\n"
        "The link is yours alone and ends with the shift. To take over and start, sign in."
    ) % {"name": link.member.display_name, "time": clock, "url": address("digest:link", token_of(link))}
    return Words(text, subject=_("Your digest for the shift at %(time)s") % {"time": clock}, alone=True)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
