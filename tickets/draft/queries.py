"""Whose drafts there are, and who is typing right now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from tickets.draft.models import Draft
from tickets.people.models import Member

TYPING = timedelta(seconds=10)
"""How long after the last letter somebody counts as typing."""


def mine(member: Member, keys: Iterable[str]) -> dict[str, Draft]:
    """The member's own drafts of these forms."""
    return {draft.key: draft for draft in Draft.objects.filter(member=member, key__in=list(keys))}


def typing(key: str, *, reader: Member, at: datetime) -> list[str]:
    """The names of the reader's colleagues who are typing into the form `key` at that instant, the last one first."""
    found = Draft.objects.filter(team_id=reader.team_id, key=key, at__gt=at - TYPING).exclude(member=reader)
    return list(found.order_by("-at").values_list("member__display_name", flat=True)[:5])
