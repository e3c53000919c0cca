"""What is known of every ticket that could be a reader's business, in one statement; and of the people it names, in another.

By hand: composing these through the ORM costs several times what running them does. The rows are plain: what changes something fetches
the model it changes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from handover.digest.rules import COMING_WITHIN, Person
from handover.note.queries import Word
from tickets.people.models import HOLDER_ROLES, Member
from tickets.ticket.models import UNRESOLVED
from tickets.web.prepared import prepared_cursor


class Promised(NamedTuple):
    """A promise still to be kept."""

    pk: int
    text: str
    due_at: datetime
    owner_id: int | None

    @property
    def id(self) -> int:
        return self.pk


class Offered(NamedTuple):
    """An open offer of the ticket. Whether it still stands is seen beside the ticket's holder."""

    pk: int
    from_member_id: int | None
    to_member_id: int | None
    item_id: int | None


class Said(NamedTuple):
    """What the newest signed note says of the ticket."""

    pk: int
    note_id: int
    severity: str
    state: str
    next_action: str
    if_then: str
    member_id: int
    built_by_system: bool


@dataclass(slots=True)
class Known:
    """A ticket as the digest reads it."""

    pk: int
    subject: str
    severity: str
    status: str
    waiting_on: str
    next_action: str
    next_at: datetime | None
    due_at: datetime | None
    holder_id: int | None
    last_contact_at: datetime | None
    last_answered_by_id: int | None
    opened_by_id: int | None
    customer_name: str
    offer: Offered | None
    note_item: Said | None
    promises: list[Promised]
    corrections: list[str]
    touches: list[tuple[int, str]]
    words: list[Word] = field(default_factory=list)
    """What was said last; `matters.tell` reads it where it is shown."""

    @property
    def is_unresolved(self) -> bool:
        return self.status in UNRESOLVED

    def members(self) -> Iterable[int | None]:
        """Everybody the digest may have to name or to look for."""
        yield from (self.holder_id, self.last_answered_by_id, self.opened_by_id)
        if self.offer is not None:
            yield from (self.offer.from_member_id, self.offer.to_member_id)
        if self.note_item is not None:
            yield self.note_item.member_id
        yield from (promise.owner_id for promise in self.promises)
        yield from (pk for pk, _how in self.touches)


CANDIDATES = """
    WITH people AS MATERIALIZED (
        SELECT id, NOT is_on AND NOT COALESCE(next_on < %(soon)s AND next_until > %(at)s, false) AS gone,
            NOT is_on AND NOT COALESCE(next_on < %(until)s AND next_until > %(at)s, false) AS away
        FROM (
            SELECT m.id, p.next_on, p.next_until,
                COALESCE(p.on_since <= %(at)s AND (p.admitted_until IS NULL OR p.admitted_until > %(at)s), false) AS is_on
            FROM tickets_member m LEFT JOIN tickets_presence p ON p.member_id = m.id
            WHERE m.team_id = %(team)s AND m.id <> %(reader)s AND %(holds)s
        ) x
    ), found(id) AS (
        SELECT id FROM tickets_ticket WHERE holder_id = %(reader)s AND status IN ('open', 'waiting')
        UNION SELECT id FROM tickets_ticket WHERE team_id = %(team)s AND holder_id IS NULL AND status IN ('open', 'waiting')
            AND (severity <> 'stable' OR due_at < %(until)s) AND %(holds)s
        UNION SELECT ticket_id FROM handover_offer WHERE team_id = %(team)s AND state = 'open' AND %(holds)s
            AND (to_member_id = %(reader)s OR to_member_id IS NULL OR to_member_id IN (SELECT id FROM people WHERE gone OR away))
        UNION SELECT id FROM tickets_ticket WHERE holder_id = ANY(ARRAY(SELECT id FROM people WHERE gone))
            AND status IN ('open', 'waiting')
        UNION SELECT id FROM tickets_ticket WHERE holder_id = ANY(ARRAY(SELECT id FROM people WHERE away AND NOT gone))
            AND status IN ('open', 'waiting') AND due_at < %(until)s
        UNION SELECT ticket_id FROM tickets_promise WHERE team_id = %(team)s AND status IN ('open', 'broken') AND due_at < %(until)s
            AND (owner_id = %(reader)s OR %(holds)s AND (owner_id IS NULL OR owner_id IN (SELECT id FROM people WHERE gone OR away)))
    )
    SELECT json_build_array(t.id, t.subject, t.severity, t.status, t.waiting_on, t.next_action, t.next_at, t.due_at, t.holder_id,
        t.last_contact_at, t.last_answered_by_id, t.opened_by_id, c.name,
        CASE WHEN o.id IS NOT NULL THEN json_build_array(o.id, o.from_member_id, o.to_member_id, o.item_id) END,
        CASE WHEN s.id IS NOT NULL
            THEN json_build_array(s.id, s.note_id, s.severity, s.state, s.next_action, s.if_then, s.member_id, s.built_by_system) END,
        (SELECT json_agg(json_build_array(p.id, p.text, p.due_at, p.owner_id) ORDER BY p.due_at, p.id)
            FROM tickets_promise p WHERE p.ticket_id = t.id AND p.status IN ('open', 'broken')),
        (SELECT json_agg(a.text ORDER BY a.number) FROM handover_noteaddendum a WHERE a.note_id = s.note_id AND a.ticket_id = t.id),
        {touches})::text
    FROM tickets_ticket t
    JOIN tickets_customer c ON c.id = t.customer_id
    LEFT JOIN handover_offer o ON o.ticket_id = t.id AND o.state = 'open'
    LEFT JOIN LATERAL (
        SELECT i.id, i.note_id, i.severity, i.state, i.next_action, i.if_then, n.member_id, n.built_by_system
        FROM handover_noteitem i JOIN handover_note n ON n.id = i.note_id
        WHERE i.ticket_id = t.id AND n.signed_at IS NOT NULL ORDER BY i.id DESC LIMIT 1
    ) s ON true
    WHERE t.id = ANY(ARRAY(SELECT id FROM found)) AND t.team_id = %(team)s
"""
"""Each branch of `found` is on its own partial index. `gone` and `away` are `Person.is_gone` and not `Person.is_here`; `rules.source`
decides afterwards. Stable matters of the pool are nobody's in particular and left out. As an array what is found is looked up in the
index: as a set, which could be large, it would be joined with all the tickets of a small shop."""

