"""The ticket page: the story, who has it, whom to send the customer to; and what others must not see."""

from __future__ import annotations

import html
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.cast import Cast
from tests.tickets.ticket.pages.conftest import HTMX, body
from tickets.order.actions import Line, log_order
from tickets.people.actions import set_presence
from tickets.ticket import actions
from tickets.ticket.models import Ticket

pytestmark = pytest.mark.django_db


def url(ticket: Ticket, name: str = "show") -> str:
    return reverse(f"ticket:{name}", args=[ticket.pk])


def test_tells_the_story_and_who_has_it(bob: Client, cast: Cast, held: Ticket) -> None:
    actions.contact(held, by=cast.bob, text="已安抚")
    actions.transfer(held, cast.carol, by=cast.bob, reason="下班了", next_step="打给顺丰")
    page = body(bob.get(url(held)))
    assert "answered the customer" in page and "已安抚" in page
    assert "passed it on to Carol" in page and "下班了" in page and "打给顺丰" in page
    assert "2 people so far" in page


def test_a_viewer_is_told_whom_to_send_the_customer_to(browser, cast: Cast, held: Ticket) -> None:
    set_presence(cast.bob, on_until=timezone.now() + timedelta(hours=1))
    assert "Tell the customer: Bob" in body(browser(cast.carol).get(url(held)))
    assert "Tell the customer" not in body(browser(cast.bob).get(url(held)))


def test_who_takes_over_next_when_the_holder_is_off(browser, cast: Cast, held: Ticket) -> None:
    for member in (cast.bob, cast.dan, cast.eve, cast.dora, cast.alice):
        set_presence(member, on_since=None, on_until=None)
    page = body(browser(cast.carol).get(url(held)))
    assert "Tell the customer: Carol" in page


def test_another_teams_ticket_is_not_there(browser, cast: Cast, held: Ticket) -> None:
    stranger = browser(cast.mallory)
    for name in ("show", "live", "pass-on", "take", "edit", "resolve", "files"):
        assert stranger.get(url(held, name)).status_code == 404, name
    assert stranger.post(url(held, "take")).status_code == 404
    assert stranger.post(url(held, "contact"), {"text": "x", "outcome": "note"}).status_code == 404
    held.refresh_from_db()
    assert held.holder == cast.bob


def test_the_warehouse_sees_no_money(browser, cast: Cast, held: Ticket) -> None:
    order = log_order(by=cast.bob, shop=cast.shop, number="2026111800017", customer=held.customer, lines=[Line("杯", 1, Decimal("89.37"))])
    actions.edit(held, by=cast.bob, version=held.version, orders=[order])
    assert "89.37" in body(browser(cast.bob).get(url(held)))
    seen = body(browser(cast.wen).get(url(held)))
    assert "2026111800017" in seen and "89.37" not in seen


def test_costs_the_same_however_long_the_story(bob: Client, cast: Cast, held: Ticket, django_assert_max_num_queries) -> None:
    def fill(times: int) -> None:
        for number in range(times):
            actions.note(held, by=cast.carol, text=f"note {number}")
            actions.promise(held, by=cast.bob, text=f"promise {number}", due_at=timezone.now() + timedelta(hours=3))
            actions.transfer(held, cast.carol, by=cast.alice, reason="r", next_step="s")
            actions.transfer(held, cast.bob, by=cast.alice, reason="r", next_step="s")

    fill(2)
    bob.get(url(held))  # looks the team's mailbox up, for a minute
    with django_assert_max_num_queries(10) as few:
        bob.get(url(held))
    fill(6)
    with django_assert_max_num_queries(len(few)):
        bob.get(url(held))


def test_an_unchanged_ticket_is_not_drawn_again(bob: Client, cast: Cast, held: Ticket, django_assert_max_num_queries) -> None:
    first = bob.get(url(held, "live"), **HTMX)
    assert first.status_code == 200 and first["ETag"]
    with django_assert_max_num_queries(4):  # session, user, membership, the mark
        again = bob.get(url(held, "live"), HTTP_IF_NONE_MATCH=first["ETag"], **HTMX)
    assert again.status_code == 304 and not again.content
    actions.note(held, by=cast.carol, text="看一下")
    changed = bob.get(url(held, "live"), HTTP_IF_NONE_MATCH=first["ETag"], **HTMX)
    assert changed.status_code == 200 and "看一下" in body(changed)
    assert 'id="composer"' not in body(changed)  # what is being typed is not part of what is redrawn


def test_what_a_customer_wrote_is_text(bob: Client, cast: Cast, held: Ticket) -> None:
    actions.note(held, by=cast.bob, text="<script>alert(1)</script>")
    assert "<script>alert(1)" not in body(bob.get(url(held)))


def test_a_merged_ticket_shows_where_it_went(bob: Client, cast: Cast, held: Ticket) -> None:
    other = actions.open_ticket(by=cast.bob, customer=held.customer, subject="同一件事")
    actions.merge(other, held, by=cast.bob)
    page = body(bob.get(url(other)))
    assert f"merged into #{held.pk}" in page and 'id="composer"' not in page
    assert f"in #{other.pk}" in body(bob.get(url(held)))


def test_a_page_just_drawn_is_not_drawn_again_by_its_first_poll(bob: Client, cast: Cast, held: Ticket) -> None:
    for page, live in (
        (url(held), url(held, "live")),
        ("/", reverse("ticket:desk_live")),
        ("/tickets/?view=team", "/tickets/?view=team&live=1"),
    ):
        tag = html.unescape(body(bob.get(page)).split('data-live-etag="')[1].split('" ')[0].split('">')[0])
        assert bob.get(live, HTTP_IF_NONE_MATCH=tag, **HTMX).status_code == 304, page


def test_c3_the_page_says_what_opens_it_to_one_handler_too_many(browser, cast: Cast, held: Ticket) -> None:
    """Ask a manager, wait for the answer, say why where none is on duty; and nothing once a manager has agreed."""
    for member in (cast.carol, cast.dan):
        actions.contact(held, by=member)
    eve, ask = browser(cast.eve), f'href="{url(held, "ask")}"'
    assert "a manager must approve" in (page := body(eve.get(url(held)))) and ask in page
    request = actions.ask_handler(held, by=cast.eve, reason="I know her")
    assert "a manager must approve" in (page := body(eve.get(url(held)))) and ask not in page
    set_presence(cast.alice, on_since=None)
    assert "say why, and the lead hears of it" in (page := body(eve.get(url(held)))) and "a manager must approve" not in page
    assert 'name="override_reason"' in page, "asked for at once, so that nobody is refused first"
    set_presence(cast.alice, on_since=timezone.now())
    actions.approve_handler(request, by=cast.alice, reason="once")
    assert "You would be one too many" not in body(eve.get(url(held)))
