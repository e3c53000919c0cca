"""The door of every page: who may come in for which deed, and how a refusal leaves."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from tickets.people.access import DEEDS, may
from tickets.people.models import Member
from tickets.web.refusals import Refused, not_holdable
from tickets.web.replies import refusal, wants_fragment

View = Callable[..., HttpResponse]
LARGEST = 2**63 - 1
"""The largest number that a row can have."""
NO_TEAM = _("Your account belongs to no team. Ask your manager to add you.")


def door(*, gated: bool = True, **deeds: str) -> Callable[[View], View]:
    """Guard a view: `@door(GET="ticket.read", POST="ticket.claim")`. A method that is not named answers 405.

    Sign-in, membership and the access table are checked before the view runs; `Refused` and `Http404` become the answer.
    `gated=False` marks what may be used before the digest is read (the digest itself, starting duty, own settings).
    """
    unknown = set(deeds.values()) - set(DEEDS)
    if unknown:
        raise ValueError(f"not in the access table: {unknown}")
    if "GET" in deeds:
        deeds.setdefault("HEAD", deeds["GET"])

    def guard(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                admitted = _admit(request, deeds, kwargs.values())
                return admitted or view(request, *args, **kwargs)
            except Refused as refused:
                return refusal(request, refused)
            except Http404:
                return refusal(request, Refused("not_found"))
            except DataError as failure:
                request.member = None  # type: ignore[attr-defined]  # the bar would ask the transaction that has just failed
                return refusal(request, not_holdable(failure))

        guarded.deeds = deeds  # type: ignore[attr-defined]
        guarded.gated = gated  # type: ignore[attr-defined]
        return guarded

    return guard


def member_of(request: HttpRequest) -> Member:
    """Who asks, as a member of the team they work in now; behind a door there is one."""
    member: Member = request.member  # type: ignore[attr-defined]  # the middleware's
    return member


def _admit(request: HttpRequest, deeds: dict[str, str], words: Iterable[Any]) -> HttpResponse | None:
    if not request.user.is_authenticated:
        if wants_fragment(request):
            raise Refused("not_authenticated")
        return redirect_to_login(request.get_full_path())
    member = getattr(request, "member", None)
    if member is None:
        raise Refused("forbidden", NO_TEAM)
    method = request.method or "GET"
    if method not in deeds:
        raise Refused("method_not_allowed")
    if not may(member, deeds[method]):
        raise Refused("forbidden")
    if any(isinstance(word, int) and word > LARGEST for word in words):
        raise Refused("not_found")
    return None
