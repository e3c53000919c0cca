"""When each person was last seen: at most one cheap write a minute, after the answer is made and outside of its transaction."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tickets.people.actions import SEEN_EVERY, mark_seen


class SeenMiddleware:
    """Stands outside of the transaction of a repeated request, so that no work waits for this row."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        presence = getattr(getattr(request, "member", None), "presence", None)
        if presence is not None:
            at = timezone.now()
            if presence.seen_at is None or at - presence.seen_at >= SEEN_EVERY:
                mark_seen(presence.member_id, at)
        return response
