"""What a pasted name may be: pure guesses, no database."""

from __future__ import annotations

import re

from tickets.customer.models import HandleKind
from tickets.web.phones import e164

EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
MASKED = re.compile(r"\*{2,}")


def kind_of(value: str, region: str) -> str | None:
    """`phone` or `email` where the writing says so; None for a platform's name."""
    if EMAIL.match(value.strip()):
        return HandleKind.EMAIL
    if e164(value, region):
        return HandleKind.PHONE
    return None


def identifies(value: str) -> bool:
    """Whether a handle tells one buyer from another: platforms write `t**8` for many different people."""
    return bool(value.strip()) and not MASKED.search(value)


def merged_text(base: str, other: str) -> str:
    """The base's value wins; what only the other has is kept; two notes are kept one below the other."""
    base, other = base.strip(), other.strip()
    if not base or not other or other in base:
        return base or other
    return f"{base}\n{other}"
