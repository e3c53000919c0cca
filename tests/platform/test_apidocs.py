"""The API's schema is valid OpenAPI 3.1, and its page shows every operation without anybody else's script."""

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from handover.server.apidocs import _fields, _kind, read

pytestmark = pytest.mark.django_db


def test_the_schema_is_valid(client: Client) -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    assert schema["openapi"].startswith("3.1")
    assert client.get("/api/v1/schema/").status_code == 200


def test_the_page_shows_every_operation(client: Client) -> None:
    shown = client.get("/api/v1/docs/")
    assert shown.status_code == 200
    text = shown.content.decode()
    for path in SchemaGenerator().get_schema(request=None, public=True)["paths"]:
        assert f"<code>{path}</code>" in text
    assert sum(len(operations) for _name, operations in read()) == text.count('<details class="fold" id="')


def test_shapes_in_words() -> None:
    assert _kind({"type": "array", "items": {"$ref": "#/components/schemas/Ticket"}}) == "array of Ticket"
    assert _kind({"type": ["string", "null"], "format": "date-time"}) == "string | null (date-time)"
    assert _kind({"oneOf": [{"enum": ["take", "ask", ""]}, {"enum": [None]}]}) == 'take | ask | "" | null'
    schema = {"components": {"schemas": {"A": {"properties": {"x": {"type": "string"}, "id": {"readOnly": True}}, "required": ["x"]}}}}
    (only,) = _fields({"$ref": "#/components/schemas/A"}, schema)
    assert (only.name, only.required) == ("x", True)
