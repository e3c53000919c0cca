"""What lies before the measured people: as much at every size, so that sizes can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from bench.history import MEASURED_ITEMS, MEMBERS, OFFERED_ITEMS, RARE, RARE_EVERY
from bench.people import is_here
from handover.duty.models import Duty
from handover.note.models import Offer
from tickets.people.models import Presence
from tickets.ticket.models import Status, Ticket

AGENT, MANAGER, NIGHT = 21, 1, 22
"""Members: an agent on duty, a manager, and an agent who is about to start."""
ON_DUTY = [n for n in range(AGENT + 1, MEMBERS + 1) if is_here(n)]
"""Agents at work of whom nothing is measured."""
STEP, LOGGED = "先给顾客回电话", "保温杯漏水 again"
"""What the measured people write: the next action of every matter in a digest, the subject of every new ticket."""
UNRESOLVED_AT_LEAST = 900
"""For an agent's desk, seventeen digests of 40 matters, and a pool: of ten thousand tickets two percent would not do."""
HITS = 50
"""In how many texts each rare word stands."""


def open_enough() -> None:
    """Open the newest resolved matters again, where too few are open for everybody who is measured."""
    wanting = UNRESOLVED_AT_LEAST - Ticket.objects.unresolved().exclude(subject=LOGGED).count()
    newest = Ticket.objects.filter(status=Status.RESOLVED).order_by("-id").values_list("pk", flat=True)[: max(wanting, 0)]
    Ticket.objects.filter(pk__in=list(newest)).update(status=Status.OPEN, resolution=None, resolved_at=None)


def spread_rare_words() -> None:
    """Write the rare words into more texts, evenly through the history, where it is too short to have them in `HITS`."""
    last = Ticket.objects.order_by("-id").values_list("pk", flat=True)[0]
    wanting = HITS - last // RARE_EVERY
    with connection.cursor() as cursor:
        for place, word in enumerate(RARE):
            ids = [last * n // wanting - place for n in range(1, wanting + 1)]
            cursor.execute(SPREAD, {"word": word, "ids": ids})


SPREAD = """
    UPDATE tickets_tickettext SET text = text || '，' || %(word)s WHERE ticket_id = ANY(%(ids)s) AND position(%(word)s IN text) = 0
"""


def forget_layouts() -> None:
    """What an earlier run laid out is nobody's urgent matter any more: the same history is measured again."""
    Offer.objects.filter(state=Offer.State.OPEN).update(state=Offer.State.CLOSED, closed_at=timezone.now())
    laid_out = Ticket.objects.unresolved().filter(next_action=STEP, severity="act_now")
    laid_out.update(severity="stable", due_at=None, next_at=None)


def lay_out_digest(number: int, *, but: Iterable[int] = ()) -> None:
    """Give one agent who starts in a moment a digest of 40 matters to answer, all due in the coming shift: 28 held, 12 offered.

    What they hold beyond that goes to somebody on duty; what is wanting comes from anybody who is not named in `but`.
    """
    now = timezone.now()
    start = now + timedelta(minutes=10)
    Duty.objects.running().filter(member_id=number).update(ended_at=now, ended_by_id=number, end=Duty.End.SIGNED)
    Presence.objects.filter(member_id=number).update(
        on_since=None, on_until=None, admitted_until=None, next_on=start, next_until=start + timedelta(hours=8)
    )
    Offer.objects.filter(to_member_id=number, state=Offer.State.OPEN).update(state=Offer.State.CLOSED, closed_at=now)
    held = list(Ticket.objects.unresolved().filter(holder_id=number).order_by("-id").values_list("pk", flat=True))
    keep = MEASURED_ITEMS - OFFERED_ITEMS
    move(held[keep:], ON_DUTY[number % len(ON_DUTY)])
    spare = Ticket.objects.unresolved().filter(holder__isnull=False).exclude(holder_id__in=[number, *but]).exclude(offers__state="open")
    found = list(spare.order_by("-id").values_list("pk", flat=True)[: MEASURED_ITEMS - len(held[:keep])])
    wanting = keep - len(held[:keep])
    move(found[:wanting], number)
    chosen = held[:keep] + found
    due = now + timedelta(hours=2)
    Ticket.objects.filter(pk__in=chosen).update(severity="act_now", due_at=due, next_at=due, next_action=STEP)
    Offer.objects.bulk_create(
        Offer(team_id=1, ticket_id=pk, from_member_id=holder, to_member_id=number, offered_at=now)
        for pk, holder in Ticket.objects.filter(pk__in=found[wanting:]).values_list("pk", "holder_id")
    )


def move(ids: list[int], to: int | None) -> None:
    """Change holders in bulk, with an assignment for each, as the loader does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_assignment (ticket_id, from_member_id, to_member_id, cause, reason, next_step, actor_id, at)"
            " SELECT id, holder_id, %s, %s, '', '', NULL, now() FROM tickets_ticket WHERE id = ANY(%s) AND holder_id IS DISTINCT FROM %s",
            [to, "takeover" if to else "release", ids, to],
        )
        cursor.execute("UPDATE tickets_ticket SET holder_id = %s, held_since = now() WHERE id = ANY(%s)", [to, ids])


def put_into_pool(count: int) -> list[int]:
    """As many matters that are in nobody's digest for that."""
    found = (
        Ticket.objects.unresolved()
        .filter(severity="stable", due_at=None, touches__lt=3, holder__isnull=False)
        .exclude(holder_id__in=[AGENT, NIGHT])
    )
    ids = list(found.order_by("-id").values_list("pk", flat=True)[:count])
    move(ids, None)
    return ids


def empty_pool() -> None:
    move(list(Ticket.objects.in_pool().values_list("pk", flat=True)), ON_DUTY[0])


def relieve(number: int) -> None:
    """An agent holds 40 matters of the history again: what earlier runs logged or claimed goes to somebody on duty."""
    of_history = Ticket.objects.unresolved().exclude(subject=LOGGED).filter(holder__isnull=False).exclude(holder_id=NIGHT)
    held = list(of_history.filter(holder_id=number).order_by("-id").values_list("pk", flat=True))[:MEASURED_ITEMS]
    wanting = of_history.exclude(holder_id=number).order_by("-id").values_list("pk", flat=True)[: MEASURED_ITEMS - len(held)]
    keep = held + list(wanting)
    move(list(Ticket.objects.unresolved().filter(holder_id=number).exclude(pk__in=keep).values_list("pk", flat=True)), ON_DUTY[0])
    move(keep, number)
