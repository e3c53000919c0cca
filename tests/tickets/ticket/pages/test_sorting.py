"""The orders of the lists: on the page, on from a cursor both ways, in the file and through the API, each ticket once."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.cast import Cast, make_customer
from tests.tickets.ticket.pages.conftest import body
from tickets.people.models import Member
from tickets.ticket import actions, listing, sorting
from tickets.ticket.models import Ticket

pytestmark = pytest.mark.django_db
LIST, API = reverse("ticket:list"), "/api/v1/tickets/"
RANK = {"act_now": 0, "watch": 1, "stable": 2}
NARROW = ("severity", "customer", "holder")


@pytest.fixture
def mixed(cast: Cast) -> list[Ticket]:
    """Twelve matters of five customers, one of them nameless, with Bob, with Carol and in the pool; several alike in everything."""
    now = timezone.now()
    people = [make_customer(cast.team, name, "") for name in ("Anna", "Ann", "刘女士", "", "Ann")]
    said: list[tuple[Member, bool, int, str, int | None]] = [
        (cast.bob, False, 0, "watch", 3), (cast.carol, False, 1, "stable", None), (cast.bob, True, 2, "act_now", 3),
        (cast.bob, False, 3, "act_now", 1), (cast.carol, False, 4, "watch", 3), (cast.bob, False, 0, "watch", 3),
        (cast.bob, True, 1, "stable", None), (cast.carol, False, 2, "stable", None), (cast.bob, False, 2, "stable", 2),
        (cast.carol, False, 1, "act_now", None), (cast.bob, True, 0, "watch", 1), (cast.carol, False, 3, "watch", None),
    ]  # fmt: skip
    made = []
    for by, pooled, customer, severity, hours in said:
        next_at = None if hours is None else now + timedelta(hours=hours)
        ticket = actions.open_ticket(
            by=by, customer=people[customer], subject="x", severity=severity, next_at=next_at, to_pool=pooled, at=now, unless_open=False
        )
        made.append(ticket)
    for ticket in made[4:8]:
        actions.wait(ticket, by=cast.bob, on="customer")
    return made


LATEST = datetime.max.replace(tzinfo=UTC)
EXPECTED: dict[str, Callable[[Ticket], Any]] = {
    "due": lambda ticket: ticket.due_at or LATEST,
    "severity": lambda ticket: (RANK[ticket.severity], ticket.due_at or LATEST),
    "customer": lambda ticket: (not ticket.customer.name, ticket.customer.name, ticket.due_at or LATEST),
    "holder": lambda ticket: (ticket.holder is None, ticket.holder and ticket.holder.display_name, ticket.due_at or LATEST),
    "held": lambda ticket: ticket.held_since,
    "newest": lambda ticket: -ticket.pk,
    "oldest": lambda ticket: 0,
}


def expected(view: str, sort: str, member: Member) -> list[int]:
    """The order said in Python: of equal tickets the elder first."""
    rows = listing.queries.listing(member, view).select_related("customer", "holder").order_by("pk")
    return [ticket.pk for ticket in sorted(rows, key=EXPECTED[sort])]


def walk(query: listing.Query, member: Member, *, size: int, back: bool = False) -> list[int]:
    """All screenfuls of a list, forwards from the start, or backwards from the end."""
    now, found = timezone.now(), []
    slice_ = listing.rows(query, member, now, size=size)
    while not back or slice_.next:
        if not back:
            found += [row["id"] for row in slice_.rows]
        if not slice_.next:
            break
        slice_ = listing.rows(replace(query, after=slice_.next), member, now, size=size)
    while back:
        found = [row["id"] for row in slice_.rows] + found
        if not slice_.previous:
            break
        slice_ = listing.rows(replace(query, after="", before=slice_.previous), member, now, size=size)
    return found


@pytest.mark.parametrize(("view", "sort"), [(view, sort) for view, sorts in sorting.SORTS.items() for sort in sorts])
def test_every_order_shows_every_row_once_both_ways(cast: Cast, mixed: list[Ticket], view: str, sort: str) -> None:
    query, whole = listing.Query(view, sort), expected(view, sort, cast.bob)
    assert len(whole) >= 3
    for size in (1, 2, 5, 50):
        assert walk(query, cast.bob, size=size) == whole
        assert walk(query, cast.bob, size=size, back=True) == whole


def test_a_list_goes_on_where_it_was_when_its_last_row_has_moved(cast: Cast, mixed: list[Ticket]) -> None:
    query, now = listing.Query("team", "severity"), timezone.now()
    shown = listing.rows(query, cast.bob, now, size=3)
    rest = expected("team", "severity", cast.bob)[3:]
    Ticket.objects.filter(pk=shown.rows[-1]["id"]).update(severity="stable")
    on = walk(replace(query, after=shown.next), cast.bob, size=4)
    assert set(on) == {*rest, shown.rows[-1]["id"]}
    assert [pk for pk in on if pk in rest] == rest


def test_sorted_and_narrowed(cast: Cast, mixed: list[Ticket]) -> None:
    query = listing.Query("team", "customer", {"severity": "stable"})
    stable = {ticket.pk for ticket in mixed if ticket.severity == "stable"}
    assert walk(query, cast.bob, size=1) == [pk for pk in expected("team", "customer", cast.bob) if pk in stable]


@pytest.mark.parametrize(
    "address",
    ["view=all&sort=severity", "view=all&sort=customer", "view=mine&sort=holder", "view=pool&sort=holder",
     "view=team&sort=severity&after=a%00b", "view=team&sort=holder&after=" + "x" * 81],
)  # fmt: skip
def test_an_order_that_the_list_does_not_offer_is_refused(bob: Client, mixed: list[Ticket], address: str) -> None:
    assert bob.get(f"{LIST}?{address}").status_code == 400


def test_the_headings_say_and_change_the_order(bob: Client, mixed: list[Ticket]) -> None:
    head = body(bob.get(LIST, {"view": "team", "sort": "customer", "severity": "watch"})).partition("<thead>")[2].partition("</thead>")[0]
    customer, matter, holder, due = [cell for cell in head.split("<th ")[1:] if "data-tick-all" not in cell]
    assert 'aria-sort="ascending"' in customer and "href" not in customer
    assert "aria-sort" not in matter + holder + due and "href" not in matter
    assert f'href="{LIST}?view=team&amp;sort=holder&amp;severity=watch"' in holder
    assert f'href="{LIST}?view=team&amp;sort=due&amp;severity=watch"' in due
    everything = body(bob.get(LIST, {"view": "all"})).partition("<thead>")[2].partition("</thead>")[0]
    assert "href" not in everything and "aria-sort" not in everything


def test_the_file_is_sorted_as_the_screen_and_a_view_keeps_its_order(bob: Client, cast: Cast, mixed: list[Ticket]) -> None:
    for sort in NARROW:
        answer = bob.get(reverse("ticket:export", args=["csv"]), {"view": "team", "sort": sort})
        rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        assert [int(row[0]) for row in rows[1:]] == expected("team", sort, cast.bob)
    kept = bob.post(reverse("ticket:save_view"), {"name": "by gravity", "query": "?view=team&sort=severity"})
    assert kept["Location"] == f"{LIST}?view=team&sort=severity"


def through(client: Client, address: str, way: str = "next") -> list[list[int]]:
    """The pages of the API from an address on, the ids of each."""
    found, url = [], address
    while url:
        page = client.get(url).json()
        found.append([row["id"] for row in page["results"]])
        if way == "previous" or not page[way]:
            last = url
        url = page[way]
    assert last
    return found


@pytest.mark.parametrize("ordering", NARROW)
def test_the_api_sorts_what_is_unresolved(bob: Client, cast: Cast, mixed: list[Ticket], ordering: str) -> None:
    address = f"{API}?unresolved=true&ordering={ordering}&page_size=5"
    pages, whole = through(bob, address), expected("team", ordering, cast.bob)
    assert [pk for page in pages for pk in page] == whole and [len(page) for page in pages] == [5, 5, 2]
    last = bob.get(bob.get(bob.get(address).json()["next"]).json()["next"]).json()
    back = [[row["id"] for row in last["results"]], *through(bob, last["previous"], "previous")]
    assert [pk for page in reversed(back) for pk in page] == whole
    told = bob.get(address).json()["results"][0]
    assert told["customer"] and "orders" in told and "place" not in told


def test_the_api_says_what_it_can_sort_by(bob: Client, mixed: list[Ticket], django_assert_max_num_queries) -> None:
    for ordering, names in (
        ("subject", "-id, id, -opened_at, opened_at, due_at, severity, customer, holder"),
        ("holder", "opened_at, due_at"),
    ):
        answer = bob.get(API, {"ordering": ordering})
        assert answer.status_code == 400 and names in answer.json()["errors"]["ordering"][0]
    assert bob.get(API, {"ordering": "severity", "unresolved": "false"}).status_code == 400
    with django_assert_max_num_queries(6):
        bob.get(API, {"ordering": "severity", "unresolved": "true"})


def test_a_made_up_cursor_of_the_api_is_no_failure(bob: Client, mixed: list[Ticket]) -> None:
    asked = {"ordering": "customer", "unresolved": "true"}
    for position, status in (("a\0b", 404), ("x" * 5000, 200), ("\ud7ff", 200)):
        cursor = base64.b64encode(urlencode({"p": position}).encode()).decode()
        assert bob.get(API, asked | {"cursor": cursor}).status_code == status
