"""What came after the receipt: numbered, told once, each asking for its own acknowledgement (H10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.digest.models import Addendum
from handover.duty.models import Duty
from handover.note import actions as note_actions
from handover.note.models import Note, NoteAddendum, Offer
from handover.notice import actions as notice_actions
from handover.notice.models import Notice, NoticeRead
from tickets.activity.actions import alert, record
from tickets.people.models import Member
from tickets.people.turns import take_turn
from tickets.ticket.models import Ticket
from tickets.web.prepared import prepared_cursor
from tickets.web.refusals import Refused

NOT_YOURS = _("This was told to somebody else.")
NOT_HERE = _("Name somebody who is at work or coming.")
TAKE_OWNER_ASK = _("Answer take, owner or ask.")


def push(members: Iterable[int] | None, source: str, content: Mapping[str, Any], *, at: datetime, team: int | None = None) -> None:
    """Tell the running duties of these members (None: of the whole team). A source is told once to a duty. Call inside a transaction."""
    duties = Duty.objects.running().select_for_update(of=("self",), no_key=True).order_by("pk")
    duties = duties.filter(member__in=list(members)) if members is not None else duties.filter(team=team)
    told = list(duties.values_list("pk", flat=True))
    if not told:
        return
    last = dict(Addendum.objects.filter(duty__in=told).values_list("duty").annotate(n=Max("number")).order_by())
    rows = [Addendum(duty_id=pk, number=last.get(pk, 0) + 1, source=source, content=dict(content), at=at) for pk in told]
    known = set(Addendum.objects.filter(duty__in=told, source=source).values_list("duty", flat=True))
    Addendum.objects.bulk_create([row for row in rows if row.duty_id not in known])


def tell_note(note: Note, offers: list[Offer]) -> None:
    """A note was signed: its receivers on duty are told of each matter, everybody on duty of its news. (hook of the note room)"""
    author = note.member.display_name
    at = note.signed_at or timezone.now()
    stable: dict[int | None, list[int]] = {}
    for made in offers:
        item = made.item
        if item is None or item.severity == "stable":
            stable.setdefault(made.to_member_id, []).append(made.ticket_id)
            continue
        tell_offer(made, author, item.severity, at)
    for receiver, tickets in stable.items():
        content = {"kind": "stable", "from": author, "tickets": tickets, "note": note.pk}
        push(_holders(note.team_id, receiver, note.member_id), f"note:{note.pk}:stable", content, at=at)
    if note.stock_outs or note.news or note.unmet_wish:
        news = {"kind": "news", "from": author, "stock_outs": note.stock_outs, "news": note.news, "unmet_wish": note.unmet_wish}
        push(_others(note.team_id, note.member_id), f"note:{note.pk}", news, at=at)


def tell_offer(made: Offer, author: str, severity: str, at: datetime) -> None:
    """A matter was offered: its receiver, or whoever on duty may take it, is told."""
    ticket, item = made.ticket, made.item
    content = {
        "kind": "offer",
        "from": author,
        "offer": made.pk,
        "ticket": ticket.pk,
        "subject": ticket.subject,
        "customer": ticket.customer.name,
        "severity": severity,
        "due_at": ticket.due_at,
        "do": ticket.next_action,
        "state": item.state if item else "",
        "if_then": item.if_then if item else "",
        "pool": made.to_member_id is None,
    }
    push(_holders(made.team_id, made.to_member_id, made.from_member_id), f"offer:{made.pk}", content, at=at)


def _holders(team: int, receiver: int | None, but: int | None) -> list[int]:
    """The receiver, or everybody on duty who can hold a ticket."""
    if receiver is not None:
        return [receiver]
    on = Member.objects.filter(team_id=team, duties__ended_at__isnull=True, duties__isnull=False).exclude(pk=but).distinct()  # type: ignore[misc]  # NULL matches nobody
    return [m.pk for m in on if m.can_hold]


def _others(team: int, but: int | None) -> list[int]:
    return list(Duty.objects.running().filter(team_id=team).exclude(member=but).values_list("member", flat=True))


def tell_correction(made: NoteAddendum) -> None:
    """A signed note was corrected: whoever may have read it is told. (hook of the note room)"""
    note = made.note
    content = {
        "kind": "correction",
        "from": made.by.display_name,
        "note": note.pk,
        "number": made.number,
        "text": made.text,
        "ticket": made.ticket_id,
        "subject": made.ticket.subject if made.ticket else "",
    }
    push(_others(note.team_id, made.by_id), f"note:{note.pk}:addendum:{made.number}", content, at=made.at)


def tell_notice(notice: Notice, by: Member) -> None:
    """A notice is new or changed, or holds again: whoever has not read what it says now is told. (hook of the notice room)"""
    content = {"kind": "notice", "from": by.display_name, "notice": notice.pk, "notice_kind": notice.kind, "text": notice.text}
    if notice.facts:
        content["facts"] = notice.facts
    have_read = set(NoticeRead.objects.filter(notice=notice, version=notice.version).values_list("member", flat=True))
    push(set(_others(notice.team_id, by.pk)) - have_read, f"notice:{notice.pk}:{notice.version}", content, at=timezone.now())


@transaction.atomic
def answer_addendum(addendum: Addendum, *, by: Member, given: Mapping[str, Any], at: datetime | None = None) -> Addendum:
    """Acknowledge one addendum; a matter asks for `take`, `owner` or `ask`, anything else was read. Answering twice changes nothing.

    Refuses `forbidden` for somebody else's, `invalid`. A matter that another took meanwhile is only marked so.
    """
    at = at or timezone.now()
    take_turn(by.team_id)
    locked = Addendum.objects.select_for_update(of=("self",), no_key=True).select_related("duty").get(pk=addendum.pk)
    if locked.duty.member_id != by.pk:
        raise Refused("forbidden", NOT_YOURS)
    if locked.acknowledged_at is not None:
        return locked
    content = locked.content
    if content["kind"] == "offer":
        locked.answer = _answer_offer(locked, by, given, at)
    elif content["kind"] == "stable":
        locked.answer = {"answer": "accept", "taken": _accept(content["tickets"], by, at)}
    else:
        locked.answer = {"answer": "read"}
        if content["kind"] == "notice":
            notice_actions.read(Notice.objects.filter(pk=content["notice"]), by=by, at=at)
    locked.acknowledged_at = at
    locked.save(update_fields=["answer", "acknowledged_at"])
    record(
        "addendum.acknowledged",
        team=by.team,
        actor=by,
        at=at,
        duty=locked.duty_id,
        number=locked.number,
        source=locked.source,
        **locked.answer,
    )
    return locked


def _answer_offer(addendum: Addendum, by: Member, given: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    ticket = (
        Ticket.objects.select_for_update(of=("self",), no_key=True).select_related("team", "customer").get(pk=addendum.content["ticket"])
    )
    offer = Offer.objects.select_for_update(of=("self",), no_key=True).filter(pk=addendum.content["offer"], state=Offer.State.OPEN).first()
    if offer is None or not ticket.is_unresolved or ticket.holder_id != offer.from_member_id:
        return {"answer": "gone"}
    kind = given.get("answer")
    if kind == "take":
        note_actions.take(ticket, to=by, by=by, at=at)
        settle([offer.pk], but=addendum.pk, at=at)
        return {"answer": kind}
    if kind == "owner":
        owner = _named(given.get("owner"), by, at)
        name_owner(ticket, owner, by=by, at=at, earlier=offer)
        settle([offer.pk], but=addendum.pk, at=at)
        return {"answer": kind, "owner": owner.pk}
    if kind == "ask":
        from handover.digest.actions.questions import ask

        text = str(given.get("text") or "").strip()
        if not text:
            raise Refused("invalid", errors={"text": [TAKE_OWNER_ASK]})
        author = Member.objects.filter(pk=offer.from_member_id).first() if offer.from_member_id else None
        ask(ticket, by=by, author=author, text=text, at=at)
        return {"answer": kind, "text": text}
    raise Refused("invalid", errors={"answer": [TAKE_OWNER_ASK]})


def name_owner(ticket: Ticket, owner: Member, *, by: Member, at: datetime, earlier: Offer | None) -> Offer:
    """A reader names somebody else: the matter is offered to that person, who is told at once."""
    item = earlier.item if earlier is not None else None
    made = note_actions.offer(ticket, owner, by=by, item=item, at=at)
    alert([owner], "handover.named", key=f"offer-to:{made.pk}", at=at, ticket=ticket, subject=ticket.subject, by=by.display_name)
    tell_offer(made, by.display_name, item.severity if item else ticket.severity, at)
    return made


def settle(offers: Iterable[int], *, at: datetime, but: int | None = None) -> None:
    """Who else was told of offers that are settled need not answer."""
    with prepared_cursor() as cursor:
        cursor.execute(SETTLE, to_settle(offers, at=at, but=but))


def to_settle(offers: Iterable[int], *, at: datetime, but: int | None = None) -> dict[str, Any]:
    """What `SETTLE` is told."""
    return {"sources": [f"offer:{pk}" for pk in offers], "at": at, "but": but}


SETTLE = """
    UPDATE handover_addendum a SET acknowledged_at = %(at)s, answer = '{"answer": "gone"}' FROM handover_duty d
    WHERE d.id = a.duty_id AND d.ended_at IS NULL AND a.source = ANY(%(sources)s) AND a.acknowledged_at IS NULL
        AND a.id IS DISTINCT FROM %(but)s::bigint
