"""The matters that are a reader's business, gathered in a fixed number of indexed queries however many tickets the team has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from handover.digest import rules
from handover.digest.rules import Person
from handover.note.models import NoteAddendum, NoteItem, Offer
from handover.note.queries import Word, last_items, last_words, touched, unkept_promises
from handover.note.rules import content_hash
from tickets.people.models import HOLDER_ROLES, Member
from tickets.ticket.models import Promise, Severity, Status, Ticket


@dataclass
class Matter:
    """One matter as its reader sees it, with the newest facts. `item` names it in answers; `hash` changes with what it asks."""

    ticket: Ticket
    severity: str
    where: str
    due_at: datetime | None
    promise_only: bool = False
    offer: Offer | None = None
    note_item: NoteItem | None = None
    author: Person | None = None
    promises: list[Promise] = field(default_factory=list)
    tried: list[tuple[str, Word]] = field(default_factory=list)
    handlers: list[tuple[str, str]] = field(default_factory=list)
    corrections: list[str] = field(default_factory=list)
    hash: str = ""

    @property
    def item(self) -> str:
        return f"t{self.ticket.pk}"

    @property
    def customer(self) -> str:
        return self.ticket.customer_name  # type: ignore[attr-defined,no-any-return]

    @property
    def ticket_id(self) -> int:
        return self.ticket.pk

    @property
    def from_ledger(self) -> bool:
        """Nobody wrote a note about it: told from the ledger, and marked so."""
        handed = self.where in ("offered", "absent") or self.offer is not None
        return handed and (self.note_item is None or self.note_item.note.built_by_system)

    @property
    def do(self) -> str:
        return self.ticket.next_action or (self.note_item.next_action if self.note_item else "")

    @property
    def if_then(self) -> str:
        return self.note_item.if_then if self.note_item else ""

    @property
    def state(self) -> str:
        if self.note_item and self.note_item.state:
            return self.note_item.state
        return self.tried[0][1].text if self.tried else ""

    @property
    def warn(self) -> bool:
        return len(self.handlers) >= rules.WARN_AT

    def facts(self) -> dict[str, Any]:
        """What the reader answers to: a change of any of these asks for a new answer."""
        ticket, note = self.ticket, self.note_item
        return {
            "ticket": ticket.pk,
            "severity": self.severity,
            "status": ticket.status,
            "waits_on": ticket.waiting_on,
            "subject": ticket.subject,
            "do": ticket.next_action,
            "next_at": ticket.next_at,
            "due_at": self.due_at,
            "contact": ticket.last_contact_at,
            "promises": [[p.pk, p.text, p.due_at] for p in self.promises],
            "note": [note.pk, note.state, note.if_then, self.corrections] if note else [],
        }


def people_of(team_id: int) -> dict[int, Person]:
    """Everybody who is or was in the team, with when they are at work."""
    rows = Member.objects.filter(team_id=team_id).values_list(
        "pk",
        "display_name",
        "presence__on_since",
        "presence__on_until",
        "presence__admitted_until",
        "presence__next_on",
        "presence__next_until",
        "user__username",
        "roles",
        "is_active",
    )
    return {row[0]: Person(*row[:8], can_hold=row[9] and not HOLDER_ROLES.isdisjoint(row[8])) for row in rows.order_by()}


def standing_offers(team_id: int) -> dict[int, Offer]:
    """The team's open offers by ticket. Whether one still stands is seen when its ticket is at hand."""
    return {offer.ticket_id: offer for offer in Offer.objects.filter(team_id=team_id, state=Offer.State.OPEN)}


CANDIDATES = """
    WITH found(id) AS (
        SELECT id FROM tickets_ticket WHERE holder_id = %(reader)s AND status IN ('open', 'waiting')
        UNION SELECT id FROM tickets_ticket WHERE team_id = %(team)s AND holder_id IS NULL AND status IN ('open', 'waiting')
            AND (severity <> 'stable' OR due_at < %(until)s) AND %(holds)s
        UNION SELECT unnest(%(offered)s::bigint[]) WHERE %(holds)s
        UNION SELECT id FROM tickets_ticket WHERE holder_id = ANY(%(gone)s) AND status IN ('open', 'waiting') AND %(holds)s
        UNION SELECT id FROM tickets_ticket WHERE holder_id = ANY(%(later)s) AND status IN ('open', 'waiting') AND due_at < %(until)s
            AND %(holds)s
        UNION SELECT ticket_id FROM tickets_promise WHERE team_id = %(team)s AND status IN ('open', 'broken') AND due_at < %(until)s
            AND (owner_id = %(reader)s OR %(holds)s AND (owner_id IS NULL OR owner_id = ANY(%(gone)s) OR owner_id = ANY(%(later)s)))
    )
    SELECT t.id, t.team_id, t.customer_id, t.subject, t.severity, t.status, t.waiting_on, t.next_action, t.next_at, t.due_at, t.holder_id,
        t.last_contact_at, t.last_answered_by_id, t.opened_by_id, c.name AS customer_name
    FROM tickets_ticket t
    JOIN tickets_customer c ON c.id = t.customer_id WHERE t.id IN (SELECT id FROM found) AND t.team_id = %(team)s
"""
"""Every ticket that could be a reader's business, each branch on its own partial index. By hand: composing it anew through the ORM costs
more than running it. Stable matters of the pool are nobody's in particular and left out."""


