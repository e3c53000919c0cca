"""API tokens: made and revoked by their owner, shown once, and no wider than their scopes, for every address and method there is."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from knox.models import AuthToken

from tests.cast import PASSWORD, Cast, make_cast
from tests.test_access import cells, guarded
from tickets.activity.models import Activity
from tickets.people.calls import count_call
from tickets.people.models import Member, Role, TokenCalls, TokenGrant
from tickets.people.scopes import ALWAYS, Scope, scope_of
from tickets.people.tokens import make_token, tokens_of
from tickets.web.models import Reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def program(member: Member, *scopes: str, **more: Any) -> Client:
    _grant, text = make_token(member.user, scopes=scopes or tuple(Scope), **more)
    return Client(raise_request_exception=False, headers={"Authorization": f"Token {text}"})


def browser(member: Member) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


@pytest.mark.parametrize("scope", list(Scope))
def test_a1_every_address_and_method_by_a_token_of_one_scope(cast: Cast, scope: Scope) -> None:
    """A manager with every role may do everything; what is refused is refused for the scope alone."""
    cast.alice.roles = list(Role)
    cast.alice.save()
    client, wrong, seen = program(cast.alice, scope), [], set()
    for cell in cells():
        if not guarded(cell.path) or cell.deed is None:
            continue
        needed = scope_of(cell.deed, cell.method)
        if not cell.path.startswith("api/") and cell.method != "GET":
            needed = None  # no page is changed by a token, whatever its scopes
            lawful = False
        else:
            lawful = needed is None or needed == scope
        if cell.path == "api/v1/auth/logout/":
            continue  # would end the token; it has its own test
        answer = client.generic(cell.method, cell.url, b"{}", content_type="application/json")
        forbidden = answer.status_code == 403 and (b"scope" in answer.content or b"not for tokens" in answer.content)
        seen.add((needed, lawful))
        if forbidden == lawful:
            wrong.append(f"{cell.method} {cell.url} ({cell.deed}): {answer.status_code}")
    assert wrong == []
    assert {needed for needed, _lawful in seen} == {None, *Scope}, "every scope guards something"


def test_every_api_operation_needs_the_scope_that_its_schema_says(cast: Cast) -> None:
    from drf_spectacular.generators import SchemaGenerator

    schema = SchemaGenerator().get_schema(request=None, public=True)
    said = {
        (method.upper(), path.removeprefix("/").split("{")[0]): operation["security"][0].get("token", [])
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if operation.get("security")
    }
    by_start = {(cell.method, cell.path.split("<")[0]): cell.deed for cell in cells() if cell.path.startswith("api/") and cell.deed}
    compared = 0
    for (method, start), scopes in said.items():
        deed = by_start.get((method, start))
        if deed is None or sum(one == (method, start) for one in said) != 1:
            continue
        compared += 1
        needed = scope_of(deed, method)
        assert start.count("/") > 4 or scopes == ([needed.value] if needed else []), f"{method} {start}"
    assert compared > 30


def test_reports_and_imports_are_scopes_of_their_own() -> None:
    assert scope_of("report.read", "GET") == "reports" and scope_of("report.import", "POST") == "import"
    assert scope_of("order.import", "GET") == "import" and scope_of("ticket.read", "HEAD") == "read"
    assert scope_of("ticket.claim", "POST") == "write" and {scope_of(deed, "POST") for deed in ALWAYS} == {None}


def test_a_refused_token_is_told_which_scope_it_lacks_and_changes_nothing(cast: Cast) -> None:
    client = program(cast.bob, "read")
    answer = client.post("/api/v1/notices/", {"text": "x"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"], answer.json()["scope"]) == (403, "forbidden", "write")
    assert client.get("/api/v1/notices/").json()["results"] == []


def test_a_kept_answer_is_no_way_round_the_scope(cast: Cast) -> None:
    writing, reading = program(cast.bob), program(cast.bob, "read")
    body, key = {"text": "40cm 锅缺货"}, {"Idempotency-Key": "k1"}
    assert writing.post("/api/v1/notices/", body, content_type="application/json", headers=key).status_code == 201
    assert reading.post("/api/v1/notices/", body, content_type="application/json", headers=key).status_code == 403


def test_a_token_without_a_grant_may_nothing(cast: Cast) -> None:
    _token, text = AuthToken.objects.create(cast.bob.user)
    client = Client(headers={"Authorization": f"Token {text}"})
    assert client.get("/api/v1/me/").status_code == 200, "who it is, it may ask"
    assert client.get("/api/v1/tickets/").status_code == 403


def test_a_token_neither_changes_pages_nor_makes_tokens(cast: Cast) -> None:
    client = program(cast.bob)
    form = {"name": "wider", "scopes": ["write"], "days": "365", "csrfmiddlewaretoken": "x" * 32}
    client.cookies["csrftoken"] = "x" * 32
    assert client.post("/me/tokens/", form).status_code == 403
    assert tokens_of(cast.bob.user).count() == 1
    for path in ("/accounts/email/", "/admin/"):
        assert client.get(path).status_code == 403, path
    assert client.get("/tickets/export.csv").status_code == 200, "a list as a file, with the scope read"
    assert program(cast.bob, "write").get("/tickets/export.csv").status_code == 403


def test_signing_in_may_ask_for_scopes(cast: Cast) -> None:
    asked = {"username": "bob", "password": PASSWORD}
    said = Client().post("/api/v1/auth/login/", asked | {"scopes": ["reports", "read"]}, content_type="application/json").json()
    assert said["scopes"] == ["read", "reports"]
    assert Client().post("/api/v1/auth/login/", asked, content_type="application/json").json()["scopes"] == Scope.values
    for wrong in (["everything"], []):
        answer = Client().post("/api/v1/auth/login/", asked | {"scopes": wrong}, content_type="application/json")
        assert answer.status_code == 400, wrong


def test_a_token_is_shown_once_and_kept_nowhere(cast: Cast) -> None:
    client = browser(cast.bob)
    made = client.post("/me/tokens/", {"name": "ERP", "scopes": ["read", "import"], "days": "30", "per_minute": "50"})
    assert made.status_code == 200 and "no-store" in made["Cache-Control"]
    grant = TokenGrant.objects.get(name="ERP")
    text = made.content.decode().split('class="mono wide"')[0].split('value="')[-1].split('"')[0]
    assert text.startswith("handover_") and grant.token.token_key in text
    assert Client(headers={"Authorization": f"Token {text}"}).get("/api/v1/tickets/").status_code == 200
    assert text not in client.get("/me/tokens/").content.decode()
    assert not Reply.objects.exists(), "no kept answer holds it"
    assert text not in str(list(Activity.objects.values_list("data", flat=True)))
    assert (grant.scopes, grant.per_minute) == (["read", "import"], 50)
    assert timedelta(days=29) < grant.token.expiry - timezone.now() <= timedelta(days=30)
    assert Activity.objects.get(code="token.made").actor == cast.bob


@pytest.mark.parametrize("change", [{"name": ""}, {"scopes": []}, {"scopes": ["all"]}, {"days": "9999"}, {"per_minute": "0"}])
def test_a_token_needs_a_name_scopes_and_an_end(cast: Cast, change: dict[str, Any]) -> None:
    answer = browser(cast.bob).post("/me/tokens/", {"name": "ERP", "scopes": ["read"], "days": "30"} | change)
    assert answer.status_code == 422 and not TokenGrant.objects.exists()


def test_a_revoked_or_expired_token_works_no_longer(cast: Cast) -> None:
    client = program(cast.bob, name="ERP")
    assert client.get("/api/v1/me/").status_code == 200
    grant = TokenGrant.objects.get(name="ERP")
    assert browser(cast.carol).post(f"/me/tokens/{grant.pk}/revoke/").status_code == 404, "somebody else's"
    assert browser(cast.bob).post(f"/me/tokens/{grant.pk}/revoke/").status_code == 303
    answer = client.get("/api/v1/me/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert Activity.objects.filter(code="token.revoked", actor=cast.bob).count() == 1
    short = program(cast.bob, lasts=timedelta(minutes=5))
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert short.get("/api/v1/me/").status_code == 401


def test_somebody_who_left_has_no_token(cast: Cast) -> None:
    client = program(cast.bob)
    cast.bob.user.is_active = False
    cast.bob.user.save()
    assert client.get("/api/v1/me/").status_code == 401


def test_last_use_is_written_once_a_minute(cast: Cast) -> None:
    client = program(cast.bob, name="ERP")
    client.get("/api/v1/me/")
    first = TokenGrant.objects.get(name="ERP").last_used_at
    assert first is not None
    with CaptureQueriesContext(connection) as asked:
        client.get("/api/v1/me/")
    assert TokenGrant.objects.get(name="ERP").last_used_at == first
    assert sum("knox_authtoken" in query["sql"] for query in asked) == 1, "account, expiry and scopes come in one"
    assert "now" in browser(cast.bob).get("/me/tokens/").content.decode()


def test_at_most_twenty_tokens_are_kept(cast: Cast) -> None:
    for number in range(20):
        make_token(cast.bob.user, name=f"t{number}", by=cast.bob)
    answer = browser(cast.bob).post("/me/tokens/", {"name": "one more", "scopes": ["read"], "days": "30"})
    assert answer.status_code == 409 and tokens_of(cast.bob.user).count() == 20


def test_each_token_has_a_rate_of_its_own(cast: Cast, settings: LazySettings) -> None:
    settings.TOKEN_CALLS_PER_MINUTE = 5
    usual, slow = program(cast.bob), program(cast.bob, per_minute=2)
    assert [usual.get("/api/v1/me/").status_code for _ in range(6)] == [200] * 5 + [429]
    assert [slow.get("/api/v1/me/").status_code for _ in range(3)] == [200, 200, 429]
    answer = slow.get("/api/v1/me/")
    assert answer.json()["code"] == "throttled" and answer["Content-Type"] == "application/problem+json"
    assert answer.json()["retry_after"] == int(answer["Retry-After"]) and 1 <= int(answer["Retry-After"]) <= 60
    TokenCalls.objects.update(minute=F("minute") - 2)
    assert slow.get("/api/v1/me/").status_code == 200, "two minutes later"


def test_what_was_called_in_the_last_sixty_seconds_counts_also_across_the_full_minute(cast: Cast) -> None:
    grant, _text = make_token(cast.bob.user, per_minute=60)
    TokenCalls.objects.create(grant=grant, minute=int(time.time() // 60) - 1, calls=60, before=0)
    passed = sum(count_call(grant) == 0 for _ in range(90))
    left = 60 - time.time() % 60
    assert passed <= 60 - left + 3, "of the minute before, what lies within the last sixty seconds"


def test_a_call_costs_one_statement_and_a_page_of_a_browser_none(cast: Cast, settings: LazySettings) -> None:
    settings.TOKEN_CALLS_PER_MINUTE = 600
    client = program(cast.bob)
    client.get("/api/v1/me/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/api/v1/me/")
    assert sum("tickets_tokencalls" in query["sql"] for query in asked) == 1
    with CaptureQueriesContext(connection) as asked:
        browser(cast.bob).get("/me/tokens/")
    assert not any("tickets_tokencalls" in query["sql"] for query in asked)


@pytest.mark.django_db(transaction=True)
def test_the_limit_holds_over_all_processes() -> None:
    """Eight connections, as eight processes have them, call at once: not one more gets through than may."""
    grant, _text = make_token(make_cast().bob.user, per_minute=25)
    before = time.time() // 60

    def ten_calls(_process: int) -> list[int]:
        try:
            return [count_call(grant) for _ in range(10)]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        passed = [wait for waits in pool.map(ten_calls, range(8)) for wait in waits if wait == 0]
    full_minutes = time.time() // 60 - before
    assert 25 <= len(passed) <= 25 * (1 + full_minutes)


def test_the_database_refuses_scopes_there_are_not(cast: Cast) -> None:
    grant, _text = make_token(cast.bob.user)
    for scopes in ([], ["everything"]):
        with pytest.raises(IntegrityError, match="token_has_known_scopes"), transaction.atomic():
            TokenGrant.objects.filter(pk=grant.pk).update(scopes=scopes)
    with pytest.raises(IntegrityError, match="token_rate_is_positive"), transaction.atomic():
        TokenGrant.objects.filter(pk=grant.pk).update(per_minute=0)
