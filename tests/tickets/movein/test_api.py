"""`/api/v1/moves/`: who may, through which scope, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import Cast, make_cast
from tickets.movein.actions import run_move
from tickets.movein.models import Move
from tickets.people.models import Member
from tickets.people.scopes import Scope
from tickets.people.tokens import make_token

pytestmark = pytest.mark.django_db
ROWS = "id,subject,at,text\n77,漏水,2025-03-01T08:00:00Z,又漏了\n78,,,\n"


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def asked(member: Member, method: str, path: str, scopes: list[str] | None = None, **body: Any) -> Any:
    _row, token = make_token(member.user, name="mover", scopes=scopes or [Scope.IMPORT])
    headers = {"Authorization": f"Token {token}"}
    return getattr(Client(), method)(f"/api/v1/moves/{path}", body or None, headers=headers)


def file(text: str = ROWS) -> SimpleUploadedFile:
    return SimpleUploadedFile("old.csv", text.encode())


def test_a_manager_tries_and_brings_with_the_import_scope(cast: Cast) -> None:
    tried = asked(cast.alice, "post", "", system="csv", file=file(), dry_run="true")
    assert (tried.status_code, tried.json()["dry_run"]) == (202, True)
    pk = tried.json()["id"]
    run_move(pk)
    assert asked(cast.alice, "get", f"{pk}/").json()["problems"] == 1
    [left] = asked(cast.alice, "get", f"{pk}/documents/").json()["results"]
    assert (left["place"], left["external_id"]) == (2, "78") and left["reason"]
    assert asked(cast.alice, "post", f"{pk}/start/").json()["dry_run"] is False
    assert asked(cast.alice, "post", f"{pk}/start/").json()["code"] == "wrong_state"
    assert [row["id"] for row in asked(cast.alice, "get", "").json()["results"]] == [pk]


def test_a1_nobody_else_may_and_no_other_scope_does(cast: Cast) -> None:
    for member in (cast.bob, cast.dora, cast.wen, cast.olga):
        assert asked(member, "post", "", system="csv", file=file()).status_code == 403
        assert asked(member, "get", "").status_code == 403
    for scope in (Scope.READ, Scope.WRITE):
        lacking = asked(cast.alice, "post", "", [scope], system="csv", file=file())
        assert (lacking.status_code, lacking.json()["scope"]) == (403, "import")
    assert not Move.objects.exists()


def test_another_teams_file_is_nowhere(cast: Cast) -> None:
    pk = asked(cast.alice, "post", "", system="csv", file=file(), dry_run="true").json()["id"]
    stranger = cast.mallory
    stranger.roles = ["manager"]
    stranger.save()
    for method, path in (("get", f"{pk}/"), ("get", f"{pk}/documents/"), ("post", f"{pk}/start/")):
        assert asked(stranger, method, path).status_code == 404


def test_what_is_no_export_and_what_is_no_system_is_refused(cast: Cast) -> None:
    for body, field in (
        ({"system": "csv", "file": file("")}, "file"),
        ({"system": "pigeons", "file": file()}, "system"),
        ({"system": "zendesk", "file": file("{")}, "file"),
        ({"system": "csv"}, "file"),
    ):
        answer = asked(cast.alice, "post", "", **body)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field]), answer.json()
    assert not Move.objects.exists()
