"""QR and Code 128 as inline SVG: attributes only, so that the content security policy needs no exception."""

from __future__ import annotations

import segno
from barcode.codex import Code128
from barcode.errors import BarcodeError
from markupsafe import Markup

QUIET = 10
"""The quiet zone of Code 128 on each side, in modules, as the standard wants it."""


def qr(text: str) -> Markup:
    """The text as a QR code, error correction M."""
    return Markup(segno.make(text, error="m", micro=False).svg_inline(scale=3, border=2, omitsize=True))  # noqa: S704 - segno's own markup


def code128(text: str, height: int = 40) -> Markup:
    """The text as Code 128, one unit a module; nothing where the text has letters that Code 128 does not know."""
    try:
        modules = str(Code128(text).build()[0])
    except (BarcodeError, KeyError, ValueError):
        return Markup("")
    bars, place = [], 0
    while place < len(modules):
        end = place
        while end < len(modules) and modules[end] == modules[place]:
            end += 1
        if modules[place] == "1":
            bars.append(Markup('<rect x="{}" width="{}" height="{}"/>').format(place + QUIET, end - place, height))
        place = end
    width = len(modules) + 2 * QUIET
    return Markup('<svg class="bars128" viewBox="0 0 {} {}" role="img" aria-label="{}" preserveAspectRatio="none">{}</svg>').format(
        width, height, text, Markup("").join(bars)
    )
