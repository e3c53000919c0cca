"""What `make ux` and `make gallery` look at exists, and the README's pictures are the ones they made."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import resolve

from handover.demo.people import CAST
from ux.doors import EVERY
from ux.gallery import MORE, README
from ux.keys import DEEDS, MOST
from ux.pages import FOUND_ON, PAGES, TEN, Visit

ROOT = Path(settings.BASE_DIR)


@pytest.mark.parametrize("visit", EVERY, ids=lambda visit: visit.name)
def test_every_visit_leads_to_a_page_of_somebody_in_the_demo(visit: Visit) -> None:
    assert resolve(visit.path.partition("?")[0].format_map(dict.fromkeys(FOUND_ON, 1)))
    assert visit.who in {"", *(person.username for person in CAST)}


def test_the_pages_named_elsewhere_are_in_the_list() -> None:
    names = {visit.name for visit in PAGES}
    assert {*TEN, *README, *MORE} <= names
    assert set(MOST) == set(DEEDS)


def test_the_pictures_that_are_shown_exist_and_are_small() -> None:
    shown = re.findall(r"!\[[^]]*]\((docs/gallery/[^)]+)\)", (ROOT / "README.md").read_text())
    assert {Path(name).stem for name in shown} >= set(README)
    assert [name for name in shown if not (ROOT / name).exists()] == []
    assert sum(file.stat().st_size for file in (ROOT / "docs/gallery").iterdir()) < 6 * 2**20
