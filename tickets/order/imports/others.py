"""Carrying out a list that is no list of orders (`sources.lists`): piece by piece, each with the progress it makes, in one transaction."""

from __future__ import annotations

from django.db import transaction

from tickets.order.imports.staging import write_problems
from tickets.order.models import Import, ImportProblem
from tickets.order.sources.lists import LISTS, Piece
from tickets.order.sources.problems import CAME_IN

COUNTED = ("created", "updated", "unchanged")


def carry_out_list(run: Import) -> None:
    """Read and write it, or on from where a killed run stopped. A dry run writes nothing but its own figures."""
    ImportProblem.objects.filter(run=run, line__gt=run.done).delete()
    pieces = LISTS[run.kind].pieces(run)
    while True:
        with transaction.atomic():
            piece = next(pieces, None)
            if piece is None:
                return
            if run.dry_run:
                transaction.set_rollback(True)
            else:
                _count(run, piece)
        if run.dry_run:
            _count(run, piece)


def _count(run: Import, piece: Piece) -> None:
    write_problems(run.pk, piece.problems)
    for name in COUNTED:
        setattr(run, name, getattr(run, name) + getattr(piece, name))
    run.rows += piece.rows
    run.problems += sum(problem.code not in CAME_IN for problem in piece.problems)
    run.reviews += piece.unmatched
    run.done = piece.upto
    run.save(update_fields=[*COUNTED, "rows", "problems", "reviews", "done"])
