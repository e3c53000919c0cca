"""The team's settings, for managers, and one's own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.people import actions, joining
from tickets.people.access import may
from tickets.people.forms import LeadForm, MemberForm, NewMemberForm, OwnForm, ShopForm, TeamSettingsForm
from tickets.people.models import Member, Role, Shop, Team
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file, cell

FORM = "tickets/people/form.html"
TABS = [
    ("people:team", gettext_lazy("Members")),
    ("people:shops", gettext_lazy("Shops")),
    ("ticket:reasons", gettext_lazy("Reasons")),
    ("ticket:resolutions", gettext_lazy("Resolutions")),
    ("people:settings", gettext_lazy("Limits and clock")),
]
MEMBERS: tuple[Column, ...] = (
    (gettext_lazy("Name"), cell("display_name")),
    (gettext_lazy("Sign-in name"), cell("user.username")),
    (gettext_lazy("Roles"), lambda row: _(", ").join(str(Role(role).label) for role in row.roles)),
    (gettext_lazy("In the team"), lambda row: _("yes") if row.is_active else _("left")),
    (gettext_lazy("At work until"), cell("presence.on_until")),
)
SHOPS: tuple[Column, ...] = (
    (gettext_lazy("Name"), cell("name")),
    (gettext_lazy("Platform"), cell("get_platform_display")),
    (gettext_lazy("Currency"), cell("currency")),
    (gettext_lazy("Time zone"), cell("time_zone")),
    (gettext_lazy("Open"), lambda row: _("yes") if row.is_active else _("closed")),
)


def settings_tabs(current: str) -> list[tuple[Any, str, None, bool]]:
    """The parts of the team's settings beside each other."""
    return [(label, reverse(name), None, name == current) for name, label in TABS]


@door(GET="team.read")
def team(request: HttpRequest) -> HttpResponse:
    """Who is in the team, with roles, and who leads it."""
    member = member_of(request)
    found = Member.objects.visible_to(member).select_related("user", "presence").order_by("-is_active", "display_name")
    if file := as_file(request, "members", MEMBERS, found):
        return file
    values = {
        "members": found[:500],
        "tabs": settings_tabs("people:team"),
        "may_edit": may(member, "team.edit"),
        "lead": member.team.lead_id,
        "role_names": dict(Role.choices),
    }
    return page(request, "tickets/people/team.html", values)


def show_form(request: HttpRequest, form: BaseForm, title: str, back: str, *, status: int = 200, **more: Any) -> HttpResponse:
    return page(request, FORM, {"form": form, "title": title, "back": back, **more}, block="form", status=status)


def refused_form(request: HttpRequest, form: BaseForm, refused: Refused, title: str, back: str, **more: Any) -> HttpResponse:
    """What an action refused, beside its fields, as typed."""
    for name, sentences in (refused.errors or {"": [refused.detail]}).items():
        form.add_error(name if name in form.fields else None, [str(sentence) for sentence in sentences])
    return show_form(request, form, title, back, status=422 if refused.errors else refused.status, **more)


def one_member(request: HttpRequest, pk: int) -> Member:
    found = Member.objects.visible_to(request.member).filter(pk=pk).select_related("team", "user").first()
    if found is None:
        raise Http404
    return found


@door(GET="team.edit", POST="team.edit")
def add(request: HttpRequest) -> HttpResponse:
    """A new colleague; the first password is shown once."""
    by = member_of(request)
    back, title = reverse("people:team"), _("Add a person")
    form = NewMemberForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return show_form(request, form, title, back, status=422 if request.method == "POST" else 200)
    try:
        member, password = joining.add_member(by.team, by=by, **form.cleaned_data)
    except Refused as refused:
        return refused_form(request, form, refused, title, back)
    if password:
        return page(request, "tickets/people/welcome.html", {"added": member, "password": password, "back": back})
    messages.success(request, _("%(name)s is in the team.") % {"name": member.display_name})
    return see_other(request, back)


@door(GET="team.edit", POST="team.edit")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A colleague's name and roles."""
    member, back = one_member(request, pk), reverse("people:team")
    form = MemberForm(request.POST or None, initial={"display_name": member.display_name, "roles": member.roles})
    if request.method != "POST" or not form.is_valid():
        return show_form(request, form, member.display_name, back, status=422 if request.method == "POST" else 200, colleague=member)
    try:
        joining.edit_member(member, by=request.member, **form.cleaned_data)
    except Refused as refused:
        return refused_form(request, form, refused, member.display_name, back, colleague=member)
    messages.success(request, _("Saved."))
    return see_other(request, back)


