"""The matters that are a reader's business, gathered in two statements however many tickets the team has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import Any

from handover.digest import rules
from handover.digest.facts import Known, Offered, People, Promised, Said, candidates
from handover.digest.rules import Person
from handover.note.queries import Word, last_words
from tickets.people.models import Member
from tickets.ticket.models import Status, Touch


@dataclass
class Matter:
    """One matter as its reader sees it, with the newest facts. `item` names it in answers; `hash` changes with what it asks."""

    ticket: Known
    severity: str
    where: str
    due_at: datetime | None
    promise_only: bool = False
    offer: Offered | None = None
    people: Mapping[int, Person] = field(default_factory=dict)
    hash: str = ""

    @cached_property
    def item(self) -> str:
        return f"t{self.ticket.pk}"

    @cached_property
    def author(self) -> Person | None:
        """Whom to ask about it."""
        return self.people.get(author_of(self) or 0)

    @property
    def customer(self) -> str:
        return self.ticket.customer_name

    @property
    def ticket_id(self) -> int:
        return self.ticket.pk

    @property
    def promises(self) -> list[Promised]:
        return self.ticket.promises

    @property
    def note_item(self) -> Said | None:
        return self.ticket.note_item

    @property
    def corrections(self) -> list[str]:
        return self.ticket.corrections

    @property
    def tried(self) -> list[tuple[str, Word]]:
        """What was said and done last, newest first, with who did; what the state says already is not said again."""
        return [(name_of(self.people, word.actor_id), word) for word in self.ticket.words if word.text and word.text != self.state]

    @property
    def handlers(self) -> list[tuple[str, str]]:
        """Who handled it, in order, and how, in words."""
        return [(name_of(self.people, pk), str(Touch.How(how).label)) for pk, how in self.ticket.touches]

    @property
    def from_ledger(self) -> bool:
        """Nobody wrote a note about it: told from the ledger, and marked so."""
        handed = self.where in ("offered", "absent") or self.offer is not None
        return handed and (self.note_item is None or self.note_item.built_by_system)

    @property
    def do(self) -> str:
        return self.ticket.next_action or (self.note_item.next_action if self.note_item else "")

    @property
    def if_then(self) -> str:
        return self.note_item.if_then if self.note_item else ""

    @property
    def noted(self) -> str:
        """How it stands, in the words of the newest note."""
        return self.note_item.state if self.note_item else ""

    @property
    def state(self) -> str:
        """How it stands; without a note, what was said last."""
        return self.noted or self.last_said

    @property
    def last_said(self) -> str:
        return self.ticket.words[0].text if self.ticket.words else ""

    @property
    def warn(self) -> bool:
        return len(self.ticket.touches) >= rules.WARN_AT

    def facts(self) -> list[Any]:
        """What the reader answers to: a change of any of these asks for a new answer."""
        ticket, note = self.ticket, self.ticket.note_item
        return [
            *(ticket.pk, self.severity, ticket.status, ticket.waiting_on, ticket.subject, ticket.next_action),
            *(_said(ticket.next_at), _said(self.due_at), _said(ticket.last_contact_at)),
            [[p.pk, p.text, _said(p.due_at)] for p in ticket.promises],
            [note.pk, note.state, note.if_then, ticket.corrections] if note else [],
        ]


def _said(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def gather(reader: Member, *, at: datetime, until: datetime, whole: bool = True) -> tuple[list[Matter], People]:
    """The reader's matters in order, and the people they name. `at` and `until`: aware instants. Two statements at most.

    `whole=False` leaves out who handled them, for whoever does not show it.
    """
    known = candidates(reader, at=at, until=until, whole=whole)
    people = People(reader.team_id, chain.from_iterable(ticket.members() for ticket in known))
    found = [m for ticket in known if (m := _matter(ticket, reader, people, at, until)) is not None]
    for matter in found:
        _settle(matter, people)
    return rules.in_order(found), people


def _matter(ticket: Known, reader: Member, people: People, at: datetime, until: datetime) -> Matter | None:
    """Whether and how this ticket is the reader's business."""
    offer, promises = ticket.offer, ticket.promises
    due_at = min((d for d in (ticket.due_at, *(p.due_at for p in promises)) if d is not None), default=None)
    if ticket.is_unresolved:
        stands = offer is not None and offer.from_member_id == ticket.holder_id
        offer = offer if stands else None
        custody = rules.Custody(ticket.holder_id, stands, offer.to_member_id if offer else None)
        where = rules.source(custody, reader.pk, people, due_at=due_at, at=at, until=until)
        if where is not None:
            level = rules.severity(ticket.severity, None, due_at, until)
            pool_noise = where == "pool" and not stands and level == rules.STABLE
            return None if pool_noise else Matter(ticket, level, where, due_at, offer=offer)
    elif ticket.status == Status.MERGED:
        return None
    for promise in promises:
        if not rules.is_urgent(promise.due_at, until):
            continue
        where = rules.source(rules.Custody(promise.owner_id), reader.pk, people, due_at=promise.due_at, at=at, until=until)
        if where is not None and (not ticket.is_unresolved or promise.owner_id != ticket.holder_id):
            return Matter(ticket, rules.ACT_NOW, where, promise.due_at, promise_only=True)
    return None


def _settle(matter: Matter, people: People) -> None:
    """Settle what the handover says of the matter, and the hash of what asks for an answer."""
    item = matter.note_item
    if matter.offer is not None and item is not None and matter.offer.item_id is not None:
        matter.severity = min(matter.severity, item.severity, key=rules.RANK.__getitem__)
    matter.people = people
    matter.hash = rules.item_hash(matter.facts())


def tell_words(matters: Iterable[Matter], people: People) -> None:
    """Read what was said and done last about these matters, and by whom: only for those that are shown whole."""
    shown = {m.ticket_id: m for m in matters}
    words = last_words(shown)
    for pk, matter in shown.items():
        matter.ticket.words = words[pk]
    said = {word.actor_id for found in words.values() for word in found if word.actor_id is not None}
    people.learn(said)


def author_of(matter: Matter) -> int | None:
    """Who can be asked about a matter: who offered it, who wrote of it last, who has or had it."""
    ticket, offer, item = matter.ticket, matter.offer, matter.note_item
    known = (
        offer.from_member_id if offer else None,
        item.member_id if item else None,
        ticket.holder_id if matter.where != "mine" else None,
        ticket.last_answered_by_id,
        ticket.opened_by_id,
    )
    return next((pk for pk in known if pk is not None), None)


def name_of(people: Mapping[int, Person], pk: int | None) -> str:
    person = people.get(pk) if pk is not None else None
    return person.name if person is not None else ""
