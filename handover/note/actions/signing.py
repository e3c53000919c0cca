"""Signing a note: from then on it does not change, its matters are offered, and the duty is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.duty import actions as duty_actions
from handover.duty.models import Duty
from handover.note import queries, rules
from handover.note.actions.draft import SIGNED, _mine, bring_up_to_date, draft_of
from handover.note.actions.offers import offer
from handover.note.models import Note, NoteAddendum, NoteItem, Offer
from tickets.activity.actions import alert, record
from tickets.people.access import may
from tickets.people.models import Member
from tickets.people.queries import managers_to_tell
from tickets.people.turns import take_turn
from tickets.ticket import actions as ticket_actions
from tickets.ticket.models import Ticket
from tickets.web.refusals import Refused

NOT_READY = _("Some matters are not ready: say what to do next.")
MISSING = _("#%(ticket)s needs: %(cells)s")
CHANGED = _("The note was changed in another window. Look at it again, then sign.")
NOT_SIGNED = _("Only a signed note takes addenda; this one can still be written.")
SAY = _("Say what is to be corrected.")
OTHERS = _("This matter is not in the note.")
NOT_YOURS = _("%(name)s or a manager corrects this note.")

signed_hooks: list[Callable[[Note, list[Offer]], None]] = []
"""Called as hook(note, offers), inside the transaction, when a note is signed or was built without its author."""
addendum_hooks: list[Callable[[NoteAddendum], None]] = []
"""Called as hook(addendum), inside the transaction."""


@transaction.atomic
def sign(note: Note, *, by: Member, version: int, at: datetime | None = None) -> Note:
    """Sign one's own note and end the duty, in one transaction: the matters are offered to whom the note names.

    Refuses `stale` for an older `version`, `invalid` with `errors` by ticket number where a matter is not ready, `wrong_state`
    for a signed note, `forbidden` for somebody else's.
    """
    at = at or timezone.now()
    take_turn(by.team_id)
    locked = _mine(note, by)
    if locked.version != version:
        raise Refused("stale", CHANGED, current={"version": locked.version})
    list(Ticket.objects.held_by(by).select_for_update(no_key=True).order_by("pk").values_list("pk"))
    items = bring_up_to_date(locked, by, locked.duty, at)
    unready = {str(i.ticket_id): rules.missing(cells(i)) for i in items}
    if any(unready.values()):
        raise Refused("invalid", NOT_READY, errors={ticket: names for ticket, names in unready.items() if names})
    for item in items:
        _tell_ticket(item, by, at)
    offers = _seal(locked, items, by, at)
    duty_actions.end_duty(locked.duty, by=by, end=Duty.End.SIGNED, at=at)
    for hook in signed_hooks:
        hook(locked, offers)
    return locked


def cells(item: NoteItem) -> dict[str, Any]:
    """The cells of one row as the rules read them."""
    return {name: getattr(item, f"{name}_id" if name == "to_member" else name) for name in rules.ITEM_FIELDS}


def _tell_ticket(item: NoteItem, by: Member, at: datetime) -> None:
    """What the signer wrote about severity and the next step is the newest word on the ticket."""
    ticket = item.ticket
    wanted = {"severity": item.severity, "next_action": item.next_action, "next_at": item.due_at if item.next_action else ticket.next_at}
    changes = {name: value for name, value in wanted.items() if value != getattr(ticket, name)}
    if changes:
        item.ticket = ticket_actions.edit(ticket, by=by, version=ticket.version, at=at, **changes) or ticket


def _seal(note: Note, items: list[NoteItem], by: Member | None, at: datetime) -> list[Offer]:
    """Make the note immutable, with the hash of what it says, and offer its matters."""
    NoteItem.objects.filter(note=note).exclude(pk__in=[i.pk for i in items]).delete()
    note.signed_at, note.signed_by, note.saved_at = at, by, at
    note.content_hash = rules.content_hash(content(note, items))
    note.save(update_fields=["signed_at", "signed_by", "saved_at", "content_hash", "built_by_system"])
    code = "note.built" if note.built_by_system else "note.signed"
    record(code, team=note.team, actor=by, at=at, note=note.pk, matters=len(items), member=note.member_id, hash=note.content_hash)
    return [offer(i.ticket, i.to_member, by=by, item=i, at=at) for i in items]


def content(note: Note, items: list[NoteItem]) -> dict[str, Any]:
    """What the signature covers."""
    rows = [{"ticket": i.ticket_id, **cells(i)} for i in sorted(items, key=lambda i: i.ticket_id)]
    return {
        "member": note.member_id,
        "duty": note.duty_id,
        "unmet_wish": note.unmet_wish,
        "stock_outs": note.stock_outs,
        "news": note.news,
        "items": rows,
    }


def after_duty(duty: Duty, by: Member | None, at: datetime) -> None:
    """However a duty ends, what its person held is told to the next shift. (hook of the duty room)"""
    if duty.end != Duty.End.SIGNED:
        build_without_author(duty, at=at)


@transaction.atomic
def build_without_author(duty: Duty, *, at: datetime | None = None) -> Note | None:
    """Nobody signed: build the note from the ledger (and from what was typed), mark it so, offer its matters, tell the lead.

    None where the duty has a signed note already, or where there is nothing to tell. The matters go to the pool and its lead, unless
    the draft names somebody who is still to come.
    """
    at = at or timezone.now()
    take_turn(duty.team_id)
    if Note.objects.filter(duty=duty, signed_at__isnull=False).exists():
        return None
    member = Member.objects.select_related("team__lead").get(pk=duty.member_id)
    if not queries.held(member).exists() and not Note.objects.filter(duty=duty).exists():
        return None
    note = draft_of(duty, at)
    items = bring_up_to_date(note, member, duty, at)
    for item in items:
        if "to_member" not in item.typed and item.to_member_id is not None:
            item.to_member = None
            item.save(update_fields=["to_member"])
    note.built_by_system = True
    offers = _seal(note, items, None, at)
    alert(
        managers_to_tell(note.team, at),
        "note.missing",
        key=f"note-missing:{duty.pk}",
        at=at,
        member=member.pk,
        name=member.display_name,
        matters=len(items),
    )
    for hook in signed_hooks:
        hook(note, offers)
    return note


def may_correct(note: Note, member: Member) -> bool:
    """Whether the member may add an addendum to the note: its author, or whoever may act for others."""
    return note.member_id == member.pk or may(member, "duty.on_behalf")


@transaction.atomic
def add_addendum(note: Note, *, by: Member, text: str, ticket: Ticket | None = None, at: datetime | None = None) -> NoteAddendum:
    """Correct a signed note: the next number, for ever. Its author and managers may; refuses `forbidden` for anybody else,
    `wrong_state` for a draft, `invalid`."""
    at = at or timezone.now()
    take_turn(by.team_id)
    locked = Note.objects.select_for_update(of=("self",)).select_related("team", "member").filter(pk=note.pk, team_id=by.team_id).first()
    if locked is None:
        raise Refused("not_found")
    if not may_correct(locked, by):
        raise Refused("forbidden", NOT_YOURS % {"name": locked.member.display_name})
    if locked.signed_at is None:
        raise Refused("wrong_state", NOT_SIGNED)
    if not text.strip():
        raise Refused("invalid", errors={"text": [SAY]})
    if ticket is not None and not locked.items.filter(ticket=ticket).exists():
        raise Refused("invalid", errors={"ticket": [OTHERS]})
    number = locked.addenda.count() + 1
    made = NoteAddendum.objects.create(note=locked, number=number, ticket=ticket, text=text.strip(), by=by, at=at)
    record(
        "note.addendum",
        team=locked.team,
        actor=by,
        at=at,
        ticket=ticket,
        customer=ticket.customer if ticket else None,
        note=locked.pk,
        number=number,
        text=made.text,
    )
    for hook in addendum_hooks:
        hook(made)
    return made


__all__ = ["SIGNED", "add_addendum", "addendum_hooks", "build_without_author", "cells", "content", "may_correct", "sign", "signed_hooks"]
