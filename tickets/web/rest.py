"""What settings hand to REST framework: who asks, how errors leave, how lists are cut.

Apart from `tickets.web.api` because REST framework reads these settings while its views are being imported.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelError
from django.db import DataError
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions, serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from tickets.web.refusals import Refused, not_holdable

NO_ORDER = _("This list cannot be sorted so.")


class MemberAuthentication(SessionAuthentication):
    """The middleware has found out who asks; a browser's session must still prove itself with the CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        token = getattr(request._request, "token", None)
        if token is not None:
            return request._request.user, token
        return super().authenticate(request)

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class MemberAuthenticationScheme(OpenApiAuthenticationExtension):
    target_class = "tickets.web.rest.MemberAuthentication"
    name = ["token", "session"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        return [
            {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "`Token …`; each operation names the scope it needs: read, write, import or reports",
            },
            {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
        ]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        """Either, not both."""
        return [{name: []} for name in self.name]


class Cursor(CursorPagination):
    """`next`, `previous`, `results`; `?cursor=` and `?page_size=` (at most 200)."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering: str | list[str] | tuple[str, ...] = "-id"

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """The list's own order: only `Ordered` ones are sorted as asked. Refuses `invalid`."""
        if request.query_params.get("ordering"):
            raise Refused("invalid", errors={"ordering": [NO_ORDER]})
        return super().get_ordering(request, queryset, view)

    def decode_cursor(self, request: Request) -> Any:
        """The cursor of the address; 404 for one with U+0000, which no text of the database holds."""
        found = super().decode_cursor(request)
        if found is not None and "\0" in (found.position or ""):
            raise exceptions.NotFound(self.invalid_cursor_message)
        return found

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """A cursor that somebody made up may name a position that is no value of the column: 404, as for any invalid cursor."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ModelError) as failure:
            raise exceptions.NotFound(self.invalid_cursor_message) from failure


class UtcEncoder(JSONEncoder):
    """Instants leave in UTC, whatever zone is active for the sentences beside them."""

    def default(self, obj: Any) -> Any:
        if isinstance(obj, datetime) and obj.tzinfo is not None:
            obj = obj.astimezone(UTC)
        return super().default(obj)


class Json(JSONRenderer):
    encoder_class = UtcEncoder


NO_TEXT = _("This JSON holds half a character (a lone surrogate).")
TOO_DEEP = _("This JSON is nested too deep.")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class WellFormed(JSONParser):
    """JSON in UTF-8, as RFC 8259 has it between systems. Refuses (`invalid`) what no database and no answer could hold: half of a
    surrogate pair; and what is nested deeper than anybody reads."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        raw = stream.read()
        try:
            found = super().parse(BytesIO(raw), media_type, (parser_context or {}) | {"encoding": "utf-8"})
            if _SURROGATE.search(raw):
                json.dumps(found, ensure_ascii=False).encode()
        except UnicodeEncodeError as half:
            raise exceptions.ParseError(NO_TEXT) from half
        except RecursionError as deep:
            raise exceptions.ParseError(TOO_DEEP) from deep
        return found


class Problem(serializers.Serializer[dict[str, Any]]):
    """An error, as RFC 9457 describes it."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)


def as_refusal(failure: Exception) -> Refused | None:
    """Translate what Django and DRF raise into our one kind of refusal."""
    if isinstance(failure, Refused):
        return failure
    if isinstance(failure, exceptions.ValidationError):
        return Refused("invalid", errors=_flatten(failure.detail))
    if isinstance(failure, ModelError):
        return Refused("invalid", errors=failure.message_dict if hasattr(failure, "error_dict") else {"non_field_errors": failure.messages})
    if isinstance(failure, Http404 | exceptions.NotFound):
        return Refused("not_found")
    if isinstance(failure, PermissionDenied | exceptions.PermissionDenied):
        return Refused("forbidden", str(failure))
    if isinstance(failure, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return Refused("not_authenticated", str(failure.detail))
    if isinstance(failure, DataError):
        return not_holdable(failure)
    codes = {400: "invalid", 405: "method_not_allowed", 406: "not_acceptable", 413: "too_large", 415: "unsupported_media", 429: "throttled"}
    if isinstance(failure, exceptions.APIException) and failure.status_code in codes:
        return Refused(codes[failure.status_code], str(failure.detail))
    return None


def problem(failure: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every refusal leaves as application/problem+json."""
    refused = as_refusal(failure)
    if refused is None:
        return None
    response = Response(refused.problem(), status=refused.status, content_type="application/problem+json")
    if refused.code == "not_authenticated":
        response["WWW-Authenticate"] = "Token"
    wait = getattr(failure, "wait", None)
    if wait is not None:
        response["Retry-After"] = str(int(wait) + 1)
    return response


def _flatten(detail: Any, prefix: str = "") -> dict[str, list[Any]]:
    """DRF's nested error detail as `field.subfield: [messages]`."""
    if isinstance(detail, dict):
        found: dict[str, list[Any]] = {}
        for field, inner in detail.items():
            found.update(_flatten(inner, f"{prefix}.{field}" if prefix else str(field)))
        return found
    if isinstance(detail, list) and any(isinstance(inner, dict | list) for inner in detail):
        found = {}
        for place, inner in enumerate(detail):
            if inner:
                found.update(_flatten(inner, f"{prefix}.{place}" if prefix else str(place)))
        return found
    return {prefix or "non_field_errors": [str(m) for m in (detail if isinstance(detail, list) else [detail])]}
