"""Keeping and dropping drafts. No ledger rows: nothing has happened yet."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.draft.models import Draft
from tickets.people.models import Member
from tickets.web.refusals import Refused

KEY = re.compile(r"[\w:.-]{1,80}", re.ASCII)
LARGEST = 16 * 1024
"""Bytes of a draft as JSON; what is longer stays in its browser only."""
MOST = 60
"""Drafts a person may have; the oldest go."""
DAYS = 14
TOO_LARGE = _("This draft is too long to be kept here.")
NO_FORM = _("There is no such form.")
Values = dict[str, list[str]]


@transaction.atomic
def keep(key: str, values: Values, *, by: Member, at: datetime | None = None) -> None:
    """Keep what `by` has typed into the form `key`; no values, or only empty ones, drop it.

    Refuses `invalid` for a key or values of another shape, `too_large` beyond `LARGEST`.
    """
    at = at or timezone.now()
    _check(key, values)
    if not any(text for texts in values.values() for text in texts):
        Draft.objects.filter(member=by, key=key).delete()
        return
    _draft, made = Draft.objects.update_or_create(member=by, key=key, defaults={"team_id": by.team_id, "values": values, "at": at})
    if made:
        _tidy(by, at)


def _check(key: str, values: Values) -> None:
    fits = isinstance(values, dict) and all(isinstance(v, list) and all(isinstance(text, str) for text in v) for v in values.values())
    if not KEY.fullmatch(key) or not fits or "\\u0000" in json.dumps(values):
        raise Refused("invalid", NO_FORM)
    if len(json.dumps(values, ensure_ascii=False).encode("utf-8", "replace")) > LARGEST:
        raise Refused("too_large", TOO_LARGE)


def _tidy(member: Member, at: datetime) -> None:
    mine = Draft.objects.filter(member=member)
    mine.filter(at__lt=at - timedelta(days=DAYS)).delete()
    newest = mine.order_by("-at", "-pk").values_list("pk", flat=True)[:MOST]
    mine.exclude(pk__in=list(newest)).delete()
