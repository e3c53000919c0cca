"""The manager's first page says what else comes first: forms to sign, tomorrow's gaps, rates that really moved the wrong way; in a
bounded number of queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from handover.report.counting import recount
from handover.report.moving import worsening
from tests.cast import make_cast, make_customer
from tests.handover.plans import make_pattern, make_shift
from tests.tickets.return_form.scene import make_scene
from tickets.order.models import Order
from tickets.ticket import actions

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
RATE = "Complaint rate 15.0 % in the last 15 days, up from 1.0 %."


@pytest.fixture
def cast():
    return make_cast()


def sell(cast, now, *, complained_before, complained_now):
    """100 orders in each half of 30 days, and some complaints in each."""
    customer = make_customer(cast.team)
    for half, (ago, complaints) in enumerate(((22, complained_before), (5, complained_now))):
        at = now - ago * DAY
        for number in range(100):
            order = Order.objects.create(
                team=cast.team, shop=cast.shop, number=f"N{half}-{number}", paid_at=at, placed_at=at, paid=10, created_at=at, updated_at=at
            )
            if number < complaints:
                ticket = actions.open_ticket(by=cast.bob, customer=customer, subject="leaks", orders=[order], at=at)
                actions.complain(ticket, by=cast.bob, level="dispute", at=at)
    recount(cast.team)


def test_a_rate_that_really_got_worse_is_said_with_both_its_figures(cast, client) -> None:
    sell(cast, timezone.now(), complained_before=1, complained_now=15)
    found = [one for one in worsening(cast.alice, timezone.localdate()) if one.report.name == "complaint-rate"]
    assert [one.sentence.replace("\xa0", " ") for one in found] == [RATE]
    assert len(found[0].series) == 30
    client.force_login(cast.alice.user)
    html = client.get("/board/").content.decode()
    assert 'class="worse"' in html and 'href="/reports/complaint-rate/"' in html
    assert html.index('class="worse"') < html.index('id="board"')


@pytest.mark.parametrize(("before", "now"), [(15, 1), (3, 4), (0, 0)])
def test_better_noise_and_nothing_are_left_out(cast, client, before: int, now: int) -> None:
    sell(cast, timezone.now(), complained_before=before, complained_now=now)
    assert [one for one in worsening(cast.alice, timezone.localdate()) if one.report.name == "complaint-rate"] == []


def test_it_asks_once_for_each_rate_and_only_with_the_page(cast, client, django_assert_num_queries) -> None:
    sell(cast, timezone.now(), complained_before=1, complained_now=15)
    with django_assert_num_queries(5):
        worsening(cast.alice, timezone.localdate())
    client.force_login(cast.alice.user)
    fragment = client.get("/board/", headers={"HX-Request": "true", "HX-Request-Type": "partial"}).content.decode()
    assert "worse" not in fragment


def test_who_sees_only_their_own_figures_is_told_nothing_of_the_team(cast, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert worsening(cast.bob, timezone.localdate()) == []


def test_what_waits_for_the_managers_hand_and_tomorrows_gaps_stand_above_the_board(client, django_assert_num_queries) -> None:
    scene = make_scene()
    client.force_login(scene.alice.user)
    assert 'class="worse"' not in client.get("/board/").content.decode()
    scene.inspected()
    pattern = make_pattern(scene.cast.team, "Day", "09:00", "17:00")
    make_shift(pattern, timezone.localdate(timezone=scene.cast.team.zone) + DAY)
    client.get("/board/")
    with django_assert_num_queries(3 + 1 + 6 + 2):  # the reader, the bar, the board; forms and gaps: the rates are those of a moment ago
        html = client.get("/board/").content.decode()
    above = html[html.index('class="worse"') : html.index('id="board"')]
    assert 'href="/returns/#waiting">1 return form waits for you<' in above
    assert 'href="#gaps">Tomorrow 1 shift is short of people<' in above
    client.force_login(scene.cast.olga.user)
    assert "waits for you" not in client.get("/board/").content.decode(), "Operations signs nothing"
