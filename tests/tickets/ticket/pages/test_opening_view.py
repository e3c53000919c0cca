"""The view that somebody's list opens with: one's own or a shared one, from the bar on top, until one click ends it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.tickets.ticket.pages.conftest import body
from tickets.people.models import Member
from tickets.ticket import actions
from tickets.ticket.models import OpeningView, SavedView

pytestmark = pytest.mark.django_db
LIST, PLAINLY = reverse("ticket:list"), reverse("ticket:open_plainly")
Browser = Callable[[Member], Client]


@pytest.fixture
def urgent(cast: Cast) -> SavedView:
    return actions.save_view(by=cast.alice, name="Urgent", query="view=team&sort=severity&severity=act_now", shared=True)


def tab(client: Client, address: str = LIST) -> str:
    """The view that the list shows."""
    found = re.search(r'href="[^"]*view=(\w+)"[^>]*aria-current', body(client.get(address)))
    assert found
    return found[1]


def with_this(view: SavedView) -> str:
    return reverse("ticket:open_with", args=[view.pk])


def test_the_list_opens_with_the_view_until_one_click(browser: Browser, cast: Cast, urgent: SavedView) -> None:
    bob, carol = browser(cast.bob), browser(cast.carol)
    assert tab(bob) == "mine" and PLAINLY not in body(bob.get(LIST))
    answer = bob.post(with_this(urgent))
    assert answer["Location"] == f"{LIST}?{urgent.query}"
    shown = body(bob.get(LIST))
    assert tab(bob) == "team" and "Your list opens so." in shown and PLAINLY in shown
    assert f"{LIST}?{urgent.query.replace('&', '&amp;')}&amp;live=1" in shown  # what asks for news asks for this view
    assert tab(bob, f"{LIST}?view=mine") == "mine" and "Your list opens so." not in body(bob.get(f"{LIST}?view=mine"))
    assert tab(carol) == "mine"
    assert bob.post(PLAINLY)["Location"] == LIST
    assert tab(bob) == "mine" and bob.post(PLAINLY).status_code == 303


def test_a_list_of_promises_too(bob: Client, cast: Cast) -> None:
    bob.post(reverse("ticket:save_view"), {"name": "pool's", "query": "?view=promises&whose=pool", "opens": "on"})
    assert tab(bob) == "promises" and "Your list opens so." in body(bob.get(LIST))


def test_the_last_one_chosen_counts(bob: Client, cast: Cast, urgent: SavedView) -> None:
    own = actions.save_view(by=cast.bob, name="waits", query="view=waiting")
    for view in (urgent, own):
        bob.post(with_this(view))
    assert tab(bob) == "waiting" and OpeningView.objects.count() == 1


def test_only_ones_own_or_a_shared_view(browser: Browser, cast: Cast, urgent: SavedView) -> None:
    private = actions.save_view(by=cast.alice, name="mine alone", query="view=all")
    assert browser(cast.bob).post(with_this(private)).status_code == 404
    assert browser(cast.mallory).post(with_this(urgent)).status_code == 404
    for member, view in ((cast.bob, private), (cast.mallory, urgent)):
        with pytest.raises(IntegrityError, match="opening_view_is_ones_own_or_shared"), transaction.atomic():
            OpeningView.objects.create(member=member, view=view)
    assert not OpeningView.objects.exists()


def test_a_view_that_is_no_longer_shared_or_gone_opens_nobodys_list(browser: Browser, cast: Cast, urgent: SavedView) -> None:
    for member in (cast.alice, cast.bob):
        actions.open_with(urgent, by=member)
    actions.save_view(by=cast.alice, name="Urgent", query=urgent.query)
    assert tab(browser(cast.bob)) == "mine" and tab(browser(cast.alice)) == "team"
    actions.delete_view(urgent, by=cast.alice)
    assert not OpeningView.objects.exists()


def test_opening_so_costs_one_small_query(bob: Client, cast: Cast, urgent: SavedView, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(8) as plain:
        bob.get(f"{LIST}?{urgent.query}")
    actions.open_with(urgent, by=cast.bob)
    with django_assert_max_num_queries(len(plain) + 1):
        bob.get(LIST)


def test_what_one_holds_is_reached_from_the_bar_all_the_same(bob: Client, cast: Cast, urgent: SavedView) -> None:
    actions.open_with(urgent, by=cast.bob)
    assert f'href="{LIST}?view=mine"' in body(bob.get(LIST)).partition("<main")[0]
