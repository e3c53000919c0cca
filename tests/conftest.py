"""What every test stands on: quick password hashing, no rate limits, files in a place of their own, one database per worker."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def pytest_configure(config: pytest.Config) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"user": None, "token": None, "anon": None, "login": None}
    settings.ACCOUNT_RATE_LIMITS = False
    settings.FILES = Path(tempfile.mkdtemp(prefix="handover-files-"))
    settings.STORAGES["default"]["OPTIONS"]["location"] = settings.FILES
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    # A pool keeps connections to the test database open, which then cannot be dropped; `up`'s own tests run with it.
    settings.DATABASES["default"]["OPTIONS"].pop("pool", None)


def pytest_unconfigure(config: pytest.Config) -> None:
    import shutil

    shutil.rmtree(settings.FILES, ignore_errors=True)


# Playwright's loop runs in the thread that also asks the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """The one browser of this worker: Playwright's synchronous interface can be started once per thread."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _clean_caches() -> Iterator[None]:
    """The counters in this process's memory; those in the database go with the test's transaction."""
    from django.core.cache import caches
    from django.utils import translation

    translation.deactivate()  # a request leaves its reader's language behind in this thread
    yield
    caches["local"].clear()
