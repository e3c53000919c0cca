"""Bringing a file of another system in: kept, started, carried out batch by batch, taken up again after a kill.

The same file gives the same documents in the same order; `done` moves in the transaction of the batch it counts, and every thing that comes
in is a unique `Twin`. So a killed run that is started again loses nothing and doubles nothing, and so does the same file twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import record
from tickets.movein.bringing import SEEN, Bringer, Made, count_seen
from tickets.movein.models import Move, MoveProblem, System
from tickets.movein.reading import REASONS, Document, documents
from tickets.movein.record import Unreadable
from tickets.movein.systems import READERS
from tickets.people.access import may
from tickets.people.models import Member
from tickets.web.alone import carry_out
from tickets.web.refusals import Refused

log = logging.getLogger(__name__)
BATCH = 100
TOO_LARGE = _("A file has at most %(megabytes)s MB.")
NO_LEAD = _("The team needs a lead before anything can lie in its pool.")
UNDER_WAY = _("This file is on its way in already.")
DONE_ALREADY = _("This file is in. Bring it again to fetch what is new.")
COUNTERS = ("done", "customers", "tickets", "entries", "known", "problems")
_COUNTER = {"customer": "customers", "ticket": "tickets", "entry": "entries"}
_RUN_LOCK, _TEAM_LOCK = 7_403, 7_404


def upload(*, by: Member, system: str, file: File[bytes], dry_run: bool = True, start_now: bool = True, at: datetime | None = None) -> Move:
    """Keep a file of `system` and, with `start_now`, queue it. Refuses `forbidden` unless a manager brings it, `too_large`, `wrong_state`
    for a team without a lead, `invalid` (`file`, `system`) where not even its first document can be found."""
    if not may(by, "team.move_in"):
        raise Refused("forbidden")
    if system not in System.values:
        raise Refused("invalid", errors={"system": [REASONS["kind_unknown"]]})
    if (file.size or 0) > settings.IMPORT_MAX_BYTES:
        raise Refused("too_large", TOO_LARGE % {"megabytes": settings.IMPORT_MAX_BYTES >> 20})
    if by.team.lead_id is None:
        raise Refused("wrong_state", NO_LEAD)
    name = Path(file.name or "file").name[:255]
    move = Move(team=by.team, system=system, name=name, dry_run=dry_run, by=by, created_at=at or timezone.now())
    move.file.save(name, file, save=False)
    try:
        _look(move)
        with transaction.atomic():
            move.save()
            record(
                "team.move_uploaded", team=by.team, actor=by, at=move.created_at, move=move.pk, name=name, system=move.get_system_display()
            )
            if start_now:
                _queue(move)
    except Exception:
        move.file.delete(save=False)
        raise
    return move


def _look(move: Move) -> None:
    """Whether there is a document in it that its system could have written."""
    try:
        for listed, document in islice(_documents(move), 1):
            READERS[move.system](listed, document)
            return
    except Unreadable as unreadable:
        if unreadable.code in ("file_unreadable", "kind_unknown", "document_too_large"):
            raise Refused("invalid", errors={"file": [REASONS[unreadable.code]]}) from unreadable
        return
    raise Refused("invalid", errors={"file": [REASONS["file_unreadable"]]})


def _queue(move: Move) -> None:
    from tickets.movein.jobs import move_in_file

    move_in_file.defer(move_id=move.pk)


@transaction.atomic
def bring_for_real(move: Move, *, by: Member) -> Move:
    """After a dry run, or a failure, carry the same file out. Refuses `wrong_state` while it runs or once it is in, `forbidden`."""
    if not may(by, "team.move_in"):
        raise Refused("forbidden")
    locked = Move.objects.select_for_update().get(pk=move.pk, team=by.team_id)
    if locked.is_running:
        raise Refused("wrong_state", UNDER_WAY)
    if locked.state == Move.State.DONE and not locked.dry_run:
        raise Refused("wrong_state", DONE_ALREADY)
    for counter in COUNTERS:
        setattr(locked, counter, 0)
    locked.state, locked.dry_run, locked.by, locked.error, locked.finished_at = Move.State.WAITING, False, by, "", None
    locked.save()
    locked.problem_rows.all().delete()
    _queue(locked)
    return locked


def run_move(move_id: int) -> Move | None:
    """Carry a file out, or on. None: another worker is at it, or it has ended. Errors of ours are recorded and raised."""
    return carry_out(_RUN_LOCK, Move.objects.select_related("team", "by"), move_id, work=_work, tell=_tell, unreadable=Unreadable)


def _documents(move: Move) -> Iterator[Document]:
    return documents(Path(move.file.path), table=move.system == System.CSV)


def _work(move: Move) -> None:
    if move.dry_run:
        _begin_again(move)
    bringer = Bringer(move, timezone.now())
    for batch in _batches(islice(_documents(move), move.done, None)):
        _batch(move, bringer, batch)


def _batches(found: Iterator[Document]) -> Iterator[list[Document]]:
    """Some documents at a time. Where the file cannot be read any further, what stands before that place comes first."""
    batch: list[Document] = []
    try:
        for document in found:
            batch.append(document)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except Unreadable:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _begin_again(move: Move) -> None:
    """A dry run writes nothing that it could go on from."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.move_seen")
        cursor.execute(SEEN)
    move.problem_rows.all().delete()
    for counter in COUNTERS:
        setattr(move, counter, 0)


