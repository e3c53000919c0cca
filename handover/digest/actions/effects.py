"""What the answers of an acknowledged digest come to: custody passes, others are offered to, authors are asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

from handover.digest import rules
from handover.digest.actions.addenda import SETTLE, name_owner, settle, to_settle
from handover.digest.actions.questions import ask
from handover.digest.facts import Offered
from handover.digest.matters import Matter, author_of
from handover.digest.queries import Reading
from handover.note.models import Offer
from tickets.people.models import Member
from tickets.ticket import actions as ticket_actions
from tickets.ticket.models import Assignment, Promise, Ticket
from tickets.web.prepared import prepared_cursor


def give_and_ask(reading: Reading, given: Mapping[str, Any], at: datetime) -> None:
    """Offer what the reader gives to others, ask what they ask. The caller has locked the tickets, and `given` is checked, as below."""
    member, tickets = reading.member, _spoken_of(reading, given)
    for matter in reading.matters:
        answer = given.get(matter.item, ACCEPTED)
        if answer["answer"] == rules.OWNER:
            _give(matter, tickets[matter.ticket_id], answer["owner"], member, at)
        elif answer["answer"] == rules.ASK:
            author = Member.objects.select_related("team").filter(pk=author_of(matter) or 0).exclude(pk=member.pk).first()
            ask(tickets[matter.ticket_id], by=member, author=author, text=answer["text"], at=at)


def take_over(reading: Reading, given: Mapping[str, Any], by: Member, at: datetime) -> None:
    """Pass the custody of what the reader takes, or accepts where it was offered; stable matters of whoever is gone go to the pool."""
    take: list[Matter] = []
    away: list[Matter] = []
    for matter in reading.matters:
        said = given.get(matter.item, ACCEPTED)["answer"]
        if said == rules.TAKE or (said == rules.ACCEPT and matter.where == "offered"):
            take.append(matter)
        elif said == rules.ACCEPT and matter.where in ("pool", "absent"):
            away.append(matter)
    _take(take, reading.member, by, at)
    _put_away(away, reading.member, at)


ACCEPTED = {"answer": rules.ACCEPT}


def _spoken_of(reading: Reading, given: Mapping[str, Any]) -> dict[int, Ticket]:
    """The tickets that are given to somebody or asked about, whole."""
    pks = [m.ticket_id for m in reading.matters if given.get(m.item, {}).get("answer") in (rules.OWNER, rules.ASK)]
    return Ticket.objects.select_related("team", "customer").in_bulk(pks) if pks else {}


def _take(matters: list[Matter], member: Member, by: Member, at: datetime) -> None:
    whole = [m for m in matters if not m.promise_only]
    others = [m.ticket_id for m in whole if m.ticket.holder_id != member.pk]
    ticket_actions.hand_over(others, member, team=member.team, by=by, cause=Assignment.Cause.TAKEOVER, at=at)
    _close([m.offer for m in whole if m.offer is not None], Offer.State.TAKEN, member, at)
    for matter in matters:
        if matter.promise_only:
            ticket_actions.adopt(_unkept(matter).exclude(owner=member), member, by=by, at=at)


def confirm(reading: Reading, given: Mapping[str, Any], by: Member, at: datetime) -> None:
    """Write down what the reader confirmed of each matter that they took."""
    for matter in reading.matters:
        _confirm(matter, given.get(matter.item, ACCEPTED), by, at)


def _confirm(matter: Matter, answer: Mapping[str, Any], by: Member, at: datetime) -> None:
    """Write the confirmed next action and time on the ticket, where they differ from what it says."""
    ticket = matter.ticket
    if matter.promise_only or answer["answer"] != rules.TAKE:
        return
    next_at = parse_datetime(answer["next_at"]) if answer.get("next_at") else None
    changes: dict[str, Any] = {}
    if answer["next_action"] and answer["next_action"] != ticket.next_action:
        changes["next_action"] = answer["next_action"]
    if next_at is not None and next_at != ticket.next_at and next_at != matter.due_at:
        changes["next_at"] = next_at
    if changes:
        fresh = Ticket.objects.get(pk=ticket.pk)
        ticket_actions.edit(fresh, by=by, version=fresh.version, at=at, **changes)


def _put_away(matters: list[Matter], member: Member, at: datetime) -> None:
    """Stable matters of people who are gone: the pool and its lead answer for them."""
    if not matters:
        return
    ticket_actions.hand_over([m.ticket_id for m in matters], None, team=member.team, by=member, cause=Assignment.Cause.ABSENCE, at=at)
    _close([m.offer for m in matters if m.offer is not None], Offer.State.POOLED, member, at)


def _unkept(matter: Matter) -> QuerySet[Promise]:
    return Promise.objects.filter(pk__in=[p.pk for p in matter.promises]).select_related("ticket").order_by("due_at", "id")


def _close(offers: list[Offered], state: str, by: Member, at: datetime) -> None:
    """The offers are settled, and who else was told of them need not answer (`settle`)."""
    if not offers:
        return
    ids = [offer.pk for offer in offers]
    with prepared_cursor() as cursor:
        cursor.execute(CLOSE, {"ids": ids, "state": str(state), "by": by.pk, **to_settle(ids, at=at)})


CLOSING = """
    WITH closed AS (
        UPDATE handover_offer SET state = %(state)s, closed_at = %(at)s, closed_by_id = %(by)s WHERE id = ANY(%(ids)s) AND state = 'open'
    )
"""
CLOSE = CLOSING + SETTLE


def _give(matter: Matter, ticket: Ticket, owner: int, member: Member, at: datetime) -> None:
    receiver = Member.objects.select_related("team").get(pk=owner)
    if matter.promise_only:
        ticket_actions.adopt(_unkept(matter), receiver, by=member, at=at)
        return
    earlier = Offer.objects.select_related("item").get(pk=matter.offer.pk) if matter.offer is not None else None
    name_owner(ticket, receiver, by=member, at=at, earlier=earlier)
    if matter.offer is not None:
        settle([matter.offer.pk], at=at)
