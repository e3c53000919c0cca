"""The week, a shift, leave and patterns. Swaps are in `swap_views.py`."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handover.roster import actions, forms, rules
from handover.roster.grid_out import lines
from handover.roster.models import Absence, RosterEntry, Shift, ShiftPattern
from handover.roster.queries import who_is_next, who_is_on
from handover.roster.week import Week, cover, week_of
from tickets.people.access import may
from tickets.people.models import Member
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other, wants_fragment
from tickets.web.sheets import Column, as_file, cell
from tickets.web.undo import Undo, offer, said, taken_back

FAR = timedelta(days=3653)
CHANGED = _("Saved.")
LEAVES: tuple[Column, ...] = (
    (_("Who"), cell("member.display_name")),
    (_("Reason"), cell("reason")),
    (_("From"), cell("during.lower")),
    (_("Until"), cell("during.upper")),
)
SHIFTS: tuple[Column, ...] = (
    (_("Name"), cell("name")),
    (_("Letter"), cell("letter")),
    (_("From"), lambda row: f"{row.starts:%H:%M}"),
    (_("Until"), lambda row: f"{row.ends:%H:%M}"),
    (_("People needed"), cell("min_people")),
    (_("in use"), lambda row: _("yes") if row.is_active else _("no")),
)
WEEK, SHIFT, LEAVE, PATTERNS = (f"handover/roster/{name}.html" for name in ("week", "shift", "leave", "patterns"))


@door(GET="roster.read")
def week(request: HttpRequest) -> HttpResponse:
    """The week of `?week=` (any day of it), or this one; as a file it is the grid that the roster can be read from again."""
    team, monday = member_of(request).team, _asked(request)
    if request.GET.get("format"):
        head, rows = lines(team, [monday + timedelta(days=number) for number in range(7)], str(_("Name")))
        columns = [(title, itemgetter(place)) for place, title in enumerate(head)]
        if file := as_file(request, f"roster-{monday.isoformat()}", columns, rows):
            return file
    found = week_of(team, monday, timezone.now())
    return page(request, WEEK, _week_context(request, found))


@door(POST="roster.edit")
def edit(request: HttpRequest) -> HttpResponse:
    """Take over what was typed into the grid: one cell from the page's script, or all of them from its form. All or nothing."""
    me, at, monday = member_of(request), timezone.now(), _asked(request)
    before = week_of(me.team, monday, at)
    changes = forms.edits(request.POST.items(), before.letters)
    errors: dict[tuple[int, date], str] = {}
    trace = actions.Trace()
    try:
        with actions.traced(_of_team(me, changes), {change.day for change in changes}) as trace:
            for change in changes:
                _apply(change, before, me, errors)
    except Refused:
        if not errors:
            raise
    undo = undoing(trace) if not errors else None
    if not wants_fragment(request) and not errors:
        said(request, CHANGED, undo)
        return see_other(request, f"{reverse('roster:week')}?week={monday.isoformat()}")
    after = week_of(me.team, monday, at)
    for (member, day), message in errors.items():
        if cell := after.cell(member, day):
            cell.error = message
    context = _week_context(request, after) | {"cell": after.cell(changes[0].member, changes[0].day) if changes else None, "undo": undo}
    return page(request, WEEK, context, block="changed", status=422 if errors else 200)


def _of_team(me: Member, changes: list[forms.Edit]) -> list[int]:
    """Whose days are changed, of those that the editor may know of."""
    found = Member.objects.visible_to(me).filter(pk__in={change.member for change in changes})
    return list(found.values_list("pk", flat=True))


def undoing(trace: actions.Trace) -> Undo | None:
    """The button that takes a change of the roster back, where anything was changed."""
    return offer("roster:undo", **trace.pack()) if trace.days else None


@door(POST="roster.edit")
def undo(request: HttpRequest) -> HttpResponse:
    """The last change was a mistake: the days as they were."""
    trace = actions.Trace.unpack(taken_back(request))
    actions.take_back(trace, by=member_of(request))
    said(request, _("It is as it was before."))
    return see_other(request, f"{reverse('roster:week')}?week={trace.days[0][1].isoformat()}")


