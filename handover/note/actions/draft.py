"""The draft: what the system knows is filled in, what a person typed is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.duty.models import Duty
from handover.note import queries, rules
from handover.note.models import Note, NoteItem
from tickets.people.models import Member
from tickets.ticket.models import Severity, Status, Ticket
from tickets.web.refusals import Refused

NOT_ON_DUTY = _("You are not on duty: there is nothing to hand over.")
SIGNED = _("This note is signed and does not change. Add an addendum.")
NOT_YOURS = _("Only %(name)s writes this note.")
CHANGED = _("This row was changed in another window.")
PARTS_CHANGED = _("This was changed in another window.")
NO_RECEIVER = _("%(name)s is neither at work nor coming before the next shift ends.")
NO_SEVERITY = _("There is no such severity.")
PARTS = ("unmet_wish", "stock_outs", "news")


@transaction.atomic
def open_draft(member: Member, *, at: datetime | None = None) -> Note:
    """The note of the member's running duty, made on the first call and brought up to date on every other, until it is signed.

    Refuses `wrong_state` for somebody who is not on duty.
    """
    at = at or timezone.now()
    duty = queries.running_duty(member)
    if duty is None:
        raise Refused("wrong_state", NOT_ON_DUTY)
    note = draft_of(duty, at)
    if note.signed_at is None:
        bring_up_to_date(note, member, duty, at)
    return note


def draft_of(duty: Duty, at: datetime) -> Note:
    """The duty's note, locked; two windows that open it at once get the same one."""
    fresh = {
        "team_id": duty.team_id,
        "member_id": duty.member_id,
        "shift": duty.shift,
        "next_shift": queries.shift_after(duty, at),
        "started_at": at,
        "saved_at": at,
    }
    Note.objects.get_or_create(duty=duty, defaults=fresh)
    return Note.objects.select_for_update(of=("self",)).select_related("team", "shift", "next_shift", "member").get(duty=duty)


def bring_up_to_date(note: Note, member: Member, duty: Duty, at: datetime) -> list[NoteItem]:
    """One item for each matter the member holds now. A matter that has left is dropped, unless something was typed about it."""
    next_shift = queries.shift_after(duty, at)
    if note.next_shift_id != (next_shift.pk if next_shift else None):
        note.next_shift = next_shift
        Note.objects.filter(pk=note.pk).update(next_shift=next_shift)
    tickets = list(queries.held(member))
    have = {item.ticket_id: item for item in note.items.select_related("to_member")}
    NoteItem.objects.filter(note=note, typed=[]).exclude(ticket__in=tickets).delete()
    items = [have.get(t.pk) or NoteItem(note=note, ticket=t, severity=t.severity) for t in tickets]
    _fill(items, tickets, member, duty, at, queries.window_end(next_shift, at))
    return items


def _fill(items: list[NoteItem], tickets: list[Ticket], member: Member, duty: Duty, at: datetime, until: datetime) -> None:
    """Write what the ledger knows into every cell nobody typed in."""
    ids = [t.pk for t in tickets]
    words, promises, before = queries.last_words(ids), queries.unkept_promises(ids), queries.last_items(ids)
    people = queries.receivers(member, duty, at, until)
    able = {m.pk: m for m in people}
    load = queries.loads(people)
    places = {m.pk: rules.Receiver(m.pk, load.get(m.pk, 0)) for m in people}
    histories = queries.histories(tickets)
    for ticket, item in zip(tickets, items, strict=True):
        facts = rules.Facts(ticket.severity, ticket.status == Status.WAITING, ticket.due_at, bool(ticket.complaint))
        promise = promises[ticket.pk][0] if promises[ticket.pk] else None
        earlier = before.get(ticket.pk)
        receiver, _why = rules.home(histories[ticket.pk], places) if "to_member" not in item.typed else (item.to_member_id, "")
        known: dict[str, Any] = {
            "severity": rules.propose(facts, until=until),
            "state": rules.first_line([w.text for w in words[ticket.pk]] + [ticket.body]),
            "promise": promise_line(promise.text, promise.due_at, member.team.zone) if promise else "",
            "next_action": ticket.next_action,
            "to_member": able.get(receiver) if receiver else None,
            "due_at": ticket.next_at or ticket.due_at,
            "if_then": earlier.if_then if earlier else "",
        }
        _write(item, {name: value for name, value in known.items() if name not in item.typed})


