"""Generates a Python client from the API's schema: `python scripts/client.py build/client` (or `make client`)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
GENERATOR = [sys.executable, "-m", "openapi_python_client"]


def schema() -> dict[str, Any]:
    """The schema as a client needs it: one way to send each body.

    The server takes the same fields as JSON or as a form; a generated client that knows both sends them at once. Where JSON will do it
    is the one that stays, so only operations that take a file are sent as forms.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "handover.settings")
    sys.path.insert(0, str(HERE.parent))
    import django

    django.setup()
    from drf_spectacular.generators import SchemaGenerator

    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    for operations in found["paths"].values():
        for operation in operations.values():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                operation["requestBody"]["content"] = {"application/json": content["application/json"]}
    return json.loads(json.dumps(found, default=str))  # type: ignore[no-any-return]


def generate(to: Path) -> None:
    """Write the package `handover_client` and its project file below `to`, anew. Raises CalledProcessError with the generator's words."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        written = Path(place) / "schema.json"
        written.write_text(json.dumps(schema()), encoding="utf-8")
        command = [*GENERATOR, "generate", "--path", str(written), "--output-path", str(to), "--overwrite"]
        subprocess.run([*command, "--meta", "setup", "--config", str(HERE / "client.yml"), "--fail-on-warning"], check=True)


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "build/client").resolve()
    generate(target)
    print(f"The client is in {target}: pip install {target}")