def _apply(change: forms.Edit, week: Week, me: Member, errors: dict[tuple[int, date], str]) -> None:
    """One cell of the week that is shown; the first that cannot be taken takes all of them back."""
    if change.day not in week.days:
        raise Refused("invalid")
    member = get_object_or_404(Member.objects.visible_to(me).select_related("team"), pk=change.member)
    try:
        meant = forms.patterns_meant(change.value, week.patterns, week.letters)
    except ValidationError as wrong:
        errors[change.member, change.day] = wrong.messages[0]
        raise Refused("invalid", wrong.messages[0]) from wrong
    try:
        actions.set_day(member, change.day, meant, by=me, was=change.was)
    except Refused as refused:
        errors[change.member, change.day] = str(refused.detail)
        raise


@door(POST="roster.edit")
def copy(request: HttpRequest) -> HttpResponse:
    """Plan this week as the one before."""
    monday, me = _asked(request), member_of(request)
    everybody = Member.objects.filter(team=me.team).values_list("pk", flat=True)
    with actions.traced(everybody, [monday + timedelta(days=number) for number in range(7)]) as trace:
        copied, left_out = actions.copy_week(me.team, monday, by=me)
    text = ngettext("%(num)s shift was copied.", "%(num)s shifts were copied.", copied) % {"num": copied}
    if left_out:
        text += " " + ngettext("%(num)s was left out.", "%(num)s were left out.", left_out) % {"num": left_out}
    said(request, text, undoing(trace))
    return see_other(request, f"{reverse('roster:week')}?week={monday.isoformat()}")


@door(GET="roster.read", POST="roster.edit")
def shift(request: HttpRequest, pk: int) -> HttpResponse:
    """One shift: who is on it, and a stand-in for a part of somebody's time."""
    me = member_of(request)
    found = get_object_or_404(Shift.objects.visible_to(me), pk=pk)
    form = forms.StandInForm(request.POST or None, team=me.team)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        entry = get_object_or_404(RosterEntry.objects.visible_to(me), pk=values["entry"], shift=found)
        with actions.traced([entry.member_id, values["member"].pk], [found.business_date]) as trace:
            actions.stand_in(entry, values["member"], values["start"], values["end"], by=me, reason=values["reason"])
        said(request, CHANGED, undoing(trace))
        return see_other(request, reverse("roster:shift", args=[pk]))
    entries = list(RosterEntry.objects.filter(shift=found).select_related("member__presence", "instead_of").order_by("during"))
    away: dict[int, list[rules.Span]] = {}
    for absence in Absence.objects.filter(member__in=[entry.member_id for entry in entries], during__overlap=found.span):
        away.setdefault(absence.member_id, []).append(absence.span)
    context = {
        "shift": found,
        "entries": [
            (entry, [piece for span in away.get(entry.member_id, []) if (piece := rules.overlap(span, entry.span))]) for entry in entries
        ],
        "coverage": cover(found, entries, away),
        "form": form,
        "at": timezone.now(),
        "may_edit": may(me, "roster.edit"),
        "people": _people(me),
    }
    return page(request, SHIFT, context, block="stand_in", status=422 if form.errors else 200)


@door(GET="roster.read", POST="roster.edit")
def leave(request: HttpRequest) -> HttpResponse:
    """Who is away, now and later."""
    me, at = member_of(request), timezone.now()
    form = forms.RangeForm(request.POST or None, team=me.team)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        actions.add_absence(values["member"], values["start"], values["end"], by=me, reason=values["reason"])
        return see_other(request, reverse("roster:leave"))
    absences = Absence.objects.visible_to(me).filter(during__endswith__gt=at).select_related("member").order_by("during")
    if request.method == "GET" and (file := as_file(request, "leave", LEAVES, absences)):
        return file
    context = {
        "absences": absences[:200],
        "form": form,
        "at": at,
        "may_edit": may(me, "roster.edit"),
        "people": _people(me),
        "tab": "leave",
    }
    return page(request, LEAVE, context, block="form", status=422 if form.errors else 200)


