"""How the triggers of this app are written down: each has a function of its own, of the same name, and returns nothing.

They stand here and not in the rooms below, which know nothing of shifts and figures. Statement triggers with transition tables: one INSERT
a statement, however many rows; both the old and the new place of a row are known, so that what moves to another day leaves the first.
"""

from collections.abc import Iterable

from django.db import migrations

TRANSITION = {"INSERT": "NEW TABLE AS fresh", "UPDATE": "OLD TABLE AS old NEW TABLE AS fresh", "DELETE": "OLD TABLE AS old"}

# name, event with table and for each of what, body, setting of the function
Trigger = tuple[str, str, str, str]


def after_row(name: str, event: str, body: str) -> Trigger:
    return name, event, body, ""


def after_statement(name: str, event: str, table: str, body: str, setting: str = "") -> Trigger:
    return name, f"{event} ON {table} REFERENCING {TRANSITION[event]} FOR EACH STATEMENT", body, setting


def made(triggers: Iterable[Trigger]) -> migrations.RunSQL:
    """One operation that makes them all; backwards each function takes its trigger along."""
    rows = list(triggers)
    return migrations.RunSQL(
        "".join(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {setting} AS $$ BEGIN {body} RETURN NULL; END $$;"
            f"CREATE TRIGGER {name} AFTER {event} EXECUTE FUNCTION {name}();"
            for name, event, body, setting in rows
        ),
        "".join(f"DROP FUNCTION {name}() CASCADE;" for name, *_rest in rows),
    )
