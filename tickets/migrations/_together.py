"""Operations that are done together; the name begins with an underscore, so that Django does not take this for a migration."""

from collections.abc import Iterable

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class Together(Operation):
    """Several operations between two states of the models instead of one state each.

    Every table knows its team, so that Django builds the classes of nearly all models anew for each operation: four fifths of what a new
    database costs. Here they are built once. Only for operations none of which undoes or repeats another one: each sees the models as they are
    before all and after all of them. (A field that is added must not be one of a table that is made here.)
    """

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.operations = list(operations)

    @property
    def reversible(self) -> bool:
        return all(operation.reversible for operation in self.operations)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)  # as clear_delayed_apps_cache() does: built where it is asked for next
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return "; ".join(operation.describe() for operation in self.operations)
