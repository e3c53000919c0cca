"""Pages: where my messages go; for managers, the team's channels and what became of every message."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from handover.message import actions, queries, rules
from handover.message.addresses import KINDS
from handover.message.forms import ChoiceForm, NewForm
from handover.message.models import Destination, Parcel, Topic
from tickets.people.access import may
from tickets.web.doors import door, member_of
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file, cell

SIZE = 50
COLUMNS: tuple[Column, ...] = (
    (gettext_lazy("When"), lambda row: row.ended_at or row.tried_at or row.made_at),
    (gettext_lazy("Who"), cell("destination.member.display_name")),
    (
        gettext_lazy("To"),
        lambda row: _place(row.destination),
    ),
    (gettext_lazy("Messages"), cell("lines")),
    (gettext_lazy("State"), cell("get_state_display")),
    (gettext_lazy("may be a repeat"), lambda row: _("yes") if row.uncertain else ""),
    (gettext_lazy("Tries"), cell("attempts")),
    (gettext_lazy("Why"), cell("error")),
)
MINE, TEAM = "message:mine", "message:team"


@door(gated=False, GET="me.read")
def mine(request: HttpRequest) -> HttpResponse:
    """Where one's own messages go, and what came of the last ones."""
    member = member_of(request)
    if file := as_file(request, "messages", COLUMNS, queries.parcels(member, of=member)):
        return file
    actions.use_email([member])
    sent = list(queries.parcels(member, of=member)[:20])
    values = {"destinations": queries.own(member), "email": member.user.email, "oversees": may(member, "message.oversee"), **_listed(sent)}
    return page(request, "handover/message/mine.html", values)


@door(GET="message.oversee")
def team(request: HttpRequest) -> HttpResponse:
    """The team's channels, and every parcel of the team; `?state=failed`, `open` or `sent`, `?before=` goes on."""
    member = member_of(request)
    state = request.GET.get("state", "")
    if state not in ("", "open", *Parcel.State.values):
        raise Refused("invalid", errors={"state": [state[:20]]})
    if file := as_file(request, "messages", COLUMNS, queries.parcels(member, state=state)):
        return file
    first = _number(request.GET.get("from", "0"))
    rows = list(queries.parcels(member, state=state)[first : first + SIZE + 1])
    chosen = f"state={state}&" if state else ""
    values = {
        "channels": queries.channels(member),
        "counts": queries.counts(member),
        "oversees": True,
        "state": state,
        "next": f"{reverse(TEAM)}?{chosen}from={first + SIZE}" if len(rows) > SIZE else "",
        **_listed(rows[:SIZE]),
    }
    return page(request, "handover/message/team.html", values)


@door(gated=False, GET="me.edit", POST="me.edit")
def add(request: HttpRequest) -> HttpResponse:
    """A robot that sends one's own messages."""
    return _add(request, for_team=False)


@door(GET="message.oversee", POST="message.oversee")
def add_channel(request: HttpRequest) -> HttpResponse:
    """A robot in a group of the team."""
    return _add(request, for_team=True)


def _add(request: HttpRequest, *, for_team: bool) -> HttpResponse:
    title, back = (_("Add a channel"), reverse(TEAM)) if for_team else (_("Add a robot"), reverse(MINE))
    usual = rules.CHANNEL_TOPICS if for_team else Topic.values
    form = NewForm(request.POST if request.method == "POST" else None, channel=for_team, initial={"topics": usual})
    if request.method != "POST" or not form.is_valid():
        return _form(request, form, title, back, 422 if request.method == "POST" else 200)
    try:
        made = actions.add(by=request.member, for_team=for_team, **form.cleaned_data)
    except Refused as refused:
        return _refused(request, form, refused, title, back)
    actions.send_test(made, by=request.member)
    messages.success(request, _("Added. A test message is on its way there."))
    return see_other(request, back)


@door(gated=False, GET="me.edit", POST="me.edit")
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """What goes to one destination: one's own, or, for managers, a channel."""
    found = _one(request, pk)
    channel = found.member_id is None
    back = reverse(TEAM if channel else MINE)
    start = {name: getattr(found, name) for name in ("name", "topics", "quiet_from", "quiet_until", "is_active")}
    form = ChoiceForm(request.POST if request.method == "POST" else None, channel=channel, initial=start)
    title = f"{KINDS.get(found.kind, found.kind)} {found.name or found.shown}"
    if request.method != "POST" or not form.is_valid():
        return _form(request, form, title, back, 422 if request.method == "POST" else 200, place=found)
    try:
        actions.change(found, by=request.member, **form.cleaned_data)
    except Refused as refused:
        return _refused(request, form, refused, title, back, place=found)
    messages.success(request, _("Saved."))
    return see_other(request, back)


@door(gated=False, POST="me.edit")
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test message there."""
    found = _one(request, pk)
    actions.send_test(found, by=request.member)
    messages.success(request, _("A test message is on its way there."))
    return see_other(request, reverse(TEAM if found.member_id is None else MINE))


@door(gated=False, POST="me.edit")
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a destination."""
    found = _one(request, pk)
    actions.remove(found, by=request.member)
    messages.success(request, _("Removed."))
    return see_other(request, reverse(TEAM if found.member_id is None else MINE))


@door(POST="message.oversee")
def again(request: HttpRequest, pk: str) -> HttpResponse:
    """Try a failed parcel again."""
    found = Parcel.objects.filter(pk=pk, destination__team_id=request.member.team_id).first()
    if found is None:
        raise Http404
    actions.send_again(found, by=request.member)
    messages.success(request, _("It is tried again."))
    return see_other(request, f"{reverse(TEAM)}?state=failed")


def _place(found: Destination) -> str:
    return f"{KINDS.get(found.kind, found.kind)} {found.name or found.shown}"


def _one(request: HttpRequest, pk: int) -> Destination:
    """A destination that the reader may change: one's own; a channel for whom oversees messages. Everything else is not there."""
    member = member_of(request)
    found = Destination.objects.visible_to(member).select_related("member", "team").filter(pk=pk).first()
    if found is None or (found.member_id != member.pk if found.member_id else not may(member, "message.oversee")):
        raise Http404
    return found


def _form(request: HttpRequest, form: ChoiceForm, title: str, back: str, status: int, **more: Any) -> HttpResponse:
    values = {"form": form, "title": title, "back": back, "team_zone": request.member.team.time_zone, **more}
    return page(request, "handover/message/form.html", values, block="form", status=status)


def _refused(request: HttpRequest, form: ChoiceForm, refused: Refused, title: str, back: str, **more: Any) -> HttpResponse:
    for name, sentences in (refused.errors or {"": [refused.detail]}).items():
        form.add_error(name if name in form.fields else None, [str(sentence) for sentence in sentences])
    return _form(request, form, title, back, 422 if refused.errors else refused.status, **more)


def _listed(rows: list[Parcel]) -> dict[str, Any]:
    """The rows with the topics of what they carried."""
    codes, names = queries.codes_of(rows), dict(Topic.choices)
    topics = {pk: [names.get(rules.TOPIC_OF.get(code, ""), _("Test")) for code in found] for pk, found in codes.items()}
    return {
        "parcels": rows,
        "topics": {pk: list(dict.fromkeys(found)) for pk, found in topics.items()},
        "kinds": KINDS,
        "topic_names": names,
    }


def _number(text: str) -> int:
    found = whole_number(text, digits=6)
    if found is None:
        raise Refused("invalid", errors={"from": [text[:20]]})
    return found
