"""Asking for what was brought from other systems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tickets.movein.models import Move
from tickets.movein.reading import REASONS
from tickets.people.models import Member


def moves_of(member: Member) -> QuerySet[Move]:
    """The team's files, newest first."""
    return Move.objects.visible_to(member).select_related("by").order_by("-id")


def reason(code: str) -> str:
    """The sentence of a finding, in the reader's language."""
    return str(REASONS.get(code, REASONS["broken"]))


def report_rows(move: Move) -> Iterator[list[Any]]:
    """The documents that were not taken, as rows of a sheet."""
    yield [_("Document"), _("Id"), _("Reason"), _("Code"), _("Where")]
    for each in move.problem_rows.iterator(chunk_size=2_000):
        yield [each.place, each.external_id, reason(each.code), each.code, each.where]
