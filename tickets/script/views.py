"""Pages of the quick replies and the campaigns, and what the picker beside an answer offers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.people.access import may
from tickets.script import actions, queries
from tickets.script.forms import CampaignForm, NarrowForm, ScriptForm, Typed
from tickets.script.models import Campaign, Script
from tickets.ticket.models import Ticket
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file, cell
from tickets.web.undo import offer as undo_offer
from tickets.web.undo import said, taken_back

SHOWN = 200
"""Rows of a list; whoever has more searches."""
SCRIPTS: tuple[Column, ...] = (
    (gettext_lazy("Shortcut"), lambda row: f"/{row.shortcut}"),
    (gettext_lazy("Title"), cell("title")),
    (gettext_lazy("Reply"), cell("body")),
    (gettext_lazy("Shop"), lambda row: row.shop.name if row.shop else _("all")),
    (gettext_lazy("Reason"), cell("reason.name")),
)
CAMPAIGNS: tuple[Column, ...] = (
    (gettext_lazy("Campaign"), cell("name")),
    (gettext_lazy("What agents must know"), cell("text")),
    (gettext_lazy("Shop"), lambda row: row.shop.name if row.shop else _("all")),
    (gettext_lazy("From"), cell("starts_at")),
    (gettext_lazy("Until"), lambda row: row.ended_at or row.ends_at),
)


@dataclass(frozen=True)
class Kind:
    """What tells quick replies and campaigns apart, where their pages do the same."""

    name: str
    model: type[Script] | type[Campaign]
    form: type[Typed]
    home: str
    new: str | LazyText
    ended: str | LazyText
    resumed: str | LazyText
    create: Callable[..., Any]
    change: Callable[..., Any]
    end: Callable[..., Any]
    resume: Callable[..., Any]


REPLY = Kind(
    name="script", model=Script, form=ScriptForm, home="script:list",
    new=gettext_lazy("New quick reply"), ended=gettext_lazy("Out of use."), resumed=gettext_lazy("In use again."),
    create=actions.create_script, change=actions.change_script, end=actions.end_script, resume=actions.resume_script,
)  # fmt: skip
CAMPAIGN = Kind(
    name="campaign", model=Campaign, form=CampaignForm, home="script:campaigns",
    new=gettext_lazy("New campaign"), ended=gettext_lazy("Ended."), resumed=gettext_lazy("It goes on."),
    create=actions.create_campaign, change=actions.change_campaign, end=actions.end_campaign, resume=actions.resume_campaign,
)  # fmt: skip
STATES = [("running", gettext_lazy("Running")), ("coming", gettext_lazy("Coming")), ("over", gettext_lazy("Over"))]


@door(GET="script.read")
def scripts(request: HttpRequest) -> HttpResponse:
    """The team's quick replies, searched and by shop; `?ended` shows those out of use."""
    member = member_of(request)
    form, asked = _narrowed(request)
    ended = "ended" in request.GET
    found = queries.scripts(member, ended=ended, **asked)
    if file := as_file(request, "replies", SCRIPTS, found):
        return file
    rows = list(found[: SHOWN + 1])
    values = {"form": form, "ended": ended, "may_edit": may(member, "script.edit"), **_cut(rows), "narrowed": any(asked.values())}
    return page(request, "tickets/script/list.html", values, block="rows")


