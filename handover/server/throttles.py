"""How many API calls one caller may make.

Ordinary calls are counted per process in memory (a count in the database would cost more than most calls); signing in is
counted in the shared cache, so that guessing passwords is slowed down however many processes answer.
"""

from django.core.cache import caches
from rest_framework.throttling import AnonRateThrottle, ScopedRateThrottle, UserRateThrottle


class UserThrottle(UserRateThrottle):
    cache = caches["local"]


class AnonymousThrottle(AnonRateThrottle):
    cache = caches["local"]


class LoginThrottle(ScopedRateThrottle):
    """Applies to views with `throttle_scope = "login"`."""
