"""Every door of the system. A room's pages are in its `urls.py`, its API paths are the `urlpatterns` of its `api.py`."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from handover.server.apidocs import SchemaView, docs

ROOMS = [
    "tickets.people",
    "tickets.activity",
    "tickets.draft",
    "tickets.customer",
    "tickets.order",
    "tickets.ticket",
    "tickets.lookup",
    "tickets.script",
    "tickets.return_form",
    "tickets.movein",
    "tickets.mail",
    "handover.roster",
    "handover.duty",
    "handover.note",
    "handover.digest",
    "handover.notice",
    "handover.message",
    "handover.webhook",
    "handover.report",
    "handover.board",
    "handover.shell",
]


def _doors(file: str) -> list[str]:
    """The rooms that have this file: not every room has pages, not every room has an API."""
    return [f"{room}.{file}" for room in ROOMS if (settings.BASE_DIR / room.replace(".", "/") / f"{file}.py").exists()]


handler400 = "handover.server.errors.bad_request"
handler403 = "handover.server.errors.forbidden"
handler404 = "handover.server.errors.not_found"
handler429 = "handover.server.errors.throttled"  # allauth's own: too many attempts to sign in
handler500 = "handover.server.errors.failed"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    # /api/v1/
    path("api/v1/schema/", SchemaView.as_view(), name="api_schema"),
    path("api/v1/docs/", docs, name="api_docs"),
    *[path("api/v1/", include(door)) for door in _doors("api")],
    # pages
    *[path("", include(door)) for door in _doors("urls")],
]
