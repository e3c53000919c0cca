"""The schema is the whole truth about the API: valid OpenAPI 3.1, without a warning, every answer of every operation described."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from tickets.people.scopes import Scope
from tickets.web.schema import PROBLEM_TYPE
from tickets.web.sheets import XLSX

Schema = dict[str, Any]


@pytest.fixture(scope="module")
def schema() -> Schema:
    return SchemaGenerator().get_schema(request=None, public=True)


def operations(schema: Schema) -> list[tuple[str, Schema]]:
    return [(f"{method.upper()} {path}", each) for path, methods in schema["paths"].items() for method, each in methods.items()]


def test_it_is_valid_openapi_3_1(schema: Schema) -> None:
    validate_schema(schema)
    assert schema["openapi"].startswith("3.1")


def test_it_is_made_without_a_warning(tmp_path: Any) -> None:
    GENERATOR_STATS.reset()
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))


def test_every_operation_says_what_it_is_for(schema: Schema) -> None:
    assert [name for name, each in operations(schema) if not each.get("description")] == []


def test_every_operation_describes_its_success_and_its_refusals(schema: Schema) -> None:
    for name, each in operations(schema):
        answers = each["responses"]
        assert len([status for status in answers if status.startswith("2")]) == 1, name
        assert {"400", "401", "403", "429"} <= set(answers), name
        for status, answer in answers.items():
            if status == "204":
                assert "content" not in answer, name
                continue
            files = {"text/csv", XLSX} if "format" in {one["name"] for one in each.get("parameters", [])} else set()
            assert all(content["schema"] for content in answer["content"].values()), f"{name} {status}"
            assert set(answer["content"]) == ({PROBLEM_TYPE} if int(status) >= 400 else {"application/json"} | files), f"{name} {status}"


def test_what_needs_a_sign_in_says_how(schema: Schema) -> None:
    """A token or a session, either; and that another team than one's own does not exist."""
    for name, each in operations(schema):
        if name != "POST /api/v1/auth/login/":
            (token, session) = each["security"]
            assert session == {"session": []} and set(token) == {"token"} and set(token["token"]) <= set(Scope), name
            assert "404" in each["responses"], name


def test_every_post_of_a_member_may_carry_a_key(schema: Schema) -> None:
    for name, each in operations(schema):
        keyed = any(parameter["name"] == "Idempotency-Key" for parameter in each.get("parameters", ()))
        assert keyed == (name.startswith("POST") and "auth/login" not in name), name
        assert ("422" in each["responses"]) >= keyed, name


@pytest.mark.parametrize(
    "resource",
    [
        "auth",
        "me",
        "duty",
        "digest",
        "customers",
        "orders",
        "imports",
        "tickets",
        "promises",
        "returns",
        "shifts",
        "roster",
        "swaps",
        "handovers",
        "notices",
        "activity",
    ],
)
def test_every_resource_that_has_pages_is_there(schema: Schema, resource: str) -> None:
    assert any(path.startswith(f"/api/v1/{resource}/") for path in schema["paths"])
