"""A body that is too large is refused by its stated length, before any of it is kept."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tickets.web.refusals import Refused

from .errors import refused_early

SWALLOW = 32 * 1024 * 1024  # read and dropped so that the browser gets the answer and not a broken connection
PIECE = 256 * 1024
HOOKS = "/hooks/"
HOOK_MAX_BYTES = 10 * 1024 * 1024  # what other systems send by themselves: an order of a thousand lines


class BodyLimitMiddleware:
    """413 `too_large` for typed content above DATA_UPLOAD_MAX_MEMORY_SIZE, for messages of other systems above HOOK_MAX_BYTES, and for
    files above IMPORT_MAX_BYTES.

    Which files an upload may carry, and how large each may be, is decided where it is taken.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        most = limit_of(request)
        length = stated_length(request)
        if length <= most:
            return self.get_response(request)
        left = length if length <= SWALLOW else 0
        while left > 0 and (piece := request.read(min(PIECE, left))):
            left -= len(piece)
        detail = _("This is %(size)d MB; at most %(most)d MB are taken. Nothing was saved.")
        response = refused_early(request, Refused("too_large", detail % {"size": -(-length // 2**20), "most": most // 2**20}))
        response["Connection"] = "close"
        return response


def stated_length(request: HttpRequest) -> int:
    """Bytes of the body as the client says; a server reads no further than that."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def limit_of(request: HttpRequest) -> int:
    """Bytes that a body may have, by where it goes and what it says it is."""
    if request.path_info.startswith(HOOKS):
        return HOOK_MAX_BYTES
    return settings.IMPORT_MAX_BYTES if request.content_type == "multipart/form-data" else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
