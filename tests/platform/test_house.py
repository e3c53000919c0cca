"""docs/house.md, "A room is a noun": what one room may take from another."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

GROUND = {"tickets.people", "tickets.activity", "tickets.web", "handover.server", "handover.shell"}
MAY_BE_TAKEN = {"models", "queries", "actions", "rules", "sources"}
DOORS_OF_THE_PROJECT = {"management", "templatetags", "migrations", "server"}  # these wire rooms together


def rooms() -> list[Path]:
    found = [file.parent for package in ("tickets", "handover") for file in (settings.BASE_DIR / package).glob("*/__init__.py")]
    return [room for room in found if room.name not in DOORS_OF_THE_PROJECT]


def taken(file: Path) -> Iterator[str]:
    """Every module of ours that the file imports, also inside functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for name in node.names:
                yield f"{node.module}.{name.name}"
        elif isinstance(node, ast.Import):
            for name in node.names:
                yield name.name


def strangers(room: Path) -> Iterator[str]:
    own = f"{room.parent.name}.{room.name}"
    for file in room.rglob("*.py"):
        for module in taken(file):
            package, _, rest = module.partition(".")
            name, _, inside = rest.partition(".")
            other = f"{package}.{name}"
            if package not in {"tickets", "handover"} or other == own or other in GROUND:
                continue
            if (settings.BASE_DIR / package / name).is_dir() and inside.split(".")[0] not in MAY_BE_TAKEN:
                yield f"{file.relative_to(settings.BASE_DIR)} takes {module}"


def test_rooms_take_only_models_rules_queries_and_actions_from_each_other() -> None:
    assert len(rooms()) > 5
    assert [wrong for room in rooms() for wrong in strangers(room)] == []


def test_the_scan_sees_a_stranger(tmp_path: Path, settings) -> None:
    settings.BASE_DIR = tmp_path
    room = tmp_path / "handover" / "note"
    room.mkdir(parents=True)
    (tmp_path / "tickets" / "ticket").mkdir(parents=True)
    (room / "views.py").write_text("def f():\n    from tickets.ticket.views import show\n    from tickets.ticket.models import Ticket\n")
    assert list(strangers(room)) == ["handover/note/views.py takes tickets.ticket.views.show"]
