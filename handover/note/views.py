"""The handover note's pages: writing one's own, reading the team's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from handover.note import actions, queries, rules
from handover.note.forms import part_texts, typed
from handover.note.models import Note, NoteItem
from tickets.ticket.models import Severity, Ticket
from tickets.web.doors import door
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file, cell
from tickets.web.when import written

TEMPLATE = "handover/note/write.html"
NOTES: tuple[Column, ...] = (
    (_("Signed"), cell("signed_at")),
    (_("By"), cell("member.display_name")),
    (_("Shift"), cell("shift.name")),
    (_("For"), cell("next_shift.name")),
    (_("from the ledger"), lambda row: _("yes") if row.built_by_system else ""),
    (_("Asked for, not had"), cell("unmet_wish")),
    (_("Stock-outs"), cell("stock_outs")),
    (_("News for the shops"), cell("news")),
)
ITEMS: tuple[Column, ...] = (
    (_("Severity"), cell("get_severity_display")),
    (_("Customer"), cell("ticket.customer.name")),
    (_("Matter"), lambda row: f"#{row.ticket_id} {row.ticket.subject}"),
    (_("promised"), cell("promise")),
    (_("State"), cell("state")),
    (_("Next action"), cell("next_action")),
    (_("By"), cell("due_at")),
    (_("To"), lambda row: row.to_member.display_name if row.to_member else _("pool")),
    (_("If …, then …"), cell("if_then")),
)


@door(GET="note.write")
def write(request: HttpRequest) -> HttpResponse:
    """My note, drafted from the ledger; only what is missing must be filled in."""
    try:
        note = actions.open_draft(request.member)
    except Refused as refused:
        if refused.code != "wrong_state":
            raise
        return page(request, TEMPLATE, {"note": None, "refused": refused})
    if note.signed_at is not None:
        return see_other(request, reverse("note:show", args=[note.pk]))
    return page(request, TEMPLATE, context(request, note), block="note")


@door(POST="note.write")
def save_item(request: HttpRequest, pk: int) -> HttpResponse:
    """One row, saved as it is typed. A severity changes what is asked for, so it draws the row anew; typing only refreshes the head."""
    item = get_object_or_404(NoteItem.objects.select_related("note", "ticket"), pk=pk, note__member=request.member)
    changes, unread = typed(request.POST, item, request.member)
    version = whole_number(request.POST.get("version", ""), digits=9) or 0
    try:
        actions.save_item(item, by=request.member, version=version, **changes)
    except Refused as refused:
        if refused.code == "wrong_state":
            return see_other(request, reverse("note:write"))
        if refused.code not in ("stale", "invalid"):
            raise
        return row(request, pk, redraw=True, refused=refused)
    if not request.headers.get("HX-Request"):
        return see_other(request, reverse("note:write"))
    return row(request, pk, redraw="severity" in changes, refused=unread)


@door(POST="note.write")
def save_parts(request: HttpRequest) -> HttpResponse:
    """The free parts, saved as they are typed."""
    note = get_object_or_404(Note, duty=queries.running_duty(request.member), member=request.member)
    parts, seen, refused = part_texts(request.POST), part_texts(request.POST, "seen_"), None
    try:
        actions.save_parts(note, by=request.member, seen=seen, **parts)
    except Refused as found:
        if found.code != "stale":
            raise
        refused = found
    if not request.headers.get("HX-Request"):
        return see_other(request, reverse("note:write"))
    status = refused.status if refused else 200
    return page(request, "handover/note/saved.html", context(request, _mine(request), refused_parts=refused), status=status)


@door(POST="note.write")
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign and end duty; where something is missing, the page says what, and nothing is lost."""
    note = get_object_or_404(Note.objects.filter(member=request.member), pk=pk)
    version = whole_number(request.POST.get("version", ""), digits=9) or 0
    try:
        actions.sign(note, by=request.member, version=version)
    except Refused as refused:
        if refused.code not in ("stale", "invalid"):
            raise
        found = context(request, actions.open_draft(request.member), refused=refused)
        found["first_unready"] = next((i.pk for i in found["items"] if found["needs"][i.pk]), None)
        return page(request, TEMPLATE, found, block="note", status=refused.status)
    return see_other(request, reverse("note:signed", args=[note.pk]))


@door(GET="note.read", POST="note.write", gated=False)
def signed(request: HttpRequest, pk: int) -> HttpResponse:
    """What the signer sees last: what was handed to whom; POST corrects it. Open although duty is over, for one's own note only."""
    note = get_object_or_404(queries.notes_of(request.member), pk=pk, member=request.member, signed_at__isnull=False)
    if request.method == "POST":
        return corrected(request, note, reverse("note:signed", args=[pk]))
    return page(request, "handover/note/signed.html", whole(request, note))