def _batch(move: Move, bringer: Bringer, batch: Sequence[Document]) -> None:
    """A batch and its progress in one transaction. A dry run does the same and then undoes it."""
    before = {counter: getattr(move, counter) for counter in COUNTERS}
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_TEAM_LOCK, move.team_id % 2**31])
            made, problems = _bring_all(move, bringer, batch)
            if move.dry_run:
                transaction.set_rollback(True)
            else:
                _count(move, made, problems, len(batch))
    except BaseException:
        for counter, value in before.items():
            setattr(move, counter, value)
        raise
    if move.dry_run:
        with transaction.atomic():
            _count(move, [count_seen(each) for each in made], problems, len(batch))


def _bring_all(move: Move, bringer: Bringer, batch: Sequence[Document]) -> tuple[list[list[Made]], list[MoveProblem]]:
    """What each document made, and what could not be taken; one that fails undoes itself and stops no other."""
    made: list[list[Made]] = []
    problems: list[MoveProblem] = []
    for place, (listed, document) in enumerate(batch, move.done + 1):
        bringer.made = []
        try:
            with transaction.atomic():
                found = READERS[move.system](listed, document)
                if found is not None:
                    bringer.bring(found)
            made.append(bringer.made)
        except Unreadable as unreadable:
            problems.append(_problem(move, place, document, unreadable.code, unreadable.where))
        except Refused as refused:
            problems.append(_problem(move, place, document, "refused", ", ".join(refused.errors or {}) or refused.code))
        except DatabaseError as broken:
            if connection.connection is None or connection.connection.broken:
                raise
            log.warning("a document was not taken", extra={"move": move.pk, "place": place, "error": str(broken)[:300]})
            problems.append(_problem(move, place, document, "refused", ""))
    return made, problems


def _problem(move: Move, place: int, document: object, code: str, where: str) -> MoveProblem:
    told = document.get("id") or document.get("ticket_id") if isinstance(document, dict) else ""
    return MoveProblem(move=move, place=place, external_id=str(told or "")[:80].replace("\x00", ""), code=code, where=where[:120])


def _count(move: Move, made: Sequence[Sequence[Made]], problems: Sequence[MoveProblem], size: int) -> None:
    for each in made:
        move.known += not each
        for kind, _key in each:
            setattr(move, _COUNTER[kind], getattr(move, _COUNTER[kind]) + 1)
    MoveProblem.objects.bulk_create(problems)
    move.done, move.problems = move.done + size, move.problems + len(problems)
    move.save(update_fields=list(COUNTERS))


def _tell(move: Move) -> None:
    told = {name: getattr(move, name) for name in COUNTERS}
    told |= {"move": move.pk, "name": move.name, "system": move.get_system_display(), "error": move.error}
    code = "team.moved_in" if move.state == Move.State.DONE else "team.move_failed"
    record(code, team=move.team, actor=move.by, at=move.finished_at, **told)