TOUCHES = "(SELECT json_agg(json_build_array(h.member_id, h.how) ORDER BY h.place) FROM tickets_touch h WHERE h.ticket_id = t.id)"
WHOLE, BRIEF = CANDIDATES.format(touches=TOUCHES), CANDIDATES.format(touches="NULL")

INSTANTS = (6, 7, 9)
"""Where `CANDIDATES` tells instants. One JSON text a row: reading nineteen columns of a hundred rows takes four times as long."""


def candidates(reader: Member, *, at: datetime, until: datetime, whole: bool) -> list[Known]:
    """The tickets among which `rules.source` decides, with what notes, promises and (`whole`) touches tell of each."""
    values: dict[str, Any] = {
        "reader": reader.pk,
        "team": reader.team_id,
        "holds": reader.can_hold,
        "at": at,
        "until": until,
        "soon": at + COMING_WITHIN,
    }
    with prepared_cursor() as cursor:
        cursor.execute(WHOLE if whole else BRIEF, values)
        rows = ",".join(row for (row,) in cursor.fetchall())
    return [_known(row) for row in json.loads(f"[{rows}]")]


def _known(row: list[Any]) -> Known:
    *facts, offer, said, promises, corrections, touches = row
    for place in INSTANTS:
        if facts[place] is not None:
            facts[place] = datetime.fromisoformat(facts[place])
    known: Callable[..., Known] = Known  # the columns come in the order of the fields
    return known(
        *facts,
        Offered(*offer) if offer else None,
        Said(*said) if said else None,
        [Promised(pk, text, datetime.fromisoformat(due), owner) for pk, text, due, owner in promises or ()],
        corrections or [],
        [(pk, how) for pk, how in touches or ()],
    )


PEOPLE = """
    SELECT json_build_array(m.id, m.display_name, p.on_since, p.on_until, p.admitted_until, p.next_on, p.next_until, u.username, m.roles,
        m.is_active)::text
    FROM tickets_member m JOIN tickets_user u ON u.id = m.user_id LEFT JOIN tickets_presence p ON p.member_id = m.id
    WHERE m.team_id = %(team)s AND
"""


class People(Mapping[int, Person]):
    """The people whom matters name, whether or not they still are in the team; read at the first look. Whoever has nothing but their own
    matters before them looks for nobody."""

    def __init__(self, team_id: int, named: Iterable[int | None]) -> None:
        self._team_id, self._named = team_id, named

    @cached_property
    def _found(self) -> dict[int, Person]:
        return people_of(self._team_id, self._named)

    def __getitem__(self, pk: int) -> Person:
        return self._found[pk]

    def __iter__(self) -> Iterator[int]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def learn(self, pks: Iterable[int]) -> None:
        """Read those of them who are not known yet."""
        unknown = [pk for pk in pks if pk not in self._found]
        if unknown:
            self._found.update(people_of(self._team_id, unknown))


def people_of(team_id: int, pks: Iterable[int | None]) -> dict[int, Person]:
    """These members, whether or not they still are in the team, with when they are at work."""
    wanted = [pk for pk in set(pks) if pk is not None]
    return _people(PEOPLE + "m.id = ANY(%(pks)s)", {"team": team_id, "pks": wanted}) if wanted else {}


def people_here(team_id: int, *, at: datetime, until: datetime) -> dict[int, Person]:
    """Who is at work or comes before `until`, as the database finds them: `Person.is_here` decides."""
    here = "m.is_active AND (p.on_since IS NOT NULL OR (p.next_on < %(until)s AND p.next_until > %(at)s))"
    return _people(PEOPLE + here, {"team": team_id, "at": at, "until": until})


def _people(sql: str, values: dict[str, Any]) -> dict[int, Person]:
    with prepared_cursor() as cursor:
        cursor.execute(sql, values)
        rows = [json.loads(row) for (row,) in cursor.fetchall()]
    return {row[0]: _person(row) for row in rows}


def _person(row: list[Any]) -> Person:
    pk, name, *instants, username, roles, active = row
    when = [datetime.fromisoformat(at) if at is not None else None for at in instants]
    person: Callable[..., Person] = Person  # the columns come in the order of the fields
    return person(pk, name, *when, username, can_hold=active and not HOLDER_ROLES.isdisjoint(roles))