@door(POST="team.edit")
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a colleague go, or take one back. What they hold goes to the pool (C1)."""
    member = one_member(request, pk)
    by = member_of(request)
    if member.is_active:
        actions.deactivate(member, by=by)
        messages.success(request, _("%(name)s works here no longer; open matters lie in the pool.") % {"name": member.display_name})
    else:
        actions.activate(member, by=by)
        messages.success(request, _("%(name)s works here again.") % {"name": member.display_name})
    return see_other(request, reverse("people:team"))


@door(GET="team.edit", POST="team.edit")
def team_settings(request: HttpRequest) -> HttpResponse:
    """Limits, clock, and what happens without a manager."""
    by = member_of(request)
    here, title = reverse("people:settings"), _("Limits and clock")
    tabs = settings_tabs("people:settings")
    posted = request.POST if request.method == "POST" else None
    form = TeamSettingsForm(posted, instance=Team.objects.get(pk=by.team_id))
    if posted is None or not form.is_valid():
        lead = LeadForm(team=by.team, initial={"lead": by.team.lead_id})
        return show_form(request, form, title, here, status=200 if posted is None else 422, tabs=tabs, lead_form=lead)
    actions.change_team(by.team, by=by, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return see_other(request, here)


@door(POST="team.edit")
def name_lead(request: HttpRequest) -> HttpResponse:
    """Name who answers for the pool."""
    by = member_of(request)
    form = LeadForm(request.POST, team=by.team)
    if not form.is_valid():
        raise Refused("invalid", errors={name: list(errors) for name, errors in form.errors.items()})
    actions.set_lead(by.team, form.cleaned_data["lead"], by=by)
    messages.success(request, _("%(name)s leads the team.") % {"name": form.cleaned_data["lead"].display_name})
    return see_other(request, reverse("people:settings"))


@door(GET="team.read")
def shops(request: HttpRequest) -> HttpResponse:
    """The storefronts of the team."""
    member = member_of(request)
    found = Shop.objects.filter(team_id=member.team_id).order_by("-is_active", "name")
    if file := as_file(request, "shops", SHOPS, found):
        return file
    return page(
        request, "tickets/people/shops.html", {"shops": found, "tabs": settings_tabs("people:shops"), "may_edit": may(member, "team.edit")}
    )


@door(GET="team.edit", POST="team.edit")
def shop(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a shop or change one."""
    by = member_of(request)
    found = Shop.objects.filter(pk=pk, team_id=by.team_id).first() if pk else None
    if pk and found is None:
        raise Http404
    back, title = reverse("people:shops"), found.name if found else _("Add a shop")
    initial = None if found else {"currency": by.team.currency, "time_zone": by.team.time_zone}
    form = ShopForm(request.POST if request.method == "POST" else None, instance=found, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return show_form(request, form, title, back, status=422 if request.method == "POST" else 200)
    try:
        joining.save_shop(by.team, by=by, shop=found, **form.cleaned_data)
    except Refused as refused:
        return refused_form(request, form, refused, title, back)
    messages.success(request, _("Saved."))
    return see_other(request, back)


def keep_language(response: HttpResponse, language: str, secure: bool) -> None:
    """The browser shows the person's language before the next sign-in, too; where it is the browser's own, nothing is in its way."""
    if language:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=31536000, samesite="Lax", secure=secure)
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")


@door(gated=False, GET="me.read", POST="me.edit")
def me(request: HttpRequest) -> HttpResponse:
    """One's own language and appearance, and in which teams one is."""
    member = member_of(request)
    here = reverse("people:me")
    form = OwnForm(request.POST if request.method == "POST" else None, instance=member.user)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return show_form(request, form, _("My settings"), here, status=status, teams=request.members)
    joining.set_own(member.user, language=form.cleaned_data["language"], theme=form.cleaned_data["theme"])
    response = see_other(request, here)
    keep_language(response, form.cleaned_data["language"], request.is_secure())
    response.set_cookie("theme", form.cleaned_data["theme"], max_age=31536000, samesite="Lax", secure=request.is_secure())
    return response
