"""`python -m ux [--host URL] [--only NAME]` measures and judges; `python -m ux gallery` takes the pictures of docs/gallery/.

Without --host a try-out server with the demo team is started on a free port, with a database of its own, and is gone afterwards.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator

from ux import fold, gallery, keys, lighthouse, open_pages, states, weight
from ux.browse import Hand, hand
from ux.pages import TEN


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m ux", description=__doc__)
    options.add_argument("what", nargs="?", choices=("judge", "gallery", "pages"), default="judge")
    options.add_argument("--host", default="", help="a running server with the demo team, http://localhost:8000")
    options.add_argument("--only", default="", help="only the pages whose name contains this")
    options.add_argument("--part", default="", help=f"only one of {', '.join(PARTS)}")
    asked = options.parse_args()
    with hand(asked.host) as opened:
        if asked.what == "gallery":
            made = gallery.take(opened, asked.only)
            print(f"{len(made)} pictures, {sum(file.stat().st_size for file in made) / 2**20:.1f} MB in {gallery.FOLDER}")
            return 0
        if asked.what == "pages":
            open_pages.measure(opened)
            return 0
        return judge(opened, asked.only, asked.part)


def judge(opened: Hand, only: str, part: str) -> int:
    """Print every figure; 1 where a budget is missed."""
    missed: list[str] = []
    for name, measure in PARTS.items():
        if part in ("", name):
            print(f"── {name}", flush=True)
            faults = list(measure(opened, only))
            missed += faults
            print("\n".join(f"   ✗ {fault}" for fault in faults) or "   nothing missed", flush=True)
    missed += opened.complaints
    print("\n".join(f"   ✗ complaint {one}" for one in opened.complaints))
    print(f"{len(missed)} missed" if missed else "every budget is kept")
    return 1 if missed else 0


def told(faults: Iterator[states.Fault]) -> Iterator[str]:
    return (f"{where}: {what}" for where, what in faults)


def keystrokes(opened: Hand, _only: str) -> Iterator[str]:
    for name, count in keys.counted(opened).items():
        print(f"   {count:>3} keys (at most {keys.MOST[name]:>2})  {name}")
        if count > keys.MOST[name]:
            yield f"{name}: {count} keys, at most {keys.MOST[name]}"


def weights(opened: Hand, only: str) -> Iterator[str]:
    print(f"   {'':<14}{'first':>9}{'again':>9}{'shift':>8}{'slowest key':>13}")
    for visit in states.visits(tuple(name for name in TEN if only in name)):
        found = weight.weigh(opened, visit)
        if found is None:
            yield f"{visit.name}: is not there"
            continue
        sizes = f"{found.first / 1024:>6.0f} KB{found.repeat / 1024:>6.0f} KB"
        print(f"   {visit.name:<14}{sizes}{found.shift:>8.3f}{found.slowest:>10.0f} ms")
        if found.first > weight.FIRST_VISIT:
            yield f"{visit.name}: first visit of {found.first / 1024:.0f} KB, at most {weight.FIRST_VISIT // 1024}"
        if found.shift > 0:
            yield f"{visit.name}: moves while it loads ({found.shift:.3f})"
        if found.slowest > weight.PAINT:
            yield f"{visit.name}: a key took {found.slowest:.0f} ms to show, at most {weight.PAINT}"


PARTS: dict[str, Callable[[Hand, str], Iterator[str]]] = {
    "keystrokes": keystrokes,
    "the first thing above the fold": fold.judged,
    "weight and movement": weights,
    "Lighthouse": lighthouse.judged,
    "axe, width, targets: pages as they open": lambda opened, only: told(states.as_they_open(opened, only)),
    "axe: menus, folds and dialogs open": lambda opened, only: told(states.opened(opened, only)),
    "axe and focus: errors shown": lambda opened, _only: told(states.wrong(opened)),
}

if __name__ == "__main__":
    sys.exit(main())
