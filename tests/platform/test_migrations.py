"""docs/decisions/squashed-migrations.md: a new database is made by few migrations, an older one goes on by those it began with."""

from __future__ import annotations

import pytest
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.writer import MigrationWriter

SQUASHED = {"tickets": "0013_squashed_0026_a_view_to_open_with", "handover": "0001_squashed_0027_notices_with_facts"}
ORIGINAL = {"tickets": "0026_a_view_to_open_with", "handover": "0027_notices_with_facts"}


def models_after(names: dict[str, str], *, replace: bool) -> dict[tuple[str, str], tuple]:
    """Every model of ours: options (constraints, indexes and row triggers among them), bases, and fields as they would be written down."""
    state = MigrationLoader(None, replace_migrations=replace).project_state(list(names.items()))
    return {
        key: (model.options, model.bases, [(name, MigrationWriter.serialize(field)[0]) for name, field in model.fields.items()])
        for key, model in state.models.items()
        if key[0] in names
    }


@pytest.mark.parametrize("app", ["tickets", "handover"])
def test_every_original_is_replaced_once_and_still_there(app: str) -> None:
    """Otherwise a database that stopped among them could not come up, or would be taken for finished."""
    disk = {name: each for (label, name), each in MigrationLoader(None).disk_migrations.items() if label == app}
    replaced = [name for _name, each in sorted(disk.items()) for label, name in each.replaces]
    originals = sorted(name for name, each in disk.items() if not each.replaces)
    assert replaced[-1] == ORIGINAL[app]
    assert originals[: len(replaced)] == replaced


def test_both_chains_end_with_the_same_models() -> None:
    squashed, original = models_after(SQUASHED, replace=True), models_after(ORIGINAL, replace=False)
    assert len(squashed) > 80
    assert sorted(squashed) == sorted(original)
    assert [key for key in original if squashed[key] != original[key]] == []
