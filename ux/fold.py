"""Each role's home answers “what must I do first?” without scrolling, on a desktop and on a phone, also while the tour is offered."""

from __future__ import annotations

from collections.abc import Iterator

from ux.browse import PHONE, Hand
from ux.pages import Visit

FIRST = {
    "agent": "#do-first [data-row]",
    "night": ".matter",
    "aftersale": "#waiting [data-row]",
    "warehouse": "#scan",
    "manager": "#main .panel [data-row]",
    "operations": "#main [data-row]",
}
"""Account of the demo team → the first thing of its home."""
DEVICES = {"desktop": {"viewport": {"width": 1280, "height": 800}}, "phone": PHONE}
SEEN = """(wanted) => {
    const one = document.querySelector(wanted)?.getBoundingClientRect();
    const places = document.querySelector(".places");
    const foot = getComputedStyle(places).position === "fixed" ? places.offsetHeight : 0;
    return one ? Math.round(one.top + Math.min(one.height, 44) - (innerHeight - foot)) : null;
}"""
MOST_PLACES = 6


def judged(hand: Hand, only: str) -> Iterator[str]:
    for who, wanted in FIRST.items():
        for name, device in DEVICES.items():
            if only not in who:
                continue
            context = hand.context(who, device)
            page = hand.page(context)
            hand.go(page, Visit(who, who, "/"))
            below = page.evaluate(SEEN, wanted)
            if below is None or below > 0:
                yield f"{who} ({name}): the first thing is {'not there' if below is None else f'{below} px below the fold'}"
            if page.locator(".places a").count() > MOST_PLACES:
                yield f"{who} ({name}): more than {MOST_PLACES} places"
            context.close()
