"""The agent's desk: what comes first, and what it costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.template import engines
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.cast import Cast
from tests.tickets.ticket.pages.conftest import body
from tickets.activity.actions import alert
from tickets.customer.models import Customer
from tickets.ticket import actions
from tickets.ticket.models import Reason, Ticket

pytestmark = pytest.mark.django_db
NEW = reverse("ticket:new")


def fill(cast: Cast, liu: Customer, mark: str) -> None:
    """Something in each part of the desk."""
    mine = actions.open_ticket(
        by=cast.bob, customer=liu, subject=f"{mark}-held", promise=(f"{mark}-call", timezone.now() + timedelta(hours=1))
    )
    actions.release(actions.open_ticket(by=cast.bob, customer=liu, subject=f"{mark}-pooled"), by=cast.bob, reason="x")
    actions.note(mine, by=cast.carol, text=f"@Bob {mark}-photo")
    alert([cast.bob], "handler.let_through", key=mark, member=cast.carol.pk, by=cast.dan.pk)


def test_first_what_is_promised_then_what_one_was_told(bob: Client, cast: Cast, liu: Customer) -> None:
    fill(cast, liu, "one")
    page = body(bob.get("/"))
    first, mine, pool, recent = (page.index(f'id="{part}"') for part in ("do-first", "mine", "pool", "recent"))
    assert first < page.index("one-call") < page.index("one-photo") < mine < page.index("one-held", mine) < pool
    assert pool < page.index("one-pooled", pool) < recent
    assert "Carol" in page[first:mine] and "Bob" in page[recent:], "names of alerts and of what happened are looked up together"


def test_an_alert_that_was_seen_is_gone_and_other_peoples_are_never_there(bob: Client, cast: Cast, liu: Customer) -> None:
    fill(cast, liu, "one")
    alert([cast.carol], "ticket.mentioned", key="hers", text="for carol only")
    assert "for carol only" not in body(bob.get("/"))
    cast.bob.alerts.update(seen_at=timezone.now())
    assert 'name="alert"' not in body(bob.get("/"))


def test_what_comes_after_the_first_eight_is_one_fold_away(bob: Client, cast: Cast, liu: Customer) -> None:
    held = actions.open_ticket(by=cast.bob, customer=liu, subject="held")
    for number in range(8):
        actions.promise(held, by=cast.bob, text=f"call {number}", due_at=timezone.now() + timedelta(minutes=10 + number))
    assert 'id="do-later"' not in body(bob.get("/"))
    actions.promise(held, by=cast.bob, text="the ninth", due_at=timezone.now() + timedelta(hours=1))
    page = body(bob.get("/"))
    at_once, later = page[page.index('id="do-first"') : page.index('id="mine"')].split('id="do-later"')
    assert (at_once.count("data-row"), later.count("data-row")) == (8, 1)
    assert "the ninth" in later


def test_twelve_queries_however_much_there_is(bob: Client, cast: Cast, liu: Customer, django_assert_num_queries) -> None:
    fill(cast, liu, "one")
    bob.get("/")
    with django_assert_num_queries(12):
        bob.get("/")
    for number in range(4):
        fill(cast, liu, f"more{number}")
    with django_assert_num_queries(12):
        bob.get("/")


def test_what_one_person_typed_is_in_nobodys_empty_panel(browser, cast: Cast, liu: Customer) -> None:
    """The empty panel is rendered once for each language (`still`), in production at least."""
    env = engines["jinja2"].env
    was, env.auto_reload = env.auto_reload, False
    try:
        refused = browser(cast.bob).post(NEW, {"who": "tb_liu_8854", "what": "秘密", "next_action": "also secret", "promise": "by when?"})
        assert refused.status_code == 422 and "秘密" in body(refused) and "also secret" in body(refused)
        page = body(browser(cast.carol).get("/"))
        assert "秘密" not in page and "also secret" not in page and 'id="entry-what"' in page
        assert "发生了什么" in body(browser(cast.carol).get("/", headers={"Accept-Language": "zh-hans"}))
        assert body(browser(cast.bob).get("/")).count('name="what"') == 1
    finally:
        env.auto_reload = was
    assert not Ticket.objects.filter(subject="秘密").exists()


def test_the_teams_own_reasons_are_offered(bob: Client, browser, cast: Cast) -> None:
    Reason.objects.create(team=cast.team, name="Only here")
    assert '<option value="Only here">' in body(bob.get("/"))
    assert "Only here" not in body(browser(cast.mallory).get("/"))
