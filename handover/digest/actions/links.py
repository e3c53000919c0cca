"""The personal link: one person's digest before signing in. The token is signed, only its hash is stored; it expires and can be revoked."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from handover.digest.models import DigestLink
from tickets.activity.actions import record
from tickets.people.models import Member

SALT = "handover.digest.link"
_signer = signing.Signer(salt=SALT, sep=".")


def make_link(member: Member, *, expires_at: datetime, key: str = "", at: datetime | None = None) -> str:
    """A new token for the member, good until `expires_at`. It is shown once: nobody can read it from the database.

    Raises IntegrityError where one was made for the same `key` already.
    """
    at = at or timezone.now()
    token = _signer.sign(secrets.token_urlsafe(24))
    with transaction.atomic():
        DigestLink.objects.create(member=member, key=key, token_hash=_hash(token), created_at=at, expires_at=expires_at)
        record("digest.link_made", team=member.team, actor=None, at=at, member=member.pk, expires_at=expires_at)
    return token


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
    """Mail the member the link of the shift that starts then, once; False where that was done, or there is no address.

    A mail that cannot be sent takes its link back with it, so that the next run tries again.
    """
    if not member.user.email:
        return False
    try:
        with transaction.atomic():
            token = make_link(member, key=f"shift:{starts_at.isoformat()}", expires_at=expires_at, at=at)
            _mail(member, token, starts_at)
    except IntegrityError:
        return False
    return True


def _mail(member: Member, token: str, starts_at: datetime) -> None:
    url = settings.SITE_URL.rstrip("/") + reverse("digest:link", args=[token])
    with translation.override(member.user.language or settings.LANGUAGE_CODE), timezone.override(member.team.zone):
        clock = date_format(timezone.localtime(starts_at), "H:i")
        subject = _("Your digest for the shift at %(time)s") % {"time": clock}
        body = _(
            "%(name)s, what you take over at %(time)s can be read here, also without signing in:\n\n%(url)s\n\n"
            "The link is yours alone and ends with the shift. To take over and start, sign in."
        ) % {"name": member.display_name, "time": clock, "url": url}
    send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [member.user.email])


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
