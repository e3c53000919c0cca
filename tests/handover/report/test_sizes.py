"""A table that was just filled is looked at before it is counted; what the planner knows well is left alone."""

from __future__ import annotations

import pytest
from django.db import connection

from handover.report import counting, sizes
from tests.cast import make_cast

pytestmark = pytest.mark.django_db
MANY = 30_000


def fill(cursor) -> None:
    cursor.execute("INSERT INTO just_filled SELECT n, 'order' FROM generate_series(1, %s) n", [MANY])


def believed(cursor) -> float:
    cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'just_filled'::regclass")
    return cursor.fetchone()[0]


def test_the_planner_learns_of_what_was_just_filled_once():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE just_filled (id bigint, text varchar) ON COMMIT DROP")
        assert sizes.tell_planner(["just_filled"]) == [], "an empty table is soon read"
        fill(cursor)
        assert sizes.tell_planner(["just_filled"]) == ["just_filled"]
        assert believed(cursor) == MANY
        assert sizes.tell_planner(["just_filled"]) == []
        fill(cursor)
        assert sizes.tell_planner(["just_filled"]) == ["just_filled"]
        assert believed(cursor) == 2 * MANY


def test_whatever_a_figure_is_counted_from_is_looked_at(monkeypatch):
    looked: list[list[str]] = []
    monkeypatch.setattr(sizes, "tell_planner", lambda tables: looked.append(list(tables)))
    counting.count_stale()
    counting.recount(make_cast().team)
    assert looked == [counting.READ] * 2
    assert {"tickets_order", "tickets_orderline", "tickets_ticketorder", "tickets_activity", "handover_duty"} <= set(counting.READ)