@door(GET="note.read")
def notes(request: HttpRequest) -> HttpResponse:
    """The team's notes, newest first."""
    found = queries.notes_of(request.member).filter(signed_at__isnull=False).order_by("-signed_at")
    if file := as_file(request, "notes", NOTES, found):
        return file
    before = request.GET.get("before", "")
    if before:
        found = found.filter(signed_at__lt=instant(before) or timezone.now())
    rows = list(found[:51])
    return page(request, "handover/note/list.html", {"notes": rows[:50], "more": rows[49] if len(rows) > 50 else None})


@door(GET="note.read", POST="note.write")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """A note as it was signed, with its addenda; POST adds one."""
    note = get_object_or_404(queries.notes_of(request.member), pk=pk)
    if request.method == "POST":
        return corrected(request, note, reverse("note:show", args=[pk]))
    if file := as_file(request, f"note-{note.pk}", ITEMS, _items(note)):
        return file
    return page(request, "handover/note/show.html", whole(request, note))


def whole(request: HttpRequest, note: Note) -> dict[str, Any]:
    """A signed note with its matters and its addenda."""
    addenda = list(note.addenda.select_related("by", "ticket"))
    return {"note": note, "items": _items(note), "addenda": addenda, "may_correct": actions.may_correct(note, request.member)}


def corrected(request: HttpRequest, note: Note, back: str) -> HttpResponse:
    """The addendum that was sent, added."""
    ticket = request.POST.get("ticket", "")
    about = get_object_or_404(Ticket.objects.visible_to(request.member), pk=whole_number(ticket)) if ticket else None
    actions.add_addendum(note, by=request.member, text=request.POST.get("text", ""), ticket=about)
    return see_other(request, back)


def instant(text: str) -> datetime | None:
    """A local time of the active zone, or an instant, as typed; None for nothing and for nonsense."""
    try:
        found = parse_datetime(text) if text else None
    except ValueError:
        return None
    return timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found


def row(request: HttpRequest, pk: int, *, redraw: bool, refused: Refused | None = None) -> HttpResponse:
    """The head of the page with the row's new version, or the row itself: with what another window wrote, where that was first."""
    note = _mine(request)
    found = context(request, note, refused_row=refused)
    item = next((i for i in found["items"] if i.pk == pk), None)
    if item is None:
        return see_other(request, reverse("note:write"))
    current = (refused.extra if refused else {}).get("current", {})
    theirs = [current[name] for name in ("state", "next_action", "if_then") if current.get(name)]
    seen = request.POST.get("due_seen" if refused else "due_at", "")
    found |= {"item": item, "redraw": redraw, "theirs": theirs, "due_seen": written(item.due_at) if redraw else seen}
    return page(request, "handover/note/saved.html", found, status=refused.status if refused else 200)


def _mine(request: HttpRequest) -> Note:
    return get_object_or_404(queries.notes_of(request.member).select_related("duty"), duty__ended_at__isnull=True, member=request.member)


def _items(note: Note) -> list[NoteItem]:
    found = note.items.select_related("ticket__customer", "to_member__presence")
    return sorted(found, key=lambda i: (rules.RANK[i.severity], i.due_at is None, i.due_at.timestamp() if i.due_at else 0, i.pk))


def context(request: HttpRequest, note: Note, **more: Any) -> dict[str, Any]:
    """What the page of a draft shows; rows keep their place while one writes: by the ledger's due time, not by what is typed."""
    now = timezone.now()
    items = list(note.items.select_related("ticket__customer", "to_member"))
    holds = set(queries.held(request.member).values_list("pk", flat=True))
    mine = [i for i in items if i.ticket_id in holds]
    needs = {i.pk: rules.missing(actions.cells(i)) for i in mine}
    duty = queries.running_duty(request.member)
    until = queries.window_end(note.next_shift, now)
    receivers = queries.receivers(request.member, duty, now, until)
    return {
        "note": note,
        "items": sorted(mine, key=lambda i: (i.ticket.due_at is None, i.ticket.due_at.timestamp() if i.ticket.due_at else 0, i.ticket_id)),
        "gone": [i for i in items if i.ticket_id not in holds],
        "needs": needs,
        "ready": sum(1 for names in needs.values() if not names),
        "unready": [i for i in mine if needs[i.pk]],
        "receivers": receivers,
        "severities": Severity.choices,
        "wished": bool(note.unmet_wish) or queries.wished_today(request.member, now),
        "every_cell": "every" in request.GET or request.headers.get("HX-Current-URL", "").endswith("?every"),
        "duty": duty,
        **more,
    }
