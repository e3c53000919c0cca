"""D5 with real processes: the worker of a move-in is killed with -9 at points nobody chose, again and again; nothing is lost or doubled."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from django.core.files.base import File

from tests.cast import make_cast
from tests.dying import dies, until_let
from tests.tickets.movein import exports
from tickets.activity.models import Activity
from tickets.customer.models import Customer
from tickets.movein import actions
from tickets.movein.models import Move, Twin
from tickets.ticket.models import Assignment, Ticket, TicketText

COUNT, PEOPLE, KILLS, STATEMENTS = 400, 40, 4, 900
WORKER = """
from tickets.movein import actions
actions.BATCH = 10
actions._batch = counted(actions._batch)
actions.run_move(int(sys.argv[4]))
"""
"""It dies after so many statements, counted from its first batch."""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_d5_kill_9_at_random_points_loses_and_doubles_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "BATCH", 10)
    cast = make_cast()
    pages = [exports.page("users", [exports.zendesk_user(1_000 + n, f"Buyer{n}") for n in range(PEOPLE)])]
    pages.append(exports.page("tickets", [exports.zendesk_ticket(n, requester=1_000 + n % PEOPLE) for n in range(1, COUNT + 1)]))
    path = exports.write(tmp_path / "x.json", pages, lines=True)
    with path.open("rb") as file:
        move = actions.upload(by=cast.alice, system="zendesk", file=File(file, path.name), dry_run=False, start_now=False)
    seed = random.randrange(10**6)
    chance, killed_at = random.Random(seed), []
    for _kill in range(KILLS):
        killed_at.append(_worker_dies(move, after=chance.randint(0, STATEMENTS)))
    assert killed_at[-1] < COUNT + PEOPLE, (seed, killed_at)
    until_let(move, lambda: actions.run_move(move.pk))
    told = (move.state, move.done, move.tickets, move.entries, move.customers, move.problems)
    assert told == (Move.State.DONE, COUNT + PEOPLE, COUNT, COUNT * 3, PEOPLE, 0), (seed, killed_at)
    counted = (Ticket.objects.count(), Assignment.objects.count(), TicketText.objects.count(), Customer.objects.count())
    assert counted == (COUNT, COUNT, COUNT, PEOPLE), (seed, killed_at)
    assert Activity.objects.filter(code="ticket.said_before").count() == COUNT * 3
    assert Activity.objects.filter(code="ticket.moved_in").count() == COUNT
    assert Twin.objects.count() == COUNT * 4 + PEOPLE


def _worker_dies(move: Move, *, after: int) -> int:
    """Start a worker that dies after so many statements; how many documents were in when it did."""
    until_let(move, lambda: dies(WORKER, move.pk, after=after))
    return move.done
