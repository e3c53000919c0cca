"""The embedded PostgreSQL for try-outs and tests: where it listens."""

import json
from pathlib import Path


def recorded_url(var: Path) -> str:
    """The URL of the server kept under `var`, as recorded when it was made; a harmless default before that."""
    try:
        return str(json.loads((var / "pg.json").read_text())["url"])
    except FileNotFoundError:
        return "postgres://handover@127.0.0.1:5432/handover"
