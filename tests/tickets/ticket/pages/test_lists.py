"""The lists: which rows, in which order, the same rows as a file, one deed for all or none."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from itertools import chain
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from tests.cast import Cast
from tests.tickets.ticket.pages.conftest import HTMX, body
from tickets.customer.models import Customer
from tickets.ticket import actions, listing, promising
from tickets.ticket.models import Resolution, SavedView, Ticket

pytestmark = pytest.mark.django_db
LIST, BULK = reverse("ticket:list"), reverse("ticket:bulk")


@pytest.fixture
def many(cast: Cast, liu: Customer) -> list[Ticket]:
    """Seven of Bob's: due at different times, two at the same, two without any."""
    now = timezone.now()
    hours = [5, 1, 3, 3, None, 2, None]
    return [
        actions.open_ticket(
            by=cast.bob, customer=liu, subject=f"matter {place}", next_at=None if hour is None else now + timedelta(hours=hour), at=now
        )
        for place, hour in enumerate(hours)
    ]


def test_due_first_and_what_has_no_time_last(cast: Cast, many: list[Ticket]) -> None:
    rows = listing.rows(listing.Query("mine", "due"), cast.bob, timezone.now()).rows
    assert [row["subject"][-1] for row in rows] == ["1", "5", "2", "3", "0", "4", "6"]


def test_each_view_holds_what_it_says(browser, cast: Cast, many: list[Ticket], pooled: Ticket, refund: Resolution) -> None:
    actions.wait(many[0], by=cast.bob, on="customer")
    actions.resolve(many[1], by=cast.bob, resolution=refund)
    bob = browser(cast.bob)

    def shown(view: str) -> set[int]:
        return {ticket.pk for ticket in [*many, pooled] if f'id="t-{ticket.pk}"' in body(bob.get(LIST, {"view": view}))}

    held = {ticket.pk for ticket in many}
    assert shown("mine") == held - {many[1].pk}
    assert shown("team") == held - {many[1].pk} | {pooled.pk}
    assert shown("pool") == {pooled.pk}
    assert shown("waiting") == {many[0].pk}
    assert shown("all") == held | {pooled.pk}
    assert f'id="t-{many[0].pk}"' not in body(browser(cast.carol).get(LIST, {"view": "mine"}))
    assert f'id="t-{many[0].pk}"' not in body(browser(cast.mallory).get(LIST, {"view": "all"}))


@pytest.mark.parametrize(
    "address",
    [
        "view=nobodys",
        "sort=random",
        "view=all&sort=due",
        "holder__password=x",
        "severity=huge",
        "reason=abc",
        "after=nonsense",
        "x=1",
    ],
)
def test_an_unknown_filter_is_refused_not_ignored(bob: Client, many: list[Ticket], address: str) -> None:
    assert bob.get(f"{LIST}?{address}").status_code == 400
    assert bob.get(f"{LIST}?status=").status_code == 200  # left empty in the filter's form


@pytest.mark.parametrize(
    ("address", "places"),
    [
        ("severity=act_now", {0}),
        ("tag=急", {1}),
        ("due=soon", set()),
        ("complaint=any", {0}),
        ("q=漏水", {2}),
        ("holder=pool", set()),
        ("status=open", {0, 1, 2}),
    ],
)
def test_filters(bob: Client, cast: Cast, liu: Customer, address: str, places: set[int]) -> None:
    said: list[dict[str, Any]] = [{"severity": "act_now", "complaint": "dispute"}, {"tags": ["急"]}, {"body": "杯子漏水了"}]
    tickets = [actions.open_ticket(by=cast.bob, customer=liu, subject="x", **more) for more in said]
    page = body(bob.get(f"{LIST}?view=mine&{address}"))
    assert {place for place, ticket in enumerate(tickets) if f'id="t-{ticket.pk}"' in page} == places


def test_the_number_of_queries_stays_when_rows_double(bob: Client, cast: Cast, many: list[Ticket], django_assert_max_num_queries) -> None:
    for view in ("mine", "team", "all", "promises"):
        with django_assert_max_num_queries(7) as few:
            bob.get(LIST, {"view": view})
        for number in range(6):
            promise = ("p", timezone.now() + timedelta(hours=1))
            actions.open_ticket(by=cast.bob, customer=many[0].customer, subject=f"more {number}", promise=promise, tags=["x"])
        with django_assert_max_num_queries(len(few)):
            bob.get(LIST, {"view": view})


