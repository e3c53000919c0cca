"""Where matters are passed on: from whom to whom, and from which shift to which, each figure with its rows."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from handover.duty.models import Duty
from handover.report import counting
from handover.report.facts import SHIFT_PAIR
from handover.roster.models import Shift
from tests.cast import make_cast, make_customer
from tickets.order.models import Order, OrderLine
from tickets.ticket import actions

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 18, 4, tzinfo=UTC)


def works(cast, member, name, start, hours=8):
    shift = Shift.objects.create(
        team=cast.team, name=name, business_date=start.date(), starts_at=start, ends_at=start + timedelta(hours=hours)
    )
    return Duty.objects.create(
        team=cast.team, member=member, shift=shift, started_at=start, started_by=member, lapses_at=start + timedelta(hours=hours + 1),
        ended_at=start + timedelta(hours=hours), ended_by=member, end="signed",
    )  # fmt: skip


@pytest.fixture
def cast():
    """Bob's matter goes to Carol within the day shift, and from her to Dan, who takes it ten minutes before his night begins."""
    cast = make_cast()
    order = Order.objects.create(team=cast.team, shop=cast.shop, number="N1", paid_at=NOON, paid=9, created_at=NOON, updated_at=NOON)
    OrderLine.objects.create(order=order, key="1", title="Pot", price=9)
    ticket = actions.open_ticket(by=cast.bob, customer=make_customer(cast.team), subject="Leaks", orders=[order], at=NOON)
    for giver, taker, hours in ((cast.bob, cast.carol, 1), (cast.carol, cast.dan, 3)):
        at = NOON + timedelta(hours=hours)
        ticket = actions.transfer(ticket, taker, by=giver, reason="shift ends", next_step="call", at=at)
    counting.count_stale()
    works(cast, cast.bob, "Day", NOON - timedelta(hours=3))
    works(cast, cast.carol, "Day", NOON - timedelta(hours=3))
    works(cast, cast.dan, "Night", NOON + timedelta(hours=3, minutes=10))
    counting.count_stale()  # the duties were told late: the day is counted anew
    with time_machine.travel(NOON + timedelta(days=2), tick=True):
        yield cast


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_a_matter_is_told_from_the_shift_it_left_to_the_one_it_went_to(client, cast):
    client.force_login(cast.alice.user)
    data = client.get("/api/v1/reports/custody/?by=moves").json()
    assert {row["label"]: row["cells"][0]["value"] for row in data["rows"]} == {"Day → Day": "1", "Day → Night": "1"}
    assert data["total"][0]["value"] == "2" and len(data["total"]) == 1
    pairs = client.get("/api/v1/reports/custody/?by=pair").json()["rows"]
    assert {row["label"] for row in pairs} == {"Bob → Carol", "Carol → Dan"}
    body = b"".join(client.get("/reports/custody/?by=moves&format=csv")).decode("utf-8-sig")
    assert [(row[0], row[1]) for row in csv.reader(io.StringIO(body))][1:] == [("Day → Day", "1"), ("Day → Night", "1")]


def test_each_cell_of_the_matrix_opens_its_rows(client, cast):
    client.force_login(cast.alice.user)
    html = client.get("/reports/custody/").content.decode()
    matrix = re.search(r'<table class="heat matrix".*?</table>', html, re.S).group()
    cells = [(int(n), href.replace("&amp;", "&")) for href, n in re.findall(r'<td class="h\d"><a href="([^"]+)">(\d+)</a>', matrix)]
    assert [n for n, _href in cells] == [1, 1]
    for _n, href in cells:
        told = text(client.get(href))
        assert "Exactly the 1 row" in told and "Leaks" in told
    assert any("Day → Night" in text(client.get(href)) for _n, href in cells)
    bar = re.search(r'href="(/reports/custody/rows/[^"]+by=pair[^"]+)"', html).group(1).replace("&amp;", "&")
    assert "Exactly the 1 row" in text(client.get(bar))


def test_agents_see_what_they_passed_on_themselves(client, cast):
    client.force_login(cast.carol.user)
    rows = client.get("/api/v1/reports/custody/?by=moves").json()["rows"]
    assert [(row["key"], row["cells"][0]["value"]) for row in rows] == [(f"Day{SHIFT_PAIR}Night", "1")]


def test_what_was_passed_on_is_told_by_product(client, cast):
    client.force_login(cast.alice.user)
    rows = client.get("/api/v1/reports/custody/?by=product").json()["rows"]
    assert [row["label"] for row in rows] == ["Pot"]
    hops = next(c for c in rows[0]["cells"] if c["measure"] == "hops")
    assert hops["value"] == "2"
    assert "Exactly the 2 rows" in text(client.get("/reports/custody/rows/?measure=hops&by=product&key=Pot"))
    narrowed = client.get("/reports/custody/?product=Lid")
    assert "Not narrowed by Product" in text(narrowed), "pairs of people know no product, and the page says so"
