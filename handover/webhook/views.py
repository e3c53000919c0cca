"""Pages of the webhooks, for managers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from handover.webhook import actions, queries
from handover.webhook.forms import EndpointForm, ReplayForm
from handover.webhook.models import Endpoint, WebhookDelivery
from tickets.web.doors import door
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file, cell

SIZE = 50
SHOW = "handover/webhook/show.html"
ENDPOINTS: tuple[Column, ...] = (
    (gettext_lazy("Name"), cell("name")),
    (gettext_lazy("Address"), cell("url")),
    (gettext_lazy("Events"), lambda row: ", ".join(row.kinds) or _("all")),
    (gettext_lazy("State"), lambda row: state_of(row)),
    (gettext_lazy("Waiting"), cell("waiting")),
    (gettext_lazy("Parked"), cell("parked")),
)
EVENTS: tuple[Column, ...] = (
    (gettext_lazy("When"), lambda row: row.ended_at or row.begun_at),
    (gettext_lazy("Event"), lambda row: row.activity.code if row.activity else "webhook.test"),
    (gettext_lazy("Id"), cell("event")),
    (gettext_lazy("State"), cell("get_state_display")),
    (gettext_lazy("Tries"), cell("attempts")),
    (gettext_lazy("Answer"), lambda row: row.status or ""),
    (gettext_lazy("Why"), cell("error")),
)


@door(GET="webhook.edit")
def index(request: HttpRequest) -> HttpResponse:
    """The team's endpoints."""
    if file := as_file(request, "webhooks", ENDPOINTS, queries.endpoints(request.member)):
        return file
    return page(request, "handover/webhook/list.html", {"endpoints": queries.endpoints(request.member)})


@door(GET="webhook.edit", POST="webhook.edit")
def add(request: HttpRequest) -> HttpResponse:
    """A new endpoint; its secret is shown on the answer, once."""
    form = EndpointForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _form(request, form, 422 if request.method == "POST" else 200)
    given = {name: form.cleaned_data[name] for name in ("url", "name", "kinds")}
    try:
        made, secret = actions.add(by=request.member, **given)
    except Refused as refused:
        return _refused(request, form, refused)
    return _secret(request, made, secret)


@door(GET="webhook.edit", POST="webhook.edit")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One endpoint: its events, newest first, and changing it. `?state=parked`, `?before=` goes on."""
    found = _one(request, pk)
    start = {name: getattr(found, name) for name in ("url", "name", "kinds", "is_active")}
    form = EndpointForm(request.POST if request.method == "POST" else None, initial=start, kinds=found.kinds)
    if request.method == "POST":
        if not form.is_valid():
            return _show(request, found, form, 422)
        try:
            actions.change(found, by=request.member, **form.cleaned_data)
        except Refused as refused:
            _add_errors(form, refused)
            return _show(request, found, form, 422)
        messages.success(request, _("Saved."))
        return see_other(request, reverse("webhook:show", args=[pk]))
    return _show(request, found, form, 200)


@door(POST="webhook.edit")
def deed(request: HttpRequest, pk: int, word: str) -> HttpResponse:
    """Test it, give it a new secret, take it away, or send events again from a sequence number on."""
    found, by = _one(request, pk), request.member
    if word == "secret":
        return _secret(request, found, actions.renew_secret(found, by=by))
    if word == "remove":
        actions.remove(found, by=by)
        messages.success(request, _("Removed."))
        return see_other(request, reverse("webhook:list"))
    if word == "replay":
        form = ReplayForm(request.POST)
        if not form.is_valid():
            raise Refused("invalid", errors={field: list(errors) for field, errors in form.errors.items()})
        count = actions.replay_after(found, by=by, after=form.cleaned_data["after"])
        messages.success(request, _("%(count)s events are sent again.") % {"count": count})
    elif word == "test":
        actions.send_test(found, by=by)
        messages.success(request, _("A test event is on its way there."))
    else:
        raise Http404
    return see_other(request, reverse("webhook:show", args=[pk]))


@door(POST="webhook.edit")
def again(request: HttpRequest, pk: int, delivery: int) -> HttpResponse:
    """Send one event again."""
    found = queries.deliveries(request.member, pk).filter(pk=delivery).first()
    if found is None:
        raise Http404
    actions.replay(found, by=request.member)
    messages.success(request, _("It is sent again."))
    return see_other(request, reverse("webhook:show", args=[pk]))


def state_of(endpoint: Endpoint) -> str:
    """How an endpoint is, in a word."""
    if endpoint.disabled_at:
        return _("switched off")
    if not endpoint.is_active:
        return _("off")
    return _("failing") if endpoint.failing_since else _("works")


def _one(request: HttpRequest, pk: int) -> Endpoint:
    found = Endpoint.objects.visible_to(request.member).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _form(request: HttpRequest, form: EndpointForm, status: int) -> HttpResponse:
    return page(request, "handover/webhook/add.html", {"form": form}, block="form", status=status)


def _add_errors(form: EndpointForm, refused: Refused) -> None:
    for name, sentences in (refused.errors or {"": [refused.detail]}).items():
        form.add_error(name if name in form.fields else None, [str(sentence) for sentence in sentences])


def _refused(request: HttpRequest, form: EndpointForm, refused: Refused) -> HttpResponse:
    _add_errors(form, refused)
    return _form(request, form, 422 if refused.errors else refused.status)


def _show(request: HttpRequest, found: Endpoint, form: EndpointForm, status: int) -> HttpResponse:
    state, asked = request.GET.get("state", ""), request.GET.get("before", "")
    before = whole_number(asked)
    if state not in ("", *WebhookDelivery.State.values) or (asked and before is None):
        raise Refused("invalid", errors={"state": [state[:20]]})
    rows = queries.deliveries(request.member, found.pk, state)
    if request.method == "GET" and (file := as_file(request, f"webhook-{found.pk}-events", EVENTS, rows)):
        return file
    rows = list((rows.filter(pk__lt=before) if before is not None else rows)[: SIZE + 1])
    here = reverse("webhook:show", args=[found.pk])
    older = f"{here}?state={state}&before={rows[SIZE - 1].pk}" if len(rows) > SIZE else ""
    values: dict[str, Any] = {"endpoint": found, "form": form, "deliveries": rows[:SIZE], "state": state, "next": older, "here": here}
    values["tabs"] = [(_("All"), here, None, state == "")]
    values["tabs"] += [(label, f"{here}?state={code}", None, state == code) for code, label in WebhookDelivery.State.choices]
    return page(request, SHOW, values, block="form" if status == 422 else None, status=status)


def _secret(request: HttpRequest, endpoint: Endpoint, secret: str) -> HttpResponse:
    """The page that shows the secret; a repetition of the request is answered without it."""
    template = "handover/webhook/secret.html"
    response = page(request, template, {"endpoint": endpoint, "secret": secret}, block="main")
    response.kept_content = page(request, template, {"endpoint": endpoint, "secret": ""}, block="main").content
    return response