def test_an_unchanged_list_is_not_drawn_again(bob: Client, cast: Cast, many: list[Ticket], django_assert_max_num_queries) -> None:
    first = bob.get(f"{LIST}?view=team&live=1", **HTMX)
    with django_assert_max_num_queries(4):
        assert bob.get(f"{LIST}?view=team&live=1", HTTP_IF_NONE_MATCH=first["ETag"], **HTMX).status_code == 304
    actions.note(many[0], by=cast.carol, text="x")
    assert bob.get(f"{LIST}?view=team&live=1", HTTP_IF_NONE_MATCH=first["ETag"], **HTMX).status_code == 200


def test_d3_the_file_has_the_rows_of_the_screen_and_no_formula(bob: Client, cast: Cast, many: list[Ticket]) -> None:
    evil = actions.open_ticket(by=cast.bob, customer=many[0].customer, subject='=HYPERLINK("http://evil","x")', tags=["+1"])
    shown = [row["id"] for row in listing.rows(listing.Query("mine", "due"), cast.bob, timezone.now()).rows]
    answer = bob.get(reverse("ticket:export", args=["csv"]), {"view": "mine"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [int(row[0]) for row in rows[1:]] == shown
    mine = next(row for row in rows if row[0] == str(evil.pk))
    assert mine[2].startswith("'=HYPERLINK") and mine[14] == "'+1"
    sheet = b"".join(bob.get(reverse("ticket:export", args=["xlsx"]), {"view": "mine"}).streaming_content)
    book = CalamineWorkbook.from_filelike(io.BytesIO(sheet))
    cells = book.get_sheet_by_index(0).to_python()
    assert [int(row[0]) for row in cells[1:]] == shown
    assert any(str(row[2]).startswith("'=HYPERLINK") for row in cells)


def test_the_export_honours_the_filters_and_the_team(browser, cast: Cast, many: list[Ticket]) -> None:
    path = reverse("ticket:export", args=["csv"])
    none = b"".join(browser(cast.bob).get(path, {"view": "mine", "severity": "act_now"}).streaming_content).decode()
    assert none.count("\n") == 1
    assert b"matter" not in b"".join(browser(cast.mallory).get(path, {"view": "all"}).streaming_content)
    assert browser(cast.bob).get(reverse("ticket:export", args=["exe"])).status_code == 404


def test_bulk_does_all(bob: Client, cast: Cast, many: list[Ticket], refund: Resolution) -> None:
    ids = [ticket.pk for ticket in many[:3]]
    page = body(bob.get(BULK, {"deed": "resolve", "ticket": ids, "back": "/tickets/?view=mine"}))
    assert "Resolve · 3 tickets" in page
    answer = bob.post(BULK, {"deed": "resolve", "ticket": ids, "resolution": refund.pk, "back": "/tickets/?view=mine"})
    assert answer["Location"] == "/tickets/?view=mine"
    assert Ticket.objects.filter(status="resolved").count() == 3


def test_bulk_does_all_or_nothing_and_says_which(browser, cast: Cast, pooled: Ticket, held: Ticket) -> None:
    carol = browser(cast.carol)
    answer = carol.post(BULK, {"deed": "claim", "ticket": [pooled.pk, held.pk]})
    assert answer.status_code == 422 and "Bob has it" in body(answer)
    pooled.refresh_from_db()
    assert pooled.holder is None
    stranger = browser(cast.mallory).post(BULK, {"deed": "claim", "ticket": [pooled.pk]})
    assert stranger.status_code == 422 and "差评" not in body(stranger)
    assert carol.post(BULK, {"deed": "explode", "ticket": [pooled.pk]}).status_code == 400
    assert carol.post(BULK, {"deed": "claim"}).status_code == 400
    outside = carol.post(BULK, {"deed": "claim", "ticket": [pooled.pk], "back": "https://evil.example/"})
    assert outside["Location"] == LIST


def test_views_are_kept_for_oneself_or_for_all(browser, cast: Cast, many: list[Ticket]) -> None:
    bob, carol = browser(cast.bob), browser(cast.carol)
    for name, shared in (("我的急件", ""), ("全组投诉", "on")):
        answer = bob.post(reverse("ticket:save_view"), {"name": name, "query": "?view=team&severity=act_now", "shared": shared})
        assert parse_qs(urlsplit(answer["Location"]).query) == {"view": ["team"], "severity": ["act_now"]}
    page = body(carol.get(LIST))
    assert "全组投诉" in page and "我的急件" not in page
    own = SavedView.objects.get(name="我的急件")
    assert carol.post(reverse("ticket:forget_view", args=[own.pk])).status_code == 404
    assert carol.post(reverse("ticket:forget_view", args=[SavedView.objects.get(name="全组投诉").pk])).status_code == 403
    assert bob.post(reverse("ticket:forget_view", args=[own.pk])).status_code == 303
    assert bob.post(reverse("ticket:save_view"), {"name": "x", "query": "?view=team&evil=1"}).status_code == 400


def test_promises_by_urgency(bob: Client, cast: Cast, many: list[Ticket], pooled: Ticket) -> None:
    now = timezone.now()
    actions.promise(many[0], by=cast.bob, text="later", due_at=now + timedelta(hours=5))
    actions.promise(pooled, by=cast.carol, text="sooner", due_at=now + timedelta(hours=1))
    page = body(bob.get(LIST, {"view": "promises"}))
    assert page.index("sooner") < page.index("later")
    assert "sooner" not in body(bob.get(LIST, {"view": "promises", "whose": "mine"}))
    assert bob.get(LIST, {"view": "promises", "whose": "theirs"}).status_code == 400
    assert bob.get(LIST, {"view": "promises", "after": "x"}).status_code == 400


@pytest.fixture
def promised(cast: Cast, many: list[Ticket]) -> list[str]:
    """Five words given on Bob's matters, by urgency; two of them for the same instant."""
    now = timezone.now()
    for place, (ticket, hours) in enumerate(zip(many, (1, 2, 2, 3, 4), strict=False)):
        actions.promise(ticket, by=cast.bob, text=f"word {place}", due_at=now + timedelta(hours=hours))
    return [f"word {place}" for place in range(5)]


@pytest.mark.parametrize("size", [1, 2, 4, 50])
def test_promises_are_paged_forwards_and_backwards(cast: Cast, promised: list[str], size: int) -> None:
    query, there = promising.Query(), []
    while True:
        found = promising.rows(query, cast.bob, size=size)
        there.append([row["text"] for row in found.rows])
        if not found.next:
            break
        query = promising.Query(after=found.next)
    assert list(chain(*there)) == promised
    back = [there[-1]]
    while found.previous:
        found = promising.rows(promising.Query(before=found.previous), cast.bob, size=size)
        back.insert(0, [row["text"] for row in found.rows])
    assert list(chain(*back)) == promised


def test_the_promises_as_a_file_are_those_of_the_screen(browser, cast: Cast, promised: list[str], pooled: Ticket) -> None:
    actions.promise(pooled, by=cast.carol, text="=1+1", due_at=timezone.now() + timedelta(hours=9))
    bob = browser(cast.bob)
    path = reverse("ticket:export", args=["csv"])
    assert f'href="{path}?view=promises&amp;whose=mine"' in body(bob.get(LIST, {"view": "promises", "whose": "mine"}))
    rows = list(csv.reader(io.StringIO(b"".join(bob.get(path, {"view": "promises"}).streaming_content).decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == [*promised, "'=1+1"]
    mine = b"".join(bob.get(path, {"view": "promises", "whose": "mine"}).streaming_content).decode()
    assert "word 4" in mine and "=1+1" not in mine
    assert b"word" not in b"".join(browser(cast.mallory).get(path, {"view": "promises"}).streaming_content)
    assert bob.get(path, {"view": "promises", "whose": "theirs"}).status_code == 400


def test_a_list_of_promises_is_kept_as_well(bob: Client, promised: list[str]) -> None:
    answer = bob.post(reverse("ticket:save_view"), {"name": "pool’s", "query": "?view=promises&whose=pool"})
    assert answer["Location"] == f"{LIST}?view=promises&whose=pool"
    assert "pool’s" in body(bob.get(LIST, {"view": "promises"}))
    assert bob.post(reverse("ticket:save_view"), {"name": "x", "query": "?view=promises&whose=theirs"}).status_code == 400


def test_a_manager_clears_away_what_was_kept_for_all(browser, cast: Cast) -> None:
    kept = actions.save_view(by=cast.bob, name="old campaign", query="view=team", shared=True)
    forget = reverse("ticket:forget_view", args=[kept.pk])
    assert forget in body(browser(cast.alice).get(LIST, {"view": "all"}))
    assert forget not in body(browser(cast.carol).get(LIST, {"view": "all"}))
    assert browser(cast.alice).post(forget).status_code == 303
    assert not SavedView.objects.filter(pk=kept.pk).exists()


def test_filters_can_be_chosen(bob: Client, cast: Cast, many: list[Ticket]) -> None:
    page = body(bob.get(reverse("ticket:filters"), {"view": "team", "severity": "watch"}, **HTMX))
    assert 'value="watch" selected' in page and ">Bob<" in page and "Mallory" not in page and "Olga" not in page
