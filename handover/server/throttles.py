"""How many API calls one caller may make.

Ordinary calls are counted per process in memory (a count in the database would cost more than most calls); signing in is
counted in the shared cache, so that guessing passwords is slowed down however many processes answer.
"""

from typing import Any

from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, ScopedRateThrottle, SimpleRateThrottle, UserRateThrottle


class UserThrottle(UserRateThrottle):
    """Somebody in a browser; a token is counted by itself."""

    cache = caches["local"]

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return super().get_cache_key(request, view) if request.auth is None else None


class TokenThrottle(SimpleRateThrottle):
    """Each token by itself: as many calls a minute as it was given, else as the setting says."""

    cache = caches["local"]
    scope = "token"

    def allow_request(self, request: Request, view: Any) -> bool:
        grant = getattr(request.auth, "grant", None)
        if grant is not None and grant.per_minute:
            self.rate, self.num_requests, self.duration = f"{grant.per_minute}/min", grant.per_minute, 60
        return super().allow_request(request, view)

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return None if request.auth is None else f"throttle_token_{request.auth.pk[:32]}"


class AnonymousThrottle(AnonRateThrottle):
    cache = caches["local"]


class LoginThrottle(ScopedRateThrottle):
    """Applies to views with `throttle_scope = "login"`."""
