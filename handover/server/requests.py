"""Names each request, says so in the answer, and writes one log line for it; sends on whoever forgot the last slash."""

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware

from .logs import request_id

log = logging.getLogger("handover.request")
SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestMiddleware:
    """Takes `X-Request-ID` from the proxy when it is sane, else makes one; the same id is in the answer and in every log line.

    The line holds the path without its query: a query may hold a customer's phone. Nor does it hold the secret of a personal link.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        name = given if SANE.fullmatch(given) else secrets.token_hex(8)
        token = request_id.set(name)
        began = time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = name
            if response.status_code >= 400 or not request.path_info.startswith(settings.STATIC_URL):
                self._write(request, response, (time.perf_counter() - began) * 1000)
            return response
        finally:
            request_id.reset(token)

    @staticmethod
    def _write(request: HttpRequest, response: HttpResponse, ms: float) -> None:
        path = shown_path(request)
        user = getattr(request, "_cached_user", None)  # what authentication already loaded; the log asks nothing itself
        log.info(
            "%s %s %s",
            request.method,
            path,
            response.status_code,
            extra={
                "method": request.method,
                "path": path,
                "status": response.status_code,
                "ms": round(ms, 1),
                "user": getattr(user, "pk", None),
            },
        )


class SlashMiddleware(CommonMiddleware):
    """Where only the last slash is missing: 301 for reading; 308 for whatever changes something, since a 301 makes clients ask again with
    GET: they would be told 200, and nothing was done."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.status_code == 404 and self.should_redirect_with_slash(request):
            again = request.method not in ("GET", "HEAD")
            return HttpResponsePermanentRedirect(self.get_full_path_with_slash(request), preserve_request=again)
        return super().process_response(request, response)


def shown_path(request: HttpRequest) -> str:
    """The path for the log; where a part of it is a `token` (a personal link, a calendar's address), without that."""
    match = getattr(request, "resolver_match", None)
    secret = match.kwargs.get("token") if match else None
    return request.path.replace(str(secret), "…") if secret else request.path