def candidates(reader: Member, people: dict[int, Person], offers: dict[int, Offer], *, at: datetime, until: datetime) -> Iterable[Ticket]:
    """The tickets among which `rules.source` decides."""
    gone = [p.pk for p in people.values() if p.pk != reader.pk and p.is_gone(at)]
    later = [p.pk for p in people.values() if p.pk != reader.pk and not p.is_gone(at) and not p.is_here(at, until)]
    values = {"reader": reader.pk, "team": reader.team_id, "until": until, "offered": list(offers), "gone": gone, "later": later}
    return Ticket.objects.raw(CANDIDATES, {**values, "holds": reader.can_hold})


def gather(
    reader: Member, people: dict[int, Person], offers: dict[int, Offer], *, at: datetime, until: datetime
) -> tuple[list[Matter], int]:
    """The reader's matters in order, and how many offers are other people's business. `at` and `until`: aware instants."""
    tickets = list(candidates(reader, people, offers, at=at, until=until))
    promises = unkept_promises(t.pk for t in tickets)
    found = [m for t in tickets if (m := _matter(t, reader, people, offers.get(t.pk), promises[t.pk], at, until)) is not None]
    _tell(found, people)
    mine = {m.ticket_id for m in found}
    others = sum(1 for pk, offer in offers.items() if pk not in mine and offer.to_member_id is not None)
    return rules.in_order(found), others


def _matter(
    ticket: Ticket,
    reader: Member,
    people: dict[int, Person],
    offer: Offer | None,
    promises: list[Promise],
    at: datetime,
    until: datetime,
) -> Matter | None:
    """Whether and how this ticket is the reader's business."""
    due_at = min((d for d in (ticket.due_at, *(p.due_at for p in promises)) if d is not None), default=None)
    if ticket.is_unresolved:
        stands = offer is not None and offer.from_member_id == ticket.holder_id
        offer = offer if stands else None
        custody = rules.Custody(ticket.holder_id, stands, offer.to_member_id if offer else None)
        where = rules.source(custody, reader.pk, people, due_at=due_at, at=at, until=until)
        if where is not None:
            level = rules.severity(ticket.severity, None, due_at, until)
            pool_noise = where == "pool" and not stands and level == Severity.STABLE
            return None if pool_noise else Matter(ticket, level, where, due_at, offer=offer, promises=promises)
    elif ticket.status == Status.MERGED:
        return None
    mine = [p for p in promises if rules.is_urgent(p.due_at, until)]
    for promise in mine:
        where = rules.source(rules.Custody(promise.owner_id), reader.pk, people, due_at=promise.due_at, at=at, until=until)
        if where is not None and (not ticket.is_unresolved or promise.owner_id != ticket.holder_id):
            return Matter(ticket, Severity.ACT_NOW, where, promise.due_at, promise_only=True, promises=promises)
    return None


def _tell(matters: Iterable[Matter], people: dict[int, Person]) -> None:
    """Add what notes, contacts and touches tell of each matter."""
    matters = list(matters)
    ids = [m.ticket_id for m in matters]
    if not ids:
        return
    items, words, hands = last_items(ids), last_words(ids), touched(ids)
    notes = {item.note_id for item in items.values()}
    corrected: dict[tuple[int, int], list[str]] = {}
    if notes:
        for row in NoteAddendum.objects.filter(note__in=notes, ticket__in=ids).order_by("number"):
            corrected.setdefault((row.note_id, row.ticket_id or 0), []).append(row.text)
    for matter in matters:
        ticket, item = matter.ticket, items.get(matter.ticket_id)
        matter.note_item = item
        if matter.offer is not None and item is not None and matter.offer.item_id is not None:
            matter.severity = min(matter.severity, item.severity, key=rules.RANK.__getitem__)
        matter.corrections = corrected.get((item.note_id, ticket.pk), []) if item else []
        matter.tried = [(name_of(people, w.actor_id), w) for w in words[ticket.pk]]
        matter.handlers = [(name_of(people, pk), how) for pk, how in hands[ticket.pk]]
        matter.author = people.get(author_of(matter) or 0)
        matter.hash = content_hash(matter.facts())


def author_of(matter: Matter) -> int | None:
    """Who can be asked about a matter: who offered it, who wrote of it last, who has or had it."""
    ticket, offer, item = matter.ticket, matter.offer, matter.note_item
    known = (
        offer.from_member_id if offer else None,
        item.note.member_id if item else None,
        ticket.holder_id if matter.where != "mine" else None,
        ticket.last_answered_by_id,
        ticket.opened_by_id,
    )
    return next((pk for pk in known if pk is not None), None)


def name_of(people: dict[int, Person], pk: int | None) -> str:
    return people[pk].name if pk in people else ""