@door(POST="roster.edit")
def back(request: HttpRequest, pk: int) -> HttpResponse:
    """The person can be counted on again."""
    me, at = member_of(request), timezone.now()
    found = get_object_or_404(Absence.objects.visible_to(me).select_related("member__team"), pk=pk)
    (start, end), cut = found.span, at.isoformat() if found.during.lower < at else None
    actions.end_absence(found, by=me, at=at)
    was = {"member": found.member_id, "start": start.isoformat(), "end": end.isoformat(), "reason": found.reason, "cut": cut}
    text = _("%(name)s can be counted on again.") % {"name": found.member.display_name}
    said(request, text, offer("roster:away_again", **was))
    return see_other(request, reverse("roster:leave"))


@door(POST="roster.edit")
def away_again(request: HttpRequest) -> HttpResponse:
    """Somebody was said to be back by mistake."""
    me, was = member_of(request), taken_back(request)
    member = get_object_or_404(Member.objects.visible_to(me).select_related("team"), pk=was["member"])
    start, end = datetime.fromisoformat(was["start"]), datetime.fromisoformat(was["end"])
    cut = datetime.fromisoformat(was["cut"]) if was["cut"] else None
    actions.away_again(member, start, end, by=me, cut=cut, reason=was["reason"])
    said(request, _("It is as it was before."))
    return see_other(request, reverse("roster:leave"))


@door(GET="roster.read", POST="roster.edit")
def patterns(request: HttpRequest) -> HttpResponse:
    """The team's patterns, and a new one."""
    me = member_of(request)
    form = forms.PatternForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.create_pattern(me.team, by=me, **form.cleaned_data)
        return see_other(request, reverse("roster:patterns"))
    return _patterns(request, form)


@door(GET="roster.edit", POST="roster.edit")
def pattern(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a pattern, from the next shift on."""
    me = member_of(request)
    found = get_object_or_404(ShiftPattern.objects.visible_to(me), pk=pk)
    form = forms.PatternForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        actions.change_pattern(found, by=me, **form.cleaned_data)
        return see_other(request, reverse("roster:patterns"))
    return _patterns(request, form, editing=pk)


def _patterns(request: HttpRequest, form: forms.PatternForm, editing: int | None = None) -> HttpResponse:
    me = member_of(request)
    found = ShiftPattern.objects.visible_to(me)
    if request.method == "GET" and (file := as_file(request, "patterns", SHIFTS, found)):
        return file
    context = {"patterns": found, "form": form, "may_edit": may(me, "roster.edit"), "tab": "patterns", "editing": editing}
    return page(request, PATTERNS, context, block="form", status=422 if form.errors else 200)


def _people(me: Member) -> list[Member]:
    """Whom a manager can choose from."""
    return list(Member.objects.visible_to(me).active().select_related("user")) if may(me, "roster.edit") else []


def _asked(request: HttpRequest) -> date:
    """The Monday of the week that is asked for; a date that is none, or is ten years away, means this week."""
    today = timezone.localdate()
    try:
        asked = date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        asked = today
    return rules.monday(asked if abs(asked - today) < FAR else today)


def _week_context(request: HttpRequest, found: Week) -> dict[str, Any]:
    me, at = member_of(request), timezone.now()
    return {
        "week": found,
        "at": at,
        "today": timezone.localdate(),
        "previous": (found.monday - timedelta(days=7)).isoformat(),
        "next": (found.monday + timedelta(days=7)).isoformat(),
        "on": who_is_on(me.team, at),
        "coming": who_is_next(me.team, at),
        "may_edit": may(me, "roster.edit"),
        "cell": None,
        "undo": None,
        "tab": "week",
    }
