"""What no view is asked to carry: a body too large, told by its stated length before any of it is kept; and text that no row can hold."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.web.refusals import Refused

from .errors import refused_early

SWALLOW = 32 * 1024 * 1024  # read and dropped so that the browser gets the answer and not a broken connection
PIECE = 256 * 1024
UTF8 = ("utf8", "usascii", "ascii")
HOOKS = "/hooks/"
NO_TEXT = gettext_lazy("This holds a character that no text may hold (U+0000).")
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


class TextMiddleware:
    """415 `unsupported_media` for content in another encoding than UTF-8: Python knows "encodings" that make no text, and no page and no
    program of ours sends another. 400 `invalid` for U+0000 in an address or a sent form: PostgreSQL holds no such text, and an export
    that fails half-way could not say so any more. Documents are read by serializers, which refuse it themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path_info:
            return refused_early(request, Refused("invalid", NO_TEXT))
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower().replace("-", "") not in UTF8:
            return refused_early(request, Refused("unsupported_media"))
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """Once the body may be read: whether the form was sent from our own page is known by now."""
        if request.method == "POST" and any("\0" in value for _name, values in request.POST.lists() for value in values):
            return refused_early(request, Refused("invalid", NO_TEXT))
        return None


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
