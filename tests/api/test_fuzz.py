"""Every operation, asked with everything the schema allows and much that it does not: by a manager and by an agent on duty (and, where
goods come back, by after-sale and the warehouse). No answer may be a failure of ours, undescribed, or of another shape than promised.

Half of the requests name rows that exist, so that they get past the lookup and into the deed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.scene import Scene, make_scene
from tickets.people.tokens import make_token
from tickets.web.refusals import STATUS
from tickets.web.schema import PROBLEM_TYPE

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

EXAMPLES = 10
"""Requests invented for each operation, besides those that try each limit of its fields."""
GOODS = ("returns", "parcels")
CONFIG = {
    "generation": {"mode": "all", "database": "none"},
    "phases": {"coverage": {"enabled": False}, "examples": {"enabled": False}, "stateful": {"enabled": False}},
}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

schema = schemathesis.openapi.from_dict(
    SchemaGenerator().get_schema(request=None, public=True), config=SchemathesisConfig.from_dict(CONFIG)
)
schema.app = get_wsgi_application()


class Visitors:
    """The scene, and the people who ask, each with a token."""

    def __init__(self, scene: Scene) -> None:
        self.scene, cast = scene, scene.cast
        self.tokens = {member.display_name: self.token_of(member) for member in (cast.alice, cast.bob, cast.dora, cast.wen)}
        self.turn = 0

    def token_of(self, member: Any) -> str:
        return f"Token {make_token(member.user)[1]}"

    def who(self, path: str) -> Iterator[str]:
        """Whose turn it is to ask; each in turn, so that half of the budget is a manager's."""
        names = ("Alice", "Bob", "Dora", "Wen") if path.split("/")[3] in GOODS else ("Alice", "Bob")
        self.turn += 1
        yield self.tokens[names[self.turn % len(names)]]

    def made_real(self, case: Any) -> None:
        """Let every second request name what exists."""
        if self.turn % 4 > 1:
            return
        resource = case.operation.path.split("/")[3]
        if "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = self.scene.ids[resource]
        if isinstance(case.body, dict):
            case.body = self.named(case.body)

    def named(self, body: Any, name: str = "") -> Any:
        if isinstance(body, dict):
            return {key: self.named(value, key) for key, value in body.items()}
        if isinstance(body, list):
            return [self.named(value, name.removesuffix("s")) for value in body]
        return self.scene.ids.get(name, body) if isinstance(body, int) and not isinstance(body, bool) else body


@pytest.fixture
def visitors(db: None) -> Iterator[Visitors]:
    """The server runs in this thread and must leave its connection, and the test's transaction on it, open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield Visitors(make_scene())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def is_our_problem(_context: Any, response: Any, _case: Any) -> None:
    """A refusal is a problem document whose code is one that clients know, and says the status it came with."""
    if response.status_code < 400:
        return
    assert response.headers["content-type"] == [PROBLEM_TYPE]
    problem = response.json()
    assert STATUS[problem["code"]] == problem["status"] == response.status_code


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_nothing_undescribed_ever_comes_back(case: Any, visitors: Visitors) -> None:
    for token in visitors.who(case.operation.path):
        visitors.made_real(case)
        headers = {"Accept-Encoding": "identity"} | ({} if case.operation.path.endswith("/auth/login/") else {"Authorization": token})
        case.call_and_validate(headers=headers, checks=[*CHECKS, is_our_problem])
