"""What every deed on a ticket shares: the lock, the flow table, the search text, who is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import alert, record
from tickets.activity.models import Activity
from tickets.people.models import Member
from tickets.people.queries import named
from tickets.ticket import rules
from tickets.ticket.models import Promise, Ticket, TicketOrder, TicketText, Watcher
from tickets.web.kept import Kept
from tickets.web.refusals import Refused

MERGED = _("This ticket was merged into #%(into)s.")
NOT_NOW = _("A ticket that is “%(status)s” does not allow this.")
SAY = _("Please say something here.")


def now(at: datetime | None) -> datetime:
    return at or timezone.now()


def invalid(field: str, message: str | LazyText) -> Refused:
    """The refusal of one field."""
    return Refused("invalid", errors={field: [message]})


def lock(ticket: Ticket | int, by: Member | None, *, follow: bool = False) -> Ticket:
    """The ticket's row as it is now, locked until the transaction ends, with its team, the team's lead and `first_order`.

    `follow` goes on to the ticket it was merged into; a cycle, which only a damaged table can hold, ends where it closes.
    Only what never changes is joined: a join over a row that moved while we waited for the lock would find nothing.
    `FOR NO KEY UPDATE`: a row that is merely written *about* the ticket does not wait for us, nor we for it.
    Refuses `not_found` for another team's ticket.
    """
    pk = ticket if isinstance(ticket, int) else ticket.pk
    if follow and not isinstance(ticket, int) and ticket.merged_into_id is not None:
        pk = end_of_chain(ticket)  # without locks: whoever merges locks by id, and we would hold the wrong one first
    seen: set[int] = set()
    while True:
        found = LOCKED.first(pk=pk)
        if found is None or (by is not None and found.team_id != by.team_id):
            raise Refused("not_found")
        seen.add(found.pk)
        if not follow or found.merged_into_id is None:
            return found
        following = end_of_chain(found)
        if following in seen:
            return found
        pk = following


def end_of_chain(ticket: Ticket) -> int:
    """The ticket in which this one ended up, merge by merge. A cycle ends at the ticket that closes it."""
    seen, pk, following = {ticket.pk}, ticket.pk, ticket.merged_into_id
    while following is not None and following not in seen:
        seen.add(following)
        pk, following = following, Ticket.objects.values_list("merged_into", flat=True).get(pk=following)
    return pk


def _to_lock(pk: int) -> QuerySet[Ticket]:
    first = TicketOrder.objects.filter(ticket=OuterRef("pk")).order_by("pk").values("order")[:1]
    rows = Ticket.objects.select_for_update(of=("self",), no_key=True).select_related("team", "team__lead")
    return rows.annotate(first_order=Subquery(first)).filter(pk=pk)


LOCKED = Kept(_to_lock)


def lock_for(deed: str, ticket: Ticket | int, by: Member | None, *, follow: bool = False) -> Ticket:
    """`lock`, and refuse `wrong_state` where the flow table does not allow the deed (with `into` for a merged ticket).

    Where `follow` ended at a merged ticket the table is damaged: what was said is kept there rather than lost.
    """
    found = lock(ticket, by, follow=follow)
    if not (follow and found.merged_into_id is not None):
        must_be_possible(deed, found)
    return found


def must_be_possible(deed: str, ticket: Ticket) -> None:
    if rules.possible(deed, ticket.status):
        return
    if ticket.merged_into_id is not None:
        raise Refused("wrong_state", MERGED % {"into": ticket.merged_into_id}, into=ticket.merged_into_id)
    raise Refused("wrong_state", NOT_NOW % {"status": ticket.get_status_display()}, state=ticket.status)


def save(ticket: Ticket, at: datetime, *fields: str, content: bool = True) -> Ticket:
    """Write the named fields of a locked ticket. `content=False` keeps the version: the story grew, nothing that is edited changed."""
    ticket.updated_at = at
    names = [*fields, "updated_at"]
    if content:
        ticket.version += 1
        names.append("version")
    ticket.save(update_fields=names)
    return ticket


def tell_ledger(code: str, ticket: Ticket, *, by: Member | None, at: datetime, **data: Any) -> Activity:
    """One ledger row about the ticket, its customer and its (first) order."""
    order = getattr(ticket, "first_order", None)
    return record(code, team=ticket.team, actor=by, at=at, ticket=ticket, customer=ticket.customer_id, order=order, **data)


def tell_people(
    ticket: Ticket,
    row: Activity,
    *,
    but: Member | None,
    also: Iterable[Member | None] = (),
    told: Iterable[int] = (),
    to_holder: bool = True,
) -> None:
    """Alert the holder, the watchers and whoever else is named of what the ledger row says; never the one who did it, nor (`told`)
    whom the same words mention: they heard of it by that."""
    ids = set(Watcher.objects.filter(ticket=ticket, member__is_active=True).values_list("member", flat=True))
    ids |= {ticket.holder_id} if to_holder and ticket.holder_id else set()
    ids |= {m.pk for m in also if m is not None}
    ids -= {*told, but.pk} if but else set(told)
    if ids:
        members = [Member(pk=pk, team_id=ticket.team_id) for pk in sorted(ids)]
        facts = {key: row.data[key] for key in SPOKEN_OF if key in row.data}
        facts |= {"by": but.pk, "by_name": but.display_name} if but else {}
        alert(members, row.code, key=f"activity:{row.pk}", at=row.at, ticket=ticket, subject=ticket.subject, **facts)


SPOKEN_OF = ("to", "to_name", "outcome", "level", "source", "resolution_name", "reopened", "stranger")
"""What of a ledger row its sentence is made of, and so the alert's."""