"""


def forget_settled(*, at: datetime | None = None) -> int:
    """By the clock: addenda about offers that are open no more ask nobody any longer. Returns how many."""
    at = at or timezone.now()
    asking = Addendum.objects.filter(acknowledged_at__isnull=True, duty__ended_at__isnull=True, content__kind="offer")
    rows = {a.pk: a.content["offer"] for a in asking}
    still = set(Offer.objects.filter(pk__in=set(rows.values()), state=Offer.State.OPEN).values_list("pk", flat=True))
    gone = [pk for pk, offer in rows.items() if offer not in still]
    return Addendum.objects.filter(pk__in=gone, acknowledged_at__isnull=True).update(acknowledged_at=at, answer={"answer": "gone"})


def _accept(tickets: list[int], by: Member, at: datetime) -> list[int]:
    """Take over the stable matters of a note that are still offered."""
    rows = Ticket.objects.select_for_update(of=("self",), no_key=True).select_related("team", "customer")
    found = []
    for ticket in rows.filter(pk__in=tickets).order_by("pk"):
        offer = Offer.objects.filter(ticket=ticket, state=Offer.State.OPEN).first()
        if offer is None or not ticket.is_unresolved or offer.to_member_id not in (None, by.pk) or ticket.holder_id != offer.from_member_id:
            continue
        if offer.to_member_id is None:
            note_actions.put_away(ticket, by=by, at=at)
        else:
            note_actions.take(ticket, to=by, by=by, at=at)
            found.append(ticket.pk)
    return found


def _named(value: Any, by: Member, at: datetime) -> Member:
    people = Member.objects.filter(team_id=by.team_id).active().on_or_coming(at).exclude(pk=by.pk)
    for person in people.select_related("user"):
        if person.can_hold and str(value).strip() in (str(person.pk), person.user.username, person.display_name):
            return person
    raise Refused("invalid", errors={"owner": [NOT_HERE]})
