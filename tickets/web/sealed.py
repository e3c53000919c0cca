"""Secrets of other systems that we must be able to say again (a webhook's key, a mailbox's password): kept encrypted in the database.

The key is made from SECRET_KEY; older keys (SECRET_KEY_FALLBACKS) still open what they closed. Who reads a backup learns nothing.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def seal(text: str) -> str:
    """The text as it may lie in the database."""
    return _lock().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """What `seal` was given; "" for nothing, and where the key it was sealed with is gone."""
    if not sealed:
        return ""
    try:
        return _lock().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""


def _lock() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"other systems:" + key.encode()).digest())) for key in keys])
