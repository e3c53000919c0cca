"""The browser keeps drafts here as one types, and asks for those of a page's forms."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse, JsonResponse

from tickets.draft import queries
from tickets.draft.actions import LARGEST, NO_FORM, TOO_LARGE, keep
from tickets.web.doors import door
from tickets.web.refusals import Refused

FORMS = 60
"""Forms of one page that are asked for."""


@door(GET="me.read", POST="me.edit")
def drafts(request: HttpRequest) -> HttpResponse:
    """GET `?key=…&key=…`: `{key: {values, at}}` of my own drafts. POST `key`, `values` (JSON; empty drops it): 204."""
    member = request.member
    if request.method == "POST":
        keep(request.POST.get("key", ""), _values(request.POST.get("values", "")), by=member)
        return HttpResponse(status=204)
    found = queries.mine(member, request.GET.getlist("key")[:FORMS])
    answer = JsonResponse({key: {"values": draft.values, "at": draft.at.isoformat()} for key, draft in found.items()})
    answer["Cache-Control"] = "no-store"
    return answer


def _values(text: str) -> dict[str, list[str]]:
    if len(text) > 2 * LARGEST:
        raise Refused("too_large", TOO_LARGE)
    try:
        return json.loads(text) if text else {}
    except (ValueError, RecursionError) as error:
        raise Refused("invalid", NO_FORM) from error
