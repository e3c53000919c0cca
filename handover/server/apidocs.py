"""The API for a reader: one page made from the OpenAPI schema, with no script of anybody else's."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView

from tickets.web.replies import page

Schema = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")


class SchemaView(SpectacularAPIView):
    """`/api/v1/schema/`, open to everybody: it tells how to ask, and nothing about anybody."""

    authentication_classes: list[type] = []


@dataclass(frozen=True)
class Part:
    """A parameter or a field: what it is called and what may stand there."""

    name: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True)
class Answer:
    status: str
    about: str
    shape: str


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    about: str
    scope: str = ""
    parameters: list[Part] = field(default_factory=list)
    body: list[Part] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return f"{self.method}{self.path}".replace("/", "-").replace("{", "").replace("}", "").strip("-")


@cache
def read() -> list[tuple[str, list[Operation]]]:
    """Every operation, grouped by the resource it is about. Made once per process: the schema does not change while it runs."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    operations = sorted(_operations(schema), key=lambda op: (_resource(op.path), op.path, METHODS.index(op.method.lower())))
    return [(name, list(some)) for name, some in groupby(operations, key=lambda op: _resource(op.path))]


def _resource(path: str) -> str:
    return path.removeprefix("/api/v1/").split("/")[0]


def _operations(schema: Schema) -> Iterator[Operation]:
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if method in methods:
                yield _operation(method.upper(), path, methods[method], schema)


def _operation(method: str, path: str, found: Schema, schema: Schema) -> Operation:
    return Operation(
        method=method,
        path=path,
        about=found.get("description") or found.get("summary", ""),
        scope=", ".join(scope for way in found.get("security", []) for scope in way.get("token", [])),
        parameters=[
            Part(p["name"], _kind(p.get("schema", {})), p.get("required", False), p.get("description", ""))
            for p in found.get("parameters", [])
        ],
        body=_fields(_content(found.get("requestBody", {})), schema),
        answers=[
            Answer(status, answer.get("description", ""), _kind(_content(answer))) for status, answer in found.get("responses", {}).items()
        ],
    )


def _content(holder: Schema) -> Schema:
    """The schema of the first content type; an operation's content types carry the same fields."""
    for content in holder.get("content", {}).values():
        return dict(content.get("schema", {}))
    return {}


def _fields(shape: Schema, schema: Schema) -> list[Part]:
    while "$ref" in shape:
        shape = schema["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
    required = set(shape.get("required", []))
    return [
        Part(name, _kind(part), name in required, part.get("description", ""))
        for name, part in shape.get("properties", {}).items()
        if not part.get("readOnly")
    ]


def _kind(shape: Schema) -> str:
    """What may stand there, in a few words: `string (date-time)`, `array of Ticket`, `take | owner | ask`."""
    if "$ref" in shape:
        return str(shape["$ref"].rpartition("/")[2])
    for several in ("oneOf", "anyOf", "allOf"):
        if several in shape:
            return " | ".join(filter(None, (_kind(one) for one in shape[several])))
    if "enum" in shape:
        return " | ".join("null" if value is None else str(value) or '""' for value in shape["enum"])
    kind = shape.get("type", "")
    words = " | ".join(kind) if isinstance(kind, list) else str(kind)
    if "items" in shape:
        return f"{words} of {_kind(shape['items'])}"
    return f"{words} ({shape['format']})" if "format" in shape else words


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """`/api/v1/docs/`: the schema as a page."""
    return page(request, "api_docs.html", {"groups": read(), "version": settings.SPECTACULAR_SETTINGS["VERSION"]})
