"""How many API calls one caller may make.

A browser's calls are counted per process in memory. Signing in is counted in the shared cache, so that guessing passwords is slowed down
however many processes answer; a token's calls are counted in its row before anything else is done (`tickets/people/calls.py`).
"""

from typing import Any

from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, ScopedRateThrottle, UserRateThrottle


class UserThrottle(UserRateThrottle):
    """Somebody in a browser; a token has been counted by then."""

    cache = caches["local"]

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return super().get_cache_key(request, view) if request.auth is None else None


class AnonymousThrottle(AnonRateThrottle):
    cache = caches["local"]


class LoginThrottle(ScopedRateThrottle):
    """Applies to views with `throttle_scope = "login"`."""
