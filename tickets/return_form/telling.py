"""How the ledger's codes of return forms read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from tickets.activity.telling import register

WORDS: dict[str, Callable[[], str]] = {
    "filed": lambda: _("filed %(number)s"),
    "submitted": lambda: _("signed %(number)s and handed it to the warehouse"),
    "edited": lambda: _("edited %(number)s; signatures given before are void"),
    "dues_changed": lambda: _("changed the due dates of %(number)s"),
    "received": lambda: _("received the goods of %(number)s"),
    "inspected": lambda: _("wrote down the count of %(number)s"),
    "cosigned": lambda: _("signed the count of %(number)s"),
    "sent_back": lambda: _("sent %(number)s back with a question"),
    "decided": lambda: _("decided %(number)s"),
    "settled": lambda: _("settled a part of %(number)s"),
    "closed": lambda: _("%(number)s is settled and closed"),
    "cancelled": lambda: _("cancelled %(number)s"),
    "reopened": lambda: _("reopened it as %(number)s"),
    "commented": lambda: _("said about %(number)s"),
    "parcel_added": lambda: _("added a parcel to %(number)s"),
    "parcel_matched": lambda: _("matched a parcel with %(number)s"),
}


def _teller(words: Callable[[], str]) -> Callable[[Mapping[str, Any], Mapping[int, str]], str]:
    return lambda data, _names: words() % {"number": data.get("number", "")}


def _unclaimed(data: Mapping[str, Any], _names: Mapping[int, str]) -> str:
    return _("recorded the unclaimed parcel %(number)s") % {"number": data.get("tracking", "")}


def introduce() -> None:
    """Called once, when the app is ready."""
    for code, words in WORDS.items():
        register(f"return_form.{code}", _teller(words), kind="form")
    register("parcel.unclaimed", _unclaimed, kind="form")
    register("return_policy.changed", lambda d, n: _("changed the policy for return forms"))
    register("refunds.imported", lambda d, n: _("imported the platform's refunds"))
