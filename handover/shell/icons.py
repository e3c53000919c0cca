"""Inline SVG icons (Tabler Icons, MIT; the paths are kept in templates/_parts/icons, see scripts/vendor.sh)."""

from functools import cache
from pathlib import Path

from markupsafe import Markup

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "_parts" / "icons"


@cache
def icon(name: str, label: str = "", size: int = 16) -> Markup:
    """The icon as an svg element, `size` CSS pixels wide. Without `label` it is decoration and hidden from screen readers.

    An unknown name raises FileNotFoundError: a typing mistake shows in the first test, not as a hole in the page.
    """
    paths = Markup((FOLDER / f"{name}.svg").read_text())  # noqa: S704 - our own files
    role = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" width="{size}" height="{size}" viewBox="0 0 24 24" {role}>{paths}</svg>').format(
        size=size, role=role, paths=paths
    )
