"""Every door of the system. A room's pages are in its `urls.py`, its API paths are the `urlpatterns` of its `api.py`."""

from importlib import import_module

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from handover.server.apidocs import SchemaView, docs

ROOMS = [
    "handover.digest",
    "handover.duty",
    "handover.note",
    "tickets.ticket",
    "tickets.lookup",
    "tickets.customer",
    "tickets.order",
    "handover.board",
    "handover.shell",
    "tickets.draft",
    "tickets.activity",
    "tickets.return_form",
    "handover.notice",
    "handover.roster",
    "handover.report",
    "handover.message",
    "handover.webhook",
    "tickets.people",
    "tickets.script",
    "tickets.movein",
    "tickets.mail",
]
"""An address is looked for in this order: the work of a shift first, what is set up once last."""


def _doors(file: str) -> list[str]:
    """The rooms that have this file: not every room has pages, not every room has an API."""
    return [f"{room}.{file}" for room in ROOMS if (settings.BASE_DIR / room.replace(".", "/") / f"{file}.py").exists()]


_API = [pattern for door in _doors("api") for pattern in import_module(door).urlpatterns]
"""In one list, so that what is no call of the API is not compared with its beginning once for each room."""


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
    path("api/v1/", include(_API)),
    # pages
    *[path("", include(door)) for door in _doors("urls")],
]
