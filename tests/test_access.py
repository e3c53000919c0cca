"""A1: every door that exists, every method, every role, against the one table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.cast import make_member, make_team
from tickets.people.access import DEEDS, may
from tickets.people.models import Member, Role

pytestmark = pytest.mark.django_db

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NOT_OURS = ("admin/", "accounts/", "i18n/", "api/v1/schema/", "api/v1/docs/")
OPEN_TO_ALL = frozenset(Path(__file__).with_name("open_doors.txt").read_text().split())
"""Doors that ask for no membership, each with its own test: signing in, the personal link, the installable app's files."""


@dataclass(frozen=True)
class Cell:
    method: str
    path: str
    deed: str | None

    @property
    def url(self) -> str:
        """The path with something harmless for every argument: a number that no row has, a word that nothing is called."""
        filled = re.sub(r"<(int|path|str|slug|uuid)?:?[^>]*>", lambda found: _example(found.group(1)), self.path)
        return "/" + filled


def _example(kind: str | None) -> str:
    return "00000000-0000-4000-8000-000000000000" if kind == "uuid" else "987654321"


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for found in resolver.url_patterns:
        path = prefix + _plain(str(found.pattern))
        if isinstance(found, URLResolver):
            yield from patterns(found, path)
        elif isinstance(found, URLPattern):
            yield path, found.callback


def _plain(pattern: str) -> str:
    """A regular expression of REST framework's routers, written as a path."""
    plain = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", pattern)
    return plain.replace("^", "").replace("$", "").replace("\\Z", "").replace("\\.", ".").replace("/?", "/")


def cells() -> list[Cell]:
    found: dict[tuple[str, str], Cell] = {}
    for path, callback in patterns(get_resolver()):
        if path.startswith(NOT_OURS) or "<format>" in path:
            continue
        for method in METHODS:
            cell = Cell(method, path, _deed(callback, method))
            if (method, path) not in found or cell.deed:
                found[(method, path)] = cell
    return list(found.values())


def _deed(callback: Any, method: str) -> str | None:
    deeds = getattr(callback, "deeds", None)
    if isinstance(deeds, dict) and deeds and all(key.isupper() for key in deeds):
        return deeds.get(method)
    view = getattr(callback, "cls", None)
    if view is None or not hasattr(view, "deeds"):
        return None
    actions: dict[str, str] = getattr(callback, "actions", None) or {}
    action = actions.get(method.lower())
    if actions and action is None:
        return None
    return view.deeds.get(action or "") or view.deeds.get(method.lower())


def guarded(path: str) -> bool:
    return path not in OPEN_TO_ALL


def test_a1_every_door_names_its_deed() -> None:
    ours = [(path, callback) for path, callback in patterns(get_resolver()) if not path.startswith(NOT_OURS) and guarded(path)]
    nameless = sorted({path for path, callback in ours if not any(_deed(callback, method) for method in METHODS)})
    assert nameless == []


def test_a1_open_doors_exist() -> None:
    assert OPEN_TO_ALL - {path for path, _callback in patterns(get_resolver())} == set()


@pytest.mark.parametrize("role", list(Role))
def test_a1_every_cell_of_the_table(role: Role) -> None:
    member = make_member(make_team(), role.value.title(), role)
    client = Client(raise_request_exception=False)
    client.force_login(member.user)
    wrong = []
    for cell in cells():
        if not guarded(cell.path) or cell.path in OPEN_TO_ALL:
            continue
        response = client.generic(cell.method, cell.url, b"{}", content_type="application/json")
        problem = check(cell, response.status_code, response, member)
        if problem:
            wrong.append(f"{cell.method} {cell.url}: {problem}")
    assert wrong == []


def check(cell: Cell, status: int, response: Any, member: Member) -> str | None:
    if status >= 500:
        return f"failed with {status}"
    if cell.deed is None:
        return None if status in (404, 405) else f"no deed is named, yet it answered {status}"
    if not may(member, cell.deed):
        return None if status == 403 else f"{cell.deed} is not for this role, yet it answered {status}"
    if status == 403 and b"forbidden" in response.content:
        return f"{cell.deed} is for this role, yet it was forbidden"
    return None if status not in (401, 405) else f"{cell.deed} is for this role, yet it answered {status}"


def test_a1_strangers_get_nothing() -> None:
    client = Client(raise_request_exception=False)
    wrong = []
    for cell in cells():
        if cell.deed is None or not guarded(cell.path):
            continue
        response = client.generic(cell.method, cell.url, b"{}", content_type="application/json")
        if cell.path.startswith("api/") and response.status_code != 401:
            wrong.append(f"{cell.method} {cell.url}: {response.status_code}")
        if not cell.path.startswith("api/") and response.status_code not in (302, 401):
            wrong.append(f"{cell.method} {cell.url}: {response.status_code}")
    assert wrong == []


def test_a2_operations_changes_nothing() -> None:
    """Whatever Operations may do beyond reading concerns its own account only."""
    allowed = {deed for deed, roles in DEEDS.items() if Role.OPERATIONS in roles}
    changing = {cell.deed for cell in cells() if cell.method != "GET" and cell.deed in allowed}
    assert changing <= {"me.read", "me.edit"}
