"""Page weight: the desk with everything it asks for, as brotli (static, made at collectstatic) and gzip (the page)."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

from django.conf import settings


def first_and_repeat() -> dict[str, Any]:
    """Bytes of a first visit and of a repeat visit (static files are immutable: only the page comes again)."""
    from bench.pages import Scene

    response = Scene().client.get("/", follow=True)
    page = len(gzip.compress(response.content, 6))
    static = sum(_on_the_wire(path) for path in _asked_for(response.content.decode()))
    return {"first_visit_bytes": page + static, "repeat_visit_bytes": page}


def _asked_for(html: str) -> set[str]:
    """Every static file that the page names, and those which these name in turn (style sheets, modules)."""
    prefix = re.escape(settings.STATIC_URL)
    found, queue = set(), set(re.findall(rf'(?:href|src)="{prefix}([^"?]+\.(?:css|js))"', html))
    while queue:
        path = queue.pop()
        found.add(path)
        text = (Path(settings.STATIC_ROOT) / path).read_text(errors="replace")
        folder = Path(path).parent
        for named in re.findall(r'(?:from|import)\s*"(\.{1,2}/[^"]+)"|url\("?(\.{0,2}/?[^)"#:]+\.(?:css|woff2|svg))"?\)', text):
            target = (Path(settings.STATIC_ROOT) / folder / (named[0] or named[1])).resolve()
            if target.is_file():
                relative = str(target.relative_to(Path(settings.STATIC_ROOT).resolve()))
                if relative not in found:
                    queue.add(relative)
    return found


def _on_the_wire(path: str) -> int:
    file = Path(settings.STATIC_ROOT) / path
    compressed = file.with_name(file.name + ".br")
    return (compressed if compressed.exists() else file).stat().st_size
