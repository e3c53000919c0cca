"""/me/tokens/: one's own API tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.people.forms import TokenForm
from tickets.people.scopes import Scope
from tickets.people.tokens import make_token, revoke_token, tokens_of
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file, cell

TEMPLATE = "tickets/people/tokens.html"
COLUMNS: tuple[Column, ...] = (
    (gettext_lazy("What it is for"), lambda row: row.name or _("signed in by a program")),
    (gettext_lazy("Scopes"), lambda row: ", ".join(row.scopes)),
    (gettext_lazy("Works until"), cell("token.expiry")),
    (gettext_lazy("Last used"), cell("last_used_at")),
)


@door(GET="me.read", POST="me.edit")
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens that work, and a form for another one; a new token's text is shown in the answer and never again.

    The form carries no idempotency key: the kept answer would hold the text.
    """
    member = member_of(request)
    if request.method != "POST":
        return as_file(request, "tokens", COLUMNS, tokens_of(member.user)) or _page(request, TokenForm())
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    data = form.cleaned_data
    lasts = timedelta(days=int(data["days"]))
    try:
        grant, text = make_token(
            member.user, name=data["name"], scopes=data["scopes"], lasts=lasts, per_minute=data["per_minute"], by=member
        )
    except Refused as refused:
        form.add_error(None, str(refused.detail))
        return _page(request, form, status=refused.status)
    return _page(request, TokenForm(), made=grant, text=text)


@door(POST="me.edit")
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of my tokens."""
    member = member_of(request)
    grant = tokens_of(member.user).filter(pk=pk).first()
    if grant is None:
        raise Http404
    revoke_token(grant, by=member)
    messages.success(request, _("The token works no longer."))
    return see_other(request, reverse("people:tokens"))


def _page(request: HttpRequest, form: TokenForm, *, status: int = 200, **more: Any) -> HttpResponse:
    member = member_of(request)
    context = {"form": form, "grants": tokens_of(member.user)[:100], "scopes": dict(Scope.choices), **more}
    return page(request, TEMPLATE, context, status=status)
