"""Describing the API: every answer a deed can give, refusals included."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.fields import empty

from tickets.web.refusals import STATUS
from tickets.web.rest import Problem

EVERYWHERE = (400, 401, 403, 429)
PROBLEM_TYPE = "application/problem+json"


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
