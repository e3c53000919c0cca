"""`python -m ux gallery`: docs/gallery/, every main page on desktop and phone, dark, and in Chinese.

PNG files of 128 colours: text stays sharp, and they are small.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from ux.browse import DESKTOP, PHONE, Hand
from ux.pages import PAGES, REPORT_PAGES, Visit
from ux.states import visits

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "gallery"
README = ("desk", "note", "digest", "board")
"""The four of the README: these come in every dress."""
MORE = ("ticket", "return-form", "warehouse", "tickets", "roster", "reports", "handover-note", "customer", "count", "returns", "team")
REPORTS = tuple(visit.name for visit in REPORT_PAGES)
DRESSES = {
    "": DESKTOP,
    "phone": PHONE | {"device_scale_factor": 1.5},
    "dark": DESKTOP | {"color_scheme": "dark"},
    "zh-hans": DESKTOP | {"locale": "zh-CN"},
}


def take(hand: Hand, only: str = "") -> list[Path]:
    """Every picture (or, with `only`, those of pages whose name contains one of its words: `roster,desk`); returns their files, and
    removes those of pages that are gone."""
    made = []
    decline_tours(hand)
    names = tuple(name for name in README + MORE + REPORTS if any(word in name for word in only.split(",")))
    for dress, device in DRESSES.items():
        for visit in visits(names):
            made += picture(hand, visit, dress, device)
    kept = made if not only else sorted({*made, *FOLDER.glob("*.png")})
    for old in {*FOLDER.glob("*.jpg"), *FOLDER.glob("*.png")} - set(kept):
        old.unlink()
    (FOLDER / "README.md").write_text(contents(kept))
    return made


def decline_tours(hand: Hand) -> None:
    """The pictures show every day's work: nobody is offered the tour any more."""
    for who in dict.fromkeys(visit.who for visit in PAGES if visit.who):
        context = hand.context(who, DESKTOP)
        page = hand.page(context)
        page.goto(hand.host)
        if page.locator(".tour-offer button").count():
            page.locator(".tour-offer button").click()
            page.locator(".tour-offer").wait_for(state="detached")
        hand.states[who] = context.storage_state()
        context.close()


def picture(hand: Hand, visit: Visit, dress: str, device: dict) -> list[Path]:
    context = hand.context(visit.who, device)
    page = hand.page(context)
    try:
        if not hand.go(page, visit):
            return []
        FOLDER.mkdir(parents=True, exist_ok=True)
        file = FOLDER / ("-".join(filter(None, (visit.name, dress))) + ".png")
        with Image.open(io.BytesIO(page.screenshot(animations="disabled"))) as taken:
            taken.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(file, optimize=True)
        return [file]
    finally:
        context.close()


def contents(made: list[Path]) -> str:
    """A page of the pictures, made with them."""
    lines = ["# Pictures", "", "Made by `make gallery` from the demo team; made anew, not retouched.", ""]
    for visit in PAGES:
        stems = ["-".join(filter(None, (visit.name, dress))) for dress in DRESSES]
        files = sorted((file for file in made if file.stem in stems), key=lambda file: stems.index(file.stem))
        if files:
            lines += [f"## {visit.name}", "", " ".join(f"![{file.stem}]({file.name})" for file in files), ""]
    return "\n".join(lines)
