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
from tickets.ticket.views import lists as views

pytestmark = pytest.mark.django_db
LIST, API = reverse("ticket:list"), "/api/v1/tickets/"
RANK = {"act_now": 0, "watch": 1, "stable": 2}
NARROW = ("severity", "customer", "holder", "-severity", "-customer", "-holder")


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
    """The order said in Python: of equal tickets the elder first. A name turned round keeps what is due first; an instant turns all."""
    found = listing.queries.listing(member, view).select_related("customer", "holder").order_by("pk")
    turned, name = sort.startswith("-"), sort.lstrip("-")
    rows = sorted(found, key=EXPECTED["due"]) if sort in NARROW else list(found)
    key = (lambda ticket: EXPECTED[name](ticket)[:-1]) if sort in NARROW else EXPECTED[name]
    rows.sort(key=key, reverse=turned and sort in NARROW)
    return [ticket.pk for ticket in (reversed(rows) if turned and sort not in NARROW else rows)]


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
     "view=all&sort=-newest", "view=all&sort=-due", "view=mine&sort=-holder", "view=team&sort=--due", "view=team&sort=-",
     "view=team&sort=severity&after=a%00b", "view=team&sort=-holder&after=" + "x" * 400 + "~" + "0" * 19,
     "view=team&sort=customer&after=2026-11-22T10:00:00Z~7", "view=team&sort=-severity&after=7", "view=team&sort=-due&after=0~" + "0" * 19,
     "view=team&sort=held&after=~7", "view=team&sort=-held&before=~7", "view=team&sort=-due&after=9999-12-31T23:59:59-23:59~7"],
)  # fmt: skip
def test_an_order_that_the_list_does_not_offer_is_refused(bob: Client, mixed: list[Ticket], address: str) -> None:
    assert bob.get(f"{LIST}?{address}").status_code == 400


def test_the_headings_say_and_change_the_order(bob: Client, mixed: list[Ticket]) -> None:
    head = body(bob.get(LIST, {"view": "team", "sort": "customer", "severity": "watch"})).partition("<thead>")[2].partition("</thead>")[0]
    customer, matter, holder, due = [cell for cell in head.split("<th ")[1:] if "data-tick-all" not in cell]
    assert 'aria-sort="ascending"' in customer and f'href="{LIST}?view=team&amp;sort=-customer&amp;severity=watch"' in customer
    assert "aria-sort" not in matter + holder + due and "href" not in matter
    assert f'href="{LIST}?view=team&amp;sort=holder&amp;severity=watch"' in holder
    assert f'href="{LIST}?view=team&amp;sort=due&amp;severity=watch"' in due
    everything = body(bob.get(LIST, {"view": "all"})).partition("<thead>")[2].partition("</thead>")[0]
    assert "href" not in everything and "aria-sort" not in everything


@pytest.mark.parametrize(
    ("view", "sort", "place", "said", "other"),
    [("team", "customer", 0, "ascending", "-customer"), ("team", "-customer", 0, "descending", "customer"),
     ("team", "-holder", 2, "descending", "holder"), ("mine", "-due", 3, "descending", "due"),
     ("pool", "held", 3, "descending", "-held"), ("pool", "-held", 3, "ascending", "held")],
)  # fmt: skip
def test_the_heading_sorted_by_turns_it_round(
    bob: Client, mixed: list[Ticket], view: str, sort: str, place: int, said: str, other: str
) -> None:
    shown = body(bob.get(LIST, {"view": view, "sort": sort}))
    cells = [cell for cell in shown.partition("<thead>")[2].partition("</thead>")[0].split("<th ")[1:] if "data-tick-all" not in cell]
    assert [("aria-sort" in cell) for cell in cells] == [number == place for number in range(4)]
    assert f'aria-sort="{said}"' in cells[place] and f'sort={other}"' in cells[place]


@pytest.mark.parametrize(("view", "sort"), [("team", "due"), ("team", "-severity"), ("pool", "held"), ("all", "newest")])
def test_the_menu_names_one_more_order_than_there_are_columns(view: str, sort: str) -> None:
    menu = [name for name, words, address in views.sorts(listing.Query(view, sort)) if words and f"sort={name}" in address]
    one_way = [name for name in sorting.SORTS[view] if not name.startswith("-")]
    turned = [] if view == "all" else [f"-{sort.lstrip('-')}"]
    assert sorted(menu) == sorted(one_way + turned) and sort in menu


def test_pages_by_age_are_named_so_only_where_the_next_is_older(bob: Client, mixed: list[Ticket], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views.listing.rows, "__kwdefaults__", {"size": 5})
    words = {
        sort: body(bob.get(LIST, {"view": "all", "sort": sort})).partition('rel="next"')[2].partition("</a>")[0]
        for sort in ("newest", "oldest")
    }
    assert "Older" in words["newest"] and "Next page" in words["oldest"]


def test_the_file_is_sorted_as_the_screen_and_a_view_keeps_its_order(bob: Client, cast: Cast, mixed: list[Ticket]) -> None:
    for sort in (*NARROW, "-due", "-held"):
        answer = bob.get(reverse("ticket:export", args=["csv"]), {"view": "team", "sort": sort})
        rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        assert [int(row[0]) for row in rows[1:]] == expected("team", sort, cast.bob)
    for sort in ("severity", "-holder"):
        kept = bob.post(reverse("ticket:save_view"), {"name": "by gravity", "query": f"?view=team&sort={sort}"})
        assert kept["Location"] == f"{LIST}?view=team&sort={sort}"


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


def test_the_api_turns_what_is_due_round(bob: Client, cast: Cast, mixed: list[Ticket]) -> None:
    timed = set(Ticket.objects.filter(due_at__isnull=False).values_list("pk", flat=True))
    whole = [pk for pk in expected("team", "-due", cast.bob) if pk in timed]
    assert [pk for page in through(bob, f"{API}?ordering=-due_at&page_size=3") for pk in page] == whole


def test_the_api_says_what_it_can_sort_by(bob: Client, mixed: list[Ticket], django_assert_max_num_queries) -> None:
    for ordering, names in (
        ("subject", "opened_at, due_at, -due_at, severity, -severity, customer, -customer, holder, -holder"),
        ("holder", "opened_at, due_at"),
        ("-holder", "opened_at, due_at"),
        ("--due_at", "opened_at, due_at"),
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
