"""Taking back what was just done, outside the tickets' own deeds: the good news comes with “Undo”, over a redirect as well.

What must be known to take a deed back travels signed in the page (nothing is stored for the many times that nobody presses), is good for
the one address that takes it back, and for `WITHIN`; afterwards the thing is done, and is changed by hand. Whoever takes back needs the
same right as for the deed, and the action compares what is there now with what the deed left: a colleague's change is never undone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.core import signing
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from tickets.web.refusals import Refused

WITHIN = timedelta(minutes=15)
TOO_LATE = _("This was done too long ago to be undone. Change it by hand.")
MEANWHILE = _("Somebody changed it meanwhile. It stays as it is now.")


@dataclass(frozen=True)
class Undo:
    """Where “Undo” is sent to, and what it takes along."""

    action: str
    token: str

    @property
    def values(self) -> dict[str, str]:
        """The hidden fields of the button's form."""
        return {"undo": self.token}


def offer(name: str, /, *args: Any, **was: Any) -> Undo:
    """An undo at the page `name`, which is given `was` back (plain JSON values) by `taken_back`."""
    path = reverse(name, args=args)
    return Undo(path, signing.dumps(was, salt=path, compress=True))


def taken_back(request: HttpRequest) -> dict[str, Any]:
    """What the offer for this address was given. Refuses `wrong_state` after `WITHIN`, `invalid` for what we have not signed."""
    try:
        found: dict[str, Any] = signing.loads(request.POST.get("undo", ""), salt=request.path, max_age=WITHIN)
    except signing.SignatureExpired as late:
        raise Refused("wrong_state", TOO_LATE) from late
    except signing.BadSignature as wrong:
        raise Refused("invalid") from wrong
    return found


def said(request: HttpRequest, text: str | LazyText, undo: Undo | None = None) -> None:
    """Say the good news on the next page, with the button that takes it back."""
    messages.success(request, str(text), extra_tags=json.dumps([undo.action, undo.token]) if undo else "")


def undo_of(message: Message) -> Undo | None:
    """The undo that `said` put beside a message."""
    return Undo(*json.loads(message.extra_tags)) if (message.extra_tags or "").startswith("[") else None


def unend(rows: QuerySet[Any], pk: int, ended: str) -> None:
    """Let what was ended at the instant `ended` (ISO 8601) go on. Refuses `stale` where it goes on already, or was ended anew since."""
    if not rows.filter(pk=pk, ended_at=datetime.fromisoformat(ended)).update(ended_at=None):
        raise Refused("stale", MEANWHILE)
