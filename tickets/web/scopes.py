"""What a token may reach: decided once for every address, before anything is done or a kept answer replayed.

A page or API class names the deed of each method; the deed has a scope (tickets/people/scopes.py). What names no deed is open to
everybody anyway (signing in, the schema), or belongs to accounts and is closed to tokens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from tickets.people.scopes import Scope, scope_of
from tickets.web.refusals import Refused
from tickets.web.replies import refusal, wants_json

LACKS = _("This token has not the scope “%(scope)s”.")
NOT_BY_TOKEN = _("This is not for tokens: sign in with the browser.")
READING = ("GET", "HEAD", "OPTIONS")


class ScopeMiddleware:
    """Stands after MemberMiddleware and before the answers of earlier POSTs; sessions pass."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = getattr(request, "token", None)
        refused = None if token is None else refused_to(request, token)
        return refusal(request, refused) if refused else self.get_response(request)


def refused_to(request: HttpRequest, token: Any) -> Refused | None:
    """Why the token may not do this, or None: `forbidden` with the `scope` that is missing."""
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return None
    method = request.method or "GET"
    if not wants_json(request) and (method not in READING or not hasattr(view, "deeds")):
        return Refused("forbidden", NOT_BY_TOKEN)
    deed = deed_named(view, method)
    scope = scope_of(deed, method) if deed else None
    if scope is None or scope in scopes_of(token):
        return None
    return Refused("forbidden", LACKS % {"scope": scope.value}, scope=scope.value)


def scopes_of(token: Any) -> list[str]:
    """The scopes of a token; none where nobody granted any."""
    grant = getattr(token, "grant", None)
    return list(grant.scopes) if grant is not None else []


def deed_named(view: Any, method: str) -> str | None:
    """The deed of a resolved view for a method: from a page's `@door(GET=…)` or an API class's `deeds`. None: it names none."""
    method = "GET" if method in READING else method
    named = getattr(view, "cls", view)
    deeds: dict[str, str] = getattr(named, "deeds", None) or {}
    action = (getattr(view, "actions", None) or {}).get(method.lower(), "")
    return deeds.get(action) or deeds.get(method.lower()) or deeds.get(method)


def scope_of_view(view: Any, method: str) -> Scope | None:
    """For the schema: the scope of an API view instance's operation."""
    deed = view.deeds.get(getattr(view, "action", None) or "") or view.deeds.get(method.lower()) if hasattr(view, "deeds") else None
    return scope_of(deed, method) if deed else None