def mention(ticket: Ticket, row: Activity, text: str, *, by: Member | None) -> list[int]:
    """Whoever the text names with @ is told, once, and watches the ticket from now on. Returns the members told."""
    if "@" not in text:
        return []
    members = [m for m in _mentioned(ticket, text) if by is None or m.pk != by.pk]
    if not members:
        return []
    Watcher.objects.bulk_create(
        [Watcher(ticket=ticket, member=m, mentioned=True) for m in members],
        update_conflicts=True,
        unique_fields=["ticket", "member"],
        update_fields=["mentioned"],
    )
    told = {"subject": ticket.subject, "text": text[:300], "by": by.pk if by else None}
    alert(members, "ticket.mentioned", key=f"mention:{row.pk}", at=row.at, ticket=ticket, **told)
    return [m.pk for m in members]


def _mentioned(ticket: Ticket, text: str) -> list[Member]:
    """The members that the text names: for each mention whoever's name fits most of it."""
    mentions = [rules.called(name) for name in rules.mentions(text)]
    names = {}
    for member in named(ticket.team, {name for called in mentions for name in called}):
        names[member.display_name] = names[member.user.username] = member
    found = (next((names[name] for name in called if name in names), None) for called in mentions)
    return list({m.pk: m for m in found if m is not None}.values())


def add_text(ticket: Ticket, text: str) -> None:
    """Let the search find what was written later, up to the bound."""
    if not text:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tickets_tickettext SET text = left(text || E'\\n' || %s, %s) WHERE ticket_id = %s AND length(text) < %s",
            [text, rules.TEXT_BOUND, ticket.pk, rules.TEXT_BOUND],
        )


def rewrite_text(ticket: Ticket, *, sources: Iterable[int] = ()) -> None:
    """Build the search text anew: subject, body, and every contact and note in the ledger; with those of merged `sources`."""
    ids = [ticket.pk, *sources]
    codes = ["ticket.contacted", "ticket.noted", "ticket.complained", "ticket.resolved"]
    later = list(Activity.objects.filter(ticket__in=ids, code__in=codes).order_by("id").values_list("data__text", flat=True))
    if len(ids) > 1:
        for subject, body in Ticket.objects.filter(pk__in=ids[1:]).order_by("pk").values_list("subject", "body"):
            later += [subject, body]
    text = rules.searchable(ticket.subject, ticket.body, [t for t in later if t])
    TicketText.objects.update_or_create(ticket=ticket, defaults={"team_id": ticket.team_id, "text": text})


def refresh_due(ticket: Ticket) -> None:
    """Set `due_at` (not yet saved) from the next action and the unkept promises."""
    ticket.due_at = rules.due(ticket.next_at, Promise.objects.unkept().filter(ticket=ticket).values_list("due_at", flat=True))
