"""Forms for `manage.py verify`: a piece of them at a time, with all that belongs to them, each table in one question.

Plain rows, no managers of related rows: a million forms have twelve million rows beside them. What PostgreSQL wrote as `jsonb` stays text
until somebody looks at it: the same content is the same text, and is read once a piece.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import starmap
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F, TextField
from django.db.models.functions import Cast

from tickets.activity.models import Activity
from tickets.return_form.models import Evidence, FormRevision, ReturnForm, ReturnLine, Settlement, Signature

PIECE = 2000
"""Forms in memory at once, with all that belongs to them: some 30 MB."""
Bounds = tuple[int, int]
"""The first and the last id of a piece."""
HEADER = (
    *("state", "revision", "order", "predecessor", "words", "note", "freight_payer", "outcome", "count_note", "excess"),
    *("decision", "rationale", "by_rule", "freight_amount", "compensation"),
)


class Signed(NamedTuple):
    """A signature; `part` is JSON as PostgreSQL writes it, `voiding` the id of what made it void."""

    id: int
    form_id: int
    stage: str
    member_id: int
    name: str
    meaning: str
    revision: int
    base_id: int | None
    at: datetime
    hash: str
    voiding: int | None
    part: str


class Revision(NamedTuple):
    """What was asked as of one revision; `content` is JSON as PostgreSQL writes it."""

    form_id: int
    number: int
    cause: str
    by_id: int
    content: str


class Owed(NamedTuple):
    """A settlement."""

    form_id: int
    id: int
    kind: str
    amount: Decimal
    quantity: int
    state: str


class Told(NamedTuple):
    """One row of the ledger about a form."""

    form_id: int
    id: int
    code: str
    actor_id: int | None
    data: dict[str, Any]


class Photo(NamedTuple):
    """One that stands."""

    form_id: int
    kind: str
    sha256: str


@dataclass
class Case:
    """A form and what belongs to it, each in the order in which it was written."""

    form: ReturnForm
    lines: list[ReturnLine]
    signatures: list[Signed]
    revisions: list[Revision]
    settlements: list[Owed]
    photos: list[Photo]
    told: list[Told]

    @property
    def live(self) -> list[Signed]:
        return [x for x in self.signatures if x.voiding is None]

    def hashes(self, kind: str) -> list[str]:
        return [photo.sha256 for photo in self.photos if photo.kind == kind]


def bounds() -> list[Bounds]:
    """The pieces to prove, of at most `PIECE` forms each."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT min(id), max(id) FROM (
                SELECT id, (row_number() OVER (ORDER BY id) - 1) / %s AS piece FROM tickets_returnform) x GROUP BY piece ORDER BY piece""",
            [PIECE],
        )
        return list(cursor.fetchall())


def read(first: int, last: int) -> list[Case]:
    """The forms of one piece, by id: seven questions."""
    with _one_picture():
        forms = list(ReturnForm.objects.filter(pk__gte=first, pk__lte=last).only(*HEADER).order_by("id"))
        beside = [rows(first, last) for rows in (_lines, _signatures, _revisions, _settlements, _photos, _ledger)]
    return [Case(form, *(found.get(form.pk, []) for found in beside)) for form in forms]


def _lines(first: int, last: int) -> dict[int, list[Any]]:
    return _by_form(ReturnLine.objects.filter(form__gte=first, form__lte=last).order_by("form", "place"))


def _signatures(first: int, last: int) -> dict[int, list[Any]]:
    found = Signature.objects.filter(form__gte=first, form__lte=last).order_by("id")
    return _by_form(starmap(Signed, found.values_list(*Signed._fields[:-2], F("voiding__id"), Cast("part", TextField()))))


def _revisions(first: int, last: int) -> dict[int, list[Any]]:
    found = FormRevision.objects.filter(form__gte=first, form__lte=last).order_by("form", "number")
    return _by_form(starmap(Revision, found.values_list(*Revision._fields[:-1], Cast("content", TextField()))))


def _settlements(first: int, last: int) -> dict[int, list[Any]]:
    found = Settlement.objects.filter(form__gte=first, form__lte=last).order_by("id")
    return _by_form(starmap(Owed, found.values_list(*Owed._fields)))


def _photos(first: int, last: int) -> dict[int, list[Any]]:
    found = Evidence.objects.standing().filter(form__gte=first, form__lte=last).order_by("id")
    return _by_form(starmap(Photo, found.values_list(*Photo._fields)))


def _ledger(first: int, last: int) -> dict[int, list[Any]]:
    found = Activity.objects.filter(return_form__gte=first, return_form__lte=last).order_by("id")
    return _by_form(starmap(Told, found.values_list("return_form_id", *Told._fields[1:])))


@contextmanager
def _one_picture() -> Iterator[None]:
    """All tables as of one instant, though they are asked one after the other: a deed done meanwhile is seen whole or not at all.

    Inside somebody's transaction (a restore proves what it wrote) that transaction's own picture serves.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _by_form(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.form_id].append(row)
    return found
