"""What the ledger knows for a note, in a bounded number of queries whatever the number of matters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from handover.duty.models import Duty
from handover.note import rules
from handover.note.models import Note, NoteItem
from handover.roster import queries as roster
from handover.roster.models import Shift
from tickets.people.models import Member, Team
from tickets.ticket.models import Promise, Ticket, TicketOrder, Touch
from tickets.web.prepared import prepared_cursor

SAID = ("ticket.contacted", "ticket.noted", "ticket.transferred", "ticket.opened")
"""The ledger's codes whose `text` tells how a matter stands."""


@dataclass(frozen=True)
class Word:
    """What somebody said or did about a matter."""

    at: datetime
    actor_id: int | None
    code: str
    text: str
    outcome: str


def running_duty(member: Member) -> Duty | None:
    return Duty.objects.running().filter(member=member).select_related("shift", "team").first()


def last_words(ticket_ids: Iterable[int], per: int = 3) -> dict[int, list[Word]]:
    """The newest few contacts and notes of each ticket, newest first; one query that reads only these rows.

    A reason is words where somebody gave one (a transfer), and the id of a list's row where one was chosen: that is no word.
    """
    ids = list(ticket_ids)
    found: dict[int, list[Word]] = defaultdict(list)
    if not ids:
        return found
    with prepared_cursor() as cursor:
        cursor.execute(
            """
            SELECT t.id, a.at, a.actor_id, a.code,
                   COALESCE(a.data->>'text', CASE jsonb_typeof(a.data->'reason') WHEN 'string' THEN a.data->>'reason' END, ''),
                   COALESCE(a.data->>'outcome', '')
            FROM unnest(%s::bigint[]) AS t(id)
            JOIN LATERAL (
                SELECT * FROM tickets_activity x WHERE x.ticket_id = t.id AND x.code = ANY(%s) ORDER BY x.id DESC LIMIT %s
            ) a ON true ORDER BY a.id DESC
            """,
            [ids, list(SAID), per],
        )
        for ticket, at, actor, code, text, outcome in cursor.fetchall():
            found[ticket].append(Word(at, actor, code, text, outcome))
    return found


def unkept_promises(ticket_ids: Iterable[int]) -> dict[int, list[Promise]]:
    """The promises still to be kept, by ticket, earliest first."""
    found: dict[int, list[Promise]] = defaultdict(list)
    for promise in Promise.objects.unkept().filter(ticket_id__in=list(ticket_ids)).order_by("due_at", "id"):
        found[promise.ticket_id].append(promise)
    return found


def last_items(ticket_ids: Iterable[int]) -> dict[int, NoteItem]:
    """The newest signed note item of each ticket."""
    signed = NoteItem.objects.filter(ticket_id__in=list(ticket_ids), note__signed_at__isnull=False)
    return {item.ticket_id: item for item in signed.order_by("ticket_id", "-id").distinct("ticket_id").select_related("note")}


def touched(ticket_ids: Iterable[int]) -> dict[int, list[tuple[int, str]]]:
    """Who handled each ticket, in order: (member, how)."""
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    rows = Touch.objects.filter(ticket_id__in=list(ticket_ids)).order_by("ticket_id", "place")
    for ticket, member, how in rows.values_list("ticket_id", "member_id", "how"):
        found[ticket].append((member, how))
    return found


def shift_after(duty: Duty, at: datetime) -> Shift | None:
    """The shift a note is written for: the one that starts after the duty's own, or, once that is over too, the next of all."""
    own = duty.shift
    found = roster.next_shift(duty.team, own.starts_at if own is not None else at)
    if found is not None and found.ends_at <= at:
        found = roster.next_shift(duty.team, at)
    return found


def window_end(shift: Shift | None, at: datetime) -> datetime:
    """Until when a matter's due time concerns the next shift."""
    return shift.ends_at if shift is not None else at + rules.WINDOW


def receivers(member: Member, duty: Duty | None, at: datetime, until: datetime) -> list[Member]:
    """Who may be handed something: at work beyond this duty's end, or coming before `until`; with presence at hand."""
    ends = (duty.until if duty is not None else None) or at
    on = Q(presence__on_since__lte=at) & (Q(presence__admitted_until__isnull=True) | Q(presence__admitted_until__gt=max(ends, at)))
    staying = on & (Q(presence__on_until__isnull=True) | Q(presence__on_until__gt=ends))
    coming = Q(presence__next_on__lt=until, presence__next_until__gt=max(ends, at))
    people = Member.objects.filter(team_id=member.team_id).active().filter(staying | coming).exclude(pk=member.pk)
    return [m for m in people.select_related("presence", "user") if m.can_hold]


def loads(members: Iterable[Member]) -> dict[int, int]:
    """Unresolved matters per member."""
    rows = Ticket.objects.unresolved().filter(holder__in=list(members)).values_list("holder_id").annotate(n=Count("pk")).order_by()
    return dict(rows)


def histories(tickets: Iterable[Ticket]) -> dict[int, rules.History]:
    """Who knows each matter already (C10)."""
    tickets = list(tickets)
    by_ticket = touched(t.pk for t in tickets)
    sellers = _sellers(tickets)
    return {
        t.pk: rules.History(
            touched=[pk for pk, _how in reversed(by_ticket[t.pk])], answered=t.last_answered_by_id, sold=sellers.get(t.customer_id, ())
        )
        for t in tickets
    }


def _sellers(tickets: list[Ticket]) -> dict[int, list[int]]:
    """Who sold to these customers, latest first; from the orders linked to the matters."""
    links = TicketOrder.objects.filter(ticket__in=tickets, order__sold_by__isnull=False).order_by("-order_id")
    found: dict[int, list[int]] = defaultdict(list)
    for customer, seller in links.values_list("ticket__customer_id", "order__sold_by_id"):
        found[customer].append(seller)
    return found


def held(member: Member) -> QuerySet[Ticket]:
    """What a note must cover: every unresolved ticket the member holds."""
    return Ticket.objects.held_by(member).select_related("customer").order_by("due_at", "pk")


def wished_today(member: Member, at: datetime) -> bool:
    """Whether the member has told of an unmet wish today (the team's day)."""
    start = day_start(timezone.localdate(at, member.team.zone), member.team)
    return Note.objects.filter(member=member, saved_at__gte=start, saved_at__lt=start + timedelta(days=1)).exclude(unmet_wish="").exists()


def day_start(day: date, team: Team) -> datetime:
    return datetime.combine(day, time.min, tzinfo=team.zone)


def notes_of(member: Member) -> QuerySet[Note]:
    """The team's notes, newest first."""
    return Note.objects.visible_to(member).select_related("member", "shift", "next_shift", "signed_by").order_by("-id")
