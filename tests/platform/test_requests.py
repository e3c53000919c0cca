"""What every request goes through: headers, names, limits, health."""

import io
import json
import logging
from datetime import timedelta

import pytest
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.test import Client
from django.utils import timezone

from handover.server import health
from handover.server.logs import JsonLines, RequestFilter
from tests.cast import make_cast


@pytest.mark.django_db
def test_the_csp_allows_our_own_host_and_nothing_inline(client: Client) -> None:
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert parts["default-src"] == parts["script-src"] == parts["style-src"] == "'self'"
    assert parts["object-src"] == parts["base-uri"] == parts["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy and "http" not in policy


@pytest.mark.django_db
def test_an_answer_carries_the_headers_that_keep_it_safe(client: Client) -> None:
    answer = client.get("/accounts/login/")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
def test_a_request_has_one_name_in_answer_and_log(client: Client) -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    handler.addFilter(RequestFilter())
    log = logging.getLogger("handover.request")
    log.addHandler(handler)
    try:
        answer = client.get("/accounts/login/?next=/customers/13812345678/")
        given = client.get("/accounts/login/", headers={"X-Request-ID": "proxy-0123456789"})
        odd = client.get("/accounts/login/", headers={"X-Request-ID": "x\u00e9 ; drop"})
    finally:
        log.removeHandler(handler)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["request_id"] for line in lines] == [answer["X-Request-ID"], "proxy-0123456789", odd["X-Request-ID"]]
    assert given["X-Request-ID"] == "proxy-0123456789" and "drop" not in odd["X-Request-ID"]
    first = lines[0]
    assert (first["level"], first["method"], first["path"], first["status"]) == ("INFO", "GET", "/accounts/login/", 200)
    assert first["ms"] >= 0 and first["at"].endswith("+00:00")
    assert "13812345678" not in out.getvalue(), "a query may hold a customer's phone"


@pytest.mark.django_db
def test_a_pasted_book_is_refused_in_plain_words(client: Client) -> None:
    client.force_login(make_cast().bob.user)
    book = "长" * (10 * 1024 * 1024 // 3)
    page = client.post(
        "/accounts/login/", {"login": book, "password": "x"}
    )  # multipart: within the limit of an upload, above that of a field
    assert page.status_code == 413
    typed = client.post("/accounts/login/", f"login={book}", content_type="application/x-www-form-urlencoded")
    assert typed.status_code == 413 and b"Traceback" not in typed.content
    api = client.post("/api/v1/tickets/", {"body": book}, content_type="application/json")
    assert api.status_code == 413 and api["Content-Type"] == "application/problem+json"
    assert api.json()["code"] == "too_large" and "at most 2 MB" in api.json()["detail"]
    assert all("default-src 'self'" in answer["Content-Security-Policy"] for answer in (page, typed, api)), "a refusal is a page as well"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/lookup/?q=%00", "/tickets/?view=all&tag=a%00b", "/tickets/export.csv?view=all&q=%00", "/d/%00/"])
def test_what_no_text_may_hold_is_refused_in_an_address(client: Client, address: str) -> None:
    client.force_login(make_cast().bob.user)
    answer = client.get(address)
    assert answer.status_code == 400 and "U+0000" in answer.content.decode()


@pytest.mark.django_db
def test_what_no_text_may_hold_is_refused_in_a_form(client: Client) -> None:
    client.force_login(make_cast().bob.user)
    answer = client.post("/tickets/views/", {"name": "a\0b", "query": "?view=all"})
    assert answer.status_code == 400 and "U+0000" in answer.content.decode()


@pytest.mark.django_db
def test_what_does_not_exist_is_a_problem_document_for_programs(client: Client) -> None:
    answer = client.get("/api/v1/no-such-thing/")
    assert answer.status_code == 404 and answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"
    assert client.get("/no-such-page/").status_code == 404


@pytest.mark.django_db
def test_a_failure_shows_the_number_that_the_log_has(client: Client, monkeypatch) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("broken on purpose")

    client.raise_request_exception = False
    monkeypatch.setattr("allauth.account.views.LoginView.get", broken)
    page = client.get("/accounts/login/")
    assert page.status_code == 500
    assert page["X-Request-ID"] in page.content.decode() and "broken on purpose" not in page.content.decode()


@pytest.mark.django_db
def test_what_is_sent_without_the_last_slash_is_sent_again_as_it_is(client: Client) -> None:
    client.force_login(make_cast().alice.user)
    assert client.get("/api/v1/notices?q=1").status_code == 301
    sent = client.post("/api/v1/notices", {"text": "缺货"}, content_type="application/json", follow=True)
    assert sent.redirect_chain == [("/api/v1/notices/", 308)] and sent.status_code == 201
    assert [row["text"] for row in client.get("/api/v1/notices/").json()["results"]] == ["缺货"]


def test_the_process_answers_without_a_database(client: Client) -> None:
    """No database mark: any query would fail this test. The host is one that we do not serve, as a probe's is."""
    answer = client.get("/healthz", headers={"host": "10.1.2.3:8000"})
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def worker_seen(ago: timedelta) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [timezone.now() - ago])


@pytest.mark.django_db
def test_ready_with_database_migrations_and_a_living_worker(client: Client) -> None:
    worker_seen(timedelta(hours=2))
    worker_seen(timedelta(seconds=5))
    answer = client.get("/readyz", headers={"host": "10.1.2.3:8000"})
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": "ok", "migrations": "ok", "worker": "ok"}


@pytest.mark.django_db
def test_not_ready_without_a_worker(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")  # the queue's tables are not emptied after a test that commits
    assert client.get("/readyz").json()["worker"] == "none runs"
    worker_seen(timedelta(minutes=5))
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json()["worker"].startswith("silent for 30")


@pytest.mark.django_db
def test_not_ready_with_a_migration_waiting(client: Client, monkeypatch) -> None:
    monkeypatch.setattr(health, "_migrated_at", None)
    monkeypatch.setattr("django.db.migrations.executor.MigrationExecutor.migration_plan", lambda *_: [("one", False), ("two", False)])
    worker_seen(timedelta(0))
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json()["migrations"] == "2 not applied"


def test_not_ready_without_a_database(client: Client, monkeypatch) -> None:
    def refused(*_args: object, **_more: object) -> None:
        raise OperationalError("connection refused to secret-host")

    monkeypatch.setattr(type(connections[DEFAULT_DB_ALIAS]), "cursor", refused)
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json() == {"ready": False, "database": "unreachable"}
