"""Instants come from the database as Django gives them, only sooner."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DataError, connection

from handover.server.postgresql.base import InstantLoader

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 3, 16, 18, tzinfo=UTC)


def read(expression: str):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expression}")
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-22 03:16:18+00", AT),
        ("2026-11-22 11:16:18+08", AT),
        ("2026-11-22 13:46:18.5+10:30", AT + timedelta(milliseconds=500)),
        ("2026-11-22 03:16:18.229077+00", AT + timedelta(microseconds=229077)),
        ("0987-01-01 00:00+00", datetime(987, 1, 1, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_in_utc(text: str, instant: datetime) -> None:
    found = read(f"'{text}'::timestamptz")
    assert (found, found.tzinfo) == (instant, UTC)
    assert read(f"ARRAY['{text}'::timestamptz]") == [instant]
    assert read(f"tstzrange('{text}', NULL)").lower == instant


@pytest.mark.parametrize("text", ["infinity", "0044-03-15 12:00+00 BC"])
def test_what_python_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        read(f"'{text}'::timestamptz")


def test_the_connections_own_loader_is_used() -> None:
    read("1")
    assert connection.vendor == "postgresql"
    assert connection.connection.adapters.get_loader(1184, 0) is InstantLoader
