"""What every test stands on: quick password hashing, no rate limits, files in a place of their own, one database per worker."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings


def pytest_configure(config: pytest.Config) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"user": None, "anon": None, "login": None}
    settings.ACCOUNT_RATE_LIMITS = False
    settings.FILES = Path(tempfile.mkdtemp(prefix="handover-files-"))
    settings.STORAGES["default"]["OPTIONS"]["location"] = settings.FILES
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    # A pool keeps connections to the test database open, which then cannot be dropped; `up`'s own tests run with it.
    settings.DATABASES["default"]["OPTIONS"].pop("pool", None)


def pytest_unconfigure(config: pytest.Config) -> None:
    import shutil

    shutil.rmtree(settings.FILES, ignore_errors=True)


@pytest.fixture(autouse=True)
def _clean_caches() -> Iterator[None]:
    """The counters in this process's memory; those in the database go with the test's transaction."""
    from django.core.cache import caches

    yield
    caches["local"].clear()
