"""Pages of the quick replies and the campaigns, and what the picker beside an answer offers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
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
    member = member_of(request)
    found = get_object_or_404(Script.objects.visible_to(member), pk=pk) if pk is not None else None
    form = ScriptForm(request.POST if request.method == "POST" else None, instance=found, member=member)
    return _written(request, form, found, (actions.create_script, actions.change_script), _page_of("script", found))


@door(POST="script.edit")
def end_script(request: HttpRequest, pk: int) -> HttpResponse:
    member = member_of(request)
    ended = actions.end_script(get_object_or_404(Script.objects.visible_to(member), pk=pk), by=member).ended_at
    said(request, _("Out of use."), undo_offer("script:resume_script", pk, ended=ended.isoformat()) if ended else None)
    return see_other(request, reverse("script:list"))


@door(POST="script.edit")
def resume_script(request: HttpRequest, pk: int) -> HttpResponse:
    """It was taken out of use by mistake."""
    member = member_of(request)
    found = get_object_or_404(Script.objects.visible_to(member), pk=pk)
    actions.resume_script(found, by=member, ended=taken_back(request)["ended"])
    said(request, _("In use again."))
    return see_other(request, reverse("script:list"))


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
    member = member_of(request)
    found = get_object_or_404(Campaign.objects.visible_to(member), pk=pk) if pk is not None else None
    form = CampaignForm(request.POST if request.method == "POST" else None, instance=found, member=member)
    return _written(request, form, found, (actions.create_campaign, actions.change_campaign), _page_of("campaign", found))


@door(POST="campaign.edit")
def end_campaign(request: HttpRequest, pk: int) -> HttpResponse:
    member = member_of(request)
    ended = actions.end_campaign(get_object_or_404(Campaign.objects.visible_to(member), pk=pk), by=member).ended_at
    said(request, _("Ended."), undo_offer("script:resume_campaign", pk, ended=ended.isoformat()) if ended else None)
    return see_other(request, reverse("script:campaigns"))


@door(POST="campaign.edit")
def resume_campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """It was ended by mistake."""
    member = member_of(request)
    found = get_object_or_404(Campaign.objects.visible_to(member), pk=pk)
    actions.resume_campaign(found, by=member, ended=taken_back(request)["ended"])
    said(request, _("It goes on."))
    return see_other(request, reverse("script:campaigns"))


def _narrowed(request: HttpRequest) -> tuple[NarrowForm, dict[str, Any]]:
    """The form above a list, and what of it narrows the list. What cannot be read narrows nothing, and is said at its field."""
    form = NarrowForm(request.GET, member=request.member)
    form.is_valid()
    shop = form.cleaned_data.get("shop")
    return form, {"q": form.cleaned_data.get("q", ""), "shop": shop.pk if shop else None}


def _cut(rows: list[Any]) -> dict[str, Any]:
    return {"rows": rows[:SHOWN], "more": len(rows) > SHOWN}


def _page_of(kind: str, found: Script | Campaign | None) -> dict[str, Any]:
    """What the page of one form is called, where it leads back to, and where what it shows is ended."""
    words = {"script": (_("New quick reply"), "script:list"), "campaign": (_("New campaign"), "script:campaigns")}
    title, back = words[kind]
    end = reverse(f"script:end_{kind}", args=[found.pk]) if found and found.ended_at is None else None
    return {"title": str(found) if found else title, "back": reverse(back), "found": found, "end": end, "kind": kind}


def _written(
    request: HttpRequest, form: Typed, found: Script | Campaign | None, writers: tuple[Any, Any], about: dict[str, Any]
) -> HttpResponse:
    """Create or change what was typed. What is refused stands beside its field, as typed; a stale change says what is there now."""
    template, status = "tickets/script/form.html", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            create, change = writers
            by = request.member
            try:
                if found is None:
                    create(by=by, **form.values())
                else:
                    change(found, by=by, version=form.cleaned_data["version"] or 0, **form.values())
                messages.success(request, _("Saved."))
                return see_other(request, about["back"])
            except Refused as refused:
                status = 422 if refused.errors else refused.status
                about["now"] = _shown(form, refused, found)
    return page(request, template, {"form": form, **about}, block="form", status=status)


def _shown(form: Typed, refused: Refused, found: Script | Campaign | None) -> Script | Campaign | None:
    """Say what was refused. After a stale change: the row as it is now, whose version the form carries from here on."""
    for name, sentences in (refused.errors or {"": [refused.detail]}).items():
        form.add_error(name if name in form.fields else None, [str(sentence) for sentence in sentences])
    if refused.code != "stale" or found is None:
        return None
    found.refresh_from_db()
    form.accept(found.version)
    return found
