"""The gate (H6): who works in shifts enters the workspace only while on duty, and duty begins with an acknowledged digest.

Closed by default: a door lets an unread person through only where it says `gated=False` itself (a page's `@door`, an API class, or one
action of it), or where it leads to the account, not to the work.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member, Presence
from tickets.web.refusals import Refused
from tickets.web.replies import refusal, wants_fragment, wants_json

UNREAD = _("Read and acknowledge your digest first; then the workspace opens.")
ACCOUNT_PATHS = ("/accounts/", "/i18n/", settings.STATIC_URL)
"""Signing in and out, the second factor, the language, the look: no customer's matter is behind them."""
API_DESCRIPTION = ("/api/v1/schema/", "/api/v1/docs/")


class GateMiddleware:
    """Stands after MemberMiddleware, which has loaded the member's presence: the gate asks the database nothing.

    It decides before the request is handed on, so that not even a kept answer of an earlier POST is replayed through it. A page is
    sent to the digest, a fragment gets `HX-Redirect`, the API 403 `digest_unread`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        member: Member | None = getattr(request, "member", None)
        if member is None or not member.works_in_shifts or is_admitted(member) or leads_elsewhere(request):
            return self.get_response(request)
        return self.stop(request)

    def stop(self, request: HttpRequest) -> HttpResponse:
        if wants_json(request):
            return refusal(request, Refused("digest_unread", UNREAD, digest=reverse("digest:read")))
        if wants_fragment(request):
            response = HttpResponse()
            response["HX-Redirect"] = reverse("digest:read")
            response["X-Refused"] = "digest_unread"
            return response
        return HttpResponseRedirect(reverse("digest:read"))


def is_admitted(member: Member) -> bool:
    """Whether the member's workspace is open now."""
    try:
        presence: Presence = member.presence
    except Presence.DoesNotExist:
        return False
    return presence.is_on(timezone.now())


def leads_elsewhere(request: HttpRequest) -> bool:
    """Whether the address is none of the workspace's: the account, or a door that says it is not gated, or nothing at all."""
    path = request.path_info
    if path.startswith(ACCOUNT_PATHS) or path in API_DESCRIPTION:
        return True
    return not _is_gated_door(path, request.method or "GET", settings.ROOT_URLCONF)


@lru_cache(maxsize=256)
def _is_gated_door(path: str, method: str, urls: str) -> bool:
    """Kept, as who has not read the digest asks for the digest again and again, and looking an address up among all takes its time."""
    try:
        match = resolve(path, urls)
    except Resolver404:
        return False
    return is_gated(match.func, method)


def is_gated(view: Any, method: str) -> bool:
    """Whether the gate stands before this view for this method. A view that says nothing is gated."""
    viewset = getattr(view, "cls", None)
    if viewset is None:
        return bool(getattr(view, "gated", True))
    action = (getattr(view, "actions", None) or {}).get(method.lower())
    handler = getattr(viewset, action, None) if action else None
    options = getattr(handler, "kwargs", None) or {}
    default = getattr(view, "initkwargs", {}).get("gated", getattr(viewset, "gated", True))
    return bool(options.get("gated", default))