@door(GET="script.edit", POST="script.edit")
def script(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Write a quick reply or change one."""
    return _written(request, REPLY, pk)


@door(POST="script.edit")
def end_script(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it out of use."""
    return _ended(request, REPLY, pk)


@door(POST="script.edit")
def resume_script(request: HttpRequest, pk: int) -> HttpResponse:
    """It was taken out of use by mistake."""
    return _resumed(request, REPLY, pk)


@door(GET="script.read")
def offer(request: HttpRequest, ticket: int) -> HttpResponse:
    """The quick replies for an answer on a ticket, filled in, as the choices of a list."""
    member = member_of(request)
    found = Ticket.objects.visible_to(member).select_related("customer").filter(pk=ticket).first()
    if found is None:
        raise Http404
    return page(request, "tickets/script/offer.html", {"offered": queries.offered(found, member)})


@door(GET="campaign.read")
def campaigns(request: HttpRequest) -> HttpResponse:
    """The team's campaigns: running, coming (`?state=coming`) or over."""
    member = member_of(request)
    form, asked = _narrowed(request)
    state = request.GET.get("state", "running")
    if state not in dict(STATES):
        raise Http404
    found = queries.campaigns(member, at=timezone.now(), state=state, **asked)
    if file := as_file(request, "campaigns", CAMPAIGNS, found):
        return file
    rows = list(found[: SHOWN + 1])
    values = {"form": form, "state": state, "states": STATES, "may_edit": may(member, "campaign.edit"), "narrowed": any(asked.values())}
    return page(request, "tickets/script/campaigns.html", values | _cut(rows), block="rows")


@door(GET="campaign.edit", POST="campaign.edit")
def campaign(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Announce a campaign or change one."""
    return _written(request, CAMPAIGN, pk)


@door(POST="campaign.edit")
def end_campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """End it before its time, or call it off."""
    return _ended(request, CAMPAIGN, pk)


@door(POST="campaign.edit")
def resume_campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """It was ended by mistake."""
    return _resumed(request, CAMPAIGN, pk)


def _narrowed(request: HttpRequest) -> tuple[NarrowForm, dict[str, Any]]:
    """The form above a list, and what of it narrows the list. What cannot be read narrows nothing, and is said at its field."""
    form = NarrowForm(request.GET, member=request.member)
    form.is_valid()
    shop = form.cleaned_data.get("shop")
    return form, {"q": form.cleaned_data.get("q", ""), "shop": shop.pk if shop else None}


def _cut(rows: list[Any]) -> dict[str, Any]:
    return {"rows": rows[:SHOWN], "more": len(rows) > SHOWN}


def _one(request: HttpRequest, kind: Kind, pk: int) -> Any:
    """The row; 404 for another team's."""
    return get_object_or_404(kind.model.objects.visible_to(member_of(request)), pk=pk)


def _written(request: HttpRequest, kind: Kind, pk: int | None) -> HttpResponse:
    """Create or change what was typed. What is refused stands beside its field, as typed; a stale change says what is there now."""
    by = member_of(request)
    found = _one(request, kind, pk) if pk is not None else None
    form = kind.form(request.POST if request.method == "POST" else None, instance=found, member=by)
    about: dict[str, Any] = {"form": form, "found": found, "kind": kind.name, "back": reverse(kind.home)}
    about["title"] = str(found) if found else kind.new
    about["end"] = reverse(f"script:end_{kind.name}", args=[found.pk]) if found and found.ended_at is None else None
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                if found is None:
                    kind.create(by=by, **form.values())
                else:
                    kind.change(found, by=by, version=form.cleaned_data["version"] or 0, **form.values())
                messages.success(request, _("Saved."))
                return see_other(request, about["back"])
            except Refused as refused:
                status = 422 if refused.errors else refused.status
                about["now"] = _shown(form, refused, found)
    return page(request, "tickets/script/form.html", about, block="form", status=status)


def _ended(request: HttpRequest, kind: Kind, pk: int) -> HttpResponse:
    ended = kind.end(_one(request, kind, pk), by=member_of(request)).ended_at
    said(request, kind.ended, undo_offer(f"script:resume_{kind.name}", pk, ended=ended.isoformat()) if ended else None)
    return see_other(request, reverse(kind.home))


def _resumed(request: HttpRequest, kind: Kind, pk: int) -> HttpResponse:
    kind.resume(_one(request, kind, pk), by=member_of(request), ended=taken_back(request)["ended"])
    said(request, kind.resumed)
    return see_other(request, reverse(kind.home))


def _shown(form: Typed, refused: Refused, found: Script | Campaign | None) -> Script | Campaign | None:
    """Say what was refused. After a stale change: the row as it is now, whose version the form carries from here on."""
    for name, sentences in (refused.errors or {"": [refused.detail]}).items():
        form.add_error(name if name in form.fields else None, [str(sentence) for sentence in sentences])
    if refused.code != "stale" or found is None:
        return None
    found.refresh_from_db()
    form.accept(found.version)
    return found
