"""What the models declare stands in the database: a migration that drops one index may take a constraint of the same column with it."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection

OURS = [model for name in ("tickets", "handover") for model in apps.get_app_config(name).get_models() if model._meta.managed]


@pytest.mark.django_db
def test_every_constraint_and_index_that_a_model_names_is_in_the_database() -> None:
    declared = {f"{model._meta.db_table}.{found.name}" for model in OURS for found in (*model._meta.constraints, *model._meta.indexes)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname || '.' || n.conname FROM pg_constraint n JOIN pg_class c ON c.oid = n.conrelid"
            " UNION SELECT tablename || '.' || indexname FROM pg_indexes WHERE schemaname = current_schema()"
        )
        there = {row[0] for row in cursor.fetchall()}
    assert len(declared) > 100
    assert sorted(declared - there) == []


@pytest.mark.django_db
def test_every_unique_field_is_unique_in_the_database() -> None:
    expected = {
        (model._meta.db_table, field.column)
        for model in OURS
        for field in model._meta.local_concrete_fields
        if field.unique and not field.primary_key
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.relname, a.attname FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid"
            " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]"
            " WHERE i.indisunique AND i.indisvalid AND i.indnkeyatts = 1 AND i.indpred IS NULL"
        )
        there = set(cursor.fetchall())
    assert expected
    assert sorted(expected - there) == []
