"""What a first visit weighs on the wire, how much the page moves while it loads, and how soon a key is answered on the screen."""

from __future__ import annotations

from dataclasses import dataclass

from ux.browse import DESKTOP, Hand
from ux.pages import Visit

FIRST_VISIT = 150 * 1024
PAINT = 100
WATCH = """
window.shift = 0; window.slowest = 0;
new PerformanceObserver((list) => list.getEntries().forEach((e) => (window.shift += e.value)))
    .observe({type: 'layout-shift', buffered: true});
new PerformanceObserver((list) => list.getEntries().forEach((e) => (window.slowest = Math.max(window.slowest, e.duration))))
    .observe({type: 'event', durationThreshold: 16, buffered: true});
"""


@dataclass(frozen=True)
class Weight:
    """Bytes as transferred (compressed, with headers), the layout shift score, and the slowest key or click in milliseconds."""

    first: int
    repeat: int
    shift: float
    slowest: float


def weigh(hand: Hand, visit: Visit) -> Weight | None:
    context = hand.context(visit.who, DESKTOP)
    page = hand.page(context)
    page.add_init_script(WATCH)
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    got: list[int] = []
    wire.on("Network.loadingFinished", lambda done: got.append(int(done["encodedDataLength"])))
    if not hand.go(page, visit):
        context.close()
        return None
    first = sum(got)
    got.clear()
    page.reload()
    page.wait_for_timeout(400)
    shift, repeat = page.evaluate("window.shift"), sum(got)
    page.keyboard.press("?")
    page.wait_for_timeout(150)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    page.wait_for_timeout(250)
    slowest = page.evaluate("window.slowest")
    context.close()
    return Weight(first, repeat, shift, slowest)
