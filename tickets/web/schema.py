"""Describing the API: every answer a deed can give, refusals included."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.fields import empty

from tickets.web.refusals import STATUS
from tickets.web.rest import Problem
from tickets.web.scopes import scope_of_view

EVERYWHERE = (400, 401, 403, 429)
PROBLEM_TYPE = "application/problem+json"
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Yours to choose; the same request with the same key is carried out once and answered twice.",
    "schema": {"type": "string", "maxLength": 120, "pattern": "^[A-Za-z0-9_.:-]*$"},
}

PAGED = [
    OpenApiParameter("cursor", str, description="The place that `next` or `previous` names."),
    OpenApiParameter("page_size", int, description="Rows at a time, at most 200."),
]
"""For a deed of one object that answers with a list in pages; lists themselves say it by their pagination."""


class Described(AutoSchema):
    """Every operation says which scope a token needs for it."""

    def get_auth(self) -> list[dict[str, list[Any]]]:
        scope = scope_of_view(self.view, self.method)
        return [way | {"token": [scope.value]} if "token" in way and scope else way for way in super().get_auth()]


def problems(*codes: str) -> dict[Any, Any]:
    """The refusals that an operation can answer with, by their codes, besides those that any operation can."""
    by_status: dict[int, list[str]] = {status: [] for status in EVERYWHERE}
    for code in codes:
        by_status.setdefault(STATUS[code], []).append(code)
    return {
        (status, PROBLEM_TYPE): OpenApiResponse(Problem, ", ".join(f"`{code}`" for code in named))
        for status, named in sorted(by_status.items())
    }


def describe(answer: Any, *codes: str, request: Any = empty, status: int = 200, **more: Any) -> Any:
    """`extend_schema` for one operation: what it takes, what it answers with `status`, and the codes it may refuse with.

    `answer` may be a serializer (or `many=True` instance), or None for an empty body; so may `request`.
    """
    found = problems(*codes) | {status: answer}
    if request is not empty:
        more["request"] = request
    return extend_schema(responses=found, **more)


def add_common(result: dict[str, Any], generator: Any = None, **_more: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: what no operation says of itself because the middleware answers it.

    Whoever signs in may name a team that is not theirs (404); a POST may carry an `Idempotency-Key` (422); a body may be of
    another kind than is taken (415) or too large (413).
    """
    for operations in result["paths"].values():
        for method, operation in operations.items():
            codes = ["not_found"] if {} not in operation.get("security", [{}]) else []
            if method == "post" and codes:
                operation.setdefault("parameters", []).append(KEY)
                codes.append("idempotency_mismatch")
            if "requestBody" in operation:
                codes += ["too_large", "unsupported_media"]
            for code in codes:
                _may_refuse(operation, code)
    return result


def _may_refuse(operation: dict[str, Any], code: str) -> None:
    problem = {"content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}, "description": ""}
    response = operation["responses"].setdefault(str(STATUS[code]), problem)
    if f"`{code}`" not in response["description"]:
        response["description"] = ", ".join(filter(None, (response["description"], f"`{code}`")))
