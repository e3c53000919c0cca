"""A prepared statement is kept once for a connection, whoever's ids it is asked with, and says what it always said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext

from handover.roster.models import Shift
from handover.server.env import database
from tests.cast import Cast, make_cast
from tickets.activity.models import Activity
from tickets.people.models import Member
from tickets.web.kept import Inserted, Written
from tickets.web.prepared import prepared_cursor

pytestmark = pytest.mark.django_db
KEPT = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s"


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def ask(sql: str, *params: object) -> list[tuple[object, ...]]:
    with prepared_cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def kept(text: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(KEPT, [f"%{text}%"])
        return int(cursor.fetchone()[0])


@contextmanager
def threshold(value: int | None) -> Iterator[None]:
    """The connection as it is with our own pool, or without."""
    connection.ensure_connection()
    before, connection.connection.prepare_threshold = connection.connection.prepare_threshold, value
    try:
        yield
    finally:
        connection.connection.prepare_threshold = before


@pytest.fixture
def own_pool(db: None) -> Iterator[None]:
    with threshold(5):
        yield


def test_ids_of_any_width_share_one_statement(own_pool: None) -> None:
    sql = "SELECT %s + 1 AS of_any_width"
    assert [ask(sql, number)[0][0] for number in (1, 70_000, 5_000_000_000)] == [2, 70_001, 5_000_000_001]
    assert kept("of_any_width") == 1


def test_a_statement_keeps_its_cursor_but_not_its_rows(own_pool: None) -> None:
    sql = "SELECT generate_series(1, %s) AS of_one_cursor"
    assert [len(ask(sql, most)) for most in (3, 5)] == [3, 5]
    _text, cursor = connection.connection._kept_cursors[sql]
    assert cursor.pgresult is None


def test_a_statement_that_failed_runs_again(own_pool: None) -> None:
    sql = "SELECT 12 / %s AS of_a_failure"
    assert ask(sql, 3) == [(4,)]
    with pytest.raises(DataError), transaction.atomic():
        ask(sql, 0)
    assert ask(sql, 4) == [(3,)]


def test_nothing_is_kept_where_somebody_elses_pooler_may_lose_it(db: None) -> None:
    with threshold(None):
        assert ask("SELECT %s + 2 AS of_no_pool", 1) == [(3,)]
        assert kept("of_no_pool") == 0
    assert "prepare_threshold" not in database("postgres://x/y", None)["OPTIONS"]  # type: ignore[operator]


def test_our_own_pool_plans_once_and_leaves_the_owners_options_alone() -> None:
    options = database("postgres://x/y?options=-c%20search_path%3Dours", {"max_size": 2})["OPTIONS"]
    assert options["options"] == "-c search_path=ours -c plan_cache_mode=force_generic_plan"  # type: ignore[index]


def test_is_counted_and_shown_as_any_other_statement(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as captured:
        ask("SELECT id FROM tickets_member WHERE id = %s", cast.bob.pk)
    assert ["tickets_member" in query["sql"] for query in captured.captured_queries] == [True]


def test_rows_written_by_hand_are_the_models(cast: Cast) -> None:
    written: Written[Member] = Written(
        Member, "SELECT {columns}, t.name FROM tickets_member m JOIN tickets_team t ON t.id = m.team_id WHERE m.id = %(pk)s", "m", "of"
    )
    found = written.all(pk=cast.bob.pk)
    assert found == [cast.bob] and found[0].roles == cast.bob.roles and found[0].of == cast.bob.team.name  # type: ignore[attr-defined]
    nobody: Written[Shift] = Written(Shift, "SELECT {columns} FROM handover_shift s WHERE s.id = %(pk)s", "s")
    assert nobody.all(pk=0) == []


def test_a_row_that_is_added_is_the_row_that_is_saved(cast: Cast) -> None:
    at = datetime(2026, 11, 22, 3, 16, 18, 229077, tzinfo=UTC)
    rows = [
        Activity(team=cast.team, actor=cast.bob, at=at, code="test.added", data={"at": at, "text": "“漏水” 100 %"}) for _each in range(2)
    ]
    rows[0].save(force_insert=True)
    added = Inserted(Activity).add(rows[1])
    assert added.pk == rows[0].pk + 1 and not added._state.adding
    saved, found = (Activity.objects.values("team", "actor", "at", "code", "data", "ticket").get(pk=row.pk) for row in rows)
    assert found == saved
