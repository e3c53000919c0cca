"""Who is asking, for which team, in which language and time zone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from tickets.people.calls import count_call
from tickets.people.queries import memberships
from tickets.people.tokens import known_token, mark_used
from tickets.web.refusals import Refused
from tickets.web.replies import refusal

TEAM_KEY = "team"
NO_SUCH_TOKEN = _("This token is wrong, expired or revoked.")


class MemberMiddleware:
    """Set `request.member` (None for strangers), `request.members`, and answer in the team's time zone and the person's language,
    which both end with the answer: the next request of this thread is somebody else's.

    Programs come with `Authorization: Token …`; the browser with its session. The team is `?team=<slug>`, `X-Team`, the one last
    chosen in this session, or the only one. A team that is not the person's is answered 404.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.token = None  # type: ignore[attr-defined]
        request.member = None  # type: ignore[attr-defined]
        request.members = []  # type: ignore[attr-defined]
        try:
            self.authenticate(request)
            self.choose_team(request)
        except Refused as refused:
            return refusal(request, refused)
        zone = request.member.team.zone if request.member else None  # type: ignore[attr-defined]
        person = request.member.user if request.member else request.user  # type: ignore[attr-defined]
        language = getattr(person, "language", "")  # what a person chose comes before what this browser says
        with translation.override(language) if language else nullcontext(), timezone.override(zone):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
        if language:
            response.headers.setdefault("Content-Language", language)
        return response

    def authenticate(self, request: HttpRequest) -> None:
        kind, _blank, text = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "token":
            return
        token = known_token(text.strip())
        if token is None:
            raise Refused("not_authenticated", NO_SUCH_TOKEN)
        if hasattr(token, "grant"):
            wait = count_call(token.grant)
            if wait:
                raise Refused("throttled", retry_after=wait)
            mark_used(token.grant)
        request.user, request.token = token.user, token  # type: ignore[attr-defined]

    def choose_team(self, request: HttpRequest) -> None:
        if request.token is None and SESSION_KEY not in request.session:  # type: ignore[attr-defined]
            return
        if not request.user.is_authenticated:
            return
        members = memberships(request.user)
        request.members = members  # type: ignore[attr-defined]
        asked = request.GET.get("team") or request.headers.get("X-Team")
        if asked:
            chosen = next((m for m in members if m.team.slug == asked), None)
            if chosen is None:
                raise Refused("not_found")
            if request.token is None and request.session.get(TEAM_KEY) != asked:  # type: ignore[attr-defined]
                request.session[TEAM_KEY] = asked
        else:
            last = request.session.get(TEAM_KEY) if request.token is None else None  # type: ignore[attr-defined]
            chosen = next((m for m in members if m.team.slug == last), members[0] if members else None)
        if chosen is not None:
            request.member = chosen  # type: ignore[attr-defined]
