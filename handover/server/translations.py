"""Compiles locale/*/LC_MESSAGES/django.po with Babel, which needs no gettext programs: `python -m handover.server.translations`."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parents[2] / "locale"


def compile_translations(folder: Path = LOCALE) -> int:
    """Writes each .mo whose .po is newer; returns how many. Fuzzy entries are left out: a guess is worse than English."""
    written = 0
    for po in sorted(folder.glob("*/LC_MESSAGES/django.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        with po.open("rb") as source:
            catalog = read_po(source, locale=po.parts[-3])
        fresh = mo.with_name(f"{mo.name}.{os.getpid()}")
        with fresh.open("wb") as out:
            write_mo(out, catalog)
        fresh.rename(mo)
        written += 1
    return written


if __name__ == "__main__":
    compile_translations()
