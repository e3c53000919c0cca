"""Proving once more who one is, before signing: by password or passkey, remembered for a few minutes of this session.

Signing in counts as a proof for the same few minutes; so does a passkey through allauth's own page (`mfa_reauthenticate_webauthn`).
A program's token counts while it is that young; an older one sends the password with the deed.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import ratelimit
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.web.refusals import Refused

REMEMBERED = timedelta(minutes=5)
STAMP = "confirmed_at"
CONFIRM = _("Confirm with your password that it is you who signs.")
WRONG = _("This is not your password.")


def remember_sign_in(sender: Any, request: HttpRequest | None, user: AbstractBaseUser, **_more: Any) -> None:
    """Called after every sign-in (connected by the app itself: this module may be first read by the page that asks for the proof)."""
    if request is not None and hasattr(request, "session"):
        request.session[STAMP] = time.time()


def is_confirmed(request: HttpRequest) -> bool:
    """Whether the person proved who they are within the last `REMEMBERED`."""
    token = getattr(request, "token", None)
    if token is not None:
        return bool(token.created > timezone.now() - REMEMBERED)
    proofs = [request.session.get(STAMP, 0)]
    proofs += [found["at"] for found in get_authentication_records(request, request.user) if "at" in found]
    return max(proofs) > time.time() - REMEMBERED.total_seconds()


def confirm(request: HttpRequest, password: str = "") -> None:
    """Pass where the proof is fresh or the password right (which is then remembered for this session).

    Refuses `forbidden` with `reauthenticate` where it must be given, `invalid` (field `password`) where it is wrong, `throttled`.
    """
    if is_confirmed(request) and not password:
        return
    if not password:
        raise Refused("forbidden", CONFIRM, reauthenticate=True)
    if not ratelimit.consume(request, action="reauthenticate", user=request.user):
        raise Refused("throttled")
    if not request.user.check_password(password):
        raise Refused("invalid", WRONG, errors={"password": [WRONG]})
    if getattr(request, "token", None) is None:
        request.session[STAMP] = time.time()
