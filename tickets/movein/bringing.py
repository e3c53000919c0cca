"""One document of another system becomes a customer, a ticket, or more of a ticket that is here already; each thing once (`Twin`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from tickets.customer import actions as customers
from tickets.customer.models import Customer
from tickets.customer.queries import living
from tickets.movein.models import Move, System, Twin
from tickets.movein.record import Entry, Matter, Person, Unreadable
from tickets.people.models import Member
from tickets.ticket.actions import Before, move_in, say_before
from tickets.web.refusals import Refused

Made = tuple[str, str]
SEEN = "CREATE TEMP TABLE IF NOT EXISTS move_seen (kind text, key text, PRIMARY KEY (kind, key))"
"""What a dry run has met so far: its batches are undone, so that later ones cannot find it among the rows."""


class Bringer:
    """Carries documents out for one run. `made` are the things that were new since it was last emptied: (kind, key)."""

    def __init__(self, move: Move, at: datetime) -> None:
        self.move, self.team, self.system, self.at = move, move.team, move.system, at
        self.label = str(System(move.system).label)
        self.made: list[Made] = []
        people = Member.objects.filter(team=move.team).exclude(user__email="").select_related("user")
        self.members = {member.user.email.casefold(): member for member in people}

    def bring(self, found: Person | Matter) -> None:
        """Raises `Unreadable` or `Refused`; the caller undoes what was begun."""
        if isinstance(found, Matter):
            self._matter(found)
        elif found.staff:
            self._staff(found)
        else:
            self._customer(found)

    # people

    def _twin(self, kind: str, external_id: str) -> Twin | None:
        rows = Twin.objects.select_related("customer", "ticket")
        return rows.filter(team=self.team, system=self.system, kind=kind, external_id=external_id).first() if external_id else None

    def _add(self, kind: str, external_id: str, **more: object) -> None:
        Twin.objects.create(team=self.team, system=self.system, kind=kind, external_id=external_id, **more)

    def _staff(self, person: Person) -> None:
        """Their staff are names for what they said; they are nobody's customer and nobody here."""
        email = person.emails[0] if person.emails else ""
        told = {"name": person.name[:120], "email": email[:160]}
        twin = self._twin("person", person.external_id)
        if twin is None:
            self._add("person", person.external_id, **told)
        elif (twin.name, twin.email) != (told["name"], told["email"]):
            Twin.objects.filter(pk=twin.pk).update(**told)

    def _customer(self, person: Person) -> Customer:
        twin = self._twin("person", person.external_id)
        there = living(twin.customer) if twin and twin.customer else self._by_handle(person)
        customer = there or self._new(person)
        for kind, value in _identities(person):
            try:
                customers.add_handle(customer, kind=kind, value=value, by=self.move.by, at=self.at)
            except Refused as refused:
                if refused.code not in ("duplicate", "invalid"):  # another customer's, or no identity at all: left alone
                    raise
        if twin is None and person.external_id:
            self._add("person", person.external_id, customer=customer, name=person.name[:120])
        elif twin is not None and twin.customer is None:
            Twin.objects.filter(pk=twin.pk).update(customer=customer)
        elif twin is not None and person.name and customer.name == self._stranger(person.external_id):
            customers.edit(customer, by=self.move.by, at=self.at, name=person.name)  # known by number only until now
        return customer

    def _by_handle(self, person: Person) -> Customer | None:
        for kind, value in _identities(person):
            found = customers.find(self.team, kind, value)
            if found is not None:
                return found
        return None

    def _new(self, person: Person) -> Customer:
        """A customer with the first identity that is one, or with a name only."""
        for kind, value in _identities(person):
            try:
                made = customers.find_or_create(self.team, kind=kind, value=value, name=person.name, by=self.move.by, at=self.at)
            except Refused:
                continue
            self.made.append(("customer", f"#{person.external_id}" if person.external_id else f"{kind}:{value.casefold()}"))
            return made
        self.made.append(("customer", f"#{person.external_id or len(self.made)}"))
        return customers.create(
            self.team, name=person.name or self._stranger(person.external_id), note=person.note, by=self.move.by, at=self.at
        )

    def _stranger(self, external_id: str) -> str:
        return _("%(system)s customer %(number)s") % {"system": self.label, "number": external_id or "?"}

    # matters

    def _matter(self, matter: Matter) -> None:
        twin = self._twin("ticket", matter.external_id)
        if twin is not None and twin.ticket is not None:
            self._more(twin, matter)
        elif matter.status:
            self._first(matter)
        elif self.move.dry_run and _was_seen("ticket", matter.external_id):
            self.made += [("entry", _key(matter, entry)) for entry in matter.entries if entry.text]
        else:
            raise Unreadable("ticket_unknown", matter.external_id)

    def _first(self, matter: Matter) -> None:
        opened = matter.opened_at or min((entry.at for entry in matter.entries), default=None)
        if opened is None:
            raise Unreadable("time_unreadable", "opened_at")
        customer = self._customer(matter.customer)
        entries = self._once(matter.entries, matter)
        ticket = move_in(
            team=self.team,
            customer=customer,
            subject=matter.subject or (entries[0].text if entries else matter.body).split("\n")[0],
            body=matter.body,
            system=self.label,
            number=matter.external_id,
            status=matter.status,
            waiting_on=matter.waiting_on,
            severity=matter.severity,
            channel=matter.channel,
            tags=matter.tags,
            opened_at=opened,
            resolved_at=matter.resolved_at,
            said=self._said(entries, customer),
            by=self.move.by,
            at=self.at,
        )
        self._add("ticket", matter.external_id, ticket=ticket)
        self.made.append(("ticket", matter.external_id))
        self._remember(matter, entries, ticket.pk)

    def _more(self, twin: Twin, matter: Matter) -> None:
        """Only what is new; how the matter stands is decided here since it was brought in."""
        keys = {_key(matter, entry): entry for entry in matter.entries if entry.text}
        there = Twin.objects.filter(team=self.team, system=self.system, kind="entry", external_id__in=keys)
        known = set(there.values_list("external_id", flat=True))
        entries = [entry for key, entry in keys.items() if key not in known]
        if not entries:
            return
        assert twin.ticket is not None  # noqa: S101 - the caller looked
        say_before(twin.ticket, self._said(entries, twin.ticket.customer), system=self.label, at=self.at)
        self._remember(matter, entries, twin.ticket.pk)

    def _once(self, entries: Iterable[Entry], matter: Matter) -> list[Entry]:
        return list({_key(matter, entry): entry for entry in entries if entry.text}.values())

    def _remember(self, matter: Matter, entries: list[Entry], ticket: int) -> None:
        keys = [_key(matter, entry) for entry in entries]
        Twin.objects.bulk_create(
            [Twin(team=self.team, system=self.system, kind="entry", external_id=key, ticket_id=ticket) for key in keys], batch_size=500
        )
        self.made += [("entry", key) for key in keys]

    def _said(self, entries: list[Entry], customer: Customer) -> list[Before]:
        ids = {entry.author.external_id for entry in entries if entry.author.external_id}
        rows = Twin.objects.filter(team=self.team, system=self.system, kind="person", external_id__in=ids)
        authors = {twin.external_id: twin for twin in rows}
        return [self._before(entry, authors.get(entry.author.external_id), customer) for entry in entries]

    def _before(self, entry: Entry, author: Twin | None, customer: Customer) -> Before:
        """A colleague of the team only where the address says so; anybody else by the name they had there."""
        kind = entry.kind
        if kind == "customer" and author is not None and author.customer_id is None:
            kind = "answer"  # the document did not say that its author is staff; the list of people did
        elif kind == "answer" and author is not None and author.customer_id == customer.pk:
            kind = "customer"
        if kind == "customer":
            return Before(entry.at, entry.text, kind, entry.author.name or customer.name)
        email = entry.author.emails[0] if entry.author.emails else author.email if author else ""
        member = self.members.get(email.casefold()) if email else None
        name = entry.author.name or (author.name if author else "") or f"{self.label} #{entry.author.external_id or '?'}"
        return Before(entry.at, entry.text, kind, "" if member else name, member)


def _identities(person: Person) -> list[tuple[str, str]]:
    return [
        *(("email", value) for value in person.emails),
        *(("phone", value) for value in person.phones),
        *(("other", value) for value in person.handles),
    ]


def _key(matter: Matter, entry: Entry) -> str:
    key = f"{matter.external_id}/{entry.external_id}"
    return key if len(key) <= 80 else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _was_seen(kind: str, key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM move_seen WHERE kind = %s AND key = %s)", [kind, key])
        return bool(cursor.fetchone()[0])


def count_seen(made: list[Made]) -> list[Made]:
    """For a dry run: which of these nobody has met before. Remembers them."""
    fresh: list[Made] = []
    with connection.cursor() as cursor:
        for kind, key in made:
            cursor.execute("INSERT INTO move_seen VALUES (%s, %s) ON CONFLICT DO NOTHING", [kind, key])
            if cursor.rowcount:
                fresh.append((kind, key))
    return fresh