def _write(item: NoteItem, values: dict[str, Any]) -> None:
    different = [name for name, value in values.items() if getattr(item, name) != value]
    for name in different:
        setattr(item, name, values[name])
    if item.pk is None:
        item.save()
    elif different:
        item.save(update_fields=different)


def promise_line(text: str, due_at: datetime, zone: ZoneInfo) -> str:
    """A promise in one line, with its instant in the team's zone (also where the clock writes the note), readable in any language."""
    return f"{text} ({due_at.astimezone(zone):%Y-%m-%d %H:%M})"


@transaction.atomic
def save_item(item: NoteItem, *, by: Member, version: int, at: datetime | None = None, **changes: Any) -> NoteItem:
    """Save what was typed into one row. Refuses `stale` (with `current`) where another window was first, `invalid`, `wrong_state`."""
    at = at or timezone.now()
    note = _mine(item.note, by)
    values = {name: changes[name] for name in rules.ITEM_FIELDS if name in changes and name != "promise"}
    if not values:
        return item  # a field that was only left, or a save whose answer was lost: nothing new is no new version
    _check(values, note, by, at)
    typed = sorted({*item.typed, *values})
    changed = NoteItem.objects.filter(pk=item.pk, version=version).update(**values, typed=typed, version=F("version") + 1)
    item.refresh_from_db()
    if not changed:
        current = {name: getattr(item, name) for name in values if name != "to_member"} | {"version": item.version}
        raise Refused("stale", CHANGED, current=current)
    _saved(note, at)
    return item


@transaction.atomic
def save_parts(note: Note, *, by: Member, seen: Mapping[str, str] | None = None, at: datetime | None = None, **parts: str) -> Note:
    """Save the free parts as they are typed: the unmet wish, stock-outs, news. Refuses `wrong_state` once signed.

    `seen`: what they said in the window that sends them. A part that was left as it was seen is not typed; one that another window
    changed meanwhile is refused as `stale`, with what it says in `current`.
    Leaving a field sends it once more: what says nothing new is no new version, or signing just after would look stale.
    """
    at = at or timezone.now()
    locked = _mine(note, by)
    now = {name: getattr(locked, name) for name in PARTS}
    seen = now | dict(seen or {})
    changed = [name for name in PARTS if name in parts and parts[name] != now[name] and parts[name] != seen[name]]
    theirs = {name: now[name] for name in changed if now[name] != seen[name]}
    if theirs:
        raise Refused("stale", PARTS_CHANGED, current=theirs)
    if not changed:
        return locked
    for name in changed:
        setattr(locked, name, parts[name])
    locked.save(update_fields=changed)
    _saved(locked, at)
    return locked


def _saved(note: Note, at: datetime) -> None:
    note.version, note.saved_at = note.version + 1, at
    note.save(update_fields=["version", "saved_at"])


def _mine(note: Note, by: Member) -> Note:
    """The note, locked. Refuses `not_found`, `forbidden` for somebody else's, `wrong_state` once signed."""
    locked = Note.objects.select_for_update(of=("self",)).select_related("team", "member", "next_shift", "duty").filter(pk=note.pk).first()
    if locked is None or locked.team_id != by.team_id:
        raise Refused("not_found")
    if locked.member_id != by.pk:
        raise Refused("forbidden", NOT_YOURS % {"name": locked.member.display_name})
    if locked.signed_at is not None:
        raise Refused("wrong_state", SIGNED)
    return locked


def _check(values: dict[str, Any], note: Note, by: Member, at: datetime) -> None:
    if "severity" in values and values["severity"] not in Severity.values:
        raise Refused("invalid", errors={"severity": [NO_SEVERITY]})
    for name in ("state", "next_action", "if_then"):
        if name in values:
            values[name] = rules.first_line([values[name] or ""])
    receiver: Member | None = values.get("to_member")
    if receiver is not None and receiver.pk not in _pks(queries.receivers(by, note.duty, at, queries.window_end(note.next_shift, at))):
        raise Refused("invalid", errors={"to_member": [NO_RECEIVER % {"name": receiver.display_name}]})


def _pks(members: Iterable[Member]) -> set[int]:
    return {m.pk for m in members}
