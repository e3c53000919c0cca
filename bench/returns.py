"""What is measured of return forms: from the scan to the form, the three desks, and the deeds that sign."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from django.utils import timezone

from bench.clients import Ask
from bench.forms import AFTER_SALE, WAREHOUSE, laid_out, make_staff, unclaimed_lines
from bench.pages import MANAGER, Probe, Scene
from tickets.return_form.models import ReturnForm

FILES, COUNTS = AFTER_SALE[0], WAREHOUSE[0]
QUERIES = 15
"""What a deed may ask of the database, the whole request."""
DEEDS = {"count": 20, "warm": 4}


def return_probes(scene: Scene, wanted: Callable[[str], bool], rounds: int) -> Iterator[Probe]:
    """Only what is `wanted` is laid out."""
    make_staff(timezone.now())
    for name, build in BUILDERS.items():
        if wanted(name):
            yield build(name, scene, rounds)


def scanned(column: str) -> Callable[[str, Scene, int], Probe]:
    """A scan at the warehouse's desk, until the form can be counted: the redirect is followed."""

    def build(name: str, scene: Scene, rounds: int) -> Probe:
        waiting = ReturnForm.objects.filter(state="submitted", parcels__isnull=False).order_by("-id").values_list(column, "id")[7:]
        found = waiting.first()
        if found is None:
            raise LookupError("no form waits for the warehouse: were the forms loaded?")
        text = f"R{found[0]}" if column == "id" else found[0]
        return Probe(name, scene.get(f"/returns/desk/?q={text}", COUNTS))

    return build


def page(path: str, member: int) -> Callable[[str, Scene, int], Probe]:
    return lambda name, scene, rounds: Probe(name, scene.get(path, member))


def filing(name: str, scene: Scene, rounds: int) -> Probe:
    scene.cookies.pop(FILES, None)
    lines = iter(unclaimed_lines(needed(rounds)))

    def make() -> dict[str, Any]:
        line, order = next(lines)
        asked = {"order_line": line, "quantity": 1, "resolution": "return_and_refund", "reason": 5}
        return {"order": order.pk, "words": "第二个也漏水", "lines": [asked]}

    return Probe(name, scene.post(itertools.repeat("/api/v1/returns/"), make, FILES), most=5, expect=(201,), most_queries=QUERIES, **DEEDS)


def cosigning(name: str, scene: Scene, rounds: int) -> Probe:
    return _deed(name, scene, COUNTS, "cosign", laid_out(needed(rounds), counted=True))


def deciding(name: str, scene: Scene, rounds: int) -> Probe:
    return _deed(name, scene, MANAGER, "decide", laid_out(needed(rounds), signed=True))


def needed(rounds: int) -> int:
    """Forms that one probe uses up, with a few to spare."""
    return DEEDS["warm"] + DEEDS["count"] * (rounds + 1) + 8


def _deed(name: str, scene: Scene, member: int, deed: str, forms: list[tuple[int, int]]) -> Probe:
    scene.cookies.pop(member, None)  # signing in a moment ago counts as the proof that signing asks for
    turn = iter(forms)
    said: dict[str, Any] = {}

    def paths() -> Iterator[str]:
        for pk, version in turn:
            said["version"] = version
            yield f"/api/v1/returns/{pk}/{deed}/"

    make: Callable[[], Ask] = scene.post(paths(), lambda: said, member)
    return Probe(name, make, most=5, most_queries=QUERIES, **DEEDS)


BUILDERS: dict[str, Callable[[str, Scene, int], Probe]] = {
    "returns: scan a tracking number": scanned("parcels__tracking"),
    "returns: scan an order number": scanned("order__number"),
    "returns: scan a form": scanned("id"),
    "returns: after-sale's desk": page("/returns/", FILES),
    "returns: the warehouse's desk": page("/returns/desk/", COUNTS),
    "returns: the manager's desk": page("/returns/decide/", MANAGER),
    "API: file a return form": filing,
    "API: co-sign a return form": cosigning,
    "API: decide a return form": deciding,
}
