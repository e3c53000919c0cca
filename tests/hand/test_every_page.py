"""axe finds nothing on any page of the project: as it opens, with everything opened that opens, with its errors shown; light and dark.

`HANDOVER_STATES=all` (part of `make ux`) looks at each of them on a phone, in Chinese and with each dialog open, too.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, resolve
from playwright.sync_api import Page

from tests.api.scene import Scene
from tests.conftest import PHONE, Visits
from tests.hand.scene import PEOPLE, make_everything
from tests.test_access import _plain, patterns
from tickets.people.models import Member
from ux import checks
from ux.doors import EVERY, LEAVES, NO_PAGES, OF_RARE_ROWS, OF_STORIES
from ux.pages import Visit
from ux.states import faults_when_sent, open_each, open_folds

ALL = os.environ.get("HANDOVER_STATES") == "all"
NOT_OURS = ("admin/", "api/", "i18n/")
PAGES = (*EVERY, *OF_RARE_ROWS)
"""Every page, those of rare rows included."""


def route(visit: Visit) -> str:
    return _plain(resolve(visit.path.partition("?")[0].format_map({visit.word: 1} if visit.word else {})).route)


def test_every_door_that_answers_a_get_is_a_page_of_the_list_or_none() -> None:
    """Whoever adds a page names it in `ux/doors.py`: then it is looked at in every state."""
    answering = {path for path, view in patterns(get_resolver()) if not path.startswith(NOT_OURS) and answers_get(view)}
    listed = {route(visit) for visit in PAGES}
    assert answering - listed == NO_PAGES | OF_STORIES
    assert listed & (NO_PAGES | OF_STORIES) == set()


def answers_get(view: Any) -> bool:
    deeds = getattr(view, "deeds", None)
    return "GET" in deeds if isinstance(deeds, dict) else True


SOME = {"light": {}, "dark": {"color_scheme": "dark"}}
MANY = SOME | {"phone": PHONE, "dark phone in Chinese": PHONE | {"locale": "zh-CN", "color_scheme": "dark"}}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("look", MANY if ALL else SOME)
@pytest.mark.parametrize("who", dict.fromkeys(one.who for one in PAGES), ids=lambda who: who or "stranger")
def test_axe_finds_nothing_on_any_page_in_any_state(visit: Visits, who: str, look: str) -> None:
    """Each as it opens and with its folds open; in the light also with its largest form sent empty."""
    scene = make_everything()
    page = tab(visit, getattr(scene.cast, PEOPLE[who]) if who else None, MANY[look])
    pages = [one for one in PAGES if one.who == who]
    found = [f"{one.name}{fault}" for one in pages for fault in looked_at(page, scene, one, look)]
    for one in (one for one in pages if look == "light" and one.path not in LEAVES):
        page.goto(path_of(one, scene))
        found += [f"{one.name} with errors: {fault}" for fault in faults_when_sent(page)]
    assert not found, "\n".join(found)


def looked_at(page: Page, scene: Scene, one: Visit, look: str) -> Iterator[str]:
    answer = page.goto(path_of(one, scene))
    if answer is None or answer.status >= 400:
        yield f" is not there: {answer.status if answer else ''} {page.url}"
        return
    page.wait_for_load_state("load")
    rules = None if ALL or look == "light" else ["color-contrast"]  # what else there is to find, is found in the light
    yield from (f": {fault}" for fault in checks.headings(page) + checks.axe(page, rules))
    for state, part in open_each(page) if ALL else open_folds(page):
        yield from (f" with {state}: {fault}" for fault in checks.axe(page, rules, within=part))


def path_of(one: Visit, scene: Scene) -> str:
    return one.path.format_map(scene.ids)


def tab(visit: Visits, member: Member | None, look: dict[str, Any]) -> Page:
    """A browser of the member, who has just shown the password again, as pages about second factors want it."""
    page = visit(None, "/accounts/inactive/", **look)
    if member:
        client = Client()
        client.force_login(member.user)
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
        session.save()
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": visit.host}])
    return page
